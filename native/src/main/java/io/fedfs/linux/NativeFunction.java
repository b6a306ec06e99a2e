package io.fedfs.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;

/** Calls a C function by its address, such as one that came as an argument of a callback. */
public final class NativeFunction {
    private static final CallContext INT_OF_THREE_POINTERS_AND_OFFSET =
            new CallContext(Type.SINT32, Type.POINTER, Type.POINTER, Type.POINTER, Type.SINT64);

    private NativeFunction() {}

    /** {@code int f(void *, void *, void *, int64_t)}. */
    public static int call(long function, long a, long b, long c, long d) {
        return (int) Invoker.getInstance().invokeN4(INT_OF_THREE_POINTERS_AND_OFFSET, function, a, b, c, d);
    }
}

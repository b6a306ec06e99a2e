package io.fedfs.linux;

import com.kenai.jffi.MemoryIO;
import java.nio.charset.StandardCharsets;

/** A NUL-terminated string in native memory that is there until it is closed. For code that is not hot. */
public final class CString implements AutoCloseable {
    private final long address;

    /**
     * Copies bytes.
     *
     * @throws IllegalArgumentException when they hold a NUL, which would end the string early
     */
    public CString(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new IllegalArgumentException("a NUL in a C string");
            }
        }
        address = MemoryIO.getInstance().allocateMemory(bytes.length + 1L, true);
        MemoryIO.getInstance().putByteArray(address, bytes, 0, bytes.length);
    }

    /** The string in UTF-8. */
    public static CString of(String s) {
        return new CString(s.getBytes(StandardCharsets.UTF_8));
    }

    public long address() {
        return address;
    }

    @Override
    public void close() {
        MemoryIO.getInstance().freeMemory(address);
    }
}

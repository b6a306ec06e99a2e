package io.fedfs.junction;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Runs code on a thread of its own that is an ordinary user to the file system and has no CAP_SYS_ADMIN. */
final class Unprivileged {
    static final int UID = 65534;

    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int CAP_SYS_ADMIN = 21;

    private Unprivileged() {}

    static <T> T call(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            drop();
            return work.call();
        });
        Thread thread = new Thread(task, "unprivileged");
        thread.start();
        try {
            return task.get();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** The file system identity takes CAP_DAC_OVERRIDE, CAP_FOWNER and their like from the thread with it. */
    private static void drop() {
        Sys.setfsgid(UID);
        Sys.setfsuid(UID);
        NativeBuffer header = new NativeBuffer(8);
        header.putInt(0, CAPABILITY_VERSION_3);
        NativeBuffer data = new NativeBuffer(24);
        check(Sys.capget(header.address(), data.address()));
        data.putInt(0, data.getInt(0) & ~(1 << CAP_SYS_ADMIN));
        check(Sys.capset(header.address(), data.address()));
    }

    private static void check(int result) {
        if (result < 0) {
            throw new IllegalStateException("capabilities: errno " + -result);
        }
    }
}

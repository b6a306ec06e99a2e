package io.fedfs.mount;

import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Tells the launcher, which reads from the other end of a pipe, that the mount answers; then lets go of the terminal, so that whoever
 * waits for the end of the launcher's output does not wait for the daemon's. Without a pipe (foreground) it does nothing. A failure is
 * told by ending: the launcher sees the end of the pipe and takes the exit code.
 */
final class Readiness {
    private static final String DESCRIPTOR = "FEDFS_READY_FD";
    private static final byte[] READY = "ready\n".getBytes(StandardCharsets.US_ASCII);

    private Readiness() {}

    static boolean isAwaited() {
        return System.getenv(DESCRIPTOR) != null;
    }

    /** @throws IOException when the launcher cannot be told */
    static void tell() throws IOException {
        if (!isAwaited()) {
            return;
        }
        int pipe = Integer.parseInt(System.getenv(DESCRIPTOR));
        NativeBuffer memory = new NativeBuffer(32);
        memory.put(0, READY, 0, READY.length);
        long written = Sys.write(pipe, memory.address(), READY.length);
        if (written < 0) {
            throw new ErrnoException((int) -written, "telling the launcher that the mount answers");
        }
        int devNull = Sys.openat(
                Sys.AT_FDCWD, memory.putCString(0, "/dev/null".getBytes(StandardCharsets.US_ASCII)), Sys.O_RDWR, 0);
        if (devNull < 0) {
            throw new ErrnoException(-devNull, "opening /dev/null");
        }
        for (int fd = 0; fd <= 2; fd++) {
            Sys.dup2(devNull, fd);
        }
        Sys.close(devNull);
        Sys.close(pipe);
    }
}

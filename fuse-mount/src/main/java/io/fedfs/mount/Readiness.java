package io.fedfs.mount;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tells the launcher, which waits at the other end of a named pipe, that the mount answers; then lets go of the terminal, so that whoever
 * waits for the end of the launcher's output does not wait for the daemon's. Without a pipe (foreground) it does nothing. A failure is
 * told by ending without a word: the launcher then takes the exit code.
 */
final class Readiness {
    private static final String PIPE = "FEDFS_READY_PIPE";

    private Readiness() {}

    static boolean isAwaited() {
        return System.getenv(PIPE) != null;
    }

    static void tell() throws IOException {
        String pipe = System.getenv(PIPE);
        if (pipe == null) {
            return;
        }
        Files.writeString(Path.of(pipe), "ready\n", StandardOpenOption.WRITE);
        NativeBuffer name = new NativeBuffer(16);
        int devNull = Sys.openat(
                Sys.AT_FDCWD, name.putCString(0, "/dev/null".getBytes(StandardCharsets.US_ASCII)), Sys.O_RDWR, 0);
        if (devNull >= 0) {
            for (int fd = 0; fd <= 2; fd++) {
                Sys.dup2(devNull, fd);
            }
            Sys.close(devNull);
        }
    }
}

package io.fedfs.fuse.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the signals that a thread has not taken yet will do to it, from proc(5). */
final class Signals {
    /** SIGCHLD, SIGCONT, SIGURG and SIGWINCH do nothing by default; stops do not end a program (signal(7)). */
    private static final long HARMLESS = bit(17) | bit(18) | bit(19) | bit(20) | bit(21) | bit(22) | bit(23) | bit(28);

    private static final long KILL = bit(9);

    private Signals() {}

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }

    /**
     * Whether the thread will never see the outcome of its system call: a signal that ends its program is pending, or it is gone.
     *
     * @param thread thread id; 0, when the thread is not visible from here: false
     */
    static boolean isDying(int thread) {
        if (thread <= 0) {
            return false;
        }
        try {
            return isDying(Files.readString(Path.of("/proc/" + thread + "/status"), StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isDying(String status) {
        long pending = mask(status, "SigPnd:") | mask(status, "ShdPnd:");
        long kept = mask(status, "SigBlk:") | mask(status, "SigIgn:") | mask(status, "SigCgt:") | HARMLESS;
        return (pending & KILL) != 0 || (pending & ~kept) != 0;
    }

    private static long mask(String status, String line) {
        int at = status.indexOf(line);
        if (at < 0) {
            return 0;
        }
        int end = status.indexOf('\n', at);
        String hex = status.substring(at + line.length(), end < 0 ? status.length() : end)
                .strip();
        try {
            return Long.parseUnsignedLong(hex, 16);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}

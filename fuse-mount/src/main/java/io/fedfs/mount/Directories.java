package io.fedfs.mount;

import io.fedfs.linux.Sys;
import java.nio.file.Path;

/** Where a mount keeps its files: root's in the system's directories, a user's in the user's (file-hierarchy(7)). */
final class Directories {
    private Directories() {}

    /** Control sockets. {@code FEDFS_RUN_DIR} overrides; the commands look in the same places. */
    static Path run() {
        String only = System.getenv("FEDFS_RUN_DIR");
        if (only != null) {
            return Path.of(only);
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return Sys.geteuid() == 0 || runtime == null ? Path.of("/run/fedfs") : Path.of(runtime, "fedfs");
    }

    /** The offline copies of referrals. */
    static Path state() {
        return Sys.geteuid() == 0 ? Path.of("/var/lib/fedfs/mounts") : home(".local/state/fedfs/mounts");
    }

    static Path logs() {
        return Sys.geteuid() == 0 ? Path.of("/var/log/fedfs") : home(".local/state/fedfs/log");
    }

    private static Path home(String below) {
        return Path.of(System.getProperty("user.home"), below);
    }

    /** A path as one file name. */
    static String escaped(Path path) {
        String s = path.toString().replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^-+", "");
        return s.isEmpty() ? "root" : s;
    }
}

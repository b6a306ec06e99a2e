package io.fedfs.mount;

import io.fedfs.linux.Sys;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a mount keeps its files: root's in the system's directories, a user's in the user's (file-hierarchy(7) and the XDG base
 * directory specification). A user may have no session, so no runtime directory, and no account, so no home but the one in HOME.
 */
final class Directories {
    private static final boolean ROOT = Sys.geteuid() == 0;

    private Directories() {}

    /**
     * Control sockets. {@code FEDFS_RUN_DIR} overrides; the commands look in the same places.
     *
     * @throws MountFailure the user has no directory for them
     */
    static Path run() throws MountFailure {
        String only = variable("FEDFS_RUN_DIR");
        if (only != null) {
            return Path.of(only);
        }
        if (ROOT) {
            return Path.of("/run/fedfs");
        }
        String runtime = variable("XDG_RUNTIME_DIR");
        Path session = runtime != null ? Path.of(runtime) : Path.of("/run/user", Integer.toString(Sys.geteuid()));
        return Files.isDirectory(session)
                ? session.resolve("fedfs")
                : ofUser("run", "FEDFS_RUN_DIR, or XDG_RUNTIME_DIR to a directory");
    }

    /**
     * The offline copies of referrals.
     *
     * @throws MountFailure the user has no directory for them
     */
    static Path state() throws MountFailure {
        return ROOT ? Path.of("/var/lib/fedfs/mounts") : ofUser("mounts", "the option state=DIR");
    }

    /**
     * The logs.
     *
     * @throws MountFailure the user has no directory for them
     */
    static Path logs() throws MountFailure {
        return ROOT ? Path.of("/var/log/fedfs") : ofUser("log", "the option log=FILE");
    }

    private static Path ofUser(String below, String instead) throws MountFailure {
        String state = variable("XDG_STATE_HOME");
        if (state != null) {
            return Path.of(state, "fedfs", below);
        }
        String home = variable("HOME");
        // What Java knows is "?" for a user id that has no account.
        Path directory = Path.of(home != null ? home : System.getProperty("user.home"));
        if (!directory.isAbsolute()) {
            throw new MountFailure(
                    FedFsStatus.INVAL,
                    "user " + Sys.geteuid() + " has no home directory to keep files in; set HOME, or give " + instead);
        }
        return directory.resolve(".local/state/fedfs").resolve(below);
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** A path as one file name. */
    static String escaped(Path path) {
        String s = path.toString().replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^-+", "");
        return s.isEmpty() ? "root" : s;
    }
}

package io.fedfs.fuse;

import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an ordinary user needs to mount: the set-uid helper of libfuse, and what that asks for (fusermount3(1), mount.fuse3(8)). It is looked at
 * before the helper is started, so that a refusal names the file and the line to change; the helper has the last word.
 */
public final class UserMount {
    private static final List<String> DIRECTORIES = List.of("/usr/bin", "/bin", "/usr/local/bin");
    private static final List<String> HELPERS = List.of("fusermount3", "fusermount");
    /** The only name that libfuse 2 knows. */
    private static final List<String> HELPERS_OF_LIBFUSE_2 = List.of("fusermount");

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");
    private static final int STICKY = 01000;

    private UserMount() {}

    /**
     * Path of the set-uid program by which ordinary users mount and unmount.
     *
     * @throws IOException it is not installed
     */
    public static String helper() throws IOException {
        return find(HELPERS)
                .orElseThrow(() -> new IOException(
                        "fusermount3 is not installed, and only root can mount without it; install the package fuse3"));
    }

    /**
     * The same for libfuse 2, which starts it by itself.
     *
     * @throws IOException it is not installed by the name that libfuse 2 looks for
     */
    public static void requireHelperOfLibfuse2() throws IOException {
        if (find(HELPERS_OF_LIBFUSE_2).isEmpty()) {
            throw new IOException(
                    "fusermount is not installed, and with engine=jnr-fuse only root can mount without it; Debian's package fuse3"
                            + " has it, elsewhere it is in the package fuse. engine=kernel needs only fusermount3");
        }
    }

    private static Optional<String> find(List<String> names) {
        return names.stream()
                .flatMap(name -> DIRECTORIES.stream().map(d -> d + "/" + name))
                .filter(p -> Files.isExecutable(Path.of(p)))
                .findFirst();
    }

    /**
     * Whether this user may mount so. Root may: the helper lets root do anything.
     *
     * @throws IOException he may not; says what would have to be different
     */
    public static void check(MountSpec spec) throws IOException {
        if (Sys.geteuid() == 0) {
            return;
        }
        if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
            throw new IOException(DEVICE
                    + (Files.exists(DEVICE)
                            ? " may not be opened by this user: as root, chmod 666 " + DEVICE
                            : " is missing: as root, modprobe fuse"));
        }
        if (spec.allowOther() && !allowsOther()) {
            throw new IOException("allow_other is for root, unless " + CONFIGURATION
                    + " has the line user_allow_other; have it added, or mount without allow_other");
        }
        checkMountPoint(spec.mountPoint());
    }

    private static boolean allowsOther() {
        try {
            return Files.readString(CONFIGURATION, StandardCharsets.ISO_8859_1)
                    .lines()
                    .anyMatch(l -> l.strip().equals("user_allow_other"));
        } catch (IOException e) {
            // Without the file nothing is allowed; one that only the helper can read is for the helper to judge.
            return Files.exists(CONFIGURATION);
        }
    }

    private static void checkMountPoint(Path directory) throws IOException {
        Map<String, Object> is = Files.readAttributes(directory, "unix:uid,mode");
        if (!Files.isWritable(directory)) {
            throw new IOException("the mount point " + directory
                    + " is not this user's: who is not root mounts only on a directory that he may write to");
        }
        if (((int) is.get("mode") & STICKY) != 0 && (int) is.get("uid") != Sys.geteuid()) {
            throw new IOException("the mount point " + directory
                    + " is a sticky directory of another user: who is not root mounts only on one of his own");
        }
    }
}

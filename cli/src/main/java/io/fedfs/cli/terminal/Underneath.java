package io.fedfs.cli.terminal;

import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The rule that junctions, markers and locations are made in the file system underneath and never through a mount: a location
 * inside a mount would lead into itself, and a mount shows a junction as what it leads to.
 */
public final class Underneath {
    private static final String MOUNTED = "fuse.fedfs";

    private Underneath() {}

    /** Whether something that exists is inside a fedfs mount; of a symbolic link, also whether what it leads to is. */
    public static boolean isInMount(Path existing) throws IOException {
        if (Files.isSymbolicLink(existing)) {
            return isOnMount(existing.toAbsolutePath().getParent()) || Files.exists(existing) && isOnMount(existing);
        }
        return isOnMount(existing);
    }

    private static boolean isOnMount(Path path) throws IOException {
        return Files.getFileStore(path).type().equals(MOUNTED);
    }

    /**
     * The path given, if it is not inside a fedfs mount.
     *
     * @param path absolute; need not exist
     * @throws CommandFailure INVAL when it is
     */
    public static Path require(Path path) throws IOException {
        Path existing = path;
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        if (isInMount(existing)) {
            throw new CommandFailure(
                    FedFsStatus.INVAL,
                    path + " is inside a fedfs mount",
                    "give the directory where it really is; fedfs where " + path + " says so");
        }
        return path;
    }
}

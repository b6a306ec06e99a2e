package io.fedfs.attach;

import io.fedfs.fuse.MountPoint;
import io.fedfs.fuse.MountTable;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this daemon mounts what it attaches: a directory of its own that only its user may enter, beside those of other daemons. A lock
 * that the kernel takes back tells which daemons are gone; what they left is unmounted at the next start of any.
 */
final class PrivateMounts {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateMounts.class);
    private static final String LOCK = ".lock";

    private final Path top;
    private final String name = Long.toString(ProcessHandle.current().pid());
    private final AtomicInteger made = new AtomicInteger();
    /** Guarded by this, like the next. Null until the first mount. */
    private FileChannel lockFile;

    private FileLock lock;
    private int users;

    /** @param top the directory of all daemons' directories; made when it is needed */
    PrivateMounts(Path top) {
        this.top = top;
    }

    /** Removes what daemons that are gone have left. Tells in the log, and goes on, where that does not work. */
    void removeLeftovers() {
        if (!Files.isDirectory(top)) {
            return;
        }
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(top, "*" + LOCK)) {
            for (Path file : locks) {
                removeIfLeft(file);
            }
        } catch (IOException e) {
            LOG.warn("cannot look for leftovers in {}: {}", top, e.toString());
        }
    }

    private void removeIfLeft(Path lockPath) {
        try (FileChannel channel = FileChannel.open(lockPath, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            if (free == null) {
                return;
            }
            String file = lockPath.getFileName().toString();
            Path directory = top.resolve(file.substring(0, file.length() - LOCK.length()));
            LOG.info("removing what a daemon that is gone has left in {}", directory);
            removeAll(directory);
            Files.deleteIfExists(lockPath);
        } catch (IOException e) {
            LOG.warn("cannot remove what belongs to {}: {}", lockPath, e.toString());
        }
    }

    /** Unmounts what is mounted below a directory and removes it. */
    private static void removeAll(Path directory) throws IOException {
        for (Path point : MountTable.below(directory)) {
            take(point, true);
        }
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> targets = Files.newDirectoryStream(directory)) {
                for (Path target : targets) {
                    Files.deleteIfExists(target);
                }
            }
            Files.delete(directory);
        }
    }

    /** A new empty directory to mount on. */
    Path newTarget() throws IOException {
        return Files.createDirectory(own().resolve(Integer.toString(made.incrementAndGet())));
    }

    /** A name for a file beside the mounts. */
    Path scratch() throws IOException {
        return own().resolve(made.incrementAndGet() + ".out");
    }

    private synchronized Path own() throws IOException {
        Path own = top.resolve(name);
        if (lock == null) {
            var onlyMe = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(top, onlyMe);
            lockFile = FileChannel.open(top.resolve(name + LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = lockFile.lock();
            // Of a daemon that had this process id before.
            removeAll(own);
            Files.createDirectory(own, onlyMe);
        }
        return own;
    }

    /**
     * Unmounts a target and removes it.
     *
     * @param forced though it is in use, and without waiting for its server
     * @return whether it is gone
     */
    static boolean take(Path target, boolean forced) {
        MountPoint point = new MountPoint(target);
        // A FUSE daemon that ends in order unmounts by itself.
        boolean gone = !isMounted(target) || point.unmount(0);
        if (!gone && forced) {
            gone = point.unmount(Sys.MNT_FORCE | Sys.MNT_DETACH) || point.unmount(Sys.MNT_DETACH);
        }
        if (gone) {
            removeTarget(target);
        }
        return gone;
    }

    /** Whether something is mounted on a target. */
    static boolean isMounted(Path target) {
        try {
            return MountTable.at(target).isPresent();
        } catch (IOException e) {
            LOG.warn("cannot read the mount table: {}", e.toString());
            return true;
        }
    }

    /** Removes a target on which nothing is mounted. */
    static void removeTarget(Path target) {
        try {
            Files.deleteIfExists(target);
        } catch (IOException e) {
            LOG.warn("cannot remove the directory {}: {}", target, e.toString());
        }
    }

    /** One more uses it, until its {@link #end}. */
    synchronized void begin() {
        users++;
    }

    /** With the last who uses it, the daemon's own directory goes, with whatever is still mounted there. */
    synchronized void end() {
        if (--users > 0 || lock == null) {
            return;
        }
        try {
            removeAll(top.resolve(name));
            Files.deleteIfExists(top.resolve(name + LOCK));
            lockFile.close();
            lock = null;
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("cannot remove {}: {}", top.resolve(name), e.toString());
        }
    }
}

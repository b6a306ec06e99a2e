package io.fedfs.fuse;

import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that is mounted on: what it must be before, and how the mount is taken away, by umount2(2) or, for ordinary users, by
 * fusermount3. Nothing here touches a path below the mount.
 */
public final class MountPoint {
    private static final Logger LOG = LoggerFactory.getLogger(MountPoint.class);

    private static final long HELPER_SECONDS = 30;

    /** How long programs that use the mount may go on with it while it is being unmounted. */
    private static final long BUSY_GRACE_MILLIS = 1_000;

    private static final long RETRY_MILLIS = 50;
    /** How long requests under way may take to end. */
    private static final long END_SECONDS = 5;

    private static final int STATX_TYPE = 1;
    private static final int STATX = 256;
    private static final int STATX_MODE_OFFSET = 28;

    private final Path directory;
    private final byte[] path;
    /** Minor device number; names the connection below /sys/fs/fuse/connections. Null when the mount table did not tell. */
    private volatile String connection;

    public MountPoint(Path directory) {
        this.directory = directory;
        this.path = MountTable.bytes(directory);
    }

    /** Calls with the path as a C string. */
    public int call(LongToIntFunction systemCall) {
        try (CString p = new CString(path)) {
            return systemCall.applyAsInt(p.address());
        }
    }

    /**
     * Sees to it that the directory can be mounted on. A fedfs mount whose daemon is gone is removed; it is of no use to anyone.
     *
     * @throws IOException it is no directory, cannot be reached, or holds a dead mount of another kind
     */
    public void prepare() throws IOException {
        NativeBuffer stat = new NativeBuffer(STATX);
        int r = call(p -> Sys.statx(Sys.AT_FDCWD, p, Sys.AT_NO_AUTOMOUNT, STATX_TYPE, stat.address()));
        if (r == -Errno.ENOTCONN) {
            removeRemains();
            return;
        }
        if (r < 0) {
            throw new ErrnoException(-r, "mount point " + directory);
        }
        if ((stat.getShort(STATX_MODE_OFFSET) & Sys.S_IFMT) != Sys.S_IFDIR) {
            throw new ErrnoException(Errno.ENOTDIR, "mount point " + directory);
        }
    }

    private void removeRemains() throws IOException {
        Optional<MountTable.Mounted> dead = MountTable.at(directory);
        if (dead.isPresent() && dead.get().type().equals(MountSpec.TYPE)) {
            LOG.warn("{} holds a mount whose daemon is gone; removing that", directory);
            if (unmount(Sys.MNT_DETACH)) {
                return;
            }
        }
        throw new IOException(directory + " holds a mount whose daemon is gone; remove it with: umount " + directory);
    }

    /** Notes which mount is there now, to know it again; to be called when it was just made. */
    public void mounted() throws IOException {
        connection = MountTable.at(directory).map(MountTable.Mounted::minor).orElse(null);
    }

    /** Whether the uppermost mount here is a fedfs mount, and the noted one if there is one. */
    public boolean isMounted() {
        try {
            Optional<MountTable.Mounted> there = MountTable.at(directory);
            return there.isPresent()
                    && there.get().type().equals(MountSpec.TYPE)
                    && (connection == null || there.get().minor().equals(connection));
        } catch (IOException e) {
            LOG.warn("cannot read the mount table: {}", e.toString());
            return false;
        }
    }

    /**
     * Takes the mount away, though it may be in use, and waits for the session's end; bounded in time.
     *
     * @param ended opened by the session when it has ended
     */
    public void end(CountDownLatch ended) throws InterruptedException {
        if (ended.getCount() == 0) {
            return; // what is mounted here now is someone else's
        }
        for (long waited = 0; isMounted() && waited < BUSY_GRACE_MILLIS; waited += RETRY_MILLIS) {
            if (unmount(0) || ended.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        if (isMounted()) {
            LOG.warn("{} is in use; unmounting it all the same", directory);
            unmountForced();
        }
        if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
            abort();
            if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("some requests on {} have not ended; leaving them", directory);
            }
        }
    }

    /** Unmounts though it is in use, and ends the connection: what is under way fails, open files are of no more use. */
    public void unmountForced() {
        // MNT_FORCE aborts the connection (fuse_umount_begin), MNT_DETACH takes the mount out of the tree.
        unmount(Sys.MNT_FORCE | Sys.MNT_DETACH);
    }

    /**
     * Takes whatever is mounted here away, by the helper where only that may.
     *
     * @param flags of umount2(2)
     * @return whether the mount is gone
     */
    public boolean unmount(int flags) {
        int r = Sys.geteuid() == 0 ? call(p -> Sys.umount2(p, flags | Sys.UMOUNT_NOFOLLOW)) : -Errno.EPERM;
        if (r != -Errno.EPERM) {
            return r >= 0;
        }
        try {
            return unmountByHelper(flags != 0);
        } catch (IOException e) {
            LOG.warn("unmounting {}: {}", directory, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private boolean unmountByHelper(boolean lazily) throws IOException, InterruptedException {
        List<String> command = lazily
                ? List.of(UserMount.helper(), "-u", "-z", "-q", "--", directory.toString())
                : List.of(UserMount.helper(), "-u", "-q", "--", directory.toString());
        Process p = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!p.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
            p.destroyForcibly();
            return false;
        }
        return p.exitValue() == 0;
    }

    /** Ends the connection by fusectl, where that is mounted. */
    private void abort() {
        if (connection == null) {
            return;
        }
        Path file = Path.of("/sys/fs/fuse/connections", connection, "abort");
        try {
            if (Files.exists(file)) {
                Files.writeString(file, "1");
            }
        } catch (IOException e) {
            LOG.warn("cannot abort the connection: {}", e.toString());
        }
    }
}

package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One directory held open while it is changed: every step acts on the same inode, whatever is renamed meanwhile. Opened for
 * reading, because fsync(2) and flock(2) refuse an O_PATH descriptor. A last symbolic link is not followed.
 */
final class DirectoryHandle implements AutoCloseable {
    private static final int LOCK_EX = 2;
    private static final int LOCK_TRIES = 200;
    private static final long LOCK_PAUSE_MILLIS = 10;

    private final int fd;
    private final Path proc;

    private DirectoryHandle(int fd) {
        this.fd = fd;
        this.proc = Xattrs.ofDescriptor(fd);
    }

    static DirectoryHandle open(Path path) throws ErrnoException {
        return openAt(Sys.AT_FDCWD, path.toString());
    }

    /** A name in a directory; {@code .} is that directory itself. */
    static DirectoryHandle openAt(int parent, String name) throws ErrnoException {
        NativeBuffer p = cString(name);
        return new DirectoryHandle(checked(
                Sys.openat(parent, p.address(), Sys.O_RDONLY | Sys.O_DIRECTORY | Sys.O_NOFOLLOW, 0), "open " + name));
    }

    /** Type and permission bits of whatever the path names. */
    static int modeOf(Path path, boolean follow) throws ErrnoException {
        NativeBuffer p = cString(path.toString());
        return statx(Sys.AT_FDCWD, p, follow ? 0 : Sys.AT_SYMLINK_NOFOLLOW, "stat " + path);
    }

    /** Of what a descriptor stands for. */
    static int modeOf(int fd) throws ErrnoException {
        return statx(fd, cString(""), Sys.AT_EMPTY_PATH, "fstat");
    }

    static void mkdir(int parent, String name, int mode) throws ErrnoException {
        NativeBuffer p = cString(name);
        checked(Sys.mkdirat(parent, p.address(), mode), "mkdir " + name);
    }

    static void rmdir(int parent, String name) throws ErrnoException {
        NativeBuffer p = cString(name);
        checked(Sys.unlinkat(parent, p.address(), Sys.AT_REMOVEDIR), "rmdir " + name);
    }

    /**
     * Keeps other writers of junctions out until the descriptor is closed. File systems that cannot lock a directory (NFS
     * wants it open for writing) go without: what is lost is only the order of two administrators' commands.
     *
     * @throws ErrnoException EAGAIN when another one holds it for two seconds
     */
    void lock() throws ErrnoException {
        int r = Sys.flock(fd, LOCK_EX | Sys.LOCK_NB);
        for (int i = 0; r == -Errno.EAGAIN && i < LOCK_TRIES; i++) {
            try {
                Thread.sleep(LOCK_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
            r = Sys.flock(fd, LOCK_EX | Sys.LOCK_NB);
        }
        if (r == -Errno.EAGAIN) {
            throw new ErrnoException(Errno.EAGAIN, "flock");
        }
    }

    int mode() throws ErrnoException {
        return modeOf(fd);
    }

    void chmod(int mode) throws ErrnoException {
        checked(Sys.fchmod(fd, mode & 07777), "fchmod");
    }

    /** The way to this very inode for {@link Xattrs}, which has to follow it. */
    Path path() {
        return proc;
    }

    Optional<byte[]> get(String name) throws ErrnoException {
        return Xattrs.get(proc, name, true);
    }

    void set(String name, byte[] value) throws ErrnoException {
        Xattrs.set(proc, name, value, 0, true);
    }

    /** Removes an attribute if it is there and visible to this process. */
    void remove(String name) throws ErrnoException {
        if (get(name).isPresent()) {
            Xattrs.remove(proc, name, true);
        }
    }

    /** Puts mode, attributes and entries on stable storage. */
    void sync() throws ErrnoException {
        int r = Sys.fsync(fd);
        if (r == -Errno.EINVAL || r == -Errno.ENOSYS || r == -Errno.EOPNOTSUPP) {
            r = Sys.syncfs(fd);
        }
        checked(r, "fsync");
    }

    /** Cannot fail in a way that matters: nothing is written through the descriptor. */
    @Override
    public void close() {
        Sys.close(fd);
    }

    private static int statx(int dirfd, NativeBuffer path, int flags, String what) throws ErrnoException {
        NativeBuffer stat = new NativeBuffer(Statx.SIZE);
        checked(Sys.statx(dirfd, path.address(), flags | Sys.AT_NO_AUTOMOUNT, Statx.WANTED, stat.address()), what);
        return Statx.mode(stat, 0);
    }

    private static int checked(int result, String what) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(-result, what);
        }
        return result;
    }

    private static NativeBuffer cString(String path) {
        byte[] b = path.getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = new NativeBuffer(b.length + 1);
        buffer.putCString(0, b);
        return buffer;
    }
}

package io.fedfs.junction.daos;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The system calls with which entries are made and removed, by path and never through a last symbolic link. */
final class Entries {
    /** LL_SUPER_MAGIC: a Lustre client's f_type. */
    private static final long LUSTRE = 0x0BD00BD0L;

    private Entries() {}

    static int checked(int result, String what) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(-result, what);
        }
        return result;
    }

    static NativeBuffer cString(Path path) {
        byte[] b = path.toString().getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = new NativeBuffer(b.length + 1);
        buffer.putCString(0, b);
        return buffer;
    }

    /** The statx of whatever the path names. */
    static NativeBuffer stat(Path path) throws ErrnoException {
        NativeBuffer p = cString(path);
        NativeBuffer stat = new NativeBuffer(Statx.SIZE);
        checked(
                Sys.statx(Sys.AT_FDCWD, p.address(), Sys.AT_SYMLINK_NOFOLLOW, Statx.WANTED, stat.address()),
                "stat " + path);
        return stat;
    }

    static boolean exists(Path path) throws ErrnoException {
        try {
            stat(path);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    static int open(Path path, int flags) throws ErrnoException {
        NativeBuffer p = cString(path);
        return checked(
                Sys.openat(Sys.AT_FDCWD, p.address(), flags | Sys.O_NOFOLLOW | Sys.O_CLOEXEC, 0), "open " + path);
    }

    static boolean isOnLustre(Path path) throws ErrnoException {
        int fd = open(path, Sys.O_PATH);
        try {
            NativeBuffer b = new NativeBuffer(256);
            checked(Sys.fstatfs(fd, b.address()), "statfs " + path);
            return (b.getLong(0) & 0xffffffffL) == LUSTRE;
        } finally {
            Sys.close(fd);
        }
    }

    static int unlink(Path path, boolean directory) {
        NativeBuffer p = cString(path);
        return Sys.unlinkat(Sys.AT_FDCWD, p.address(), directory ? Sys.AT_REMOVEDIR : 0);
    }

    static void sync(Path path, boolean directory) throws ErrnoException {
        int fd = open(path, Sys.O_RDONLY | (directory ? Sys.O_DIRECTORY : Sys.O_NONBLOCK));
        try {
            int r = Sys.fsync(fd);
            checked(r == -Errno.EINVAL || r == -Errno.ENOSYS ? Sys.syncfs(fd) : r, "fsync " + path);
        } finally {
            Sys.close(fd);
        }
    }
}

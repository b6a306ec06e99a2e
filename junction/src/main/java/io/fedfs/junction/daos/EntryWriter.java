package io.fedfs.junction.daos;

import io.fedfs.junction.JunctionException;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Makes one entry: under another name first, then renamed to its own without replacing anything. Where the file system
 * cannot rename so (NFS), it is made under its own name and removed again if that fails.
 */
final class EntryWriter {
    /** As DAOS makes them, before the umask. */
    private static final int DIRECTORY_MODE = 0775;

    private static final int FILE_MODE = 0664;

    private final Path path;
    private final DaosEntry entry;

    EntryWriter(Path path, DaosEntry entry) {
        this.path = path.toAbsolutePath();
        this.entry = entry;
    }

    void create() throws JunctionException {
        byte[] value = value();
        Path parent = path.getParent();
        if (parent == null) {
            throw new JunctionException(FedFsStatus.EXIST, path + " exists");
        }
        Path draft = parent.resolve(".fedfs-" + UUID.randomUUID());
        try {
            make(draft, value);
            try {
                rename(draft);
            } catch (ErrnoException e) {
                unlink(draft, e);
                if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOSYS) {
                    throw e;
                }
                make(path, value);
            }
            sync(parent, Sys.O_RDONLY | Sys.O_DIRECTORY);
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot make the DAOS entry " + path);
        }
    }

    private byte[] value() throws JunctionException {
        try {
            return switch (entry.origin()) {
                case USER_DAOS -> UnsAttribute.encode(entry);
                case TRUSTED_LMV, TRUSTED_LOV -> {
                    if (entry.onDirectory() != (entry.origin() == Origin.TRUSTED_LMV)) {
                        throw new JunctionException(
                                FedFsStatus.INVAL,
                                "a container of type " + entry.type() + " does not go into "
                                        + entry.origin().attribute());
                    }
                    yield ForeignEa.encode(entry);
                }
                case LUSTRE_LMV, LUSTRE_LOV ->
                    throw new JunctionException(
                            FedFsStatus.NOTSUPP, entry.origin().attribute() + " is written by Lustre's own tools only");
            };
        } catch (IllegalArgumentException e) {
            throw new JunctionException(FedFsStatus.INVAL, e.getMessage());
        }
    }

    private void make(Path at, byte[] value) throws ErrnoException {
        NativeBuffer p = cString(at);
        if (entry.onDirectory()) {
            checked(Sys.mkdirat(Sys.AT_FDCWD, p.address(), DIRECTORY_MODE), "mkdir " + at);
        } else {
            int flags = Sys.O_WRONLY | Sys.O_CREAT | Sys.O_EXCL | Sys.O_NOFOLLOW;
            Sys.close(checked(Sys.openat(Sys.AT_FDCWD, p.address(), flags, FILE_MODE), "create " + at));
        }
        try {
            Xattrs.set(at, entry.origin().attribute(), value, Sys.XATTR_CREATE, false);
            sync(
                    at,
                    entry.onDirectory()
                            ? (Sys.O_RDONLY | Sys.O_DIRECTORY | Sys.O_NOFOLLOW)
                            : Sys.O_RDONLY | Sys.O_NOFOLLOW);
        } catch (ErrnoException e) {
            unlink(at, e);
            throw e;
        }
    }

    private void rename(Path draft) throws ErrnoException {
        NativeBuffer from = cString(draft);
        NativeBuffer to = cString(path);
        int r = Sys.renameat2(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, to.address(), Sys.RENAME_NOREPLACE);
        checked(r, "rename to " + path);
    }

    private void unlink(Path at, ErrnoException why) {
        NativeBuffer p = cString(at);
        int r = Sys.unlinkat(Sys.AT_FDCWD, p.address(), entry.onDirectory() ? Sys.AT_REMOVEDIR : 0);
        if (r < 0) {
            why.addSuppressed(new ErrnoException(-r, "remove " + at));
        }
    }

    private static void sync(Path at, int flags) throws ErrnoException {
        NativeBuffer p = cString(at);
        int fd = checked(Sys.openat(Sys.AT_FDCWD, p.address(), flags, 0), "open " + at);
        try {
            int r = Sys.fsync(fd);
            checked(r == -Errno.EINVAL || r == -Errno.ENOSYS ? Sys.syncfs(fd) : r, "fsync " + at);
        } finally {
            Sys.close(fd);
        }
    }

    private static int checked(int result, String what) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(-result, what);
        }
        return result;
    }

    private static NativeBuffer cString(Path path) {
        byte[] b = path.toString().getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = new NativeBuffer(b.length + 1);
        buffer.putCString(0, b);
        return buffer;
    }
}

package io.fedfs.junction.daos;

import io.fedfs.junction.JunctionException;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;

/** Removes one entry, and nothing that is none. */
final class EntryRemover {
    /** LL_IOC_UNLOCK_FOREIGN, {@code _IO('f', 242)}: Lustre refuses to unlink a foreign entry before it. */
    private static final long UNLOCK_FOREIGN = 0x66f2;

    private final Path path;

    EntryRemover(Path path) {
        this.path = path.toAbsolutePath();
    }

    void remove() throws JunctionException {
        try {
            NativeBuffer stat = Entries.stat(path);
            int mode = Statx.mode(stat, 0);
            boolean directory = (mode & Sys.S_IFMT) == Sys.S_IFDIR;
            DaosLookup found = DaosEntries.read(path, mode, false);
            boolean is =
                    found instanceof DaosLookup.Found || found instanceof DaosLookup.Malformed m && m.foreignDaosType();
            if (!is || !DaosEntries.mayCarryEntry(mode, stat.getLong(Statx.FILE_SIZE))) {
                throw new JunctionException(FedFsStatus.NOTJUNCT, path + " stands for no DAOS container");
            }
            int r = Entries.unlink(path, directory);
            if (r == -Errno.EPERM && Entries.isOnLustre(path)) {
                unlock(directory);
                r = Entries.unlink(path, directory);
            }
            if (r == -Errno.ENOTEMPTY || r == -Errno.EEXIST) {
                throw new JunctionException(
                        FedFsStatus.EXIST, path + " has entries of its own in it: move them away first");
            }
            Entries.checked(r, "unlink " + path);
            Entries.sync(path.getParent(), true);
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot remove the DAOS entry " + path);
        }
    }

    private void unlock(boolean directory) throws ErrnoException {
        int fd = Entries.open(path, Sys.O_RDONLY | (directory ? Sys.O_DIRECTORY : Sys.O_NONBLOCK));
        try {
            Entries.checked(Sys.ioctl(fd, UNLOCK_FOREIGN, 0), "unlock " + path);
        } finally {
            Sys.close(fd);
        }
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;

/** Open directories and what they list. */
final class Listings {
    private final Nodes nodes;
    private final Callers callers;
    private final Descriptors descriptors;
    private final Boundaries boundaries;
    private final OpenFiles files;

    Listings(Nodes nodes) {
        this.nodes = nodes;
        this.callers = nodes.callers;
        this.descriptors = nodes.descriptors;
        this.boundaries = nodes.boundaries;
        this.files = nodes.files;
    }

    int opendir(Request rq, long nodeid, int flags) {
        Inode inode = nodes.node(nodeid);
        if (!inode.isDirectory() || inode.kind == Inode.LINK) {
            return -Errno.ENOTDIR;
        }
        nodes.within(rq, inode);
        int dir = descriptors.pin(rq, inode);
        if (dir < 0) {
            return dir;
        }
        try {
            int fd = openIn(rq, dir);
            if (fd < 0) {
                return fd;
            }
            files.openedDirectory(inode, fd, rq.opened);
            return 0;
        } finally {
            descriptors.unpin(inode);
        }
    }

    /** A directory as the caller opens it, for reading. */
    int openIn(Request rq, int dir) {
        callers.become(rq);
        rq.scratch.putByte(Nodes.PROC_AT, (byte) '.');
        rq.scratch.putByte(Nodes.PROC_AT + 1, (byte) 0);
        int fd = Sys.openat(dir, rq.scratch.address(Nodes.PROC_AT), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
        if (fd == -Errno.EACCES) {
            // "." is searched in the directory itself; to list one, permission to read it is enough.
            fd = Sys.openat(Sys.AT_FDCWD, Nodes.procPath(rq, dir), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
        }
        return fd;
    }

    int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return readdir(rq, open, nodes.within(rq, open.inode), offset, size, sink);
        } finally {
            open.let();
        }
    }

    private int readdir(Request rq, OpenFile open, Realm realm, long offset, int size, DirectorySink sink) {
        // Names are shorter in getdents than in a reply with attributes: do not read far more than will fit.
        int want = Math.max(sink.wantsAttributes() ? size / 4 : size, 1024);
        NativeBuffer list = rq.listing(want);
        Listing listing = open.listing;
        if (listing == null) {
            return -Errno.ENOTDIR;
        }
        int fd = listing.fd;
        synchronized (listing) {
            if (offset == 0) {
                listing.rewind();
            } else if (listing.isCut()) {
                return -Errno.ESTALE;
            }
            if (!listing.isAt(offset)) {
                long r = Sys.lseek(fd, offset, 0);
                if (r < 0) {
                    return (int) r;
                }
                listing.position = offset;
            }
            callers.become(rq);
            boolean any = false;
            while (true) {
                long got = Sys.getdents64(fd, list.address(), want);
                if (got < 0) {
                    return any ? 0 : (int) got;
                }
                if (got == 0) {
                    // What lists nothing but itself may be no directory at all; what has entries is one.
                    return !listing.hasEntries && nodes.isInert(rq, open.inode, open.fd) ? -Errno.ENODATA : 0;
                }
                // The descriptor stands behind the last entry read; where the sink stops short, the next call seeks
                // back.
                listing.position = -1;
                for (int at = 0; at < got; ) {
                    int length = list.getShort(at + 16) & 0xffff;
                    String name = listing.notes() ? name(list, at) : null;
                    if (name == null || listing.isNew(name)) {
                        if (!add(rq, open.inode, realm, fd, list, at, sink)) {
                            listing.takeBack(name);
                            return 0;
                        }
                        any = true;
                    }
                    listing.hasEntries |= !isDot(list, at + 19);
                    at += length;
                    if (at == got) {
                        listing.position = list.getLong(at - length + 8);
                    }
                }
            }
        }
    }

    private static String name(NativeBuffer list, int at) {
        int nameAt = at + 19;
        int length = list.indexOfNul(nameAt, list.capacity()) - nameAt;
        return new String(list.bytes(nameAt, length), StandardCharsets.ISO_8859_1);
    }

    /** One {@code struct linux_dirent64} to the sink; false when it does not fit. */
    private boolean add(Request rq, Inode parent, Realm realm, int dir, NativeBuffer list, int at, DirectorySink sink) {
        int nameAt = at + 19;
        int nameLength = list.indexOfNul(nameAt, list.capacity()) - nameAt;
        if (!sink.hasRoom(nameLength)) {
            return false;
        }
        long next = list.getLong(at + 8);
        long ino = list.getLong(at);
        int type = list.getByte(at + 18);
        boolean dot = isDot(list, nameAt);
        if (sink.wantsAttributes() && !dot) {
            rq.name2.set(list, nameAt, nameLength);
            if (Nodes.statEntry(rq, dir, rq.name2) == 0
                    && nodes.present(rq, parent, realm, dir, rq.name2, rq.entry) == 0) {
                sink.add(list, nameAt, nameLength, next, rq.entry);
                return true;
            }
            // It went away between the two calls, or cannot be seen: the name alone, as readdir(3) would give it.
        } else if (!dot && boundaries.mayBeByType(type)) {
            rq.name2.set(list, nameAt, nameLength);
            if (Nodes.statEntry(rq, dir, rq.name2) == 0) {
                callers.becomeDaemon(rq);
                int scope = type == Sys.S_IFDIR >>> 12 ? realm.id : realm.fileScope;
                if (boundaries.isLink(nodes.inodes, scope, rq.scratch, dir, rq.name2)) {
                    type = Sys.S_IFLNK >>> 12;
                }
                callers.become(rq);
            }
        }
        sink.add(list, nameAt, nameLength, realm.entryIno(type == Sys.S_IFDIR >>> 12, ino), type, next);
        return true;
    }

    /** Whether the name there, which ends with a NUL, is {@code .} or {@code ..}. */
    private static boolean isDot(NativeBuffer list, int at) {
        return list.getByte(at) == '.'
                && (list.getByte(at + 1) == 0 || list.getByte(at + 1) == '.' && list.getByte(at + 2) == 0);
    }

    int releasedir(Request rq, long nodeid, long fh) {
        OpenFile open = files.get(fh);
        if (open == null || !open.inode.isDirectory()) {
            return -Errno.EBADF;
        }
        files.released(open);
        return 0;
    }
}

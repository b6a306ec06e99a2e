package io.fedfs.projection;

import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;

/** Operations that open a regular file: open, create, O_TMPFILE. */
final class Opening {
    private static final int KEPT_FLAGS =
            Sys.O_ACCMODE | Sys.O_APPEND | Sys.O_DSYNC | Sys.O_SYNC | Sys.O_NOATIME | Sys.O_LARGEFILE;

    private final Nodes nodes;
    private final Callers callers;
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final OpenFiles files;

    Opening(Nodes nodes) {
        this.nodes = nodes;
        this.callers = nodes.callers;
        this.inodes = nodes.inodes;
        this.descriptors = nodes.descriptors;
        this.files = nodes.files;
    }

    /**
     * Flags for the file system below: never follow, never block on what is not a regular file. Of the caller's those that say how the file is
     * read and written; alignment (O_DIRECT) is not ours to keep, and no other flag of open(2) may reach it from here.
     */
    static int openFlags(int flags) {
        return flags & KEPT_FLAGS | Sys.O_NOFOLLOW | Sys.O_NONBLOCK | Sys.O_NOCTTY | Sys.O_CLOEXEC;
    }

    int open(Request rq, long nodeid, int flags) {
        Inode inode = nodes.node(nodeid);
        if (!inode.isRegular() || inode.kind != Inode.ORDINARY) {
            return inode.isDirectory() ? -Errno.EISDIR : -Errno.ENXIO;
        }
        if (OpenFile.writes(flags)) {
            Nodes.mustBeWritable(inode.realm);
        }
        int fd = openBelow(rq, inode, openFlags(flags));
        if (fd < 0) {
            return fd;
        }
        int mode = Statx.mode(rq.scratch, Nodes.STAT_AT);
        if (OpenFile.writes(flags) && rq.scratch.getLong(Nodes.STAT_AT + Statx.FILE_SIZE) == 0) {
            callers.becomeDaemon(rq);
            boolean inert = nodes.boundaries.isInertFile(fd);
            callers.become(rq);
            if (inert) {
                files.openedInert(inode, fd, flags, rq.opened);
                return 0;
            }
        }
        if ((flags & Sys.O_TRUNC) != 0) {
            callers.become(rq);
            int r = empty(rq, fd, flags);
            if (r < 0) {
                Sys.close(fd);
                return r;
            }
        }
        files.opened(rq, inode, fd, flags, mode);
        return 0;
    }

    /** O_TRUNC, which open(2) allows with O_RDONLY too to whoever may write. */
    private static int empty(Request rq, int fd, int flags) {
        return (flags & Sys.O_ACCMODE) == Sys.O_RDONLY ? Sys.truncate(Nodes.procPath(rq, fd), 0) : Sys.ftruncate(fd, 0);
    }

    /**
     * As the caller: by name when the node has no descriptor (one call fewer), else through the descriptor. Leaves the file's statx in
     * scratch memory.
     */
    int openBelow(Request rq, Inode inode, int flags) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (inode.fd < 0 && parent != null && name != null && !inode.nameless) {
            int dir = descriptors.pin(rq, parent);
            if (dir < 0) {
                return dir;
            }
            try {
                callers.becomeLoosely(rq);
                int fd = Sys.openat(dir, rq.scratch.putCString(Nodes.PROC_AT, name), flags, 0);
                if (fd < 0) {
                    return fd == -Errno.ENOENT || fd == -Errno.ELOOP ? -Errno.ESTALE : fd;
                }
                return orStale(rq, fd, inode);
            } finally {
                descriptors.unpin(parent);
            }
        }
        int pinned = descriptors.pin(rq, inode);
        if (pinned < 0) {
            return pinned;
        }
        try {
            callers.becomeLoosely(rq);
            // The link in /proc is followed to the very inode; O_NOFOLLOW would refuse the link itself.
            int fd = Sys.openat(Sys.AT_FDCWD, Nodes.procPath(rq, pinned), flags & ~Sys.O_NOFOLLOW, 0);
            return fd < 0 ? fd : orStale(rq, fd, inode);
        } finally {
            descriptors.unpin(inode);
        }
    }

    /** The descriptor if it is one of the node's file; else it is closed. */
    private static int orStale(Request rq, int fd, Inode inode) {
        if (Nodes.isSame(rq, fd, inode)) {
            return fd;
        }
        Sys.close(fd);
        return -Errno.ESTALE;
    }

    int create(Request rq, long parentId, Name name, int flags, int mode, int umask) {
        Inode parent = nodes.node(parentId);
        Realm realm = nodes.writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            if (nodes.isInert(rq, parent, dir)) {
                return -Errno.ENODATA;
            }
            if ((mode & OpenFiles.SET_ID) == 0) {
                callers.becomeLoosely(rq, umask);
            } else {
                callers.become(rq, umask);
            }
            int fd = makeOrOpen(rq, dir, name, flags, mode & 07777);
            if (fd < 0) {
                return fd;
            }
            int r = Nodes.statDescriptor(rq, fd);
            if (r == 0 && (Statx.mode(rq.scratch, Nodes.STAT_AT) & Sys.S_IFMT) != Sys.S_IFREG) {
                r = -Errno.ESTALE;
            }
            if (r == 0 && (flags & Sys.O_TRUNC) != 0 && rq.scratch.getLong(Nodes.STAT_AT + Statx.FILE_SIZE) > 0) {
                // Someone else made it meanwhile.
                callers.become(rq);
                r = empty(rq, fd, flags);
                r = r < 0 ? r : Nodes.statDescriptor(rq, fd);
            }
            if (r == 0) {
                r = nodes.present(rq, parent, realm, dir, name, rq.entry);
            }
            if (r < 0) {
                Sys.close(fd);
                return r;
            }
            Inode inode = nodes.node(rq.entry.nodeid);
            if (inode.kind != Inode.ORDINARY) {
                Sys.close(fd);
                nodes.forget(rq.entry.nodeid, 1);
                return -Errno.ESTALE;
            }
            files.opened(rq, inode, fd, flags, rq.entry.attributes.mode);
            nodes.changed(realm, parent);
            return 0;
        } finally {
            descriptors.unpin(parent);
        }
    }

    /**
     * A descriptor of a new file, or of the one that somebody else made since the kernel found the name free. Anything else that has the name by
     * now is ESTALE, which makes the kernel look the name up again and go by what it is; a device or a FIFO must not be opened here.
     */
    private static int makeOrOpen(Request rq, int dir, Name name, int flags, int mode) {
        int below = openFlags(flags) | Sys.O_CREAT;
        int fd = Sys.openat(dir, name.address(), below | Sys.O_EXCL, mode);
        if (fd != -Errno.EEXIST || (flags & Sys.O_EXCL) != 0) {
            return fd;
        }
        int r = Nodes.statEntry(rq, dir, name);
        if (r < 0 || (Statx.mode(rq.scratch, Nodes.STAT_AT) & Sys.S_IFMT) != Sys.S_IFREG) {
            return r < 0 && r != -Errno.ENOENT ? r : -Errno.ESTALE;
        }
        fd = Sys.openat(dir, name.address(), below, mode);
        return fd == -Errno.ELOOP || fd == -Errno.EISDIR || fd == -Errno.ENXIO ? -Errno.ESTALE : fd;
    }

    int tmpfile(Request rq, long parentId, int flags, int mode, int umask) {
        Inode parent = nodes.node(parentId);
        Realm realm = nodes.writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        int fd;
        try {
            callers.become(rq, umask);
            rq.scratch.putByte(Nodes.PROC_AT, (byte) '.');
            rq.scratch.putByte(Nodes.PROC_AT + 1, (byte) 0);
            int below = flags & (KEPT_FLAGS | Sys.O_EXCL) | Sys.O_TMPFILE | Sys.O_CLOEXEC;
            fd = Sys.openat(dir, rq.scratch.address(Nodes.PROC_AT), below, mode & 07777);
        } finally {
            descriptors.unpin(parent);
        }
        if (fd < 0) {
            return fd;
        }
        int r = Nodes.statDescriptor(rq, fd);
        int path = r < 0 ? r : Sys.openat(Sys.AT_FDCWD, Nodes.procPath(rq, fd), Sys.O_PATH, 0);
        if (path < 0) {
            Sys.close(fd);
            return path;
        }
        NativeBuffer b = rq.scratch;
        Inode inode = inodes.referNameless(
                realm,
                realm.fileScope,
                Statx.dev(b, Nodes.STAT_AT),
                b.getLong(Nodes.STAT_AT + Statx.INO),
                Statx.birth(b, Nodes.STAT_AT),
                Statx.mode(b, Nodes.STAT_AT) >>> 12);
        inode.nameless = true;
        descriptors.adopt(inode, path);
        nodes.attributes(b, Nodes.STAT_AT, rq.entry.attributes);
        rq.entry.attributes.ino = inode.ino;
        rq.entry.nodeid = inode.id();
        rq.entry.generation = Integer.toUnsignedLong(inode.generation);
        rq.entry.entryValidNanos = nodes.nameValidity(realm);
        rq.entry.attrValidNanos = nodes.validity(inode, rq.entry.attributes);
        files.opened(rq, inode, fd, flags, rq.entry.attributes.mode);
        return 0;
    }
}

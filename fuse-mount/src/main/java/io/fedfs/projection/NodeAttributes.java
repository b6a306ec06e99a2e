package io.fedfs.projection;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Memory;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;

/** Operations on what a node says of itself: attributes, access, the target of a symbolic link, the size of its file system. */
final class NodeAttributes {
    /** What can be changed of a symbolic link: chown -h, touch -h. The kernel adds to the former that set-id bits go. */
    private static final int OF_LINKS = AttributeChange.UID
            | AttributeChange.GID
            | AttributeChange.ATIME
            | AttributeChange.MTIME
            | AttributeChange.ATIME_NOW
            | AttributeChange.MTIME_NOW
            | AttributeChange.KILL_SUIDGID;

    private static final int EMPTY_NOFOLLOW = Sys.AT_EMPTY_PATH | Sys.AT_SYMLINK_NOFOLLOW;

    private final Nodes nodes;
    private final Callers callers;
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final OpenFiles files;

    NodeAttributes(Nodes nodes) {
        this.nodes = nodes;
        this.callers = nodes.callers;
        this.inodes = nodes.inodes;
        this.descriptors = nodes.descriptors;
        this.files = nodes.files;
    }

    int lastKnown(Request rq, long nodeid) {
        Inode inode = inodes.get(nodeid);
        if (inode == null || inode.kind != Inode.JUNCTION || inode.point().target == null) {
            return -Errno.ENODATA;
        }
        return nodes.statRoot(rq, inode, rq.entry, Sys.AT_STATX_DONT_SYNC);
    }

    int getattr(Request rq, long nodeid, long fh) {
        Inode inode = nodes.node(nodeid);
        if (Nodes.isClosed(inode)) {
            return getattrClosed(rq, inode);
        }
        OpenFile open = fh == 0 || inode.kind != Inode.ORDINARY ? null : files.get(fh);
        int r;
        if (open == null || open.inode != inode || open.at.trouble() != null || !open.hold()) {
            r = nodes.stat(rq, inode, rq.entry.attributes);
        } else {
            try {
                r = Nodes.statDescriptor(rq, open.fd);
            } finally {
                open.let();
            }
            if (r == 0) {
                nodes.attributes(rq.scratch, Nodes.STAT_AT, rq.entry.attributes);
                rq.entry.attributes.ino = inode.ino;
            }
        }
        rq.entry.attrValidNanos = nodes.validity(inode, rq.entry.attributes);
        return r;
    }

    /**
     * A closed junction's attributes are invented, and stay so for who only looks. But they let nobody write, and the kernel judges by them
     * before it sends a CREATE: when it doubts them, the real ones are wanted.
     */
    private int getattrClosed(Request rq, Inode inode) {
        long now = System.nanoTime();
        long until = inode.point().inventedUntil;
        if (rq.doubtsAttributes && until != 0 && until - now > 0) {
            nodes.within(rq, inode);
            int r = nodes.stat(rq, inode, rq.entry.attributes);
            rq.entry.attrValidNanos = nodes.validity(inode, rq.entry.attributes);
            return r;
        }
        inode.point().inventedUntil = now + Nodes.INVENTED_VALID;
        rq.entry.attrValidNanos = Nodes.INVENTED_VALID;
        return nodes.stat(rq, inode, rq.entry.attributes);
    }

    int setattr(Request rq, long nodeid) {
        Inode inode = nodes.node(nodeid);
        AttributeChange change = rq.change;
        if (inode.kind == Inode.LINK && !change.hasOnly(OF_LINKS)) {
            throw new FsException(
                    FsError.IS_FOREIGN, "a foreign entry's mode and size are not changed through its link");
        }
        Realm realm = nodes.within(rq, inode);
        Nodes.mustBeWritable(realm);
        OpenFile open = change.has(AttributeChange.FH) ? files.get(change.fh) : null;
        if (open != null && open.inode != inode) {
            throw new FsException(FsError.STALE, "file handle " + change.fh + " of node " + nodeid);
        }
        if (open != null && (open.at.trouble() != null || !open.hold())) {
            open = null;
        }
        int fd = open != null ? open.fd : descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.become(rq);
            if (change.has(AttributeChange.SIZE) && change.size > 0 && isInertFile(rq, inode, fd)) {
                return -Errno.EBADF;
            }
            int r = apply(rq, inode, change, fd, open != null);
            if (inode.isDirectory()) {
                nodes.changed(realm, inode);
            }
            if (r < 0) {
                return r;
            }
            r = Nodes.statDescriptor(rq, fd);
            if (r < 0) {
                return r;
            }
        } finally {
            if (open != null) {
                open.let();
            } else {
                descriptors.unpin(inode);
            }
        }
        nodes.attributes(rq.scratch, Nodes.STAT_AT, rq.entry.attributes);
        rq.entry.attributes.ino = inode.kind == Inode.JUNCTION ? Nodes.rootIno(rq, inode) : inode.ino;
        if (inode.kind == Inode.LINK) {
            nodes.asLink(inode, rq.entry.attributes);
        }
        rq.entry.attrValidNanos = nodes.validity(inode, rq.entry.attributes);
        return 0;
    }

    /** Whether a file that is to grow is a foreign entry that links are off for. The thread acts as the caller before and after. */
    private boolean isInertFile(Request rq, Inode inode, int fd) {
        if (!inode.isRegular()
                || Nodes.statDescriptor(rq, fd) < 0
                || rq.scratch.getLong(Nodes.STAT_AT + Statx.FILE_SIZE) > 0) {
            return false;
        }
        callers.becomeDaemon(rq);
        boolean inert = nodes.boundaries.isInertFile(fd);
        callers.become(rq);
        return inert;
    }

    /** @param open whether the descriptor is that of an open file, rather than O_PATH */
    private int apply(Request rq, Inode inode, AttributeChange c, int fd, boolean open) {
        int r;
        if (c.isEmpty()) {
            r = Sys.fchownat(fd, Descriptors.emptyPath(rq), -1, -1, EMPTY_NOFOLLOW);
            // Of another's file: it may be about a write, and that clears the bits itself.
            return r == -Errno.EPERM ? 0 : r;
        }
        if (c.has(AttributeChange.UID) || c.has(AttributeChange.GID)) {
            int uid = c.has(AttributeChange.UID) ? c.uid : -1;
            int gid = c.has(AttributeChange.GID) ? c.gid : -1;
            r = Sys.fchownat(fd, Descriptors.emptyPath(rq), uid, gid, EMPTY_NOFOLLOW);
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.SIZE)) {
            r = open ? Sys.ftruncate(fd, c.size) : Sys.truncate(Nodes.procPath(rq, fd), c.size);
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.MODE)) {
            r = chmod(rq, inode, fd, c.mode);
            if (r == -Errno.EPERM && SetIdBits.onlyDropsSetId(rq, fd, c.mode) && callers.becomeDaemon(rq)) {
                // A chmod of the caller's own the kernel has refused (setattr_prepare); this is its own, for a write or
                // a truncate.
                r = chmod(rq, inode, fd, c.mode);
                callers.become(rq);
            }
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.KILL_SUIDGID)) {
            r = SetIdBits.killPrivileges(rq, fd);
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.ATIME) || c.has(AttributeChange.MTIME)) {
            return touch(rq, c, fd);
        }
        return 0;
    }

    private static int chmod(Request rq, Inode inode, int fd, int mode) {
        if (inode.type == Sys.S_IFLNK >>> 12) {
            return -Errno.EOPNOTSUPP;
        }
        return Sys.chmod(Nodes.procPath(rq, fd), mode & 07777);
    }

    private static int touch(Request rq, AttributeChange c, int fd) {
        final long now = (1L << 30) - 1; // UTIME_NOW
        final long omit = (1L << 30) - 2; // UTIME_OMIT
        NativeBuffer b = rq.scratch;
        b.putLong(Nodes.TIMES_AT, c.atime);
        b.putLong(
                Nodes.TIMES_AT + 8,
                !c.has(AttributeChange.ATIME) ? omit : c.has(AttributeChange.ATIME_NOW) ? now : c.atimeNanos);
        b.putLong(Nodes.TIMES_AT + 16, c.mtime);
        b.putLong(
                Nodes.TIMES_AT + 24,
                !c.has(AttributeChange.MTIME) ? omit : c.has(AttributeChange.MTIME_NOW) ? now : c.mtimeNanos);
        return Sys.utimensat(fd, Descriptors.emptyPath(rq), b.address(Nodes.TIMES_AT), EMPTY_NOFOLLOW);
    }

    int access(Request rq, long nodeid, int mask) {
        Inode inode = nodes.node(nodeid);
        if (Nodes.isClosed(inode)) {
            return (mask & 2) != 0 ? -Errno.EACCES : 0;
        }
        if ((mask & 2) != 0 && nodes.within(rq, inode).refusesChanges()) {
            return -Errno.EROFS;
        }
        if (inode.kind == Inode.LINK) {
            return 0;
        }
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.become(rq);
            return Sys.faccessat2(fd, Descriptors.emptyPath(rq), mask, Sys.AT_EMPTY_PATH | Sys.AT_EACCESS);
        } finally {
            descriptors.unpin(inode);
        }
    }

    int readlink(Request rq, long nodeid, long address, int capacity) {
        Inode inode = nodes.node(nodeid);
        if (inode.kind == Inode.LINK) {
            byte[] target = nodes.boundaries.target(inode);
            if (target.length > capacity) {
                return -Errno.ENAMETOOLONG;
            }
            Memory.put(address, target, target.length);
            return target.length;
        }
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            return (int) Sys.readlinkat(fd, Descriptors.emptyPath(rq), address, capacity);
        } finally {
            descriptors.unpin(inode);
        }
    }

    int statfs(Request rq, long nodeid) {
        Inode inode = nodes.node(nodeid);
        nodes.within(rq, inode);
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        int r;
        try {
            r = Sys.fstatfs(fd, rq.scratch.address(Nodes.STATFS_AT));
        } finally {
            descriptors.unpin(inode);
        }
        if (r < 0) {
            return r;
        }
        NativeBuffer b = rq.scratch;
        rq.status.blockSize = (int) b.getLong(Nodes.STATFS_AT + 8);
        rq.status.blocks = b.getLong(Nodes.STATFS_AT + 16);
        rq.status.blocksFree = b.getLong(Nodes.STATFS_AT + 24);
        rq.status.blocksAvailable = b.getLong(Nodes.STATFS_AT + 32);
        rq.status.files = b.getLong(Nodes.STATFS_AT + 40);
        rq.status.filesFree = b.getLong(Nodes.STATFS_AT + 48);
        rq.status.nameMax = (int) b.getLong(Nodes.STATFS_AT + 64);
        rq.status.fragmentSize = (int) b.getLong(Nodes.STATFS_AT + 72);
        return 0;
    }
}

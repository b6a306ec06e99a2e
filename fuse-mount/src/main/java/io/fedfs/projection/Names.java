package io.fedfs.projection;

import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;

/** Operations on the names in a directory: look up, make, remove, move. */
final class Names {
    private final Nodes nodes;
    private final Callers callers;
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final Boundaries boundaries;

    Names(Nodes nodes) {
        this.nodes = nodes;
        this.callers = nodes.callers;
        this.inodes = nodes.inodes;
        this.descriptors = nodes.descriptors;
        this.boundaries = nodes.boundaries;
    }

    int lookup(Request rq, long parentId, Name name) {
        Inode parent = nodes.node(parentId);
        if (name.isDot() || name.isDotDot()) {
            return lookupDot(rq, parent, name.isDotDot());
        }
        Realm realm = nodes.within(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.becomeLoosely(rq);
            int r = Nodes.statEntry(rq, dir, name);
            if (r < 0) {
                if (r == -Errno.ENOENT && nodes.isInert(rq, parent, dir)) {
                    return -Errno.ENODATA;
                }
                long absent = r == -Errno.ENOENT ? nodes.absenceValidity(realm) : 0;
                if (absent > 0) {
                    rq.entry.nodeid = 0;
                    rq.entry.entryValidNanos = absent;
                    return 0;
                }
                return r;
            }
            return nodes.present(rq, parent, realm, dir, name, rq.entry);
        } finally {
            descriptors.unpin(parent);
        }
    }

    /**
     * {@code .} and {@code ..} come only from the kernel's NFS export code (fs/fuse/inode.c, fuse_get_dentry and fuse_get_parent): it has a
     * file handle, and not the inode any more. Whoever may open file handles may see the attributes.
     */
    private int lookupDot(Request rq, Inode inode, boolean dotDot) {
        Inode found = dotDot && inode.id() != InodeTable.ROOT_ID ? inode.parent() : inode;
        // Held before it is looked at, so that it is not let go of meanwhile.
        if (found == null || !inodes.referAgain(found)) {
            return -Errno.ESTALE;
        }
        Entry e = rq.entry;
        boolean done = false;
        try {
            int r = nodes.stat(rq, found, e.attributes);
            done = r == 0;
            if (!done) {
                return r == -Errno.ENOENT ? -Errno.ESTALE : r;
            }
        } finally {
            if (!done) {
                inodes.forget(found, 1);
            }
        }
        e.nodeid = found.id();
        e.generation = Integer.toUnsignedLong(found.generation);
        e.entryValidNanos = nodes.nameValidity(found.realm);
        e.attrValidNanos = nodes.validity(found, e.attributes);
        return 0;
    }

    int symlink(Request rq, long parentId, Name name, Name target) {
        return make(rq, parentId, name, 0, dir -> Sys.symlinkat(target.address(), dir, name.address()));
    }

    int mknod(Request rq, long parentId, Name name, int mode, int rdev, int umask) {
        // FUSE carries new_encode_dev; the C library wants its own packing of the same major and minor (makedev(3)).
        long major = (rdev >>> 8) & 0xfff;
        long minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
        long dev = ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
        return make(rq, parentId, name, umask, dir -> Sys.mknodat(dir, name.address(), mode, dev));
    }

    int mkdir(Request rq, long parentId, Name name, int mode, int umask) {
        return make(rq, parentId, name, umask, dir -> Sys.mkdirat(dir, name.address(), mode & 07777));
    }

    /** A call that makes a name in a directory. */
    private interface Making {
        int in(int dir);
    }

    private int make(Request rq, long parentId, Name name, int umask, Making making) {
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
            callers.become(rq, umask);
            int r = making.in(dir);
            if (r < 0) {
                return r;
            }
            nodes.changed(realm, parent);
            r = Nodes.statEntry(rq, dir, name);
            return r < 0 ? r : nodes.present(rq, parent, realm, dir, name, rq.entry);
        } finally {
            descriptors.unpin(parent);
        }
    }

    int unlink(Request rq, long parentId, Name name) {
        return remove(rq, parentId, name, 0);
    }

    int rmdir(Request rq, long parentId, Name name) {
        return remove(rq, parentId, name, Sys.AT_REMOVEDIR);
    }

    private int remove(Request rq, long parentId, Name name, int flags) {
        Inode parent = nodes.node(parentId);
        Realm realm = nodes.writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.becomeLoosely(rq);
            int r = Nodes.statEntry(rq, dir, name);
            if (r < 0) {
                return r;
            }
            Inode leaving = beforeLosingName(rq, realm, parent, dir, name);
            callers.becomeLoosely(rq);
            r = Sys.unlinkat(dir, name.address(), flags);
            afterLosingName(leaving, r >= 0);
            nodes.changed(realm, parent);
            return r;
        } finally {
            descriptors.unpin(parent);
        }
    }

    /**
     * Looks at an entry, whose statx is in scratch memory, that is about to be removed or replaced: refuses junctions and foreign entries, and
     * opens the node if it is known, because it cannot be found by name afterwards. The descriptor also keeps the inode number from being
     * given to another file before the node has left the table.
     *
     * @return the node, marked nameless and with a reference more, for {@link #afterLosingName}; null when it is not known or has other names
     */
    private Inode beforeLosingName(Request rq, Realm realm, Inode parent, int dir, Name name) {
        NativeBuffer b = rq.scratch;
        int mode = Statx.mode(b, Nodes.STAT_AT);
        long size = b.getLong(Nodes.STAT_AT + Statx.FILE_SIZE);
        if (Boundaries.mayBeKept(mode, size)) {
            callers.becomeDaemon(rq);
            boundaries.mustBeRemovable(dir, name, mode, size);
        }
        boolean directory = (mode & Sys.S_IFMT) == Sys.S_IFDIR;
        if (!directory && b.getInt(Nodes.STAT_AT + Statx.NLINK) > 1) {
            return null;
        }
        Inode inode = nodes.peek(rq, realm, parent, name, Inode.ORDINARY);
        if (inode == null || !inodes.referAgain(inode)) {
            return null;
        }
        // First, so that the descriptor is not closed in between.
        inode.nameless = true;
        if (!descriptors.has(inode)) {
            int fd = Sys.openat(dir, name.address(), Sys.O_PATH | Sys.O_NOFOLLOW, 0);
            if (fd >= 0 && !Nodes.isSame(rq, fd, inode)) {
                // The name went to another file since the look at it: what loses it now is not this node.
                Sys.close(fd);
                afterLosingName(inode, false);
                return null;
            }
            if (fd >= 0) {
                descriptors.adopt(inode, fd);
            }
        }
        return inode;
    }

    /** @param lost whether the name is gone; else all is as before */
    private void afterLosingName(Inode inode, boolean lost) {
        if (inode != null) {
            if (!lost) {
                inode.nameless = false;
            }
            inodes.forget(inode, 1);
        }
    }

    int rename(Request rq, long parentId, Name name, long newParentId, Name newName, int flags) {
        Inode parent = nodes.node(parentId);
        Inode newParent = nodes.node(newParentId);
        Realm realm = nodes.writable(rq, parent);
        Realm newRealm = nodes.writable(rq, newParent);
        if (realm != newRealm) {
            throw new FsException(FsError.CROSSES_FILESETS, "rename from " + realm.fsn() + " to " + newRealm.fsn());
        }
        // What moves may be the last to need its old parent; a node must not leave while its descriptor is in use here.
        if (!inodes.referAgain(parent)) {
            return -Errno.ESTALE;
        }
        try {
            if (!inodes.referAgain(newParent)) {
                return -Errno.ESTALE;
            }
            try {
                return renameBetween(rq, realm, parent, name, newParent, newName, flags);
            } finally {
                inodes.forget(newParent, 1);
            }
        } finally {
            inodes.forget(parent, 1);
        }
    }

    private int rename(
            Request rq,
            Realm realm,
            Inode parent,
            int dir,
            Name name,
            Inode newParent,
            int newDir,
            Name newName,
            int flags) {
        if (nodes.isInert(rq, newParent, newDir)) {
            return -Errno.ENODATA;
        }
        callers.become(rq);
        Inode replaced = null;
        if ((flags & (Sys.RENAME_NOREPLACE | Sys.RENAME_EXCHANGE)) == 0 && Nodes.statEntry(rq, newDir, newName) == 0) {
            replaced = beforeLosingName(rq, realm, newParent, newDir, newName);
            callers.become(rq);
        }
        if (realm.carried != null) {
            knowCarried(rq, realm, parent, dir, name);
            knowCarried(rq, realm, newParent, newDir, newName);
            callers.become(rq);
        }
        int r = Sys.renameat2(dir, name.address(), newDir, newName.address(), flags);
        afterLosingName(replaced, r >= 0);
        if (r < 0) {
            // A file system without the flags says ENOSYS through an old kernel; the kernel above would take it for
            // good.
            return r == -Errno.ENOSYS ? -Errno.EINVAL : r;
        }
        nodes.changed(realm, parent);
        nodes.changed(realm, newParent);
        moved(rq, realm, newParent, newDir, newName);
        if ((flags & Sys.RENAME_EXCHANGE) != 0) {
            moved(rq, realm, parent, dir, name);
        }
        return 0;
    }

    private int renameBetween(
            Request rq, Realm realm, Inode parent, Name name, Inode newParent, Name newName, int flags) {
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            int newDir = descriptors.pin(rq, newParent);
            if (newDir < 0) {
                return newDir;
            }
            try {
                return rename(rq, realm, parent, dir, name, newParent, newDir, newName, flags);
            } finally {
                descriptors.unpin(newParent);
            }
        } finally {
            descriptors.unpin(parent);
        }
    }

    /** A node from before its realm's location was exchanged is known by its name until it was looked at: so that is done before the name changes. */
    private void knowCarried(Request rq, Realm realm, Inode parent, int dir, Name name) {
        if (Nodes.statEntry(rq, dir, name) == 0) {
            for (byte kind = Inode.ORDINARY; kind <= Inode.LINK; kind++) {
                nodes.peek(rq, realm, parent, name, kind);
            }
        }
    }

    /** Notes the new place of whatever has this name now. */
    private void moved(Request rq, Realm realm, Inode parent, int dir, Name name) {
        if (Nodes.statEntry(rq, dir, name) < 0) {
            return;
        }
        for (byte kind = Inode.ORDINARY; kind <= Inode.LINK; kind++) {
            Inode inode = nodes.peek(rq, realm, parent, name, kind);
            if (inode != null && inodes.referAgain(inode)) {
                inodes.place(inode, parent, name, realm);
                inodes.forget(inode, 1);
            }
        }
    }

    int link(Request rq, long nodeid, long newParentId, Name newName) {
        Inode inode = nodes.node(nodeid);
        Inode newParent = nodes.node(newParentId);
        Realm newRealm = nodes.writable(rq, newParent);
        if (inode.kind != Inode.ORDINARY || inode.realm.attachment != newRealm.attachment) {
            throw new FsException(FsError.CROSSES_FILESETS, "link into " + newRealm.fsn());
        }
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            int dir = descriptors.pin(rq, newParent);
            if (dir < 0) {
                return dir;
            }
            try {
                if (nodes.isInert(rq, newParent, dir)) {
                    return -Errno.ENODATA;
                }
                callers.become(rq);
                int r = Sys.linkat(Sys.AT_FDCWD, Nodes.procPath(rq, fd), dir, newName.address(), Sys.AT_SYMLINK_FOLLOW);
                if (r < 0) {
                    return r;
                }
                nodes.changed(newRealm, newParent);
                r = Nodes.statEntry(rq, dir, newName);
                return r < 0 ? r : nodes.present(rq, newParent, newRealm, dir, newName, rq.entry);
            } finally {
                descriptors.unpin(newParent);
            }
        } finally {
            descriptors.unpin(inode);
        }
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.BeginAnew;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What every operation needs of the nodes: to find one, to see its attributes as they are now, to show what stands in a directory. */
final class Nodes {
    /** Where in scratch memory things go; {@link Descriptors} uses the part from 28 KiB on. */
    static final int STAT_AT = 0;

    static final int PROC_AT = 512;
    static final int TIMES_AT = 1024;
    static final int STATFS_AT = 2048;
    private static final byte[] PROC_FD = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
    /** How long the kernel may use a closed junction's attributes: it is told when the junction is opened. */
    static final long INVENTED_VALID = TimeUnit.HOURS.toNanos(1);
    /** How long it may use what it has seen of a fileset that is immutable: it is told when that ends. */
    private static final long IMMUTABLE_VALID = TimeUnit.HOURS.toNanos(1);

    final Callers callers;
    final InodeTable inodes;
    final Descriptors descriptors;
    final Crossings crossings;
    final Boundaries boundaries;
    final OpenFiles files;
    private final long entryValid;
    private final long attributesValid;
    private final long negativeValid;

    Nodes(
            Options options,
            Callers callers,
            InodeTable inodes,
            Descriptors descriptors,
            Crossings crossings,
            Boundaries boundaries,
            OpenFiles files) {
        this.callers = callers;
        this.inodes = inodes;
        this.descriptors = descriptors;
        this.crossings = crossings;
        this.boundaries = boundaries;
        this.files = files;
        this.entryValid = options.entryTimeout().toNanos();
        this.attributesValid = options.attributeTimeout().toNanos();
        this.negativeValid = options.negativeTimeout().toNanos();
    }

    /** @throws FsException STALE when there is none */
    Inode node(long nodeid) {
        Inode inode = inodes.get(nodeid);
        if (inode == null) {
            throw new FsException(FsError.STALE, "nodeid " + nodeid);
        }
        return inode;
    }

    /** The realm that a directory's entries belong to: opens a closed junction. */
    Realm within(Request rq, Inode directory) {
        if (directory.kind != Inode.JUNCTION) {
            return directory.realm;
        }
        Realm open = directory.point().target;
        if (open != null) {
            return open;
        }
        Realm opened = crossings.enter(rq, directory);
        if (rq.canBeginAnew) {
            // From here on the request counts among those at that file server.
            throw BeginAnew.INSTANCE;
        }
        return opened;
    }

    static boolean isClosed(Inode inode) {
        return inode.kind == Inode.JUNCTION && inode.point().target == null;
    }

    static void mustBeWritable(Realm realm) {
        if (realm.immutable) {
            throw new FsException(FsError.READ_ONLY, realm.fsn() + " is immutable, says its NSDB");
        }
        if (realm.readOnly) {
            throw new FsException(FsError.READ_ONLY, "only a read-only location of " + realm.fsn() + " is attached");
        }
    }

    /**
     * Whether a directory is a foreign entry in which nothing can be looked up or made; the thread acts as the caller afterwards.
     *
     * @param fd its descriptor
     */
    boolean isInert(Request rq, Inode directory, int fd) {
        if (!boundaries.mayBeInert(directory)) {
            return false;
        }
        callers.becomeDaemon(rq);
        boolean inert = boundaries.isInert(directory, fd, rq);
        callers.become(rq);
        return inert;
    }

    /** The realm of a directory that is about to be changed. */
    Realm writable(Request rq, Inode directory) {
        Realm realm = within(rq, directory);
        mustBeWritable(realm);
        return realm;
    }

    /**
     * How long the kernel may use a node's attributes. Not at all where a set-id bit is on: a write by passthrough takes the bit away below,
     * and the kernel must not execute the new content by the old mode. Nor for a directory of a realm that was left, since there
     * may be another node for it by now.
     */
    long validity(Inode inode, Attributes a) {
        boolean setId = (a.mode & Sys.S_IFMT) == Sys.S_IFREG && (a.mode & 06000) != 0;
        Realm realm = inode.countsFor();
        if (setId || realm != null && realm.left && inode.isDirectory()) {
            return 0;
        }
        return realm != null && realm.immutable ? IMMUTABLE_VALID : attributesValid;
    }

    /**
     * How long the kernel may use a name in a directory of this realm without asking; nanoseconds.
     *
     * @param realm null: of the mount's root, which is in none
     */
    long nameValidity(Realm realm) {
        return realm != null && realm.immutable && !realm.left ? IMMUTABLE_VALID : entryValid;
    }

    /** How long it may take a name in a directory of this realm for missing; 0: not at all. */
    long absenceValidity(Realm realm) {
        return realm.immutable && !realm.left && crossings.canForgetAbsence() ? IMMUTABLE_VALID : negativeValid;
    }

    /** Whether the kernel may keep how directories of this realm are listed. */
    static boolean keepsListings(Realm realm) {
        return realm.immutable && !realm.left;
    }

    /**
     * A directory was changed through its node: where it has others, by way of other junctions or from before a flush, the kernel is not to
     * use what it remembers of those.
     */
    void changed(Realm realm, Inode directory) {
        if (realm.siblings.size() > 1) {
            forgetOthers(realm, directory);
        }
    }

    private void forgetOthers(Realm realm, Inode directory) {
        for (Realm sibling : realm.siblings) {
            if (sibling == realm) {
                continue;
            }
            Inode other = directory.kind == Inode.JUNCTION
                    ? sibling.point
                    : inodes.peek(sibling.id, directory.device, directory.backingIno, directory.birth, Inode.ORDINARY);
            if (other != null) {
                crossings.invalidate(other);
            }
        }
    }

    void attributes(NativeBuffer b, int at, Attributes a) {
        a.mode = Statx.mode(b, at);
        a.nlink = b.getInt(at + Statx.NLINK);
        a.uid = b.getInt(at + Statx.UID);
        a.gid = b.getInt(at + Statx.GID);
        a.size = b.getLong(at + Statx.FILE_SIZE);
        a.blocks = b.getLong(at + Statx.BLOCKS);
        a.blockSize = b.getInt(at + Statx.BLKSIZE);
        a.rdev = Statx.rdev(b, at);
        a.atime = b.getLong(at + Statx.ATIME);
        a.atimeNanos = b.getInt(at + Statx.ATIME + 8);
        a.mtime = b.getLong(at + Statx.MTIME);
        a.mtimeNanos = b.getInt(at + Statx.MTIME + 8);
        a.ctime = b.getLong(at + Statx.CTIME);
        a.ctimeNanos = b.getInt(at + Statx.CTIME + 8);
        a.btime = b.getLong(at + Statx.BTIME);
        a.btimeNanos = b.getInt(at + Statx.BTIME + 8);
        a.hasBtime = (b.getInt(at + Statx.MASK) & Statx.MASK_BTIME) != 0;
    }

    /** What a closed junction shows: nothing of its target is known, and nobody is asked (design, "From a path to bytes" 2). */
    static void invent(Attributes a) {
        a.mode = Sys.S_IFDIR | 0555;
        a.nlink = 2;
        a.uid = 0;
        a.gid = 0;
        a.size = 0;
        a.blocks = 0;
        a.rdev = 0;
    }

    void asLink(Inode inode, Attributes a) {
        a.mode = Sys.S_IFLNK | (a.mode & 0777);
        a.nlink = 1;
        a.size = boundaries.target(inode).length;
        a.blocks = 0;
    }

    /**
     * The node for what a statx in scratch memory found in a directory, with one reference, into the entry. The thread acts as the caller
     * before and after.
     *
     * @param dir descriptor of the directory
     */
    int present(Request rq, Inode parent, Realm realm, int dir, Name name, Entry entry) {
        NativeBuffer b = rq.scratch;
        int mode = Statx.mode(b, STAT_AT);
        int device = Statx.dev(b, STAT_AT);
        long ino = b.getLong(STAT_AT + Statx.INO);
        long birth = Statx.birth(b, STAT_AT);
        int type = mode >>> 12;
        int scope = type == 4 ? realm.id : realm.fileScope;
        attributes(b, STAT_AT, entry.attributes);

        Inode inode;
        if (boundaries.mayBe(mode, b.getLong(STAT_AT + Statx.FILE_SIZE))) {
            callers.becomeDaemon(rq);
            inode = boundaries.refer(inodes, crossings, realm, b, parent, dir, name);
            callers.become(rq);
        } else {
            Carried carried = realm.carried;
            inode = carried == null
                    ? null
                    : carried.refer(realm, device, ino, birth, type, Inode.ORDINARY, parent, name);
            if (inode == null) {
                inode = inodes.refer(realm, scope, device, ino, birth, type, Inode.ORDINARY, null, parent, name);
            }
            boundaries.seen(inode, b);
        }
        entry.attributes.ino = inode.ino;
        entry.nodeid = inode.id();
        entry.generation = Integer.toUnsignedLong(inode.generation);
        entry.entryValidNanos = nameValidity(realm);
        entry.attrValidNanos = validity(inode, entry.attributes);
        if (inode.kind == Inode.JUNCTION) {
            Realm target = inode.point().target;
            if (target == null) {
                invent(entry.attributes);
                entry.attrValidNanos = INVENTED_VALID;
                inode.point().inventedUntil = System.nanoTime() + INVENTED_VALID;
            } else {
                // Looking into the directory that holds a junction must not depend on the server behind it.
                int r = statRoot(rq, inode, entry, target.attachment.isLocal() ? 0 : Sys.AT_STATX_DONT_SYNC);
                if (r < 0) {
                    forget(entry.nodeid, 1);
                    return r;
                }
            }
        } else if (inode.kind == Inode.LINK) {
            asLink(inode, entry.attributes);
        }
        return 0;
    }

    /**
     * Attributes of the fileset's root behind an open junction.
     *
     * @param how AT_STATX_DONT_SYNC: as this host knows them; they then count as old at once, so that who needs them asks again
     */
    int statRoot(Request rq, Inode junction, Entry entry, int how) {
        int fd = descriptors.pin(rq, junction);
        if (fd < 0) {
            return fd;
        }
        int r;
        try {
            r = Sys.statx(
                    fd, Descriptors.emptyPath(rq), Sys.AT_EMPTY_PATH | how, Statx.WANTED, rq.scratch.address(STAT_AT));
        } finally {
            descriptors.unpin(junction);
        }
        if (r < 0) {
            return r;
        }
        attributes(rq.scratch, STAT_AT, entry.attributes);
        entry.attributes.ino = rootIno(rq, junction);
        entry.attrValidNanos = how == 0 ? validity(junction, entry.attributes) : 0;
        return 0;
    }

    /** The inode number of an open junction, whose statx is in scratch memory. */
    static long rootIno(Request rq, Inode junction) {
        Realm target = junction.point().target;
        if (target == null) {
            return junction.ino;
        }
        long ino = target.ino(Statx.dev(rq.scratch, STAT_AT), rq.scratch.getLong(STAT_AT + Statx.INO));
        junction.point().shownIno = ino;
        return ino;
    }

    /** Attributes of a node as they are now. */
    int stat(Request rq, Inode inode, Attributes a) {
        if (isClosed(inode)) {
            Attributes fresh = a;
            fresh.ino = inode.ino;
            invent(fresh);
            return 0;
        }
        int r;
        if (inode.fd >= 0 || inode.kind == Inode.JUNCTION) {
            int fd = descriptors.pin(rq, inode);
            if (fd < 0) {
                return fd;
            }
            try {
                r = statDescriptor(rq, fd);
            } finally {
                descriptors.unpin(inode);
            }
        } else {
            r = statByName(rq, inode);
            if (r == -Errno.ESTALE) {
                r = statOpen(rq, inode);
            }
        }
        if (r < 0) {
            return r;
        }
        attributes(rq.scratch, STAT_AT, a);
        a.ino = inode.ino;
        if (inode.kind == Inode.JUNCTION) {
            a.ino = rootIno(rq, inode);
        } else if (inode.kind == Inode.LINK) {
            asLink(inode, a);
        }
        return 0;
    }

    /** A file that lost its name to somebody under the mount, and is still open here. */
    int statOpen(Request rq, Inode inode) {
        OpenFile open = files.hold(inode);
        if (open == null) {
            return -Errno.ESTALE;
        }
        try {
            return statDescriptor(rq, open.fd);
        } finally {
            open.let();
        }
    }

    static int statDescriptor(Request rq, int fd) {
        return Sys.statx(fd, Descriptors.emptyPath(rq), Sys.AT_EMPTY_PATH, Statx.WANTED, rq.scratch.address(STAT_AT));
    }

    /** Without a descriptor, by parent and name, and believed only if it is the same file still. */
    int statByName(Request rq, Inode inode) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (parent == null || name == null) {
            return -Errno.ESTALE;
        }
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            long path = rq.scratch.putCString(PROC_AT, name);
            int flags = Sys.AT_SYMLINK_NOFOLLOW | Sys.AT_NO_AUTOMOUNT;
            int r = Sys.statx(dir, path, flags, Statx.WANTED, rq.scratch.address(STAT_AT));
            if (r == -Errno.EACCES && callers.becomeDaemon(rq)) {
                // The kernel holds the node, so its attributes are no secret to this caller.
                r = Sys.statx(dir, path, flags, Statx.WANTED, rq.scratch.address(STAT_AT));
            }
            if (r == -Errno.ENOENT || r == -Errno.ENOTDIR) {
                return -Errno.ESTALE;
            }
            if (r < 0) {
                return r;
            }
        } finally {
            descriptors.unpin(parent);
        }
        return isSame(rq, inode) ? 0 : -Errno.ESTALE;
    }

    static int statEntry(Request rq, int dir, Name name) {
        return Sys.statx(dir, name.address(), Sys.AT_SYMLINK_NOFOLLOW, Statx.WANTED, rq.scratch.address(STAT_AT));
    }

    /** Whether a descriptor is one of the node's file. */
    static boolean isSame(Request rq, int fd, Inode inode) {
        return statDescriptor(rq, fd) == 0 && isSame(rq, inode);
    }

    /** Whether a statx in scratch memory is of the node's file. */
    static boolean isSame(Request rq, Inode inode) {
        return Carried.isSame(rq.scratch, STAT_AT, inode);
    }

    /** The node that a directory's entry is, whose statx is in scratch memory, if it is held or remembered; no reference is added. */
    Inode peek(Request rq, Realm realm, Inode parent, Name name, byte kind) {
        NativeBuffer b = rq.scratch;
        int device = Statx.dev(b, STAT_AT);
        long ino = b.getLong(STAT_AT + Statx.INO);
        long birth = Statx.birth(b, STAT_AT);
        int type = Statx.mode(b, STAT_AT) >>> 12;
        Carried carried = realm.carried;
        if (carried != null) {
            Inode known = carried.refer(realm, device, ino, birth, type, kind, parent, name);
            if (known != null) {
                inodes.forget(known, 1);
                return known;
            }
        }
        int scope = type == Sys.S_IFDIR >>> 12 ? realm.id : realm.fileScope;
        return inodes.peek(scope, device, ino, birth, kind);
    }

    /** C string {@code /proc/self/fd/N}: the way to an inode for calls that take no O_PATH descriptor. */
    static long procPath(Request rq, int fd) {
        NativeBuffer b = rq.scratch;
        b.put(PROC_AT, PROC_FD, 0, PROC_FD.length);
        int at = PROC_AT + PROC_FD.length;
        int digits = 1;
        for (int rest = fd; rest >= 10; rest /= 10) {
            digits++;
        }
        int rest = fd;
        for (int i = digits - 1; i >= 0; i--) {
            b.putByte(at + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        b.putByte(at + digits, (byte) 0);
        return b.address(PROC_AT);
    }

    void forget(long nodeid, long count) {
        Inode inode = inodes.get(nodeid);
        if (inode != null) {
            inodes.forget(inode, count);
        }
    }
}

package io.fedfs.projection;

import io.fedfs.attach.Attacher;
import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.BeginAnew;
import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Memory;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Resolver;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The federated tree. Each method finds its nodes, becomes the caller, makes the system call below, and shows the outcome. */
public final class Projection implements FileSystem {
    /** Where in scratch memory things go; {@link Descriptors} uses the part from 28 KiB on. */
    private static final int STAT_AT = 0;

    private static final int PROC_AT = 512;
    private static final int TIMES_AT = 1024;
    private static final int STATFS_AT = 2048;

    private static final byte[] PROC_FD = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUSTED = "trusted.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);
    private static final int KEPT_FLAGS =
            Sys.O_ACCMODE | Sys.O_APPEND | Sys.O_DSYNC | Sys.O_SYNC | Sys.O_NOATIME | Sys.O_LARGEFILE;
    /** How long the kernel may use a closed junction's attributes: it is told when the junction is opened. */
    private static final long INVENTED_VALID = TimeUnit.HOURS.toNanos(1);

    private static final int EMPTY_NOFOLLOW = Sys.AT_EMPTY_PATH | Sys.AT_SYMLINK_NOFOLLOW;

    private final Options options;
    private final Callers callers;
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final Crossings crossings;
    private final Boundaries boundaries;
    private final OpenFiles files;
    private final Locks locks;
    private final Inode root;
    private volatile Kernel kernel;

    private final long entryValid;
    private final long attributesValid;

    /**
     * @param root the mount's root fileset
     * @param asRoot whether the daemon may act as any user
     * @param trustedFromUsers which FSNs are followed from junctions in user.* attributes
     */
    public Projection(
            Fsn root,
            Options options,
            Resolver resolver,
            Attacher attacher,
            ForeignLinks foreignLinks,
            boolean asRoot,
            Predicate<Fsn> trustedFromUsers) {
        this.options = options;
        this.entryValid = options.entryTimeout().toNanos();
        this.attributesValid = options.attributeTimeout().toNanos();
        this.callers = new Callers(asRoot, options.passthrough());
        this.descriptors = new Descriptors(options.descriptors(), callers, this::dropped);
        this.inodes = new InodeTable(options.remember(), descriptors::rest, this::gone);
        this.crossings = new Crossings(resolver, attacher, options, inodes, trustedFromUsers, callers::becomeDaemon);
        this.boundaries = new Boundaries(foreignLinks);
        this.files = new OpenFiles(callers, options.passthrough());
        this.locks = new Locks(callers);
        this.root = new Inode(InodeTable.ROOT_ID, 0, 1, 0, 0, 0, 0, 4, Inode.JUNCTION, null);
        this.root.point(new JunctionPoint(root, true));
        inodes.putRoot(this.root);
    }

    /** Opens the root, so that the mount point shows its attributes; throws {@link FsException} when that fails. */
    public void openRoot() {
        Request rq = new Request();
        crossings.enter(rq, root);
    }

    /** What the session offers; null before {@link #init}. */
    public Kernel kernel() {
        return kernel;
    }

    @Override
    public void init(Kernel kernel) {
        this.kernel = kernel;
        crossings.kernel(kernel);
        files.kernel(kernel);
        locks.kernel(kernel);
    }

    @Override
    public void destroy() {
        files.closeAll();
        inodes.forEach(inode -> {
            if (inode.kind == Inode.JUNCTION || inode.fd >= 0) {
                descriptors.drop(inode);
            }
        });
    }

    /** The tree as the control socket sees it. */
    public Tree tree() {
        return new Tree(this, inodes, crossings, root);
    }

    /** Adds each open file to the second number of its realm. */
    void countOpenFiles(Map<Realm, long[]> counts) {
        files.forEach(file -> {
            Realm realm = file.inode.countsFor();
            if (realm != null) {
                counts.computeIfAbsent(realm, r -> new long[2])[1]++;
            }
        });
    }

    /** Numbers for {@code fedfs status}. */
    public Map<String, Long> counters() {
        Map<String, Long> m = new TreeMap<>(crossings.counters());
        long remembered = inodes.remembered();
        m.put("inodes", Math.max(0, inodes.size() - remembered));
        m.put("remembered", remembered);
        m.put("descriptors", (long) descriptors.open());
        m.put("descriptors_opened", descriptors.reopened());
        m.put("open_files", (long) files.size());
        return m;
    }

    // ---------------------------------------------------------------- nodes

    private Inode node(long nodeid) {
        Inode inode = inodes.get(nodeid);
        if (inode == null) {
            throw new FsException(FsError.STALE, "nodeid " + nodeid);
        }
        return inode;
    }

    /** The realm that a directory's entries belong to: opens a closed junction. */
    private Realm within(Request rq, Inode directory) {
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

    @Override
    public Bulkhead bulkhead(long nodeid) {
        Inode inode = inodes.get(nodeid);
        Realm realm = inode == null ? null : inode.countsFor();
        return realm == null ? null : realm.attachment.bulkhead();
    }

    @Override
    public int lastKnown(Request rq, long nodeid) {
        Inode inode = inodes.get(nodeid);
        if (inode == null || inode.kind != Inode.JUNCTION || inode.point().target == null) {
            return -Errno.ENODATA;
        }
        return statRoot(rq, inode, rq.entry, Sys.AT_STATX_DONT_SYNC);
    }

    private static boolean isClosed(Inode inode) {
        return inode.kind == Inode.JUNCTION && inode.point().target == null;
    }

    private static void mustBeWritable(Realm realm) {
        if (realm.readOnly) {
            throw new FsException(FsError.READ_ONLY, "only a read-only location of " + realm.fsn() + " is attached");
        }
    }

    /** The realm of a directory that is about to be changed. */
    private Realm writable(Request rq, Inode directory) {
        Realm realm = within(rq, directory);
        mustBeWritable(realm);
        return realm;
    }

    // ---------------------------------------------------------------- attributes

    /**
     * How long the kernel may use attributes. Not at all where a set-id bit is on: a write by passthrough takes the bit away below, and the
     * kernel must not execute the new content by the old mode.
     */
    private long validity(Attributes a) {
        boolean setId = (a.mode & Sys.S_IFMT) == Sys.S_IFREG && (a.mode & 06000) != 0;
        return setId ? 0 : attributesValid;
    }

    private void attributes(NativeBuffer b, int at, Attributes a) {
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
    private static void invent(Attributes a) {
        a.mode = Sys.S_IFDIR | 0555;
        a.nlink = 2;
        a.uid = 0;
        a.gid = 0;
        a.size = 0;
        a.blocks = 0;
        a.rdev = 0;
    }

    private void asLink(Inode inode, Attributes a) {
        a.mode = Sys.S_IFLNK | (a.mode & 0777);
        a.nlink = 1;
        a.size = inode.linkTarget().length;
        a.blocks = 0;
    }

    /**
     * The node for what a statx in scratch memory found in a directory, with one reference, into the entry. The thread acts as the caller
     * before and after.
     *
     * @param dir descriptor of the directory
     */
    private int present(Request rq, Inode parent, Realm realm, int dir, Name name, Entry entry) {
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
            inode = boundaries.refer(
                    inodes,
                    crossings,
                    realm,
                    scope,
                    device,
                    ino,
                    birth,
                    type,
                    mode,
                    Statx.nanos(b, STAT_AT, Statx.CTIME),
                    parent,
                    dir,
                    name);
            callers.become(rq);
        } else {
            inode = inodes.refer(realm, scope, device, ino, birth, type, Inode.ORDINARY, parent, name);
        }
        entry.attributes.ino = inode.ino;
        entry.nodeid = inode.id();
        entry.generation = Integer.toUnsignedLong(inode.generation);
        entry.entryValidNanos = entryValid;
        entry.attrValidNanos = validity(entry.attributes);
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
    private int statRoot(Request rq, Inode junction, Entry entry, int how) {
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
        entry.attrValidNanos = how == 0 ? attributesValid : 0;
        return 0;
    }

    /** The inode number of an open junction, whose statx is in scratch memory. */
    private static long rootIno(Request rq, Inode junction) {
        Realm target = junction.point().target;
        if (target == null) {
            return junction.ino;
        }
        long ino = target.ino(Statx.dev(rq.scratch, STAT_AT), rq.scratch.getLong(STAT_AT + Statx.INO));
        junction.point().shownIno = ino;
        return ino;
    }

    /** Attributes of a node as they are now. */
    private int stat(Request rq, Inode inode, Attributes a) {
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
    private int statOpen(Request rq, Inode inode) {
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

    private static int statDescriptor(Request rq, int fd) {
        return Sys.statx(fd, Descriptors.emptyPath(rq), Sys.AT_EMPTY_PATH, Statx.WANTED, rq.scratch.address(STAT_AT));
    }

    /** Without a descriptor, by parent and name, and believed only if it is the same file still. */
    private int statByName(Request rq, Inode inode) {
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

    /** C string {@code /proc/self/fd/N}: the way to an inode for calls that take no O_PATH descriptor. */
    private static long procPath(Request rq, int fd) {
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

    // ---------------------------------------------------------------- lookup and attributes

    @Override
    public int lookup(Request rq, long parentId, Name name) {
        Inode parent = node(parentId);
        if (name.isDot() || name.isDotDot()) {
            return lookupDot(rq, parent, name.isDotDot());
        }
        Realm realm = within(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.become(rq);
            int r = statEntry(rq, dir, name);
            if (r < 0) {
                if (r == -Errno.ENOENT && !options.negativeTimeout().isZero()) {
                    rq.entry.nodeid = 0;
                    rq.entry.entryValidNanos = options.negativeTimeout().toNanos();
                    return 0;
                }
                return r;
            }
            return present(rq, parent, realm, dir, name, rq.entry);
        } finally {
            descriptors.unpin(parent);
        }
    }

    private static int statEntry(Request rq, int dir, Name name) {
        return Sys.statx(dir, name.address(), Sys.AT_SYMLINK_NOFOLLOW, Statx.WANTED, rq.scratch.address(STAT_AT));
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
            int r = stat(rq, found, e.attributes);
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
        e.entryValidNanos = entryValid;
        e.attrValidNanos = validity(e.attributes);
        return 0;
    }

    @Override
    public void forget(long nodeid, long count) {
        Inode inode = inodes.get(nodeid);
        if (inode != null) {
            inodes.forget(inode, count);
        }
    }

    /** An inode left the table. */
    private void gone(Inode inode) {
        descriptors.drop(inode);
    }

    /** An inode that left is not used by any operation any more. */
    private void dropped(Inode inode) {
        if (inode.kind == Inode.JUNCTION) {
            crossings.dispose(inode);
        }
    }

    @Override
    public int getattr(Request rq, long nodeid, long fh) {
        Inode inode = node(nodeid);
        if (isClosed(inode)) {
            return getattrClosed(rq, inode);
        }
        OpenFile open = fh == 0 || inode.kind != Inode.ORDINARY ? null : files.get(fh);
        int r;
        if (open == null || open.inode != inode || !open.hold()) {
            r = stat(rq, inode, rq.entry.attributes);
        } else {
            try {
                r = statDescriptor(rq, open.fd);
            } finally {
                open.let();
            }
            if (r == 0) {
                attributes(rq.scratch, STAT_AT, rq.entry.attributes);
                rq.entry.attributes.ino = inode.ino;
            }
        }
        rq.entry.attrValidNanos = validity(rq.entry.attributes);
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
            within(rq, inode);
            rq.entry.attrValidNanos = attributesValid;
            return stat(rq, inode, rq.entry.attributes);
        }
        inode.point().inventedUntil = now + INVENTED_VALID;
        rq.entry.attrValidNanos = INVENTED_VALID;
        return stat(rq, inode, rq.entry.attributes);
    }

    @Override
    public int setattr(Request rq, long nodeid) {
        Inode inode = node(nodeid);
        if (inode.kind == Inode.LINK) {
            throw new FsException(FsError.IS_FOREIGN, "a foreign entry's attributes are not changed through its link");
        }
        mustBeWritable(within(rq, inode));
        AttributeChange change = rq.change;
        OpenFile open = change.has(AttributeChange.FH) ? files.get(change.fh) : null;
        if (open != null && open.inode != inode) {
            throw new FsException(FsError.STALE, "file handle " + change.fh + " of node " + nodeid);
        }
        if (open != null && !open.hold()) {
            open = null;
        }
        int fd = open != null ? open.fd : descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.become(rq);
            int r = apply(rq, inode, change, fd, open != null);
            if (r < 0) {
                return r;
            }
            r = statDescriptor(rq, fd);
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
        attributes(rq.scratch, STAT_AT, rq.entry.attributes);
        rq.entry.attributes.ino = inode.kind == Inode.JUNCTION ? rootIno(rq, inode) : inode.ino;
        rq.entry.attrValidNanos = validity(rq.entry.attributes);
        return 0;
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
            r = open ? Sys.ftruncate(fd, c.size) : Sys.truncate(procPath(rq, fd), c.size);
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.MODE)) {
            r = chmod(rq, inode, fd, c.mode);
            if (r == -Errno.EPERM && onlyDropsSetId(rq, fd, c.mode) && callers.becomeDaemon(rq)) {
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
            r = killPrivileges(rq, fd);
            if (r < 0) {
                return r;
            }
        }
        if (c.has(AttributeChange.ATIME) || c.has(AttributeChange.MTIME)) {
            return touch(rq, c, fd);
        }
        return 0;
    }

    /** Whether a mode is the file's own without its set-id bits: what the kernel asks for where it has not agreed on FUSE_HANDLE_KILLPRIV_V2. */
    private static boolean onlyDropsSetId(Request rq, int fd, int mode) {
        if (statDescriptor(rq, fd) < 0) {
            return false;
        }
        int now = Statx.mode(rq.scratch, STAT_AT);
        return (now & Sys.S_IFMT) == Sys.S_IFREG && (mode & ~now & 07777) == 0 && (now & ~mode & 01777) == 0;
    }

    private static int chmod(Request rq, Inode inode, int fd, int mode) {
        if (inode.type == Sys.S_IFLNK >>> 12) {
            return -Errno.EOPNOTSUPP;
        }
        return Sys.chmod(procPath(rq, fd), mode & 07777);
    }

    /**
     * Clears the set-id bits as the kernel's setattr_should_drop_suidgid does: set-user-id always, set-group-id of a file that its group may
     * execute. The caller was found to lack CAP_FSETID by the kernel; the daemon's thread may have it.
     */
    private static int killPrivileges(Request rq, int fd) {
        int r = statDescriptor(rq, fd);
        if (r < 0) {
            return r;
        }
        int mode = Statx.mode(rq.scratch, STAT_AT);
        int drop = (mode & 04000) | ((mode & 02010) == 02010 ? 02000 : 0);
        if ((mode & Sys.S_IFMT) != Sys.S_IFREG || drop == 0) {
            return 0;
        }
        return Sys.chmod(procPath(rq, fd), mode & 07777 & ~drop);
    }

    private static int touch(Request rq, AttributeChange c, int fd) {
        final long now = (1L << 30) - 1; // UTIME_NOW
        final long omit = (1L << 30) - 2; // UTIME_OMIT
        NativeBuffer b = rq.scratch;
        b.putLong(TIMES_AT, c.atime);
        b.putLong(
                TIMES_AT + 8,
                !c.has(AttributeChange.ATIME) ? omit : c.has(AttributeChange.ATIME_NOW) ? now : c.atimeNanos);
        b.putLong(TIMES_AT + 16, c.mtime);
        b.putLong(
                TIMES_AT + 24,
                !c.has(AttributeChange.MTIME) ? omit : c.has(AttributeChange.MTIME_NOW) ? now : c.mtimeNanos);
        return Sys.utimensat(fd, Descriptors.emptyPath(rq), b.address(TIMES_AT), EMPTY_NOFOLLOW);
    }

    @Override
    public int access(Request rq, long nodeid, int mask) {
        Inode inode = node(nodeid);
        if (isClosed(inode)) {
            return (mask & 2) != 0 ? -Errno.EACCES : 0;
        }
        if ((mask & 2) != 0 && within(rq, inode).readOnly) {
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

    @Override
    public int readlink(Request rq, long nodeid, long address, int capacity) {
        Inode inode = node(nodeid);
        if (inode.kind == Inode.LINK) {
            byte[] target = inode.linkTarget();
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

    // ---------------------------------------------------------------- making and removing names

    @Override
    public int symlink(Request rq, long parentId, Name name, Name target) {
        return make(rq, parentId, name, 0, dir -> Sys.symlinkat(target.address(), dir, name.address()));
    }

    @Override
    public int mknod(Request rq, long parentId, Name name, int mode, int rdev, int umask) {
        // FUSE carries new_encode_dev; the C library wants its own packing of the same major and minor (makedev(3)).
        long major = (rdev >>> 8) & 0xfff;
        long minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
        long dev = ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
        return make(rq, parentId, name, umask, dir -> Sys.mknodat(dir, name.address(), mode, dev));
    }

    @Override
    public int mkdir(Request rq, long parentId, Name name, int mode, int umask) {
        return make(rq, parentId, name, umask, dir -> Sys.mkdirat(dir, name.address(), mode & 07777));
    }

    /** A call that makes a name in a directory. */
    private interface Making {
        int in(int dir);
    }

    private int make(Request rq, long parentId, Name name, int umask, Making making) {
        Inode parent = node(parentId);
        Realm realm = writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.become(rq, umask);
            int r = making.in(dir);
            if (r < 0) {
                return r;
            }
            r = statEntry(rq, dir, name);
            return r < 0 ? r : present(rq, parent, realm, dir, name, rq.entry);
        } finally {
            descriptors.unpin(parent);
        }
    }

    @Override
    public int unlink(Request rq, long parentId, Name name) {
        return remove(rq, parentId, name, 0);
    }

    @Override
    public int rmdir(Request rq, long parentId, Name name) {
        return remove(rq, parentId, name, Sys.AT_REMOVEDIR);
    }

    private int remove(Request rq, long parentId, Name name, int flags) {
        Inode parent = node(parentId);
        Realm realm = writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.become(rq);
            int r = statEntry(rq, dir, name);
            if (r < 0) {
                return r;
            }
            Inode leaving = beforeLosingName(rq, realm, dir, name);
            callers.become(rq);
            r = Sys.unlinkat(dir, name.address(), flags);
            afterLosingName(leaving, r >= 0);
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
    private Inode beforeLosingName(Request rq, Realm realm, int dir, Name name) {
        NativeBuffer b = rq.scratch;
        int mode = Statx.mode(b, STAT_AT);
        if (boundaries.mayBe(mode, b.getLong(STAT_AT + Statx.FILE_SIZE))) {
            callers.becomeDaemon(rq);
            switch (boundaries.kindOf(dir, name, mode)) {
                case Inode.JUNCTION ->
                    throw new FsException(FsError.IS_JUNCTION, "a junction is removed by fedfs junction delete");
                case Inode.LINK ->
                    throw new FsException(FsError.IS_FOREIGN, "a foreign entry is removed by fedfs daos unlink");
                default -> {}
            }
        }
        boolean directory = (mode & Sys.S_IFMT) == Sys.S_IFDIR;
        if (!directory && b.getInt(STAT_AT + Statx.NLINK) > 1) {
            return null;
        }
        Inode inode = inodes.peek(
                directory ? realm.id : realm.fileScope,
                Statx.dev(b, STAT_AT),
                b.getLong(STAT_AT + Statx.INO),
                Statx.birth(b, STAT_AT),
                Inode.ORDINARY);
        if (inode == null || !inodes.referAgain(inode)) {
            return null;
        }
        // First, so that the descriptor is not closed in between.
        inode.nameless = true;
        if (!descriptors.has(inode)) {
            int fd = Sys.openat(dir, name.address(), Sys.O_PATH | Sys.O_NOFOLLOW, 0);
            if (fd >= 0 && !isSame(rq, fd, inode)) {
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

    @Override
    public int rename(Request rq, long parentId, Name name, long newParentId, Name newName, int flags) {
        Inode parent = node(parentId);
        Inode newParent = node(newParentId);
        Realm realm = writable(rq, parent);
        Realm newRealm = writable(rq, newParent);
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
        callers.become(rq);
        Inode replaced = null;
        if ((flags & (Sys.RENAME_NOREPLACE | Sys.RENAME_EXCHANGE)) == 0 && statEntry(rq, newDir, newName) == 0) {
            replaced = beforeLosingName(rq, realm, newDir, newName);
            callers.become(rq);
        }
        int r = Sys.renameat2(dir, name.address(), newDir, newName.address(), flags);
        afterLosingName(replaced, r >= 0);
        if (r < 0) {
            // A file system without the flags says ENOSYS through an old kernel; the kernel above would take it for
            // good.
            return r == -Errno.ENOSYS ? -Errno.EINVAL : r;
        }
        moved(rq, realm, newParent, newDir, newName);
        if ((flags & Sys.RENAME_EXCHANGE) != 0) {
            moved(rq, realm, parent, dir, name);
        }
        return 0;
    }

    /** Notes the new place of whatever has this name now. */
    private void moved(Request rq, Realm realm, Inode parent, int dir, Name name) {
        if (statEntry(rq, dir, name) < 0) {
            return;
        }
        NativeBuffer b = rq.scratch;
        boolean directory = (Statx.mode(b, STAT_AT) & Sys.S_IFMT) == Sys.S_IFDIR;
        for (byte kind = Inode.ORDINARY; kind <= Inode.LINK; kind++) {
            Inode inode = inodes.peek(
                    directory ? realm.id : realm.fileScope,
                    Statx.dev(b, STAT_AT),
                    b.getLong(STAT_AT + Statx.INO),
                    Statx.birth(b, STAT_AT),
                    kind);
            if (inode != null && inodes.referAgain(inode)) {
                inodes.place(inode, parent, name, realm);
                inodes.forget(inode, 1);
            }
        }
    }

    @Override
    public int link(Request rq, long nodeid, long newParentId, Name newName) {
        Inode inode = node(nodeid);
        Inode newParent = node(newParentId);
        Realm newRealm = writable(rq, newParent);
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
                callers.become(rq);
                int r = Sys.linkat(Sys.AT_FDCWD, procPath(rq, fd), dir, newName.address(), Sys.AT_SYMLINK_FOLLOW);
                if (r < 0) {
                    return r;
                }
                r = statEntry(rq, dir, newName);
                return r < 0 ? r : present(rq, newParent, newRealm, dir, newName, rq.entry);
            } finally {
                descriptors.unpin(newParent);
            }
        } finally {
            descriptors.unpin(inode);
        }
    }

    // ---------------------------------------------------------------- open files

    /**
     * Flags for the file system below: never follow, never block on what is not a regular file. Of the caller's those that say how the file is
     * read and written; alignment (O_DIRECT) is not ours to keep, and no other flag of open(2) may reach it from here.
     */
    private static int openFlags(int flags) {
        return flags & KEPT_FLAGS | Sys.O_NOFOLLOW | Sys.O_NONBLOCK | Sys.O_NOCTTY | Sys.O_CLOEXEC;
    }

    private static boolean writes(int flags) {
        return (flags & Sys.O_ACCMODE) != Sys.O_RDONLY || (flags & Sys.O_TRUNC) != 0;
    }

    @Override
    public int open(Request rq, long nodeid, int flags) {
        Inode inode = node(nodeid);
        if (!inode.isRegular() || inode.kind != Inode.ORDINARY) {
            return inode.isDirectory() ? -Errno.EISDIR : -Errno.ENXIO;
        }
        if (writes(flags)) {
            mustBeWritable(inode.realm);
        }
        int fd = openBelow(rq, inode, openFlags(flags));
        if (fd < 0) {
            return fd;
        }
        int mode = Statx.mode(rq.scratch, STAT_AT);
        if ((flags & Sys.O_TRUNC) != 0) {
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
        return (flags & Sys.O_ACCMODE) == Sys.O_RDONLY ? Sys.truncate(procPath(rq, fd), 0) : Sys.ftruncate(fd, 0);
    }

    /**
     * As the caller: by name when the node has no descriptor (one call fewer), else through the descriptor. Leaves the file's statx in
     * scratch memory.
     */
    private int openBelow(Request rq, Inode inode, int flags) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (inode.fd < 0 && parent != null && name != null && !inode.nameless) {
            int dir = descriptors.pin(rq, parent);
            if (dir < 0) {
                return dir;
            }
            try {
                callers.become(rq);
                int fd = Sys.openat(dir, rq.scratch.putCString(PROC_AT, name), flags, 0);
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
            callers.become(rq);
            // The link in /proc is followed to the very inode; O_NOFOLLOW would refuse the link itself.
            int fd = Sys.openat(Sys.AT_FDCWD, procPath(rq, pinned), flags & ~Sys.O_NOFOLLOW, 0);
            return fd < 0 ? fd : orStale(rq, fd, inode);
        } finally {
            descriptors.unpin(inode);
        }
    }

    /** The descriptor if it is one of the node's file; else it is closed. */
    private static int orStale(Request rq, int fd, Inode inode) {
        if (isSame(rq, fd, inode)) {
            return fd;
        }
        Sys.close(fd);
        return -Errno.ESTALE;
    }

    /** Whether a descriptor is one of the node's file. */
    private static boolean isSame(Request rq, int fd, Inode inode) {
        return statDescriptor(rq, fd) == 0 && isSame(rq, inode);
    }

    /** Whether a statx in scratch memory is of the node's file. */
    private static boolean isSame(Request rq, Inode inode) {
        NativeBuffer b = rq.scratch;
        return b.getLong(STAT_AT + Statx.INO) == inode.backingIno
                && Statx.dev(b, STAT_AT) == inode.device
                && Statx.birth(b, STAT_AT) == inode.birth;
    }

    @Override
    public int create(Request rq, long parentId, Name name, int flags, int mode, int umask) {
        Inode parent = node(parentId);
        Realm realm = writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.become(rq, umask);
            int fd = makeOrOpen(rq, dir, name, flags, mode & 07777);
            if (fd < 0) {
                return fd;
            }
            int r = statDescriptor(rq, fd);
            if (r == 0 && (Statx.mode(rq.scratch, STAT_AT) & Sys.S_IFMT) != Sys.S_IFREG) {
                r = -Errno.ESTALE;
            }
            if (r == 0 && (flags & Sys.O_TRUNC) != 0 && rq.scratch.getLong(STAT_AT + Statx.FILE_SIZE) > 0) {
                // Someone else made it meanwhile.
                r = empty(rq, fd, flags);
                r = r < 0 ? r : statDescriptor(rq, fd);
            }
            if (r == 0) {
                r = present(rq, parent, realm, dir, name, rq.entry);
            }
            if (r < 0) {
                Sys.close(fd);
                return r;
            }
            Inode inode = node(rq.entry.nodeid);
            if (inode.kind != Inode.ORDINARY) {
                Sys.close(fd);
                forget(rq.entry.nodeid, 1);
                return -Errno.ESTALE;
            }
            files.opened(rq, inode, fd, flags, rq.entry.attributes.mode);
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
        int r = statEntry(rq, dir, name);
        if (r < 0 || (Statx.mode(rq.scratch, STAT_AT) & Sys.S_IFMT) != Sys.S_IFREG) {
            return r < 0 && r != -Errno.ENOENT ? r : -Errno.ESTALE;
        }
        fd = Sys.openat(dir, name.address(), below, mode);
        return fd == -Errno.ELOOP || fd == -Errno.EISDIR || fd == -Errno.ENXIO ? -Errno.ESTALE : fd;
    }

    @Override
    public int tmpfile(Request rq, long parentId, int flags, int mode, int umask) {
        Inode parent = node(parentId);
        Realm realm = writable(rq, parent);
        int dir = descriptors.pin(rq, parent);
        if (dir < 0) {
            return dir;
        }
        int fd;
        try {
            callers.become(rq, umask);
            rq.scratch.putByte(PROC_AT, (byte) '.');
            rq.scratch.putByte(PROC_AT + 1, (byte) 0);
            int below = flags & (KEPT_FLAGS | Sys.O_EXCL) | Sys.O_TMPFILE | Sys.O_CLOEXEC;
            fd = Sys.openat(dir, rq.scratch.address(PROC_AT), below, mode & 07777);
        } finally {
            descriptors.unpin(parent);
        }
        if (fd < 0) {
            return fd;
        }
        int r = statDescriptor(rq, fd);
        int path = r < 0 ? r : Sys.openat(Sys.AT_FDCWD, procPath(rq, fd), Sys.O_PATH, 0);
        if (path < 0) {
            Sys.close(fd);
            return path;
        }
        NativeBuffer b = rq.scratch;
        Inode inode = inodes.referNameless(
                realm,
                realm.fileScope,
                Statx.dev(b, STAT_AT),
                b.getLong(STAT_AT + Statx.INO),
                Statx.birth(b, STAT_AT),
                Statx.mode(b, STAT_AT) >>> 12);
        inode.nameless = true;
        descriptors.adopt(inode, path);
        attributes(b, STAT_AT, rq.entry.attributes);
        rq.entry.attributes.ino = inode.ino;
        rq.entry.nodeid = inode.id();
        rq.entry.generation = Integer.toUnsignedLong(inode.generation);
        rq.entry.entryValidNanos = entryValid;
        rq.entry.attrValidNanos = validity(rq.entry.attributes);
        files.opened(rq, inode, fd, flags, rq.entry.attributes.mode);
        return 0;
    }

    /** An open file, held: the caller lets go of it. A stuck operation may outlive the release. */
    private OpenFile hold(long nodeid, long fh) {
        OpenFile open = files.get(fh);
        if (open == null || open.inode.id() != nodeid || !open.hold()) {
            throw new FsException(FsError.STALE, "file handle " + fh + " of node " + nodeid);
        }
        return open;
    }

    @Override
    public int read(Request rq, long nodeid, long fh, long offset, int size, long address) {
        OpenFile open = hold(nodeid, fh);
        try {
            int done = 0;
            while (done < size) {
                long r = Sys.pread(open.fd, address + done, size - done, offset + done);
                if (r < 0) {
                    return done > 0 ? done : (int) r;
                }
                if (r == 0) {
                    break;
                }
                done += (int) r;
            }
            return done;
        } finally {
            open.let();
        }
    }

    @Override
    public int write(Request rq, long nodeid, long fh, long offset, int size, long address, boolean killPriv) {
        OpenFile open = hold(nodeid, fh);
        try {
            callers.become(rq);
            int done = 0;
            while (done < size) {
                long r = Sys.pwrite(open.fd, address + done, size - done, offset + done);
                if (r < 0) {
                    return done > 0 ? done : (int) r;
                }
                done += (int) r;
            }
            if (killPriv && rq.uid == 0) {
                killPrivileges(rq, open.fd);
            }
            return done;
        } finally {
            open.let();
        }
    }

    @Override
    public int flush(Request rq, long nodeid, long fh, long lockOwner) {
        OpenFile open = hold(nodeid, fh);
        try {
            locks.release(open.inode, lockOwner);
            if (!writes(open.flags) || open.inode.realm.attachment.isLocal()) {
                return 0;
            }
            int copy = Sys.dup(open.fd);
            return copy < 0 ? copy : Sys.close(copy);
        } finally {
            open.let();
        }
    }

    @Override
    public int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock) {
        OpenFile open = files.get(fh);
        if (open == null || open.inode.isDirectory()) {
            return -Errno.EBADF;
        }
        locks.closed(open);
        if (flockUnlock) {
            // The kernel may hold the open file longer, as the inode's backing file.
            locks.flock(open, Sys.LOCK_UN);
        }
        files.released(open);
        return 0;
    }

    @Override
    public int fsync(Request rq, long nodeid, long fh, boolean dataOnly) {
        OpenFile open = hold(nodeid, fh);
        try {
            return dataOnly ? Sys.fdatasync(open.fd) : Sys.fsync(open.fd);
        } finally {
            open.let();
        }
    }

    @Override
    public int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length) {
        OpenFile open = hold(nodeid, fh);
        try {
            callers.become(rq);
            return Sys.fallocate(open.fd, mode, offset, length);
        } finally {
            open.let();
        }
    }

    @Override
    public long lseek(Request rq, long nodeid, long fh, long offset, int whence) {
        OpenFile open = hold(nodeid, fh);
        try {
            return Sys.lseek(open.fd, offset, whence);
        } finally {
            open.let();
        }
    }

    @Override
    public long copyFileRange(
            Request rq,
            long nodeidIn,
            long fhIn,
            long offsetIn,
            long nodeidOut,
            long fhOut,
            long offsetOut,
            long length,
            int flags) {
        OpenFile in = hold(nodeidIn, fhIn);
        try {
            OpenFile out = hold(nodeidOut, fhOut);
            try {
                callers.become(rq);
                rq.scratch.putLong(TIMES_AT, offsetIn);
                rq.scratch.putLong(TIMES_AT + 8, offsetOut);
                return Sys.copyFileRange(
                        in.fd, rq.scratch.address(TIMES_AT), out.fd, rq.scratch.address(TIMES_AT + 8), length, flags);
            } finally {
                out.let();
            }
        } finally {
            in.let();
        }
    }

    // ---------------------------------------------------------------- locks: of files, those of directories are the
    // kernel's own

    @Override
    public int getlk(Request rq, long nodeid, long fh, long owner) {
        OpenFile open = hold(nodeid, fh);
        try {
            return open.inode.isRegular() ? locks.test(rq, open, owner) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    @Override
    public int setlk(Request rq, long nodeid, long fh, long owner) {
        OpenFile open = hold(nodeid, fh);
        try {
            return open.inode.isRegular() ? locks.set(rq, open, owner) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    @Override
    public int flock(Request rq, long nodeid, long fh, int operation) {
        OpenFile open = hold(nodeid, fh);
        try {
            return open.inode.isRegular() ? locks.flock(open, operation) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    // ---------------------------------------------------------------- directories

    @Override
    public int opendir(Request rq, long nodeid, int flags) {
        Inode inode = node(nodeid);
        if (!inode.isDirectory() || inode.kind == Inode.LINK) {
            return -Errno.ENOTDIR;
        }
        within(rq, inode);
        int dir = descriptors.pin(rq, inode);
        if (dir < 0) {
            return dir;
        }
        try {
            callers.become(rq);
            rq.scratch.putByte(PROC_AT, (byte) '.');
            rq.scratch.putByte(PROC_AT + 1, (byte) 0);
            int fd = Sys.openat(dir, rq.scratch.address(PROC_AT), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
            if (fd == -Errno.EACCES) {
                // "." is searched in the directory itself; to list one, permission to read it is enough.
                fd = Sys.openat(Sys.AT_FDCWD, procPath(rq, dir), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
            }
            if (fd < 0) {
                return fd;
            }
            files.openedDirectory(inode, fd, rq.opened);
            return 0;
        } finally {
            descriptors.unpin(inode);
        }
    }

    @Override
    public int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink) {
        OpenFile open = hold(nodeid, fh);
        try {
            return readdir(rq, open, within(rq, open.inode), offset, size, sink);
        } finally {
            open.let();
        }
    }

    private int readdir(Request rq, OpenFile open, Realm realm, long offset, int size, DirectorySink sink) {
        // Names are shorter in getdents than in a reply with attributes: do not read far more than will fit.
        int want = Math.max(sink.wantsAttributes() ? size / 4 : size, 1024);
        NativeBuffer list = rq.listing(want);
        synchronized (open) {
            if (open.position != offset) {
                long r = Sys.lseek(open.fd, offset, 0);
                if (r < 0) {
                    return (int) r;
                }
                open.position = offset;
            }
            callers.become(rq);
            boolean any = false;
            while (true) {
                long got = Sys.getdents64(open.fd, list.address(), want);
                if (got < 0) {
                    return any ? 0 : (int) got;
                }
                if (got == 0) {
                    return 0;
                }
                // The descriptor stands behind the last entry read; where the sink stops short, the next call seeks
                // back.
                open.position = -1;
                for (int at = 0; at < got; ) {
                    int length = list.getShort(at + 16) & 0xffff;
                    if (!add(rq, open.inode, realm, open.fd, list, at, sink)) {
                        return 0;
                    }
                    any = true;
                    at += length;
                    if (at == got) {
                        open.position = list.getLong(at - length + 8);
                    }
                }
            }
        }
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
        boolean dot =
                list.getByte(nameAt) == '.' && (nameLength == 1 || nameLength == 2 && list.getByte(nameAt + 1) == '.');
        if (sink.wantsAttributes() && !dot) {
            rq.name2.set(list, nameAt, nameLength);
            if (statEntry(rq, dir, rq.name2) == 0 && present(rq, parent, realm, dir, rq.name2, rq.entry) == 0) {
                sink.add(list, nameAt, nameLength, next, rq.entry);
                return true;
            }
            // It went away between the two calls, or cannot be seen: the name alone, as readdir(3) would give it.
        } else if (!dot && boundaries.mayBeByType(type)) {
            rq.name2.set(list, nameAt, nameLength);
            if (statEntry(rq, dir, rq.name2) == 0) {
                callers.becomeDaemon(rq);
                if (boundaries.kindOf(dir, rq.name2, Statx.mode(rq.scratch, STAT_AT)) == Inode.LINK) {
                    type = Sys.S_IFLNK >>> 12;
                }
                callers.become(rq);
            }
        }
        sink.add(list, nameAt, nameLength, realm.entryIno(type == Sys.S_IFDIR >>> 12, ino), type, next);
        return true;
    }

    @Override
    public int releasedir(Request rq, long nodeid, long fh) {
        OpenFile open = files.get(fh);
        if (open == null || !open.inode.isDirectory()) {
            return -Errno.EBADF;
        }
        files.released(open);
        return 0;
    }

    @Override
    public int fsyncdir(Request rq, long nodeid, long fh, boolean dataOnly) {
        return fsync(rq, nodeid, fh, dataOnly);
    }

    // ---------------------------------------------------------------- the rest

    @Override
    public int statfs(Request rq, long nodeid) {
        Inode inode = node(nodeid);
        within(rq, inode);
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        int r;
        try {
            r = Sys.fstatfs(fd, rq.scratch.address(STATFS_AT));
        } finally {
            descriptors.unpin(inode);
        }
        if (r < 0) {
            return r;
        }
        NativeBuffer b = rq.scratch;
        rq.status.blockSize = (int) b.getLong(STATFS_AT + 8);
        rq.status.blocks = b.getLong(STATFS_AT + 16);
        rq.status.blocksFree = b.getLong(STATFS_AT + 24);
        rq.status.blocksAvailable = b.getLong(STATFS_AT + 32);
        rq.status.files = b.getLong(STATFS_AT + 40);
        rq.status.filesFree = b.getLong(STATFS_AT + 48);
        rq.status.nameMax = (int) b.getLong(STATFS_AT + 64);
        rq.status.fragmentSize = (int) b.getLong(STATFS_AT + 72);
        return 0;
    }

    /** An extended-attribute call on {@code /proc/self/fd/N}. */
    private interface OnPath {
        long call(long path);
    }

    private int xattr(Request rq, Inode inode, OnPath call) {
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.become(rq);
            return (int) call.call(procPath(rq, fd));
        } finally {
            descriptors.unpin(inode);
        }
    }

    /** trusted.* attributes do not exist for users (xattr(7)); the thread that acts for them may have the capability. */
    private static boolean isHidden(Request rq, Name name) {
        return rq.uid != 0 && name.startsWith(TRUSTED);
    }

    @Override
    public int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid) {
        Inode inode = node(nodeid);
        if (inode.kind == Inode.LINK) {
            throw new FsException(FsError.IS_FOREIGN, "a foreign entry's attributes are not changed through its link");
        }
        if (isHidden(rq, name)) {
            return -Errno.EPERM;
        }
        mustBeWritable(within(rq, inode));
        return xattr(rq, inode, path -> Sys.setxattr(path, name.address(), address, size, flags));
    }

    @Override
    public int getxattr(Request rq, long nodeid, Name name, long address, int capacity) {
        Inode inode = node(nodeid);
        if (isClosed(inode) || isHidden(rq, name)) {
            return -Errno.ENODATA;
        }
        // The kernel asks for security.capability before the first write to a file it has just opened.
        OpenFile open = files.hold(inode);
        if (open != null) {
            try {
                callers.become(rq);
                return (int) Sys.fgetxattr(open.fd, name.address(), address, capacity);
            } finally {
                open.let();
            }
        }
        return xattr(rq, inode, path -> Sys.getxattr(path, name.address(), address, capacity));
    }

    @Override
    public int listxattr(Request rq, long nodeid, long address, int capacity) {
        Inode inode = node(nodeid);
        if (isClosed(inode)) {
            return 0;
        }
        if (rq.uid == 0) {
            return xattr(rq, inode, path -> Sys.listxattr(path, address, capacity));
        }
        // The daemon's thread sees trusted.* names whoever it acts for, because CAP_SYS_ADMIN is not bound to the file
        // system user id.
        NativeBuffer all = rq.listing(Xattrs.MAX_VALUE);
        int r = xattr(rq, inode, path -> Sys.listxattr(path, all.address(), Xattrs.MAX_VALUE));
        return r <= 0 ? r : withoutTrusted(all, r, address, capacity);
    }

    private static int withoutTrusted(NativeBuffer all, int length, long address, int capacity) {
        int kept = 0;
        for (int at = 0; at < length; ) {
            int end = all.indexOfNul(at, length) + 1;
            if (!startsWithTrusted(all, at, end)) {
                if (capacity > 0) {
                    if (kept + end - at > capacity) {
                        return -Errno.ERANGE;
                    }
                    Memory.copy(all.address(at), address + kept, end - at);
                }
                kept += end - at;
            }
            at = end;
        }
        return kept;
    }

    private static boolean startsWithTrusted(NativeBuffer b, int at, int end) {
        if (end - at < TRUSTED.length) {
            return false;
        }
        for (int i = 0; i < TRUSTED.length; i++) {
            if (b.getByte(at + i) != TRUSTED[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int removexattr(Request rq, long nodeid, Name name) {
        Inode inode = node(nodeid);
        if (inode.kind == Inode.LINK) {
            throw new FsException(FsError.IS_FOREIGN, "a foreign entry's attributes are not changed through its link");
        }
        if (isHidden(rq, name)) {
            return -Errno.EPERM;
        }
        mustBeWritable(within(rq, inode));
        int r = xattr(rq, inode, path -> Sys.removexattr(path, name.address()));
        if (r == -Errno.EPERM && name.equalTo(CAPABILITY) && callers.becomeDaemon(rq)) {
            // A caller without CAP_SETFCAP the kernel has refused (cap_inode_removexattr); this is its own, for a write
            // or a chown.
            int fd = descriptors.pin(rq, inode);
            if (fd < 0) {
                return fd;
            }
            try {
                return Sys.removexattr(procPath(rq, fd), name.address());
            } finally {
                descriptors.unpin(inode);
            }
        }
        return r;
    }

    @Override
    public int ioctl(
            Request rq,
            long nodeid,
            long fh,
            int flags,
            int command,
            long argument,
            long inAddress,
            int inSize,
            long outAddress,
            int outSize) {
        int room = FileIoctls.room(command);
        if (room == 0 || inSize > room || outSize > room) {
            return -Errno.ENOTTY;
        }
        OpenFile open = hold(nodeid, fh);
        try {
            callers.become(rq);
            return FileIoctls.call(rq, open.fd, command, inAddress, inSize, outAddress, outSize);
        } finally {
            open.let();
        }
    }

    @Override
    public int syncfs(Request rq, long nodeid) {
        int worst = 0;
        for (Inode point : crossings.open()) {
            Realm realm = point.point().target;
            if (realm == null) {
                continue;
            }
            int fd = files.openRoot(realm);
            int r = fd < 0 ? fd : Sys.syncfs(fd);
            if (fd >= 0) {
                Sys.close(fd);
            }
            worst = Math.min(worst, r);
        }
        return worst;
    }
}

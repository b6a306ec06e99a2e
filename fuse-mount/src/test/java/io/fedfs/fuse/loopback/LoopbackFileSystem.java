package io.fedfs.fuse.loopback;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileLock;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Opened;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The plainest file system that can be mounted: one directory of this host shown again. It exists to try the sessions without the
 * projection, and counts what it gives and gets back, so that a session that loses a reference or an open file is found out.
 */
public final class LoopbackFileSystem implements FileSystem {
    private static final int STATX_ALL = 0xfff;
    private static final int CHUNK = 1 << 20;
    private static final long VALID_NANOS = 1_000_000_000L;

    /** One inode below: an O_PATH descriptor, and how many references the kernel has. */
    private static final class Node {
        final int fd;
        final long id;
        long references;
        int backing;
        int opens;

        Node(int fd, long id) {
            this.fd = fd;
            this.id = id;
        }
    }

    private record Key(long device, long ino) {}

    private final String root;
    private final boolean passthrough;
    private final Map<Long, Node> nodes = new ConcurrentHashMap<>();
    private final Map<Key, Node> byInode = new ConcurrentHashMap<>();
    private final Map<Node, Key> keys = new ConcurrentHashMap<>();
    private final AtomicLong nextId = new AtomicLong(2);
    private final AtomicInteger openFiles = new AtomicInteger();
    private final Object table = new Object();
    private Kernel kernel;

    public LoopbackFileSystem(String root, boolean passthrough) {
        this.root = root;
        this.passthrough = passthrough;
    }

    /** Nodes that the kernel holds, the root apart. */
    public int nodesHeld() {
        return nodes.size() - 1;
    }

    public int filesOpen() {
        return openFiles.get();
    }

    public Kernel kernel() {
        return kernel;
    }

    @Override
    public void init(Kernel k) {
        kernel = k;
        NativeBuffer p = new NativeBuffer(4096);
        p.putCString(0, root.getBytes(StandardCharsets.UTF_8));
        int fd = Sys.openat(Sys.AT_FDCWD, p.address(), Sys.O_PATH | Sys.O_DIRECTORY, 0);
        if (fd < 0) {
            throw new IllegalStateException(root + ": " + Errno.name(-fd));
        }
        Node n = new Node(fd, 1);
        n.references = 1;
        nodes.put(1L, n);
    }

    @Override
    public void destroy() {
        for (Node n : nodes.values()) {
            Sys.close(n.fd);
        }
        nodes.clear();
        byInode.clear();
    }

    private Node node(long id) {
        Node n = nodes.get(id);
        if (n == null) {
            throw new io.fedfs.fuse.FsException(io.fedfs.fuse.FsError.STALE, "node " + id);
        }
        return n;
    }

    private static long proc(Request rq, int fd) {
        return rq.scratch.putCString(16384, ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII));
    }

    private static int stat(Request rq, int dir, long path, int flags, Attributes a) {
        NativeBuffer b = rq.scratch;
        int r = Sys.statx(dir, path, flags | Sys.AT_SYMLINK_NOFOLLOW, STATX_ALL, b.address());
        if (r < 0) {
            return r;
        }
        a.blockSize = b.getInt(4);
        a.nlink = b.getInt(16);
        a.uid = b.getInt(20);
        a.gid = b.getInt(24);
        a.mode = b.getShort(28) & 0xffff;
        a.ino = b.getLong(32);
        a.size = b.getLong(40);
        a.blocks = b.getLong(48);
        a.atime = b.getLong(64);
        a.atimeNanos = b.getInt(72);
        a.btime = b.getLong(80);
        a.btimeNanos = b.getInt(88);
        a.hasBtime = (b.getInt(0) & 0x800) != 0;
        a.ctime = b.getLong(96);
        a.ctimeNanos = b.getInt(104);
        a.mtime = b.getLong(112);
        a.mtimeNanos = b.getInt(120);
        int major = b.getInt(128);
        int minor = b.getInt(132);
        a.rdev = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
        return 0;
    }

    private int enter(Request rq, int dir, long name, Entry e) {
        NativeBuffer empty = rq.scratch;
        int fd = Sys.openat(dir, name, Sys.O_PATH | Sys.O_NOFOLLOW, 0);
        if (fd < 0) {
            return fd;
        }
        empty.putByte(20000, (byte) 0);
        int r = stat(rq, fd, rq.scratch.address(20000), Sys.AT_EMPTY_PATH, e.attributes);
        if (r < 0) {
            Sys.close(fd);
            return r;
        }
        Key key = new Key(((long) rq.scratch.getInt(136) << 32) | rq.scratch.getInt(140), e.attributes.ino);
        synchronized (table) {
            Node n = byInode.get(key);
            if (n == null) {
                n = new Node(fd, nextId.getAndIncrement());
                nodes.put(n.id, n);
                byInode.put(key, n);
                keys.put(n, key);
            } else {
                Sys.close(fd);
            }
            n.references++;
            e.nodeid = n.id;
        }
        e.generation = 0;
        e.entryValidNanos = VALID_NANOS;
        e.attrValidNanos = VALID_NANOS;
        return 0;
    }

    @Override
    public int lookup(Request rq, long parent, Name name) {
        int r = enter(rq, node(parent).fd, name.address(), rq.entry);
        if (r == -Errno.ENOENT) {
            rq.entry.nodeid = 0;
            rq.entry.entryValidNanos = 0;
            return 0;
        }
        return r;
    }

    @Override
    public void forget(long nodeid, long count) {
        if (nodeid == 1) {
            return;
        }
        synchronized (table) {
            Node n = nodes.get(nodeid);
            if (n == null || n.references < count) {
                throw new IllegalStateException("forget of what was not given: node " + nodeid + " count " + count);
            }
            n.references -= count;
            if (n.references == 0) {
                nodes.remove(nodeid);
                byInode.remove(keys.remove(n));
                Sys.close(n.fd);
            }
        }
    }

    @Override
    public int getattr(Request rq, long nodeid, long fh) {
        rq.scratch.putByte(20000, (byte) 0);
        rq.entry.attrValidNanos = VALID_NANOS;
        int fd = fh != 0 ? (int) fh : node(nodeid).fd;
        return stat(rq, fd, rq.scratch.address(20000), Sys.AT_EMPTY_PATH, rq.entry.attributes);
    }

    @Override
    public int setattr(Request rq, long nodeid) {
        AttributeChange c = rq.change;
        Node n = node(nodeid);
        long path = proc(rq, n.fd);
        int r = 0;
        if (c.has(AttributeChange.MODE)) {
            r = Sys.chmod(path, c.mode & 07777);
        }
        if (r >= 0 && (c.valid & (AttributeChange.UID | AttributeChange.GID)) != 0) {
            rq.scratch.putByte(20000, (byte) 0);
            int uid = c.has(AttributeChange.UID) ? c.uid : -1;
            int gid = c.has(AttributeChange.GID) ? c.gid : -1;
            r = Sys.fchownat(n.fd, rq.scratch.address(20000), uid, gid, Sys.AT_EMPTY_PATH | Sys.AT_SYMLINK_NOFOLLOW);
        }
        if (r >= 0 && c.has(AttributeChange.SIZE)) {
            r = c.has(AttributeChange.FH) ? Sys.ftruncate((int) c.fh, c.size) : Sys.truncate(path, c.size);
        }
        if (r >= 0 && (c.valid & (AttributeChange.ATIME | AttributeChange.MTIME)) != 0) {
            NativeBuffer b = rq.scratch;
            time(b, 0, c.has(AttributeChange.ATIME), c.has(AttributeChange.ATIME_NOW), c.atime, c.atimeNanos);
            time(b, 16, c.has(AttributeChange.MTIME), c.has(AttributeChange.MTIME_NOW), c.mtime, c.mtimeNanos);
            r = Sys.utimensat(Sys.AT_FDCWD, path, b.address(), 0);
        }
        return r < 0 ? r : getattr(rq, nodeid, 0);
    }

    private static void time(NativeBuffer b, int at, boolean set, boolean now, long seconds, int nanos) {
        b.putLong(at, seconds);
        b.putLong(at + 8, !set ? 0x3ffffffe : now ? 0x3fffffff : nanos);
    }

    @Override
    public int readlink(Request rq, long nodeid, long address, int capacity) {
        rq.scratch.putByte(20000, (byte) 0);
        return (int) Sys.readlinkat(node(nodeid).fd, rq.scratch.address(20000), address, capacity);
    }

    private int made(Request rq, int result, int dir, Name name) {
        if (result < 0) {
            return result;
        }
        Sys.fchownat(dir, name.address(), rq.uid, rq.gid, Sys.AT_SYMLINK_NOFOLLOW);
        return enter(rq, dir, name.address(), rq.entry);
    }

    @Override
    public int symlink(Request rq, long parent, Name name, Name target) {
        int dir = node(parent).fd;
        return made(rq, Sys.symlinkat(target.address(), dir, name.address()), dir, name);
    }

    @Override
    public int mknod(Request rq, long parent, Name name, int mode, int rdev, int umask) {
        int dir = node(parent).fd;
        return made(rq, Sys.mknodat(dir, name.address(), mode & ~umask, rdev), dir, name);
    }

    @Override
    public int mkdir(Request rq, long parent, Name name, int mode, int umask) {
        int dir = node(parent).fd;
        return made(rq, Sys.mkdirat(dir, name.address(), mode & ~umask), dir, name);
    }

    @Override
    public int unlink(Request rq, long parent, Name name) {
        return Sys.unlinkat(node(parent).fd, name.address(), 0);
    }

    @Override
    public int rmdir(Request rq, long parent, Name name) {
        return Sys.unlinkat(node(parent).fd, name.address(), Sys.AT_REMOVEDIR);
    }

    @Override
    public int rename(Request rq, long parent, Name name, long newParent, Name newName, int flags) {
        return Sys.renameat2(node(parent).fd, name.address(), node(newParent).fd, newName.address(), flags);
    }

    @Override
    public int link(Request rq, long nodeid, long newParent, Name newName) {
        int dir = node(newParent).fd;
        int r = Sys.linkat(Sys.AT_FDCWD, proc(rq, node(nodeid).fd), dir, newName.address(), Sys.AT_SYMLINK_FOLLOW);
        return r < 0 ? r : enter(rq, dir, newName.address(), rq.entry);
    }

    private void opened(Request rq, Node n, int fd) {
        openFiles.incrementAndGet();
        rq.opened.fh = fd;
        rq.opened.flags = 0;
        if (!passthrough || !kernel.hasPassthrough()) {
            return;
        }
        synchronized (n) {
            if (n.opens == 0) {
                n.backing = kernel.openBacking(fd);
            }
            n.opens++;
            if (n.backing > 0) {
                rq.opened.flags = Opened.PASSTHROUGH;
                rq.opened.backingId = n.backing;
            }
        }
    }

    private int openNode(Request rq, long nodeid, int flags) {
        return Sys.openat(
                Sys.AT_FDCWD, proc(rq, node(nodeid).fd), flags & ~(Sys.O_NOFOLLOW | Sys.O_CREAT | Sys.O_EXCL), 0);
    }

    @Override
    public int open(Request rq, long nodeid, int flags) {
        int fd = openNode(rq, nodeid, flags);
        if (fd < 0) {
            return fd;
        }
        opened(rq, node(nodeid), fd);
        return 0;
    }

    @Override
    public int create(Request rq, long parent, Name name, int flags, int mode, int umask) {
        int dir = node(parent).fd;
        int fd = Sys.openat(dir, name.address(), flags | Sys.O_CREAT | Sys.O_NOFOLLOW, mode & ~umask);
        int r = made(rq, fd, dir, name);
        if (r < 0) {
            if (fd >= 0) {
                Sys.close(fd);
            }
            return r;
        }
        opened(rq, node(rq.entry.nodeid), fd);
        return 0;
    }

    @Override
    public int tmpfile(Request rq, long parent, int flags, int mode, int umask) {
        rq.scratch.putCString(20000, new byte[] {'.'});
        int fd = Sys.openat(node(parent).fd, rq.scratch.address(20000), flags | Sys.O_TMPFILE, mode & ~umask);
        if (fd < 0) {
            return fd;
        }
        long link = rq.scratch.putCString(24000, ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII));
        int path = Sys.openat(Sys.AT_FDCWD, link, Sys.O_PATH, 0);
        rq.scratch.putByte(20000, (byte) 0);
        int r = stat(rq, path, rq.scratch.address(20000), Sys.AT_EMPTY_PATH, rq.entry.attributes);
        if (r < 0) {
            Sys.close(fd);
            return r;
        }
        Key key = new Key(((long) rq.scratch.getInt(136) << 32) | rq.scratch.getInt(140), rq.entry.attributes.ino);
        synchronized (table) {
            Node n = new Node(path, nextId.getAndIncrement());
            n.references = 1;
            nodes.put(n.id, n);
            byInode.put(key, n);
            keys.put(n, key);
            rq.entry.nodeid = n.id;
        }
        rq.entry.attrValidNanos = VALID_NANOS;
        rq.entry.entryValidNanos = VALID_NANOS;
        opened(rq, node(rq.entry.nodeid), fd);
        return 0;
    }

    @Override
    public int read(Request rq, long nodeid, long fh, long offset, int size, long address) {
        int n = 0;
        while (n < size) {
            long r = Sys.pread((int) fh, address + n, size - n, offset + n);
            if (r <= 0) {
                return n > 0 ? n : (int) r;
            }
            n += (int) r;
        }
        return n;
    }

    @Override
    public int write(Request rq, long nodeid, long fh, long offset, int size, long address, int writeFlags) {
        return (int) Sys.pwrite((int) fh, address, size, offset);
    }

    @Override
    public int flush(Request rq, long nodeid, long fh, long lockOwner) {
        return Sys.close(Sys.dup((int) fh));
    }

    @Override
    public int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock) {
        openFiles.decrementAndGet();
        Node n = nodes.get(nodeid);
        if (passthrough && n != null && kernel.hasPassthrough()) {
            synchronized (n) {
                if (--n.opens == 0 && n.backing > 0) {
                    kernel.closeBacking(n.backing);
                    n.backing = 0;
                }
            }
        }
        return Sys.close((int) fh);
    }

    @Override
    public int fsync(Request rq, long nodeid, long fh, boolean dataOnly) {
        return dataOnly ? Sys.fdatasync((int) fh) : Sys.fsync((int) fh);
    }

    @Override
    public int opendir(Request rq, long nodeid, int flags) {
        int fd = openNode(rq, nodeid, flags | Sys.O_DIRECTORY);
        if (fd < 0) {
            return fd;
        }
        openFiles.incrementAndGet();
        rq.opened.fh = fd;
        rq.opened.flags = 0;
        return 0;
    }

    @Override
    public int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink) {
        int fd = (int) fh;
        Sys.lseek(fd, offset, 0);
        NativeBuffer b = rq.listing(size);
        int dir = node(nodeid).fd;
        while (true) {
            int n = (int) Sys.getdents64(fd, b.address(), size);
            if (n <= 0) {
                return n;
            }
            for (int at = 0; at < n; at += b.getShort(at + 16) & 0xffff) {
                int name = at + 19;
                int length = b.indexOfNul(name, n) - name;
                if (!sink.hasRoom(length)) {
                    return 0;
                }
                long next = b.getLong(at + 8);
                boolean dots = b.getByte(name) == '.' && (length == 1 || (length == 2 && b.getByte(name + 1) == '.'));
                if (sink.wantsAttributes() && !dots && enter(rq, dir, b.address(name), rq.entry) >= 0) {
                    sink.add(b, name, length, next, rq.entry);
                } else {
                    sink.add(b, name, length, b.getLong(at), b.getByte(at + 18), next);
                }
            }
        }
    }

    @Override
    public int releasedir(Request rq, long nodeid, long fh) {
        openFiles.decrementAndGet();
        return Sys.close((int) fh);
    }

    @Override
    public int fsyncdir(Request rq, long nodeid, long fh, boolean dataOnly) {
        return Sys.fsync((int) fh);
    }

    @Override
    public int statfs(Request rq, long nodeid) {
        NativeBuffer b = rq.scratch;
        int r = Sys.fstatfs(node(nodeid).fd, b.address());
        if (r < 0) {
            return r;
        }
        rq.status.blockSize = (int) b.getLong(8);
        rq.status.blocks = b.getLong(16);
        rq.status.blocksFree = b.getLong(24);
        rq.status.blocksAvailable = b.getLong(32);
        rq.status.files = b.getLong(40);
        rq.status.filesFree = b.getLong(48);
        rq.status.nameMax = (int) b.getLong(64);
        rq.status.fragmentSize = (int) b.getLong(72);
        return 0;
    }

    @Override
    public int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid) {
        return Sys.setxattr(proc(rq, node(nodeid).fd), name.address(), address, size, flags);
    }

    @Override
    public int getxattr(Request rq, long nodeid, Name name, long address, int capacity) {
        return (int) Sys.getxattr(proc(rq, node(nodeid).fd), name.address(), address, capacity);
    }

    @Override
    public int listxattr(Request rq, long nodeid, long address, int capacity) {
        return (int) Sys.listxattr(proc(rq, node(nodeid).fd), address, capacity);
    }

    @Override
    public int removexattr(Request rq, long nodeid, Name name) {
        return Sys.removexattr(proc(rq, node(nodeid).fd), name.address());
    }

    @Override
    public int access(Request rq, long nodeid, int mask) {
        node(nodeid);
        return 0;
    }

    @Override
    public int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length) {
        return Sys.fallocate((int) fh, mode, offset, length);
    }

    @Override
    public long lseek(Request rq, long nodeid, long fh, long offset, int whence) {
        return Sys.lseek((int) fh, offset, whence);
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
        rq.scratch.putLong(0, offsetIn);
        rq.scratch.putLong(8, offsetOut);
        return Sys.copyFileRange(
                (int) fhIn, rq.scratch.address(), (int) fhOut, rq.scratch.address(8), Math.min(length, CHUNK), flags);
    }

    private static long flock(Request rq, int type) {
        FileLock l = rq.lock;
        NativeBuffer b = rq.scratch;
        b.putShort(0, (short) type);
        b.putShort(2, (short) 0);
        b.putLong(8, l.start);
        b.putLong(16, l.end == Long.MAX_VALUE ? 0 : l.end - l.start + 1);
        b.putInt(24, 0);
        return b.address();
    }

    @Override
    public int getlk(Request rq, long nodeid, long fh, long owner) {
        int r = Sys.fcntl((int) fh, Sys.F_OFD_GETLK, flock(rq, rq.lock.type));
        rq.lock.type = rq.scratch.getShort(0);
        return r;
    }

    @Override
    public int setlk(Request rq, long nodeid, long fh, long owner) {
        return Sys.fcntl((int) fh, Sys.F_OFD_SETLK, flock(rq, rq.lock.type));
    }

    @Override
    public int flock(Request rq, long nodeid, long fh, int operation) {
        return Sys.flock((int) fh, operation | Sys.LOCK_NB);
    }

    @Override
    public Bulkhead bulkhead(long nodeid) {
        return null;
    }

    @Override
    public int lastKnown(Request rq, long nodeid) {
        return -Errno.ENODATA;
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
        return -Errno.ENOTTY;
    }

    @Override
    public int syncfs(Request rq, long nodeid) {
        return Sys.syncfs(node(nodeid).fd);
    }
}

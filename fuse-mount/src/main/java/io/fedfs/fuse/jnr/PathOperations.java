package io.fedfs.fuse.jnr;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.ErrnoMapper;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Opened;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libfuse's operations on paths, each as one operation of the file system on a node. Every path, structure and buffer is an address that
 * libfuse guarantees for the callback; results are 0, a count, or a negated errno.
 */
final class PathOperations {
    private static final Logger LOG = LoggerFactory.getLogger(PathOperations.class);

    private static final long ROOT = 1;
    /** {@code struct timespec}'s nanoseconds that mean "now" and "leave it". */
    private static final long UTIME_NOW = 0x3fffffff;

    private static final long UTIME_OMIT = 0x3ffffffe;
    private static final int F_GETLK = 5;
    /** What the kernel asks of libfuse 2 at once; more would be read below and thrown away. */
    private static final int READDIR_SIZE = 4096;

    private static final int F_SETLKW = 7;

    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final long LAST_PAUSE_MILLIS = 20;

    private final FileSystem fs;
    private final LongSupplier context;
    private final Directories directories;
    private final Handles handles = new Handles();
    private final HiddenFiles hiddenFiles = new HiddenFiles();
    private final boolean debug;
    private final Loops loops;
    private final ThreadLocal<Call> own;
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();

    /**
     * Makes the operations over a file system.
     *
     * @param loops told when a callback begins and ends
     * @param context gives the address of the calling thread's {@code struct fuse_context}
     * @param interrupted whether the calling thread's request was interrupted
     */
    PathOperations(
            FileSystem fs,
            Directories directories,
            Loops loops,
            LongSupplier context,
            BooleanSupplier interrupted,
            boolean debug) {
        this.fs = fs;
        this.directories = directories;
        this.context = context;
        this.loops = loops;
        this.debug = debug;
        this.own = ThreadLocal.withInitial(() -> new Call(interrupted));
    }

    @FunctionalInterface
    private interface Body {
        int run(Call c);
    }

    @FunctionalInterface
    private interface OnNode {
        int run(Call c, long nodeid);
    }

    @FunctionalInterface
    private interface InDirectory {
        int run(Call c, long parent, Name name);
    }

    @FunctionalInterface
    private interface OnHandle {
        int run(Call c, Handles.Handle h);
    }

    /** The one way in: counts, gives the operation what its thread works with, and catches everything. */
    private int call(String operation, Body body) {
        loops.begins();
        Call c = null;
        int r;
        try {
            counters.computeIfAbsent(operation, o -> new LongAdder()).increment();
            c = own.get();
            c.begin(context.getAsLong());
            r = body.run(c);
        } catch (Failure e) {
            r = -e.errno();
        } catch (Throwable t) {
            r = -ErrnoMapper.errno(operation, t);
            LOG.debug("{}: {}", operation, t.toString());
        } finally {
            loops.ends();
        }
        if (debug && c != null) {
            LOG.debug("{} {} for {}: {}", operation, Name.printable(c.path.bytes()), c.request.uid, r);
        }
        return r;
    }

    /** Runs with the path's node. Its attributes stand in the request's entry, fresh from the lookup; the root's do not. */
    private int onNode(String operation, long path, OnNode body) {
        return call(operation, c -> {
            long node = lookUp(c, path);
            try {
                return body.run(c, node);
            } finally {
                giveBack(c, node);
            }
        });
    }

    /** One reference to the path's node; none to the root, or when {@link Call#hidden} has it. */
    private long lookUp(Call c, long path) {
        Request rq = c.request;
        c.path.set(path);
        c.hidden = hiddenFiles.isEmpty() ? null : hiddenFiles.get(c.path);
        if (c.hidden != null) {
            return c.hidden.nodeid;
        }
        if (c.path.isRoot()) {
            return ROOT;
        }
        Directories.Directory parent = directories.open(rq, c.path, c.path.parent(c.path.length()));
        try {
            Failure.check(fs.lookup(rq, parent.nodeid, c.path.name(c.path.length(), rq.name)));
        } finally {
            directories.release(parent);
        }
        if (rq.entry.nodeid == 0) {
            throw new Failure(Errno.ENOENT);
        }
        return rq.entry.nodeid;
    }

    private void giveBack(Call c, long node) {
        if (c.hidden == null) {
            giveBack(node);
        }
    }

    private void giveBack(Handles.Handle h) {
        if (h.ownsReference()) {
            giveBack(h.nodeid());
        }
    }

    private void giveBack(long node) {
        if (node != ROOT && node != 0) {
            fs.forget(node, 1);
        }
    }

    /** Runs with the directory that holds the path's last name, and that name. */
    private int inDirectory(String operation, long path, InDirectory body) {
        return call(operation, c -> inDirectory(c, c.path.set(path), c.request.name, body));
    }

    private int inDirectory(Call c, PathBytes path, Name name, InDirectory body) {
        if (path.isRoot()) {
            return -Errno.EBUSY;
        }
        Directories.Directory parent = directories.open(c.request, path, path.parent(path.length()));
        try {
            return body.run(c, parent.nodeid, path.name(path.length(), name));
        } finally {
            directories.release(parent);
        }
    }

    private int onHandle(String operation, long info, OnHandle body) {
        return call(operation, c -> {
            c.path.set(new byte[0]);
            return body.run(c, handles.get(info(info).getLong(Layout.INFO_FH)));
        });
    }

    private static NativeBuffer info(long address) {
        return NativeBuffer.view(address, Layout.FILE_INFO_SIZE);
    }

    int getattr(long path, long stat) {
        return onNode("getattr", path, (c, node) -> {
            if (node == ROOT || c.hidden != null) {
                Failure.check(fs.getattr(c.request, node, c.hidden == null ? 0 : c.hidden.fh));
            }
            Layout.putStat(stat, c.request.entry.attributes);
            return 0;
        });
    }

    int fgetattr(long path, long stat, long info) {
        return onHandle("getattr", info, (c, h) -> {
            Failure.check(fs.getattr(c.request, h.nodeid(), h.fh()));
            Layout.putStat(stat, c.request.entry.attributes);
            return 0;
        });
    }

    int readlink(long path, long buffer, long size) {
        return onNode("readlink", path, (c, node) -> {
            int n = Failure.check(fs.readlink(c.request, node, buffer, (int) size - 1));
            NativeBuffer.view(buffer, (int) size).putByte(n, (byte) 0);
            return 0;
        });
    }

    int mknod(long path, int mode, long device) {
        return inDirectory(
                "mknod",
                path,
                (c, parent, name) -> made(c, fs.mknod(c.request, parent, name, mode, (int) device, c.umask)));
    }

    int mkdir(long path, int mode) {
        return inDirectory(
                "mkdir", path, (c, parent, name) -> made(c, fs.mkdir(c.request, parent, name, mode, c.umask)));
    }

    /** The kernel looks the new name up by itself; the reference that the creation gave is not needed. */
    private int made(Call c, int result) {
        Failure.check(result);
        giveBack(c.request.entry.nodeid);
        return 0;
    }

    int unlink(long path) {
        return inDirectory("unlink", path, (c, parent, name) -> fs.unlink(c.request, parent, name));
    }

    int rmdir(long path) {
        return inDirectory("rmdir", path, (c, parent, name) -> {
            int r = fs.rmdir(c.request, parent, name);
            directories.forget(c.path);
            return r;
        });
    }

    /** The target is no path of this mount: it is taken as it stands. */
    int symlink(long target, long path) {
        return inDirectory("symlink", path, (c, parent, name) -> {
            byte[] to = NativeBuffer.cString(target);
            return made(c, fs.symlink(c.request, parent, name, Name.of(to)));
        });
    }

    int rename(long from, long to) {
        return inDirectory("rename", from, (c, parent, name) -> {
            c.secondPath.set(to);
            if (HiddenFiles.isHiding(c.path, c.secondPath)) {
                return hide(c, parent, name);
            }
            int r = inDirectory(c, c.secondPath, c.request.name2, (c2, newParent, newName) -> {
                // Walking to the second directory used the request's first name.
                Name old = c.path.name(c.path.length(), c.request.name);
                return fs.rename(c.request, parent, old, newParent, newName, 0);
            });
            directories.forget(c.path);
            directories.forget(c.secondPath);
            return r;
        });
    }

    /** Removes an open file's name; libfuse calls the file by the second path from now on. */
    private int hide(Call c, long parent, Name name) {
        Failure.check(fs.lookup(c.request, parent, name));
        long node = c.request.entry.nodeid;
        long fh = node == 0 ? 0 : handles.openOn(node);
        int r = node == 0 ? -Errno.ENOENT : fs.unlink(c.request, parent, name);
        if (r >= 0 && fh != 0) {
            hiddenFiles.add(c.secondPath, node, fh);
        } else {
            giveBack(node);
        }
        return r;
    }

    int link(long from, long to) {
        return onNode(
                "link",
                from,
                (c, node) -> inDirectory(
                        c,
                        c.secondPath.set(to),
                        c.request.name2,
                        (c2, newParent, newName) -> made(c, fs.link(c.request, node, newParent, newName))));
    }

    private int change(String operation, long path, java.util.function.Consumer<AttributeChange> what) {
        return onNode(operation, path, (c, node) -> {
            AttributeChange change = c.request.change;
            what.accept(change);
            if (c.hidden != null) {
                change.valid |= AttributeChange.FH;
                change.fh = c.hidden.fh;
            }
            return fs.setattr(c.request, node);
        });
    }

    int chmod(long path, int mode) {
        return change("chmod", path, a -> {
            a.valid = AttributeChange.MODE;
            a.mode = mode;
        });
    }

    /** -1 leaves the owner or the group. */
    int chown(long path, int uid, int gid) {
        return change("chown", path, a -> {
            a.valid = (uid == -1 ? 0 : AttributeChange.UID) | (gid == -1 ? 0 : AttributeChange.GID);
            a.uid = uid;
            a.gid = gid;
        });
    }

    int truncate(long path, long size) {
        return change("truncate", path, a -> {
            a.valid = AttributeChange.SIZE;
            a.size = size;
        });
    }

    int ftruncate(long path, long size, long info) {
        return onHandle("truncate", info, (c, h) -> {
            AttributeChange a = c.request.change;
            a.valid = AttributeChange.SIZE | AttributeChange.FH;
            a.size = size;
            a.fh = h.fh();
            return fs.setattr(c.request, h.nodeid());
        });
    }

    /** {@code times}: two {@code struct timespec}, access and modification; null for now. */
    int utimens(long path, long times) {
        return change("utimens", path, a -> {
            if (times == 0) {
                a.valid = AttributeChange.ATIME
                        | AttributeChange.ATIME_NOW
                        | AttributeChange.MTIME
                        | AttributeChange.MTIME_NOW;
                return;
            }
            NativeBuffer t = NativeBuffer.view(times, 32);
            a.valid = time(t.getLong(8), AttributeChange.ATIME, AttributeChange.ATIME_NOW)
                    | time(t.getLong(24), AttributeChange.MTIME, AttributeChange.MTIME_NOW);
            a.atime = t.getLong(0);
            a.atimeNanos = (int) t.getLong(8);
            a.mtime = t.getLong(16);
            a.mtimeNanos = (int) t.getLong(24);
        });
    }

    private static int time(long nanos, int set, int now) {
        return nanos == UTIME_OMIT ? 0 : nanos == UTIME_NOW ? set | now : set;
    }

    int open(long path, long info) {
        return call("open", c -> {
            NativeBuffer fi = info(info);
            long node = lookUp(c, path);
            try {
                Failure.check(fs.open(c.request, node, fi.getInt(Layout.INFO_FLAGS)));
            } catch (Throwable t) {
                giveBack(c, node);
                throw t;
            }
            opened(c, fi, node);
            return 0;
        });
    }

    int opendir(long path, long info) {
        return call("opendir", c -> {
            NativeBuffer fi = info(info);
            long node = lookUp(c, path);
            try {
                Failure.check(fs.opendir(c.request, node, fi.getInt(Layout.INFO_FLAGS)));
            } catch (Throwable t) {
                giveBack(c, node);
                throw t;
            }
            opened(c, fi, node);
            return 0;
        });
    }

    int create(long path, int mode, long info) {
        return inDirectory("create", path, (c, parent, name) -> {
            NativeBuffer fi = info(info);
            Failure.check(fs.create(c.request, parent, name, fi.getInt(Layout.INFO_FLAGS), mode, c.umask));
            opened(c, fi, c.request.entry.nodeid);
            return 0;
        });
    }

    private void opened(Call c, NativeBuffer fi, long node) {
        Opened o = c.request.opened;
        fi.putLong(Layout.INFO_FH, handles.add(node, o.fh, c.hidden == null));
        int bits = (o.flags & Opened.DIRECT_IO) != 0 ? Layout.INFO_DIRECT_IO : 0;
        bits |= (o.flags & Opened.KEEP_CACHE) != 0 ? Layout.INFO_KEEP_CACHE : 0;
        fi.putInt(Layout.INFO_BITS, fi.getInt(Layout.INFO_BITS) | bits);
    }

    int read(long path, long buffer, long size, long offset, long info) {
        return onHandle("read", info, (c, h) -> fs.read(c.request, h.nodeid(), h.fh(), offset, (int) size, buffer));
    }

    int write(long path, long buffer, long size, long offset, long info) {
        int flags = info(info).getInt(Layout.INFO_WRITE_PAGE) != 0 ? FileSystem.WRITE_CACHE : 0;
        return onHandle(
                "write", info, (c, h) -> fs.write(c.request, h.nodeid(), h.fh(), offset, (int) size, buffer, flags));
    }

    int flush(long path, long info) {
        long owner = info(info).getLong(Layout.INFO_LOCK_OWNER);
        return onHandle("flush", info, (c, h) -> fs.flush(c.request, h.nodeid(), h.fh(), owner));
    }

    int release(long path, long info) {
        return call("release", c -> {
            NativeBuffer fi = info(info);
            Handles.Handle h = handles.remove(fi.getLong(Layout.INFO_FH));
            boolean unlock = (fi.getInt(Layout.INFO_BITS) & Layout.INFO_FLOCK_RELEASE) != 0;
            long owner = fi.getLong(Layout.INFO_LOCK_OWNER);
            try {
                return fs.release(c.request, h.nodeid(), h.fh(), fi.getInt(Layout.INFO_FLAGS), owner, unlock);
            } finally {
                if (!hiddenFiles.isEmpty()) {
                    hiddenFiles
                            .closed(h.nodeid(), h.fh(), handles.openOn(h.nodeid()))
                            .forEach(gone -> giveBack(gone.nodeid));
                }
                giveBack(h);
            }
        });
    }

    int fsync(long path, int dataOnly, long info) {
        return onHandle("fsync", info, (c, h) -> fs.fsync(c.request, h.nodeid(), h.fh(), dataOnly != 0));
    }

    int readdir(long path, long buffer, long fill, long offset, long info) {
        return onHandle("readdir", info, (c, h) -> {
            c.filler.begin(fs, fill, buffer);
            return fs.readdir(c.request, h.nodeid(), h.fh(), offset, READDIR_SIZE, c.filler);
        });
    }

    int releasedir(long path, long info) {
        return call("releasedir", c -> {
            Handles.Handle h = handles.remove(info(info).getLong(Layout.INFO_FH));
            try {
                return fs.releasedir(c.request, h.nodeid(), h.fh());
            } finally {
                giveBack(h);
            }
        });
    }

    int fsyncdir(long path, int dataOnly, long info) {
        return onHandle("fsyncdir", info, (c, h) -> fs.fsyncdir(c.request, h.nodeid(), h.fh(), dataOnly != 0));
    }

    int statfs(long path, long statvfs) {
        return onNode("statfs", path, (c, node) -> {
            Failure.check(fs.statfs(c.request, node));
            Layout.putStatvfs(statvfs, c.request.status);
            return 0;
        });
    }

    int setxattr(long path, long name, long value, long size, int flags) {
        return onNode(
                "setxattr",
                path,
                (c, node) -> fs.setxattr(c.request, node, name(name), value, (int) size, flags, false));
    }

    private static Name name(long address) {
        return Name.of(NativeBuffer.cString(address));
    }

    int getxattr(long path, long name, long value, long size) {
        return onNode(
                "getxattr",
                path,
                (c, node) -> fs.getxattr(c.request, node, name(name), value, (int) Math.min(size, Integer.MAX_VALUE)));
    }

    int listxattr(long path, long list, long size) {
        return onNode(
                "listxattr",
                path,
                (c, node) -> fs.listxattr(c.request, node, list, (int) Math.min(size, Integer.MAX_VALUE)));
    }

    int removexattr(long path, long name) {
        return onNode("removexattr", path, (c, node) -> fs.removexattr(c.request, node, name(name)));
    }

    int access(long path, int mask) {
        return onNode("access", path, (c, node) -> fs.access(c.request, node, mask));
    }

    int lock(long path, long info, int command, long flock) {
        long owner = info(info).getLong(Layout.INFO_LOCK_OWNER);
        return onHandle(command == F_GETLK ? "getlk" : "setlk", info, (c, h) -> {
            Layout.getFlock(flock, c.request.lock);
            if (command != F_GETLK) {
                return waiting(c, command == F_SETLKW, () -> fs.setlk(c.request, h.nodeid(), h.fh(), owner));
            }
            Failure.check(fs.getlk(c.request, h.nodeid(), h.fh(), owner));
            Layout.putFlock(flock, c.request.lock);
            return 0;
        });
    }

    int flock(long path, long info, int operation) {
        boolean wait = (operation & Sys.LOCK_NB) == 0;
        return onHandle(
                "flock",
                info,
                (c, h) -> waiting(c, wait, () -> fs.flock(c.request, h.nodeid(), h.fh(), operation & ~Sys.LOCK_NB)));
    }

    /** Asks for a lock again, with growing pauses, until it can be had or the caller is interrupted. */
    private static int waiting(Call c, boolean wait, IntSupplier attempt) {
        long since = System.nanoTime();
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            int r = attempt.getAsInt();
            if (r != FileSystem.LOCK_MAY_BE_LEAVING && (r != -Errno.EAGAIN || !wait)) {
                return r;
            }
            if (!wait && System.nanoTime() - since > FileSystem.LONGEST_LEAVING) {
                return -Errno.EAGAIN;
            }
            if (c.request.interrupted()) {
                return -Errno.EINTR;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return -Errno.EINTR;
            }
            pause = Math.min(pause * 2, LAST_PAUSE_MILLIS);
        }
    }

    int fallocate(long path, int mode, long offset, long length, long info) {
        return onHandle("fallocate", info, (c, h) -> fs.fallocate(c.request, h.nodeid(), h.fh(), mode, offset, length));
    }

    /** How many calls of each operation there were. */
    Map<String, Long> counts() {
        Map<String, Long> m = new TreeMap<>();
        counters.forEach((operation, n) -> m.put("requests_" + operation, n.sum()));
        return m;
    }

    int filesOpen() {
        return handles.size();
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.FileLock;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * POSIX and flock locks, taken on the file below, so that they conflict with everybody who uses that file, through this mount or not.
 *
 * <p>FUSE tells a lock's owner (a process's file table) by a number. Each owner of locks on a file gets an open file description of its
 * own below, and open-file-description locks (fcntl(2), F_OFD_SETLK) on it: they behave as that owner's locks, and closing it gives them
 * all back. flock locks belong to an open file, and are taken on that open file's own descriptor.
 *
 * <p>Nothing here waits: a thread inside F_OFD_SETLKW could not be told that its caller was interrupted. The session asks again.
 */
final class Locks {
    private static final int FLOCK_SIZE = 32;
    /** In which time after a close the kernel is expected to have told that it was the last; milliseconds. */
    private static final int LEAVING_WITHIN = 50;

    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;

    private final Callers callers;
    private volatile Kernel kernel;
    /** Guarded by itself; no system call that can block is made while holding it. */
    private final Map<Inode, Map<Long, Owner>> owners = new HashMap<>();

    /** The descriptor that carries one owner's locks on one file. */
    private static final class Owner {
        final int fd;
        final boolean writable;
        final int pid;
        final OpenFile through;

        Owner(int fd, boolean writable, int pid, OpenFile through) {
            this.fd = fd;
            this.writable = writable;
            this.pid = pid;
            this.through = through;
        }
    }

    Locks(Callers callers) {
        this.callers = callers;
    }

    void kernel(Kernel kernel) {
        this.kernel = kernel;
    }

    /** F_GETLK. */
    int test(Request rq, OpenFile file, long owner) {
        FileLock lock = rq.lock;
        Owner mine = find(file.inode, owner);
        NativeBuffer b = new NativeBuffer(FLOCK_SIZE);
        encode(b, lock);
        int r = Sys.fcntl(mine == null ? file.fd : mine.fd, Sys.F_OFD_GETLK, b.address());
        if (r < 0) {
            return r;
        }
        decode(b, lock);
        if (lock.type != FileLock.UNLOCK && lock.pid <= 0) {
            // An open-file-description lock has no process; if it is one of this mount's, its owner's process is known.
            lock.pid = otherPid(file.inode, owner);
        }
        return 0;
    }

    /** F_SETLK. */
    int set(Request rq, OpenFile file, long owner) {
        FileLock lock = rq.lock;
        Owner mine = find(file.inode, owner);
        if (mine == null) {
            if (lock.type == FileLock.UNLOCK) {
                return 0;
            }
            // Marked before there is an owner: also one whose lock is refused below goes with the open file.
            file.locked = true;
            mine = make(rq, file, owner);
            if (mine == null) {
                return -Errno.EMFILE;
            }
        }
        if (lock.type == FileLock.WRITE && !mine.writable) {
            return -Errno.EBADF;
        }
        file.locked = true;
        NativeBuffer b = new NativeBuffer(FLOCK_SIZE);
        encode(b, lock);
        boolean unlocks = lock.type == FileLock.UNLOCK;
        int r = Sys.fcntl(mine.fd, Sys.F_OFD_SETLK, b.address());
        if (unlocks) {
            kernel.lockReleased(file.inode.id());
        }
        // fcntl(2): "EACCES or EAGAIN", by the file system.
        return r == -Errno.EACCES ? -Errno.EAGAIN : r;
    }

    /** flock(2). */
    int flock(OpenFile file, int operation) {
        int r = Sys.flock(file.fd, operation | Sys.LOCK_NB);
        if (r == 0) {
            file.flock = operation == Sys.LOCK_UN ? OpenFile.UNLOCKED : OpenFile.LOCKED;
        }
        if (operation != Sys.LOCK_EX) {
            // Also a conversion to a shared lock may let somebody in.
            kernel.lockReleased(file.inode.id());
        }
        return r;
    }

    /** A descriptor of an open file was closed; perhaps it was the last, and its flock lock goes when the kernel says so. */
    void closing(OpenFile file) {
        if (file.flock == OpenFile.LOCKED) {
            file.flock = Math.max(1, millis());
        }
    }

    /** Whether an open file's flock lock may go any moment, as a descriptor of it was closed just now. */
    boolean mayBeLeaving(OpenFile file) {
        int since = file.flock;
        return since > 0 && Math.abs(millis() - since) < LEAVING_WITHIN;
    }

    private static int millis() {
        return (int) (System.nanoTime() / 1_000_000) & Integer.MAX_VALUE;
    }

    private Owner find(Inode inode, long owner) {
        synchronized (owners) {
            Map<Long, Owner> of = owners.get(inode);
            return of == null ? null : of.get(owner);
        }
    }

    private int otherPid(Inode inode, long owner) {
        synchronized (owners) {
            Map<Long, Owner> of = owners.get(inode);
            if (of != null) {
                for (Map.Entry<Long, Owner> e : of.entrySet()) {
                    if (e.getKey() != owner) {
                        return e.getValue().pid;
                    }
                }
            }
            return 0;
        }
    }

    private Owner make(Request rq, OpenFile file, long owner) {
        NativeBuffer path = new NativeBuffer(64);
        path.putCString(0, ("/proc/self/fd/" + file.fd).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        // The kernel above has checked that the descriptor allows this kind of lock; here only the lock counts.
        callers.becomeDaemon(rq);
        boolean writable = true;
        int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDWR | Sys.O_NONBLOCK, 0);
        if (fd < 0) {
            writable = false;
            fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDONLY | Sys.O_NONBLOCK, 0);
        }
        callers.become(rq);
        if (fd < 0) {
            return null;
        }
        Owner made = new Owner(fd, writable, rq.pid, file);
        Owner there;
        synchronized (owners) {
            there = owners.computeIfAbsent(file.inode, i -> new HashMap<>()).putIfAbsent(owner, made);
        }
        if (there != null) {
            Sys.close(fd);
            return there;
        }
        return made;
    }

    /** A descriptor of the owner was closed: POSIX says that all its locks on the file go. */
    void release(Inode inode, long owner) {
        Owner mine = null;
        synchronized (owners) {
            Map<Long, Owner> of = owners.get(inode);
            if (of != null) {
                mine = of.remove(owner);
                if (of.isEmpty()) {
                    owners.remove(inode);
                }
            }
        }
        if (mine != null) {
            Sys.close(mine.fd);
            kernel.lockReleased(inode.id());
        }
    }

    /** An open file is gone: so are locks that were set through it and not given back by a flush. */
    void closed(OpenFile file) {
        if (!file.locked) {
            return;
        }
        List<Owner> gone = new ArrayList<>();
        synchronized (owners) {
            Map<Long, Owner> of = owners.get(file.inode);
            if (of != null) {
                of.values().removeIf(o -> {
                    boolean through = o.through == file;
                    if (through) {
                        gone.add(o);
                    }
                    return through;
                });
                if (of.isEmpty()) {
                    owners.remove(file.inode);
                }
            }
        }
        gone.forEach(o -> Sys.close(o.fd));
        kernel.lockReleased(file.inode.id());
    }

    /** {@code struct flock}: type, whence, start, length (0: to the end), pid, which must be 0 for these locks. */
    private static void encode(NativeBuffer b, FileLock lock) {
        b.zero(0, FLOCK_SIZE);
        b.putShort(0, lock.type == FileLock.READ ? F_RDLCK : lock.type == FileLock.WRITE ? F_WRLCK : F_UNLCK);
        b.putLong(8, lock.start);
        b.putLong(16, lock.end == Long.MAX_VALUE ? 0 : lock.end - lock.start + 1);
    }

    private static void decode(NativeBuffer b, FileLock lock) {
        lock.type = b.getShort(0);
        if (lock.type != FileLock.UNLOCK) {
            long length = b.getLong(16);
            lock.start = b.getLong(8);
            lock.end = length == 0 ? Long.MAX_VALUE : lock.start + length - 1;
            lock.pid = b.getInt(24);
        }
    }
}

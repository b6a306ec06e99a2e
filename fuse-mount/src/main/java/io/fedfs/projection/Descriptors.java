package io.fedfs.projection;

import io.fedfs.attach.Attachment;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * O_PATH descriptors of inodes, opened when needed and bounded in number. An operation pins the descriptor while it uses it; when the ring is
 * full, the hand goes round (second chance) and closes one that nobody uses. Inodes without a name are never closed that way.
 */
final class Descriptors {
    /** Where in a request's scratch memory the statx of a reopened inode goes. */
    static final int SCRATCH_AT = 28 * 1024;
    /** Where the name goes: below the former, 256 bytes and a NUL. */
    private static final int NAME_AT = SCRATCH_AT + Statx.SIZE;

    /** A few more than the longest path has components, against a chain that never ends. */
    private static final int MAX_DEPTH = 4096;

    /** {@link Inode#fd} of an inode that left the table. */
    private static final int GONE = -2;

    /** Bit of {@link Inode#pins} of an inode that left the table while it was used: the last user closes it. */
    private static final int DROPPED = 1 << 30;

    private final Callers callers;
    /** Takes what an inode that left, and that nobody uses any more, still holds. */
    private final Consumer<Inode> whenDropped;
    /** Inodes with a descriptor that may be closed. Guarded by itself. */
    private final Inode[] ring;

    /** Guarded by itself. */
    private final List<Abandoned> abandoned = new ArrayList<>();

    private int used;
    private int hand;
    private final AtomicLong reopened = new AtomicLong();

    Descriptors(int limit, Callers callers, Consumer<Inode> whenDropped) {
        this.ring = new Inode[limit];
        this.callers = callers;
        this.whenDropped = whenDropped;
    }

    /** How many are open. */
    int open() {
        synchronized (ring) {
            return used;
        }
    }

    long reopened() {
        return reopened.get();
    }

    /**
     * The inode's descriptor, pinned; {@link #unpin} when done. For an open junction, and the root, the descriptor of the
     * fileset's root behind it.
     *
     * @throws FsException STALE when the inode is gone below; an errno from opening is negated and returned
     */
    int pin(Request rq, Inode inode) {
        return pin(rq, inode, 0);
    }

    private int pin(Request rq, Inode inode, int depth) {
        while (true) {
            int pins = inode.pins;
            if (pins < 0) {
                if (inode.fd == GONE) {
                    throw new FsException(FsError.STALE, "forgotten node");
                }
                Thread.onSpinWait();
                continue;
            }
            if ((pins & DROPPED) != 0) {
                throw new FsException(FsError.STALE, "forgotten node");
            }
            if (Inode.PINS.compareAndSet(inode, pins, pins + 1)) {
                break;
            }
        }
        if (inode.kind == Inode.JUNCTION) {
            Realm target = inode.point().target;
            if (target != null) {
                return target.attachment.rootFd();
            }
        }
        int fd = inode.fd;
        if (fd >= 0) {
            inode.recent = true;
            return fd;
        }
        try {
            fd = reopen(rq, inode, depth);
        } catch (RuntimeException e) {
            unpin(inode);
            throw e;
        }
        if (fd < 0) {
            unpin(inode);
        }
        return fd;
    }

    /** Ends a use begun with {@link #pin} that returned a descriptor. */
    void unpin(Inode inode) {
        if ((int) Inode.PINS.getAndAdd(inode, -1) == (DROPPED | 1)) {
            inode.pins = Inode.CLOSING;
            close(inode);
        }
    }

    /** Opens without holding any lock, since a dead file system below may never answer; of two who race, one closes again. */
    private int reopen(Request rq, Inode inode, int depth) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (parent == null || name == null || depth > MAX_DEPTH) {
            throw new FsException(FsError.STALE, "node without a place");
        }
        Realm realm = inode.realm;
        Attachment before = realm == null ? null : realm.attachment;
        int dir = pin(rq, parent, depth + 1);
        if (dir < 0) {
            return dir;
        }
        int fd;
        try {
            fd = openSame(rq, inode, dir, name);
        } finally {
            unpin(parent);
        }
        if (fd < 0) {
            return fd;
        }
        if (realm != null && realm.attachment != before) {
            // It is of the location that was left meanwhile.
            Sys.close(fd);
            return -Errno.ENOTCONN;
        }
        synchronized (inode) {
            if (inode.fd < 0) {
                inode.fd = fd;
                enter(inode);
                reopened.incrementAndGet();
                return fd;
            }
        }
        Sys.close(fd);
        return inode.fd;
    }

    private int openSame(Request rq, Inode inode, int dir, byte[] name) {
        long address = rq.scratch.putCString(NAME_AT, name);
        int flags = Sys.O_PATH | Sys.O_NOFOLLOW;
        int fd = Sys.openat(dir, address, flags, 0);
        if (fd == -Errno.EACCES && callers.becomeDaemon(rq)) {
            // An O_PATH descriptor gives no right by itself, and the kernel let this caller hold the node already.
            fd = Sys.openat(dir, address, flags, 0);
            callers.become(rq);
        }
        if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR) {
            throw new FsException(FsError.STALE, "the name is gone");
        }
        if (fd < 0) {
            return fd;
        }
        int r = Sys.statx(fd, emptyPath(rq), Sys.AT_EMPTY_PATH, Statx.WANTED, rq.scratch.address(SCRATCH_AT));
        if (r < 0) {
            Sys.close(fd);
            return r;
        }
        if (!same(inode, rq)) {
            Sys.close(fd);
            throw new FsException(FsError.STALE, "another file has the name now");
        }
        return fd;
    }

    private static boolean same(Inode inode, Request rq) {
        return Carried.isSame(rq.scratch, SCRATCH_AT, inode);
    }

    /** Address of an empty C string. */
    static long emptyPath(Request rq) {
        int at = rq.scratch.capacity() - 8;
        rq.scratch.putByte(at, (byte) 0);
        return rq.scratch.address(at);
    }

    /** Gives an inode a descriptor it has not got; the caller holds no pin. Takes the descriptor over in any case. */
    void adopt(Inode inode, int fd) {
        synchronized (inode) {
            if (inode.fd == -1) {
                inode.fd = fd;
                enter(inode);
                return;
            }
        }
        Sys.close(fd);
    }

    private void enter(Inode inode) {
        Inode victim = null;
        synchronized (ring) {
            if (used < ring.length) {
                inode.ringIndex = used;
                ring[used++] = inode;
                return;
            }
            for (int tries = 0; tries < 2 * ring.length; tries++) {
                Inode candidate = ring[hand];
                int at = hand;
                hand = (hand + 1) % ring.length;
                if (candidate.recent) {
                    candidate.recent = false;
                } else if (!candidate.nameless && Inode.PINS.compareAndSet(candidate, 0, Inode.CLOSING)) {
                    if (candidate.nameless) {
                        // It is losing its name just now; whoever takes it waits in has() until this is decided.
                        candidate.pins = 0;
                        continue;
                    }
                    victim = candidate;
                    victim.ringIndex = -1;
                    inode.ringIndex = at;
                    ring[at] = inode;
                    break;
                }
            }
        }
        if (victim != null) {
            int fd = victim.fd;
            victim.fd = -1;
            victim.pins = 0;
            Sys.close(fd);
        }
        // No victim: everything is in use. The descriptor is not in the ring and lives until the inode is forgotten.
    }

    /**
     * Lets go of an inode that left the table: at once, or, when an operation still uses it, which may be stuck at a file server, with the
     * end of that.
     */
    void drop(Inode inode) {
        while (true) {
            int pins = inode.pins;
            if (pins == 0 && Inode.PINS.compareAndSet(inode, 0, Inode.CLOSING)) {
                close(inode);
                return;
            }
            if (pins > 0 && Inode.PINS.compareAndSet(inode, pins, pins | DROPPED)) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    private void close(Inode inode) {
        int fd;
        synchronized (inode) {
            fd = inode.fd;
            inode.fd = GONE;
        }
        leaveRing(inode);
        if (fd >= 0) {
            Sys.close(fd);
        }
        whenDropped.accept(inode);
    }

    /** Closes the descriptor of an inode that nobody uses now; it is opened again when it is needed. */
    void rest(Inode inode) {
        if (inode.fd < 0 || inode.nameless || !Inode.PINS.compareAndSet(inode, 0, Inode.CLOSING)) {
            return;
        }
        int fd = -1;
        synchronized (inode) {
            // Asked again: whoever takes the name away waits in has() from now on.
            if (!inode.nameless) {
                fd = inode.fd;
                inode.fd = -1;
                leaveRing(inode);
            }
        }
        inode.pins = 0;
        if (fd >= 0) {
            Sys.close(fd);
        }
    }

    /**
     * Takes an inode's descriptor away, which is of a location that was left: closes it, or, while an operation uses it, keeps it for {@link
     * #closeAbandoned}.
     */
    void abandon(Inode inode) {
        while (true) {
            int pins = inode.pins;
            if (pins < 0 || (pins & DROPPED) != 0) {
                return;
            }
            // As a user of it, so that nobody else closes it meanwhile.
            if (Inode.PINS.compareAndSet(inode, pins, pins + 1)) {
                break;
            }
        }
        int fd = -1;
        synchronized (inode) {
            if (!inode.nameless) {
                fd = inode.fd;
                inode.fd = -1;
                leaveRing(inode);
            }
        }
        // Whoever comes from here on opens it anew; who came before has not let go as long as this is not the only pin.
        boolean alone = inode.pins == 1;
        unpin(inode);
        if (fd >= 0) {
            if (alone) {
                Sys.close(fd);
            } else {
                synchronized (abandoned) {
                    abandoned.add(new Abandoned(inode, fd));
                }
            }
        }
    }

    /** Closes the abandoned descriptors that nobody uses any more. */
    void closeAbandoned() {
        synchronized (abandoned) {
            abandoned.removeIf(a -> {
                int pins = a.inode.pins;
                boolean free = pins == 0 || pins == Inode.CLOSING;
                if (free) {
                    Sys.close(a.fd);
                }
                return free;
            });
        }
    }

    /** A descriptor that was in use when its inode's location was left. */
    private record Abandoned(Inode inode, int fd) {}

    /** Whether an inode has a descriptor; one that is being closed is waited for. */
    boolean has(Inode inode) {
        while (inode.pins < 0 && inode.fd != GONE) {
            Thread.onSpinWait();
        }
        return inode.fd >= 0;
    }

    private void leaveRing(Inode inode) {
        synchronized (ring) {
            int at = inode.ringIndex;
            if (at >= 0) {
                inode.ringIndex = -1;
                Inode last = ring[--used];
                ring[used] = null;
                if (last != inode) {
                    ring[at] = last;
                    last.ringIndex = at;
                }
                if (hand >= used) {
                    hand = 0;
                }
            }
        }
    }
}

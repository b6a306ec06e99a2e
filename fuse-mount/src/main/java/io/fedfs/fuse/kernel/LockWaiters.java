package io.fedfs.fuse.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Requests that wait for a lock. The file system below cannot tell when it is free, so it is asked again: with growing pauses, and at
 * once when a lock on the same file was given back through this mount.
 */
final class LockWaiters {
    /** With many waiters the pauses grow, so that asking takes a bounded part of the time. */
    private static final long PAUSE_PER_WAITER = 100_000;

    /** Guarded by this. */
    private final Set<Parked> waiters = new HashSet<>();

    private volatile int count;

    synchronized void add(Parked p, long now) {
        p.nextTry = now + Math.max(p.nextPause(), waiters.size() * PAUSE_PER_WAITER);
        waiters.add(p);
        count = waiters.size();
    }

    /** Takes one out; false when it is being asked for just now. */
    synchronized boolean remove(Parked p) {
        boolean was = waiters.remove(p);
        count = waiters.size();
        return was;
    }

    /** Takes out those whose time has come. */
    synchronized List<Parked> due(long now) {
        List<Parked> due = List.of();
        for (Parked p : waiters) {
            if (p.nextTry - now <= 0) {
                if (due.isEmpty()) {
                    due = new ArrayList<>();
                }
                due.add(p);
            }
        }
        due.forEach(waiters::remove);
        count = waiters.size();
        return due;
    }

    /** A lock on the file was given back: its waiters' time has come. Returns whether there are any. */
    boolean released(long nodeid, long now) {
        if (count == 0) {
            return false;
        }
        boolean any = false;
        synchronized (this) {
            for (Parked p : waiters) {
                if (p.nodeid == nodeid) {
                    p.nextTry = now;
                    any = true;
                }
            }
        }
        return any;
    }

    /** How long until the next one's time comes, at most {@code longest}; nanoseconds. */
    synchronized long untilNext(long now, long longest) {
        long least = longest;
        for (Parked p : waiters) {
            least = Math.min(least, p.nextTry - now);
        }
        return Math.max(0, least);
    }
}

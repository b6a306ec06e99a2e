package io.fedfs.fuse;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the requests under way at one file server, so that a server that hangs holds no more than its share of the serving threads. Who
 * finds it full waits in line, without a thread; who leaves hands the place to the first in line.
 *
 * <p>Waiters are opaque to it and compared by identity. Safe for use by many threads; the usual way in and out takes no lock.
 */
public final class Bulkhead {
    private final int places;
    private final AtomicInteger taken = new AtomicInteger();
    /** Guarded by itself. */
    private final ArrayDeque<Object> line = new ArrayDeque<>();
    /** Length of the line; read without the lock, so that nobody looks at an empty one. */
    private final AtomicInteger waiting = new AtomicInteger();

    /** Some count of leavings: written without a lock, to be compared with itself later. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private volatile int left;

    /** {@link System#nanoTime} since when a request has been stuck here; 0: none is. */
    private volatile long stuckSince;

    /** @param places how many requests may be under way; at least 1 */
    public Bulkhead(int places) {
        if (places < 1) {
            throw new IllegalArgumentException("a bulkhead needs a place");
        }
        this.places = places;
    }

    /** Takes a place if one is free. */
    public boolean tryEnter() {
        while (true) {
            int n = taken.get();
            if (n >= places) {
                return false;
            }
            if (taken.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /** Takes a place, or puts the waiter at the end of the line (false); {@link #leave} returns it when it has a place. */
    public boolean enterOrWait(Object waiter) {
        if (waiting.get() == 0 && tryEnter()) {
            return true;
        }
        synchronized (line) {
            line.addLast(waiter);
            waiting.incrementAndGet();
            // The last one may have left between the two looks, and seen nobody waiting.
            if (line.peekFirst() == waiter && tryEnter()) {
                line.removeFirst();
                waiting.decrementAndGet();
                return true;
            }
            return false;
        }
    }

    /** Gives a place back. Returns the waiter that has it now and must be served, or null. */
    public Object leave() {
        left++;
        taken.decrementAndGet();
        if (waiting.get() == 0) {
            return null;
        }
        synchronized (line) {
            if (line.isEmpty() || !tryEnter()) {
                return null;
            }
            waiting.decrementAndGet();
            return line.removeFirst();
        }
    }

    /** Takes a waiter out of the line; false when it is not there (any more). */
    public boolean remove(Object waiter) {
        synchronized (line) {
            boolean was = line.removeIf(w -> w == waiter);
            if (was) {
                waiting.decrementAndGet();
            }
            return was;
        }
    }

    /** How many requests are under way. */
    public int underWay() {
        return taken.get();
    }

    /** A number that changes as requests leave. */
    public int left() {
        return left;
    }

    /** How many requests wait for a place. */
    public int waiting() {
        return waiting.get();
    }

    /** Whether the file server does not answer: a request has been under way for so long that nobody should add to it without need. */
    public boolean isStuck() {
        return stuckSince != 0;
    }

    /** Since when, as {@link System#nanoTime}; 0 when it is not stuck. */
    public long stuckSince() {
        return stuckSince;
    }

    /** Noted by the session: the oldest request began then; 0, all are young. */
    public void noteStuck(long sinceNanos) {
        stuckSince = sinceNanos;
    }
}

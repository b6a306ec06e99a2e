package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Bulkhead;

/** A request that waits without a thread: for a place at its file server, or for a lock. It keeps a copy of the message. */
final class Parked {
    private static final long FIRST_PAUSE = 1_000_000;
    private static final long LAST_PAUSE = 20_000_000;

    final byte[] message;
    final Origin origin;
    final int opcode;
    final long unique;
    final long nodeid;
    final int pid;
    /** When it began to wait, {@link System#nanoTime}. */
    final long since;
    /** Answered before it was served, as nobody waits for its outcome. */
    final boolean answered;

    /** Where it stands in line; null: it waits for a lock. */
    volatile Bulkhead line;

    volatile boolean interrupted;

    /** When a lock is asked for again, {@link System#nanoTime}. Guarded by {@link LockWaiters}. */
    long nextTry;

    private long pause = FIRST_PAUSE;

    /** Copies the message that the exchange holds. */
    Parked(Exchange x, int opcode, boolean answered, long now) {
        this.message = x.in.copy();
        this.origin = x.origin;
        this.opcode = opcode;
        this.unique = x.in.unique();
        this.nodeid = x.in.nodeid();
        this.pid = x.in.pid();
        this.since = now;
        this.answered = answered;
    }

    /** How long to wait before a lock is asked for again: longer each time. */
    long nextPause() {
        long p = pause;
        pause = Math.min(2 * p, LAST_PAUSE);
        return p;
    }
}

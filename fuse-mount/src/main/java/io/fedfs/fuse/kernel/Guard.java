package io.fedfs.fuse.kernel;

import java.util.concurrent.locks.LockSupport;

/**
 * Has somebody read from the device when the only thread that does is held up by the request it took. It looks once a millisecond, as long as
 * requests come; when they do not, it sleeps, and who takes the next one wakes it.
 */
final class Guard implements Runnable {
    private static final long TICK_NANOS = 1_000_000L;
    /** Ticks without a request after which it sleeps. */
    private static final int CALM = 20;
    /** For how long it sleeps at most, should nobody wake it. */
    private static final long SLEEP_NANOS = 1_000_000_000L;

    private final Workers workers;
    private volatile Thread thread;
    private volatile boolean asleep;

    Guard(Workers workers) {
        this.workers = workers;
    }

    /** Somebody has taken a request and nobody reads: look after that. */
    void attend() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        long before = -1;
        int calm = 0;
        while (!workers.isGone()) {
            long taken = workers.takenCount();
            boolean moved = taken != before;
            calm = moved ? 0 : calm + 1;
            before = taken;
            if (!moved && workers.isUnattended()) {
                calm = 0;
                workers.crowd(System.nanoTime(), Workers.HELD_UP_NANOS);
                workers.grow();
            }
            if (calm > CALM) {
                asleep = true;
                // Who took a request before it was seen that this one sleeps does not wake it.
                if (!workers.isUnattended() && workers.takenCount() == taken) {
                    LockSupport.parkNanos(this, SLEEP_NANOS);
                }
                asleep = false;
                calm = 0;
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
        }
    }
}

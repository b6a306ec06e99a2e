package io.fedfs.fuse.jnr;

import io.fedfs.linux.ThreadCredentials;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that run libfuse's loop: one more than there are callbacks under way, within bounds, as any of them may be blocked for seconds
 * where a junction is crossed. They stay until the mount is gone.
 */
final class Loops {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);

    private static final int AT_START = 2;

    private final Runnable loop;
    private final int max;
    private final Runnable whenGone;

    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicBoolean atLimit = new AtomicBoolean();

    /**
     * Makes it without threads.
     *
     * @param loop returns when the mount is gone
     * @param whenGone run once, by the last thread
     */
    Loops(Runnable loop, int max, Runnable whenGone) {
        this.loop = loop;
        this.max = max;
        this.whenGone = whenGone;
    }

    void start() {
        for (int i = 0; i < AT_START; i++) {
            grow();
        }
    }

    /** A callback begins on one of the threads. */
    void begins() {
        if (busy.incrementAndGet() >= alive.get()) {
            grow();
        }
    }

    void ends() {
        busy.decrementAndGet();
    }

    private void grow() {
        int n;
        do {
            n = alive.get();
            if (n >= max) {
                if (atLimit.compareAndSet(false, true)) {
                    LOG.warn("all {} serving threads are busy; requests wait (max_threads)", max);
                }
                return;
            }
        } while (!alive.compareAndSet(n, n + 1));
        Thread t = new Thread(this::run, "fedfs-fuse-" + number.incrementAndGet());
        t.setDaemon(true);
        try {
            t.start();
        } catch (OutOfMemoryError e) {
            alive.decrementAndGet();
            LOG.warn("no more than {} serving threads can be started: {}", n, e.getMessage());
        }
    }

    private void run() {
        try {
            ThreadCredentials.reset();
            loop.run();
        } catch (Throwable t) {
            LOG.error("a serving thread failed", t);
        } finally {
            if (alive.decrementAndGet() == 0) {
                whenGone.run();
            }
        }
    }
}

package io.fedfs.fuse.kernel;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The serving threads: as many as there are requests under way and one more that waits, within bounds. */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private static final int AT_START = 2;
    /** More waiting threads than this are surplus. */
    private static final int KEPT = 10;

    private final Supplier<? extends Device> devices;
    private final Dispatcher dispatcher;
    private final Interrupts interrupts;
    private final int max;
    private final Runnable whenGone;

    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final AtomicBoolean atLimit = new AtomicBoolean();

    /**
     * Makes a pool without threads.
     *
     * @param devices a descriptor for each thread, of its own where possible
     * @param max bound of the threads
     * @param whenGone run once, by the last thread, when the mount is gone
     */
    Workers(
            Supplier<? extends Device> devices,
            Dispatcher dispatcher,
            Interrupts interrupts,
            int max,
            Runnable whenGone) {
        this.devices = devices;
        this.dispatcher = dispatcher;
        this.interrupts = interrupts;
        this.max = max;
        this.whenGone = whenGone;
    }

    void start() {
        for (int i = 0; i < AT_START; i++) {
            grow();
        }
    }

    /** One more thread, if the bound allows. */
    void grow() {
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
        Thread t = new Thread(new Worker(this, dispatcher), "fedfs-fuse-" + number.incrementAndGet());
        t.setDaemon(true);
        try {
            t.start();
        } catch (OutOfMemoryError e) {
            alive.decrementAndGet();
            LOG.warn("no more than {} serving threads can be started: {}", n, e.getMessage());
        }
    }

    Device device() {
        return devices.get();
    }

    void entered(Exchange x) {
        interrupts.add(x);
    }

    void left(Exchange x) {
        interrupts.remove(x);
    }

    void waits() {
        waiting.incrementAndGet();
    }

    /** A thread got a request; whether none is waiting any more. */
    boolean taken() {
        return waiting.decrementAndGet() == 0;
    }

    boolean isSurplus() {
        return waiting.get() >= KEPT;
    }

    int count() {
        return alive.get();
    }

    /** A thread ended; {@code mountGone}: because there is nothing to serve any more. */
    void ended(boolean mountGone) {
        if (mountGone) {
            gone.set(true);
        }
        if (alive.decrementAndGet() == 0 && gone.get()) {
            whenGone.run();
        }
    }
}

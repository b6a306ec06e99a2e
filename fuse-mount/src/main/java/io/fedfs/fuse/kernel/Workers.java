package io.fedfs.fuse.kernel;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The serving threads: as many as there are requests under way and one more, within bounds.
 *
 * <p>The kernel gives a request to the thread that has waited longest, so many waiting threads mean that every request wakes a cold
 * one. Only a few therefore wait in read(2); the others are parked, the last one parked is called first, and one that nobody called for
 * a while ends.
 */
final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    private static final int AT_START = 2;
    /** How many may wait in read(2): one more than can run at once would only be woken in turn with them. */
    private static final int READING = Math.max(2, Runtime.getRuntime().availableProcessors());

    private static final long IDLE_NANOS = 10_000_000_000L;

    private final Supplier<? extends Device> devices;
    private final Dispatcher dispatcher;
    private final Interrupts interrupts;
    private final int max;
    private final Runnable whenGone;

    /** Parked threads, the last one first. Guarded by itself. */
    private final ArrayDeque<Worker> parked = new ArrayDeque<>();

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

    /** One more thread that waits for requests: a parked one, else a new one if the bound allows. */
    void grow() {
        Worker idle;
        synchronized (parked) {
            idle = parked.pollFirst();
        }
        if (idle != null) {
            idle.call();
            return;
        }
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

    /**
     * Waits until the thread is to read, and counts it as waiting.
     *
     * @return false when nobody needed it for a while: it ends
     */
    boolean awaitTurn(Worker worker) {
        while (true) {
            int n = waiting.get();
            if (n < READING || gone.get()) {
                if (waiting.compareAndSet(n, n + 1)) {
                    return true;
                }
            } else if (!park(worker)) {
                return false;
            }
        }
    }

    private boolean park(Worker worker) {
        synchronized (parked) {
            if (gone.get()) {
                return true;
            }
            parked.addFirst(worker);
        }
        if (worker.awaitCall(IDLE_NANOS)) {
            return true;
        }
        synchronized (parked) {
            // Not there any more: called just now.
            return !parked.remove(worker);
        }
    }

    /** A thread got a request; whether none is waiting any more. */
    boolean taken() {
        return waiting.decrementAndGet() == 0;
    }

    int count() {
        return alive.get();
    }

    /** A thread ended; {@code mountGone}: because there is nothing to serve any more. */
    void ended(boolean mountGone) {
        if (mountGone) {
            synchronized (parked) {
                gone.set(true);
                parked.forEach(Worker::call);
                parked.clear();
            }
        }
        // Also when all have failed: a mount that nobody serves would hang its users.
        if (alive.decrementAndGet() == 0) {
            whenGone.run();
        }
    }
}

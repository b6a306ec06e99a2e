package io.fedfs.fuse.kernel;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** One of the kernel's queues: it puts a request into that of the processor on which the program runs. And the threads that serve it. */
final class RingQueue {
    /** Threads that wait at a queue when nothing is under way; those beyond do not wait for its requests. */
    static final int WAITING = 2;

    final int id;
    /** Requests that came to the keeper and have no thread yet. */
    final Queue<RingEntry> ready = new ConcurrentLinkedQueue<>();

    /** Threads that wait for a request, each at an entry of its own. */
    final AtomicInteger waiting = new AtomicInteger();

    /** Entries that wait for a request with the keeper, which alone writes this. */
    volatile int kept;

    /**
     * Requests may wait in the kernel for somebody to hand over a reply: all entries were taken at some time since the last reply that
     * found none waiting.
     */
    volatile boolean backlog;

    private final int max;
    private final List<RingWorker> workers = new CopyOnWriteArrayList<>();
    /** Threads without anything to do, the last one first. Guarded by itself. */
    private final ArrayDeque<RingWorker> spare = new ArrayDeque<>();

    /** What the keeper saw last. */
    long servedBefore;

    /** What the {@link RingKicker} has under way here, and when it began last. */
    final AtomicInteger kicks = new AtomicInteger();

    long kickedAt;

    /**
     * Makes a queue without threads.
     *
     * @param id the processor
     * @param max bound of the threads
     */
    RingQueue(int id, int max) {
        this.id = id;
        this.max = max;
    }

    /** One that nobody else has now; null when all have something to do. */
    RingWorker pollSpare() {
        synchronized (spare) {
            return spare.pollFirst();
        }
    }

    void addSpare(RingWorker worker) {
        synchronized (spare) {
            spare.addFirst(worker);
        }
    }

    /** False when someone has polled it meanwhile. */
    boolean removeSpare(RingWorker worker) {
        synchronized (spare) {
            return spare.remove(worker);
        }
    }

    /** Counts one in, unless there are as many as may be. Only the keeper's thread adds. */
    boolean add(RingWorker worker) {
        return workers.size() < max && workers.add(worker);
    }

    void remove(RingWorker worker) {
        workers.remove(worker);
    }

    /** Whether all threads are busy, so that a request would wait for one of them. */
    boolean isExhausted() {
        return waiting.get() == 0 && kept == 0 && !workers.isEmpty();
    }

    int threads() {
        return workers.size();
    }

    /** Requests that were served by threads that are still here. */
    long served() {
        long n = 0;
        for (RingWorker w : workers) {
            n += w.served();
        }
        return n;
    }

    void wakeAll() {
        workers.forEach(RingWorker::wake);
    }
}

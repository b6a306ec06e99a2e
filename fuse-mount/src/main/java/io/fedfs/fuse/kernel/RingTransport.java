package io.fedfs.fuse.kernel;

import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests come and replies go through memory shared with the kernel (fs/fuse/dev_uring.c, Linux 6.14). FORGET, INTERRUPT and what the daemon
 * tells the kernel still go over the device, so the {@link Workers} serve beside; they also serve requests that have waited.
 *
 * <p>The kernel has a queue for each processor that there may be, and puts a request into that of the processor on which the program
 * runs. A queue has entries; who hands over a reply has the entry wait for the next request with it.
 */
final class RingTransport implements Transport {
    static final String NAME = "io_uring";

    private static final Logger LOG = LoggerFactory.getLogger(RingTransport.class);

    /** How long threads may take to end when the mount is gone; what is stuck below then is left behind. */
    private static final long END_NANOS = 2_000_000_000L;

    /** As many as a mask has room for: the kernel wants all that it knows in one. */
    private static final int PROCESSORS = 8192;

    private final Workers workers;
    private final Dispatcher dispatcher;
    private final Interrupts interrupts;
    private final int device;
    private final int payload;
    private final RingQueue[] queues;
    private final RingKeeper keeper;
    private final RingKicker kicker;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition allEnded = lock.newCondition();
    /** All that the kernel was told of, by their number. Guarded by lock. */
    private final List<RingEntry> entries = new ArrayList<>();

    /** Guarded by lock. */
    private int alive;

    private final AtomicInteger number = new AtomicInteger();
    private final AtomicLong handedOver = new AtomicLong();
    /** The processors that the process may run on. */
    private final NativeBuffer anywhere = new NativeBuffer(PROCESSORS / Byte.SIZE);

    /**
     * Takes what it needs from the system, but tells the kernel nothing yet.
     *
     * @param device descriptor of the mount
     * @param mountPoint where the mount is
     * @param processors how many there may be
     * @param payload the longest data of a message, bytes
     * @param maxThreads bound of the threads of all queues; each queue may have two at least
     * @throws IOException there is no ring to be had
     */
    RingTransport(
            int device,
            Path mountPoint,
            int processors,
            int payload,
            int maxThreads,
            Workers workers,
            Dispatcher dispatcher,
            Interrupts interrupts)
            throws IOException {
        this.workers = workers;
        this.dispatcher = dispatcher;
        this.interrupts = interrupts;
        this.device = device;
        this.payload = payload;
        queues = new RingQueue[processors];
        for (int i = 0; i < processors; i++) {
            queues[i] = new RingQueue(i, Math.max(RingQueue.WAITING, maxThreads / processors));
        }
        Sys.getAffinity(anywhere.address(), anywhere.capacity());
        kicker = new RingKicker(this, mountPoint);
        keeper = new RingKeeper(this);
        try {
            keeper.prepare(daemon(keeper, "fedfs-fuse-ring-keeper"));
        } catch (ErrnoException e) {
            keeper.close();
            throw e;
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread t = new Thread(work, name);
        t.setDaemon(true);
        return t;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() throws IOException {
        keeper.begin();
    }

    @Override
    public void submit(Parked p) {
        workers.submit(p);
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> m = new TreeMap<>();
        lock.lock();
        try {
            m.put("ring_entries", (long) entries.size());
            m.put("ring_threads", (long) alive);
        } finally {
            lock.unlock();
        }
        long served = 0;
        for (RingQueue q : queues) {
            served += q.served();
        }
        m.put("ring_requests", served);
        m.put("ring_handed_over", handedOver.get());
        m.put("ring_kicks", kicker.kicks());
        return m;
    }

    /** Ends it before it has begun; what the kernel was told of already stays. */
    void abandon() {
        keeper.end();
    }

    /**
     * The mount is gone: ends the threads, but those that are stuck. The entries' memory and the keeper's descriptor stay: who answers for others may be
     * about to use them, and the process ends with its mount.
     */
    void end() throws InterruptedException {
        keeper.end();
        kicker.end();
        keeper.awaitEnd();
        lock.lock();
        try {
            long left = END_NANOS;
            while (alive > 0 && left > 0) {
                left = allEnded.awaitNanos(left);
            }
            if (alive > 0) {
                LOG.warn("{} requests are stuck at file servers that do not answer; leaving them", alive);
            }
        } finally {
            lock.unlock();
        }
    }

    RingQueue[] queues() {
        return queues;
    }

    RingKeeper keeper() {
        return keeper;
    }

    RingKicker kicker() {
        return kicker;
    }

    int device() {
        return device;
    }

    /** One more entry, that the kernel is to be told of. */
    RingEntry newEntry(RingQueue queue) {
        lock.lock();
        try {
            RingEntry e = new RingEntry(queue, entries.size(), payload, keeper);
            entries.add(e);
            return e;
        } finally {
            lock.unlock();
        }
    }

    RingEntry entry(int id) {
        lock.lock();
        try {
            return entries.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** A request went through the keeper's hands. */
    void handedOver() {
        handedOver.incrementAndGet();
    }

    boolean hasBacklog() {
        for (RingQueue q : queues) {
            if (q.backlog || q.isExhausted()) {
                return true;
            }
        }
        return false;
    }

    /** A new thread for the queue; null when it has as many as it may have. By the keeper's thread. */
    RingWorker startWorker(RingQueue queue, boolean toWait) {
        RingWorker worker = new RingWorker(this, queue, dispatcher);
        if (!queue.add(worker)) {
            return null;
        }
        if (toWait) {
            worker.call();
        }
        lock.lock();
        try {
            alive++;
        } finally {
            lock.unlock();
        }
        try {
            daemon(worker, "fedfs-fuse-ring-" + queue.id + "-" + number.incrementAndGet())
                    .start();
        } catch (OutOfMemoryError e) {
            LOG.warn("no more serving threads can be started: {}", e.getMessage());
            queue.remove(worker);
            ended();
            return null;
        }
        return worker;
    }

    void entered(Exchange x) {
        interrupts.add(x);
    }

    void left(Exchange x) {
        interrupts.remove(x);
    }

    void ended() {
        lock.lock();
        try {
            if (--alive == 0) {
                allEnded.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void wakeAll() {
        for (RingQueue q : queues) {
            q.wakeAll();
        }
    }

    /** Has the calling thread run on all that the process may. */
    void unbind() {
        Sys.setAffinity(anywhere.address(), anywhere.capacity());
    }

    /** Has the calling thread run on one processor; false where this process may not. */
    static boolean bind(int processor) {
        NativeBuffer mask = new NativeBuffer((processor / 64 + 1) * Long.BYTES);
        mask.putLong(processor / 64 * Long.BYTES, 1L << processor);
        return Sys.setAffinity(mask.address(), mask.capacity()) == 0;
    }
}

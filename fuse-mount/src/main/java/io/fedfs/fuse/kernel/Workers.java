package io.fedfs.fuse.kernel;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The serving threads: as many as there are requests under way and one more, within bounds.
 *
 * <p>What a request costs is mostly that a thread is woken for it, on a processor that may sleep; and the kernel gives a request to the thread that
 * has waited longest, so of several that wait each is woken cold. Therefore, as long as requests are served without waiting for anything, a single
 * thread reads, serves and reads again, as if there were no others, and calls nobody. It is <em>crowded</em> for a moment when requests had to wait for
 * their file server, which getrusage(2) tells, when the {@link Guard} finds the reader held up by one, or, on machines with processors to spare, when those of
 * several programs queue: then a few threads wait in read(2), each on a descriptor of its own, which it takes as one takes a turn, and who takes
 * the last turn has another one called.
 *
 * <p>Threads that are not needed are parked, the last one parked is called first, and one that nobody called for a while ends.
 *
 * <p>A request is answered on the descriptor it was read from, maybe much later and by another thread, so descriptors outlive threads.
 */
final class Workers implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    static final String NAME = "device";

    private static final int AT_START = 2;
    /** How many may wait in read(2): one more than can run at once would only be woken in turn with them. */
    private static final int READING = Math.max(2, Runtime.getRuntime().availableProcessors());

    /** Where programs and one reader take all processors, another one only takes turns with them. */
    static final boolean CAN_READ_MORE = Runtime.getRuntime().availableProcessors() > 3;
    /** For how long it is crowded after several programs' requests were found to queue. */
    static final long RIVALS_NANOS = 20_000_000L;
    /** The same after requests that waited for a file server. */
    static final long SLOW_NANOS = 200_000_000L;
    /** The same after one that held up the reader for a millisecond. */
    static final long HELD_UP_NANOS = 5_000_000L;

    private static final long IDLE_NANOS = 10_000_000_000L;
    /** How long threads may take to end when the mount is gone; what is stuck below then is left behind. */
    private static final long END_NANOS = 2_000_000_000L;

    private final Dispatcher dispatcher;
    private final Interrupts interrupts;
    private final int max;
    private final Runnable whenGone;

    private final long busyPollNanos;

    /** All there are. */
    private final Turn[] places = new Turn[READING];
    /** Those that nobody reads from; null where somebody does. */
    private final AtomicReferenceArray<Turn> turns = new AtomicReferenceArray<>(READING);

    /** Parked threads, the last one first. Guarded by itself. */
    private final ArrayDeque<Worker> parked = new ArrayDeque<>();
    /** Requests whose wait is over. */
    private final Queue<Parked> submitted = new ConcurrentLinkedQueue<>();

    private final AtomicInteger alive = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    /** Threads that were called or started and have not yet begun to wait or to serve. */
    private final AtomicInteger coming = new AtomicInteger();

    private final Guard guard = new Guard(this);
    /** How many requests were taken, give or take: a sign that things move. */
    private volatile long taken;
    /** {@link System#nanoTime}. */
    private volatile long crowdedUntil = System.nanoTime();

    private final AtomicInteger number = new AtomicInteger();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean atLimit = new AtomicBoolean();

    /**
     * What one thread at a time reads from.
     *
     * @param device where it waits
     * @param eager where it asks and does not wait; null when there is none
     */
    record Turn(Device device, Device eager) {
        void close() {
            device.close();
            if (eager != null) {
                eager.close();
            }
        }
    }

    /**
     * Makes a pool without threads.
     *
     * @param devices descriptors to read from, each of its own where possible
     * @param max bound of the threads
     * @param busyPollNanos how long a thread may ask for requests before it sleeps; 0: not at all
     * @param whenGone run once, when the mount is gone and all threads have ended but those that are stuck
     */
    Workers(
            Supplier<? extends Device> devices,
            Dispatcher dispatcher,
            Interrupts interrupts,
            int max,
            long busyPollNanos,
            Runnable whenGone) {
        // A single processor is the program's while the daemon has nothing to do.
        this.busyPollNanos = Runtime.getRuntime().availableProcessors() > 1 ? busyPollNanos : 0;
        for (int i = 0; i < READING; i++) {
            Device device = devices.get();
            places[i] = new Turn(device, this.busyPollNanos > 0 ? device.eager() : null);
            turns.set(i, places[i]);
        }
        this.dispatcher = dispatcher;
        this.interrupts = interrupts;
        this.max = max;
        this.whenGone = whenGone;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() {
        for (int i = 0; i < AT_START; i++) {
            grow();
        }
        Thread t = new Thread(guard, "fedfs-fuse-guard");
        t.setDaemon(true);
        t.start();
    }

    /**
     * One more thread that waits for requests: a parked one, else a new one if the bound allows. Nothing when one is on its way: it
     * calls for the next itself if it gets something to do at once.
     */
    void grow() {
        if (coming.get() > 0) {
            return;
        }
        coming.incrementAndGet();
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
                coming.decrementAndGet();
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
            coming.decrementAndGet();
            LOG.warn("no more than {} serving threads can be started: {}", n, e.getMessage());
        }
    }

    long busyPollNanos() {
        return busyPollNanos;
    }

    void entered(Exchange x) {
        interrupts.add(x);
    }

    void left(Exchange x) {
        interrupts.remove(x);
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of();
    }

    @Override
    public void submit(Parked p) {
        submitted.add(p);
        grow();
    }

    /** A request whose wait is over, or null. */
    Parked submitted() {
        return submitted.isEmpty() ? null : submitted.poll();
    }

    /** A thread that was called or started is here. */
    void arrived() {
        coming.decrementAndGet();
    }

    /** A thread begins with a request that was submitted: sees to it that somebody looks after what else comes. */
    void busy() {
        if (waiting.get() == 0 || !submitted.isEmpty()) {
            grow();
        }
    }

    /**
     * What the thread is to read from, counted as waiting; null when enough threads do already, or the mount is gone.
     *
     * @param now {@link System#nanoTime}
     */
    Turn takeTurn(Worker worker, long now) {
        if (gone.get() || waiting.get() > 0 && !isCrowded(now)) {
            return null;
        }
        int i = worker.turn;
        for (int n = 0; n < READING; n++) {
            Turn t = turns.get(i);
            if (t != null && turns.compareAndSet(i, t, null)) {
                worker.turn = i;
                waiting.incrementAndGet();
                return t;
            }
            i = i + 1 == READING ? 0 : i + 1;
        }
        return null;
    }

    /**
     * The thread got something from the device, and does not wait for more.
     *
     * @param answered whether it is a request that may take its time
     * @param now {@link System#nanoTime}
     */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // a sign that things move, and no count
    void taken(Worker worker, Turn turn, boolean answered, long now) {
        taken++;
        turns.set(worker.turn, turn);
        if (waiting.decrementAndGet() > 0 || !answered) {
            return;
        }
        if (isCrowded(now)) {
            grow();
        } else {
            guard.attend();
        }
    }

    /** More than one thread is to read, for at least half this time from now on. */
    void crowd(long now, long nanos) {
        if (crowdedUntil - now < nanos / 2) {
            crowdedUntil = now + nanos;
        }
    }

    private boolean isCrowded(long now) {
        return crowdedUntil - now > 0;
    }

    /** Changes as long as requests are taken. */
    long takenCount() {
        return taken;
    }

    /** Whether nobody waits for the next request. */
    boolean isUnattended() {
        return waiting.get() == 0;
    }

    /** Waits until the thread is needed; false when nobody needed it for a while: it ends. */
    boolean park(Worker worker) {
        synchronized (parked) {
            if (gone.get()) {
                return true;
            }
            parked.addFirst(worker);
        }
        if (!submitted.isEmpty() || worker.awaitCall(IDLE_NANOS)) {
            synchronized (parked) {
                parked.remove(worker);
            }
            return true;
        }
        synchronized (parked) {
            // Not there any more: called just now.
            return !parked.remove(worker);
        }
    }

    boolean isGone() {
        return gone.get();
    }

    int count() {
        return alive.get();
    }

    /** A thread ended; {@code mountGone}: because there is nothing to serve any more. */
    void ended(boolean mountGone) {
        if (mountGone && gone.compareAndSet(false, true)) {
            synchronized (parked) {
                parked.forEach(Worker::call);
                parked.clear();
            }
            CompletableFuture.delayedExecutor(END_NANOS, TimeUnit.NANOSECONDS).execute(this::finish);
        }
        // Also when all have failed: a mount that nobody serves would hang its users.
        if (alive.decrementAndGet() == 0) {
            finish();
        }
    }

    private void finish() {
        if (ended.compareAndSet(false, true)) {
            int stuck = alive.get();
            if (stuck > 0) {
                // Their threads may yet come back and answer, so the descriptors stay open.
                LOG.warn("{} requests are stuck at file servers that do not answer; leaving them", stuck);
            } else {
                for (Turn t : places) {
                    t.close();
                }
            }
            whenGone.run();
        }
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.Rusage;
import io.fedfs.linux.ThreadCredentials;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One serving thread: reads a request, has it served, reads the next, until the mount is gone or there are threads enough. */
final class Worker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** So many unexpected failures of read(2) in a row end the thread. */
    private static final int MAX_FAILURES = 100;

    /** What is read within this time of the last answer was there already. */
    private static final long AT_ONCE_NANOS = 5_000;
    /** What {@link #rivalry} grows by with each request of another program that was there already, and shrinks by with others. */
    private static final int RIVAL = 4;

    private static final int RIVALS = 16;
    /** After so many requests it is looked whether they had to wait for their file server. */
    private static final int SAMPLE = 16;

    private final Workers workers;
    private final Dispatcher dispatcher;
    private volatile Thread thread;
    private volatile boolean called;
    /** Called or started, and counted by {@link Workers} as on its way. */
    private volatile boolean coming = true;

    /** Whose request came last. */
    private int pid;
    /** How much it looks as if several programs want something at once. */
    private int rivalry;

    /** Requests since the last look, and how often the thread slept meanwhile for want of one. */
    private int served;

    private int slept;
    /** Voluntary switches at the last look. */
    private long switches;

    private final Rusage usage = new Rusage();
    private final BusyPoll poll;

    /** Where the last message came from. */
    private Device source;
    /** When it came, {@link System#nanoTime}. */
    private long began;

    /** The place of the device it read from last, to be tried first. */
    int turn;

    Worker(Workers workers, Dispatcher dispatcher) {
        this.workers = workers;
        this.poll = new BusyPoll(workers.busyPollNanos());
        this.dispatcher = dispatcher;
    }

    /** Ends an {@link #awaitCall}, also one that has yet to begin. */
    void call() {
        coming = true;
        called = true;
        LockSupport.unpark(thread);
    }

    /** Waits to be called; false when that did not happen in time. */
    boolean awaitCall(long nanos) {
        long end = System.nanoTime() + nanos;
        while (!called) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, left);
        }
        called = false;
        return true;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        boolean gone = false;
        Exchange x = null;
        try {
            ThreadCredentials.reset();
            x = new Exchange(Agreement.MAX_DATA, Agreement.MAX_DATA);
            workers.entered(x);
            gone = serve(x);
        } catch (Throwable t) {
            LOG.error("a serving thread failed", t);
        } finally {
            if (coming) {
                workers.arrived();
            }
            if (x != null) {
                workers.left(x);
                x.free();
            }
            workers.ended(gone);
        }
    }

    /** Returns true when the mount is gone, false when this thread is one too many. */
    private boolean serve(Exchange x) {
        int failures = 0;
        long now = System.nanoTime();
        while (true) {
            Parked next = workers.submitted();
            Workers.Turn turn = next == null ? workers.takeTurn(this, now) : null;
            if (coming) {
                coming = false;
                workers.arrived();
            }
            if (next != null) {
                workers.busy();
            } else {
                if (turn == null) {
                    if (workers.isGone()) {
                        return true;
                    }
                    slept++;
                    if (!workers.park(this)) {
                        return false;
                    }
                    now = System.nanoTime();
                    continue;
                }
                int n = read(turn, x, now);
                boolean atOnce = began - now < AT_ONCE_NANOS;
                boolean answered = n >= RequestReader.HEADER && Opcode.isAnswered(x.in.opcode());
                if (answered && areRivals(x.in.pid(), atOnce)) {
                    workers.crowd(began, Workers.RIVALS_NANOS);
                }
                workers.taken(this, turn, answered, began);
                if (n >= 0) {
                    failures = 0;
                    next = dispatcher.serve(x, source, n);
                } else if (n == -Errno.ENODEV || n == -Errno.ECONNABORTED) {
                    return true;
                } else if (n != -Errno.EINTR && n != -Errno.EAGAIN && n != -Errno.ENOENT) {
                    // ENOENT: the request was interrupted before anyone read it.
                    if (++failures > MAX_FAILURES) {
                        LOG.error("reading the fuse device keeps failing: {}", Errno.message(-n));
                        return true;
                    }
                }
                now = System.nanoTime();
                if (++served == SAMPLE && mustWait()) {
                    workers.crowd(now, Workers.SLOW_NANOS);
                }
            }
            while (next != null) {
                next = dispatcher.resume(x, next);
                now = System.nanoTime();
            }
        }
    }

    /**
     * Waits for the next message.
     *
     * @param now {@link System#nanoTime}
     * @return its length, or a negated errno
     */
    private int read(Workers.Turn turn, Exchange x, long now) {
        boolean asks = turn.eager() != null && poll.isWorthwhile();
        if (asks) {
            int n = ask(turn.eager(), x, now);
            if (n != -Errno.EAGAIN) {
                return n;
            }
        }
        source = turn.device();
        int n = source.read(x.in.buffer(), x.in.start(), x.in.capacity());
        began = System.nanoTime();
        if (began - now >= AT_ONCE_NANOS) {
            slept++;
            if (!asks) {
                poll.slept(began - now);
            }
        }
        return n;
    }

    /** As {@link #read}, but -EAGAIN when no message came in a moment. */
    private int ask(Device device, Exchange x, long now) {
        source = device;
        int n = device.read(x.in.buffer(), x.in.start(), x.in.capacity());
        began = System.nanoTime();
        if (n != -Errno.EAGAIN) {
            return n;
        }
        while (!poll.isOver(began - now)) {
            n = device.read(x.in.buffer(), x.in.start(), x.in.capacity());
            began = System.nanoTime();
            if (n != -Errno.EAGAIN) {
                poll.hit();
                return n;
            }
        }
        poll.missed();
        return n;
    }

    /** Whether some of the last requests made the thread sleep, so that others had better not wait behind such. */
    private boolean mustWait() {
        long before = switches;
        switches = usage.voluntarySwitches();
        boolean waited = switches - before - slept > SAMPLE / 8;
        served = 0;
        slept = 0;
        return waited;
    }

    /**
     * Whether several programs seem to be waiting. One that works alone has something done behind its back at times, such as the release of what it
     * closed, which is no reason to wake anybody.
     *
     * @param who process of the request, 0 for the kernel itself
     * @param atOnce whether it was there already when it was asked for
     */
    private boolean areRivals(int who, boolean atOnce) {
        if (who == 0 || !Workers.CAN_READ_MORE) {
            return false;
        }
        rivalry = Math.max(0, atOnce && who != pid ? rivalry + RIVAL : atOnce ? rivalry - 1 : rivalry - RIVAL);
        pid = who;
        rivalry = Math.min(rivalry, RIVALS);
        return rivalry == RIVALS;
    }
}

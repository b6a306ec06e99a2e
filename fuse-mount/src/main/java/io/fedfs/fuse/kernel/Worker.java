package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ThreadCredentials;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One serving thread: reads a request, has it served, reads the next, until the mount is gone or there are threads enough. */
final class Worker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** So many unexpected failures of read(2) in a row end the thread. */
    private static final int MAX_FAILURES = 100;

    private final Workers workers;
    private final Dispatcher dispatcher;
    private volatile Thread thread;
    private volatile boolean called;
    /** Called or started, and counted by {@link Workers} as on its way. */
    private volatile boolean coming = true;

    /** The place of the device it read from last, to be tried first. */
    int turn;

    Worker(Workers workers, Dispatcher dispatcher) {
        this.workers = workers;
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
        while (true) {
            Parked next = workers.submitted();
            Device device = next == null ? workers.takeTurn(this) : null;
            if (coming) {
                coming = false;
                workers.arrived();
            }
            if (next != null) {
                workers.busy();
            } else {
                if (device == null) {
                    if (workers.isGone()) {
                        return true;
                    }
                    if (!workers.park(this)) {
                        return false;
                    }
                    continue;
                }
                int n = device.read(x.in.buffer(), x.in.start(), x.in.capacity());
                boolean last = workers.taken(this, device);
                if (n >= 0) {
                    failures = 0;
                    if (last && n >= RequestReader.HEADER && Opcode.isAnswered(x.in.opcode())) {
                        workers.grow();
                    }
                    next = dispatcher.serve(x, device, n);
                } else if (n == -Errno.ENODEV || n == -Errno.ECONNABORTED) {
                    return true;
                } else if (n != -Errno.EINTR && n != -Errno.EAGAIN && n != -Errno.ENOENT) {
                    // ENOENT: the request was interrupted before anyone read it.
                    if (++failures > MAX_FAILURES) {
                        LOG.error("reading the fuse device keeps failing: {}", Errno.message(-n));
                        return true;
                    }
                }
            }
            while (next != null) {
                next = dispatcher.resume(x, next);
            }
        }
    }
}

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

    Worker(Workers workers, Dispatcher dispatcher) {
        this.workers = workers;
        this.dispatcher = dispatcher;
    }

    /** Ends an {@link #awaitCall}, also one that has yet to begin. */
    void call() {
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
        try (Device device = workers.device()) {
            ThreadCredentials.reset();
            x = new Exchange(Agreement.MAX_DATA, Agreement.MAX_DATA);
            workers.entered(x);
            gone = serve(x, device);
        } catch (Throwable t) {
            LOG.error("a serving thread failed", t);
        } finally {
            if (x != null) {
                workers.left(x);
                x.free();
            }
            workers.ended(gone);
        }
    }

    /** Returns true when the mount is gone, false when this thread is one too many. */
    private boolean serve(Exchange x, Device device) {
        int failures = 0;
        while (true) {
            if (!workers.awaitTurn(this)) {
                return false;
            }
            int n = device.read(x.in.buffer(), x.in.start(), x.in.capacity());
            boolean last = workers.taken();
            if (n >= 0) {
                failures = 0;
                if (last && n >= RequestReader.HEADER && Opcode.isAnswered(x.in.opcode())) {
                    workers.grow();
                }
                dispatcher.serve(x, device, n);
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
    }
}

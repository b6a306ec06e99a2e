package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.IoUring;
import io.fedfs.linux.ThreadCredentials;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that serves the requests of one {@link RingQueue}. One system call hands over a reply and waits for the next request.
 *
 * <p>While it serves a request, no entry waits for one in its name: the kernel fills an entry on the thread that handed it over, and a
 * thread that is stuck below would keep that request from everyone. So it has one entry at most, and none when it has nothing to do.
 */
final class RingWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(RingWorker.class);

    /** Bytes of {@code struct fuse_kstatfs}. */
    private static final int STATUS = 80;

    private static final long IDLE_NANOS = 10_000_000_000L;

    private final RingTransport transport;
    private final RingQueue queue;
    private final Dispatcher dispatcher;
    /** Written by this thread alone. */
    private final AtomicLong served = new AtomicLong();

    private volatile Thread thread;
    private volatile boolean woken;
    /** To wait for requests, though as many do as are needed as a rule. */
    private volatile boolean called;
    /** Whether it runs on the processor of the queue only. */
    private boolean bound;

    private boolean mayBind;
    /** The request under way has its reply in its entry. */
    private boolean replied;

    RingWorker(RingTransport transport, RingQueue queue, Dispatcher dispatcher) {
        this.transport = transport;
        this.queue = queue;
        this.dispatcher = dispatcher;
    }

    /** The calling thread is this worker's from now on. */
    void begin() {
        thread = Thread.currentThread();
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Runs on the processor of the queue: the program that waits leaves it free. */
    private void bind() {
        bound = RingTransport.bind(queue.id);
    }

    /** Runs anywhere while it serves the request under way. By this thread. */
    void unbind() {
        if (bound) {
            transport.unbind();
            bound = false;
        }
    }

    /** The reply to the request under way is in its entry. By this thread. */
    void replied() {
        replied = true;
    }

    long served() {
        return served.get();
    }

    /** Ends its wait for something to do, also one that has yet to begin. */
    void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    /** Has it wait for requests at an entry of its own. */
    void call() {
        called = true;
        wake();
    }

    @Override
    public void run() {
        begin();
        Exchange x = null;
        IoUring ring = null;
        try {
            ThreadCredentials.reset();
            x = new Exchange(Agreement.MAX_DATA, Agreement.MAX_DATA);
            ring = IoUring.open(1, 2);
            bind();
            mayBind = bound;
            transport.entered(x);
            serve(ring, x);
        } catch (ErrnoException e) {
            LOG.warn("a thread for processor {} cannot serve: {}", queue.id, e.getMessage());
        } catch (Throwable t) {
            LOG.error("a serving thread failed", t);
        } finally {
            if (ring != null) {
                ring.close();
            }
            if (x != null) {
                transport.left(x);
                x.free();
            }
            queue.remove(this);
            transport.ended();
        }
    }

    private void serve(IoUring ring, Exchange x) {
        RingEntry entry = null;
        while ((entry = next(ring, entry)) != null) {
            replied = false;
            served.lazySet(served.get() + 1);
            int n = entry.take(this, x.in.buffer(), x.in.start(), x.in.capacity());
            if (transport.kicker().isKick(x.in)) {
                entry.acknowledge(STATUS);
                replied = true;
                continue;
            }
            if (!Opcode.isAnswered(x.in.opcode())) {
                // What is not answered by the device is by ring: else the kernel would not have its entry back.
                entry.acknowledge(0);
                replied = true;
            }
            Parked following = dispatcher.serve(x, entry, n);
            if (mayBind && !bound) {
                bind();
            }
            if (following != null) {
                // Not by this thread: the reply that is here would wait.
                transport.submit(following);
            }
        }
    }

    /**
     * Hands over the reply, if there is one, and gets the next request.
     *
     * @param before with the reply
     * @return where the request is; null when this thread is to end
     */
    private RingEntry next(IoUring ring, RingEntry before) {
        while (true) {
            RingEntry ready = queue.ready.isEmpty() ? null : queue.ready.poll();
            if (ready != null) {
                if (replied) {
                    transport.keeper().commit(before);
                }
                return ready;
            }
            if (replied) {
                commit(ring, before);
                return await(ring) ? before : null;
            }
            if (called || queue.waiting.get() < RingQueue.WAITING) {
                called = false;
                RingEntry fresh = transport.newEntry(queue);
                fresh.register(ring, transport.device());
                return await(ring) ? fresh : null;
            }
            if (!park()) {
                return null;
            }
        }
    }

    private void commit(IoUring ring, RingEntry entry) {
        entry.commit(ring, transport.device());
        if (queue.backlog) {
            // Before the reply is handed over: what another thread notes from here on must not be lost.
            queue.backlog = false;
            ring.enter(0);
            if (ring.ready()) {
                queue.backlog = true; // the reply brought a request along, so there may be more
            }
        }
    }

    /** Waits for a request; false when the mount is gone. */
    private boolean await(IoUring ring) {
        queue.waiting.incrementAndGet();
        while (!ring.next()) {
            int r = ring.enter(1);
            if (r < 0 && r != -Errno.EINTR && r != -Errno.EAGAIN && r != -Errno.EBUSY) {
                LOG.error("waiting for requests failed: {}", Errno.message(-r));
                queue.waiting.decrementAndGet();
                return false;
            }
        }
        if (queue.waiting.decrementAndGet() == 0 && queue.kept == 0) {
            queue.backlog = true;
            transport.keeper().exhausted();
        }
        if (ring.result() < 0) {
            transport.keeper().failed(ring.result());
            return false;
        }
        return true;
    }

    /** Waits until there is something to do; false when this thread is not needed any more. */
    private boolean park() {
        queue.addSpare(this);
        long end = System.nanoTime() + IDLE_NANOS;
        while (!woken && queue.ready.isEmpty() && !transport.keeper().isGone()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
        }
        // Not there any more: somebody is waking it.
        boolean wanted = !queue.removeSpare(this) || !queue.ready.isEmpty();
        woken = false;
        return wanted && !transport.keeper().isGone();
    }
}

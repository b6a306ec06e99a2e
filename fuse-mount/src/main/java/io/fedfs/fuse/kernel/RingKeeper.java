package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.IoUring;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that holds the entries with which no serving thread waits. It never serves a request, so it is never stuck:
 * <ul>
 *   <li>it sends the replies of those that may not wait for the entry's next request: the {@link Watchdog}, and who serves a request that
 *       has waited;
 *   <li>a request that comes to an entry of its own it gives to a thread of that queue, a new one if need be. Each queue begins with
 *       one such entry and no thread;
 *   <li>where all threads of a queue are busy it looks every {@link #TICK} whether they get on, and else calls one more;
 *   <li>where requests wait in the kernel though a thread is free it sees to it that a reply is handed over: nothing else makes the kernel
 *       look at those (fuse_uring_do_register does not). See {@link RingKicker}.
 * </ul>
 * The kernel uses the entry that was handed over last (fs/fuse/dev_uring.c, fuse_uring_ent_avail), so threads that are at work keep getting the
 * requests, and those of the keeper come last.
 */
final class RingKeeper implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(RingKeeper.class);

    private static final int SUBMISSIONS = 256;
    private static final int COMPLETIONS = 1024;
    private static final long EVENT = -1;
    private static final long MILLI = 1_000_000L;
    private static final long TICK = 2 * MILLI;
    /** A queue whose threads each serve fewer requests than so many in a tick waits for something else than the processor. */
    private static final int BRISK = 8;
    /** How long to go on looking after a queue was exhausted last. */
    private static final long WATCHED = 1_000 * MILLI;

    private static final long END_SECONDS = 2;

    private final RingTransport transport;
    private final int event;
    private final NativeBuffer one = new NativeBuffer(8);
    private final NativeBuffer count = new NativeBuffer(8);

    /** Entries whose reply is to be sent. */
    private final Queue<RingEntry> replies = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean asleep = new AtomicBoolean();
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile ErrnoException failure;
    private volatile boolean gone;
    private volatile boolean alarm;
    private volatile boolean ticking;

    /** The rest belongs to the keeper's thread. */
    private IoUring ring;

    private long lastAlarm;
    private long lastTick;

    /** @throws ErrnoException there are no descriptors left */
    RingKeeper(RingTransport transport) throws ErrnoException {
        this.transport = transport;
        this.event = Sys.eventfd(0, Sys.EFD_CLOEXEC);
        if (event < 0) {
            throw new ErrnoException(-event, "eventfd");
        }
        one.putLong(0, 1);
    }

    /**
     * Begins, but tells the kernel nothing yet.
     *
     * @throws ErrnoException there is no ring to be had
     */
    void prepare(Thread thread) throws ErrnoException {
        thread.start();
        await(opened);
    }

    /**
     * Tells the kernel that requests may come by ring.
     *
     * @throws ErrnoException it does not want that; requests come by the device
     */
    void begin() throws ErrnoException {
        go.countDown();
        await(ready);
    }

    private void await(CountDownLatch latch) throws ErrnoException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ErrnoException(Errno.EINTR, "starting the ring");
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Has the reply sent that is in the entry, which is the keeper's from then on. */
    void commit(RingEntry entry) {
        replies.add(entry);
        wake();
    }

    /** The last thread that waited at a queue has got a request. */
    void exhausted() {
        if (!alarm) {
            alarm = true;
        }
        if (!ticking) {
            wake();
        }
    }

    /** A command of a thread did not give a request. */
    void failed(int result) {
        if (result == -Errno.ENOTCONN || result == -Errno.ECONNABORTED || result == -Errno.ENODEV) {
            end();
        } else {
            LOG.error("the kernel refused a command for its queue: {}", Errno.message(-result));
        }
    }

    /** The mount is gone: replies find nobody any more, and all threads end. */
    void end() {
        if (!gone) {
            gone = true;
            go.countDown();
            wake();
            transport.wakeAll();
        }
    }

    boolean isGone() {
        return gone;
    }

    /** Waits a while for the thread to end. */
    void awaitEnd() throws InterruptedException {
        if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("the ring's keeper does not end");
        }
    }

    /** Frees what {@link #commit} and {@link #exhausted} need; nobody may call them any more. */
    void close() {
        Sys.close(event);
    }

    private void wake() {
        if (asleep.getAndSet(false)) {
            Sys.write(event, one.address(), Long.BYTES);
        }
    }

    @Override
    public void run() {
        try {
            ring = IoUring.open(SUBMISSIONS, COMPLETIONS);
            opened.countDown();
            go.await();
            if (!gone) {
                register();
                ready.countDown();
                keep();
            }
        } catch (ErrnoException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            LOG.error("the ring's keeper failed", t);
        } finally {
            opened.countDown();
            ready.countDown();
            if (ring != null) {
                ring.close();
            }
            ended.countDown();
        }
    }

    /** One entry for each queue: the kernel begins when all have one (is_ring_ready). */
    private void register() throws ErrnoException {
        for (RingQueue queue : transport.queues()) {
            register(queue);
            int r = ring.enter(0);
            if (r < 0) {
                throw new ErrnoException(-r, "io_uring_enter");
            }
            while (ring.next()) {
                if (ring.result() < 0) {
                    throw new ErrnoException(-ring.result(), "offering a ring to the kernel");
                }
                complete(); // the first request, to the last queue
            }
        }
        ring.read(event, count.address(), Long.BYTES, EVENT);
    }

    private void register(RingQueue queue) {
        RingEntry entry = transport.newEntry(queue);
        entry.register(ring, transport.device());
        kept(queue, 1);
    }

    private static void kept(RingQueue queue, int more) {
        queue.kept = queue.kept + more;
    }

    private void keep() {
        while (!gone) {
            send();
            asleep.set(true);
            if (!replies.isEmpty() || alarm && !ticking || gone) {
                asleep.set(false);
            }
            int r = !asleep.get() ? ring.enter(0) : ticking ? ring.enter(1, TICK) : ring.enter(1);
            asleep.set(false);
            if (r < 0 && r != -Errno.EINTR && r != -Errno.ETIME && r != -Errno.EAGAIN && r != -Errno.EBUSY) {
                LOG.error("the ring's keeper cannot wait: {}", Errno.message(-r));
                return;
            }
            while (ring.next()) {
                complete();
            }
            watch(System.nanoTime());
        }
    }

    /** Prepares the replies that are to be sent. */
    private void send() {
        RingEntry entry;
        while ((entry = replies.poll()) != null) {
            if (ring.room() == 0) {
                ring.enter(0);
            }
            entry.commit(ring, transport.device());
            kept(entry.queue, 1);
        }
    }

    private void complete() {
        long what = ring.userData();
        if (what == EVENT) {
            ring.read(event, count.address(), Long.BYTES, EVENT);
            return;
        }
        RingEntry entry = transport.entry((int) what);
        RingQueue queue = entry.queue;
        kept(queue, -1);
        if (ring.result() < 0) {
            failed(ring.result());
            return;
        }
        if (queue.kept == 0 && queue.waiting.get() == 0) {
            // That was the queue's last entry: what comes now waits in the kernel, and no thread has noted it.
            queue.backlog = true;
            alarm = true;
        }
        queue.ready.add(entry);
        transport.handedOver();
        callOne(queue, false);
        if (queue.kept == 0 && queue.threads() < RingQueue.WAITING) {
            register(queue);
        }
    }

    /** Has a thread look after the queue; none, when all that may be are busy. */
    private void callOne(RingQueue queue, boolean toWait) {
        RingWorker worker = queue.pollSpare();
        if (worker == null) {
            worker = transport.startWorker(queue, toWait);
        } else if (toWait) {
            worker.call();
        } else {
            worker.wake();
        }
    }

    /** Looks whether exhausted queues get on, once in a tick. */
    private void watch(long now) {
        if (alarm) {
            alarm = false;
            lastAlarm = now;
            if (!ticking) {
                ticking = true;
                lastTick = now;
                for (RingQueue queue : transport.queues()) {
                    queue.servedBefore = queue.served();
                }
            }
        }
        if (!ticking || now - lastTick < TICK) {
            return;
        }
        lastTick = now;
        for (RingQueue queue : transport.queues()) {
            relieve(queue, now);
        }
        if (now - lastAlarm > WATCHED && !transport.hasBacklog()) {
            ticking = false;
        }
    }

    private void relieve(RingQueue queue, long now) {
        long served = queue.served();
        int threads = queue.threads();
        if (served - queue.servedBefore < (long) threads * BRISK) {
            if (queue.isExhausted()) {
                // Half as many again: a file server that is far away shall have as many requests as it can take.
                for (int i = 0; i < Math.max(1, threads / 2); i++) {
                    callOne(queue, true);
                }
            } else if (queue.backlog) {
                transport.kicker().kick(queue, now);
            }
        }
        queue.servedBefore = served;
    }
}

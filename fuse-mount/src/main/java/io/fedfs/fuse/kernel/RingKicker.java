package io.fedfs.fuse.kernel;

import io.fedfs.linux.CString;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the kernel to look at requests that wait in a queue. It does that only when a reply is handed over there (fs/fuse/dev_uring.c,
 * fuse_uring_next_fuse_req; registering an entry does not), and when all that was taken from the queue is stuck or stands in line, nobody hands
 * over any. So a thread, on that processor, asks for the mount's statfs(2): its request goes to an entry that is free, past those that
 * wait, and is answered by whoever gets it without asking the file system; the reply brings along the first one that waits.
 *
 * <p>A request of its own may come too early and wait with the others; then another thread tries again. This is the one place where the daemon uses its own
 * mount: by threads that may block, hold nothing while they do, and look no name up there.
 */
final class RingKicker {
    private static final Logger LOG = LoggerFactory.getLogger(RingKicker.class);

    private static final int STATFS = 120;
    private static final int MAX_THREADS = 32;
    /** Of one queue; with more, only one now and then. */
    private static final int MAX_UNDER_WAY = 8;

    private static final long AGAIN_NANOS = 10_000_000;
    private static final long LATE_NANOS = 200_000_000;
    private static final long IDLE_SECONDS = 10;

    private final RingTransport transport;
    private final Path mountPoint;
    private final AtomicLong kicks = new AtomicLong();
    /** Thread ids of those that ask. */
    private final Set<Integer> askers = ConcurrentHashMap.newKeySet();

    private final ThreadPoolExecutor threads;

    RingKicker(RingTransport transport, Path mountPoint) {
        this.transport = transport;
        this.mountPoint = mountPoint;
        this.threads =
                new ThreadPoolExecutor(0, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), r -> {
                    Thread t = new Thread(r, "fedfs-fuse-ring-kicker");
                    t.setDaemon(true);
                    return t;
                });
    }

    /** Has it done for the queue, unless it was done just now. By the keeper's thread. */
    void kick(RingQueue queue, long now) {
        int underWay = queue.kicks.get();
        // Those under way may all have come too early, and wait with the others.
        long pause = underWay >= MAX_UNDER_WAY ? LATE_NANOS : AGAIN_NANOS;
        if (underWay > 0 && now - queue.kickedAt < pause) {
            return;
        }
        queue.kickedAt = now;
        queue.kicks.incrementAndGet();
        try {
            threads.execute(() -> ask(queue));
        } catch (RejectedExecutionException e) {
            queue.kicks.decrementAndGet();
            LOG.debug("all threads that could look after processor {} are busy", queue.id);
        }
    }

    private void ask(RingQueue queue) {
        int me = Sys.gettid();
        askers.add(me);
        try (CString path = CString.of(mountPoint.toString())) {
            if (RingTransport.bind(queue.id)) {
                kicks.incrementAndGet();
                Sys.statfs(path.address(), new NativeBuffer(STATFS).address());
            }
        } finally {
            askers.remove(me);
            queue.kicks.decrementAndGet();
        }
    }

    /** Whether the request is one of its own, to be answered with anything. */
    boolean isKick(RequestReader request) {
        return request.opcode() == Opcode.STATFS && askers.contains(request.pid());
    }

    long kicks() {
        return kicks.get();
    }

    void end() {
        threads.shutdown();
    }
}

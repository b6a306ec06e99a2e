package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends invalidations from a thread of its own. The queue is bounded: when it is full the oldest is dropped and counted, and where the
 * kernel knows how (7.44) all names it remembers are then declared old at once, so that nothing stays that should not.
 *
 * <p>The kernel takes the lock of the directory whose name it is to forget (fs/fuse/dir.c, fuse_reverse_inval_entry), and a request that is
 * stuck at a file server may hold it. {@link #relieve} then has another thread go on with the rest of the queue.
 */
final class Notifier implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    private static final int INVAL_INODE = 2;
    private static final int INVAL_ENTRY = 3;
    private static final int INC_EPOCH = 8;
    private static final int PRUNE = 9;
    /** Nodes in one message. */
    private static final int PRUNED_AT_ONCE = 120;

    private static final int HEADER = 16;
    private static final int NAME_MAX = 1024;
    /** Threads at most; all but one of them stuck. */
    private static final int MAX_THREADS = 16;

    private static final long STUCK_NANOS = 1_000_000_000L;

    private final Device device;
    private final boolean epochKnown;
    private final int capacity;

    /** One invalidation: of a name when there is one, of a node else; or nodes to be pruned. */
    private static final class Notice {
        final long nodeid;
        final byte[] name;
        final boolean dataToo;
        final long[] pruned;

        Notice(long nodeid, byte[] name, boolean dataToo, long[] pruned) {
            this.nodeid = nodeid;
            this.name = name;
            this.dataToo = dataToo;
            this.pruned = pruned;
        }
    }

    /** Guarded by this. */
    private final ArrayDeque<Notice> queue = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean overflowed;

    /** Guarded by this. */
    private boolean closed;

    /** Threads that send, how many of them are in the middle of it, and when one began last. Guarded by this. */
    private int threads;

    private int sending;
    private long lastBegun;

    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();

    /** @param epochKnown whether FUSE_NOTIFY_INC_EPOCH may be used */
    Notifier(Device device, boolean epochKnown, int capacity) {
        this.device = device;
        this.epochKnown = epochKnown;
        this.capacity = capacity;
    }

    void invalidateEntry(long parent, byte[] name) {
        if (name.length > 0 && name.length <= NAME_MAX) {
            enqueue(new Notice(parent, name.clone(), false, null));
        }
    }

    void invalidateInode(long nodeid, boolean dataToo) {
        enqueue(new Notice(nodeid, null, dataToo, null));
    }

    void prune(long[] nodeids) {
        for (int at = 0; at < nodeids.length; at += PRUNED_AT_ONCE) {
            int end = Math.min(nodeids.length, at + PRUNED_AT_ONCE);
            enqueue(new Notice(0, null, false, Arrays.copyOfRange(nodeids, at, end)));
        }
    }

    /** By the calling thread, since no lock is needed: all names are old from now on. False when the kernel does not know how (7.44). */
    boolean invalidateAllEntries() {
        if (!epochKnown) {
            return false;
        }
        send(new NativeBuffer(HEADER), INC_EPOCH, HEADER);
        sent.incrementAndGet();
        return true;
    }

    boolean canInvalidateAllEntries() {
        return epochKnown;
    }

    /** Waits until what was enqueued before has been sent; false when it was not within the bound. */
    synchronized boolean awaitSent(Duration bound) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        while ((!queue.isEmpty() || sending > 0) && !closed) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    /** By the calling thread: for attributes alone the kernel takes no lock that a request could hold (fuse_reverse_inval_inode). */
    void invalidateAttributesNow(long nodeid) {
        sendInode(new NativeBuffer(HEADER + 24), nodeid, false);
        sent.incrementAndGet();
    }

    private synchronized void enqueue(Notice n) {
        if (closed) {
            return;
        }
        if (queue.size() >= capacity) {
            queue.removeFirst();
            dropped.incrementAndGet();
            overflowed = true;
        }
        queue.addLast(n);
        notifyAll();
    }

    /** How many were dropped because the queue was full. */
    long dropped() {
        return dropped.get();
    }

    long sent() {
        return sent.get();
    }

    /** Begins to send, by a thread of its own. */
    synchronized void start() {
        threads++;
        Thread t = new Thread(this, "fedfs-fuse-notify-" + threads);
        t.setDaemon(true);
        t.start();
    }

    /** Called now and then: if all threads are stuck and something is to be sent, there will be one more. */
    synchronized void relieve(long now) {
        if (!queue.isEmpty() && sending == threads && threads < MAX_THREADS && now - lastBegun > STUCK_NANOS) {
            LOG.warn("an invalidation waits for a request that is stuck; the others go on");
            start();
        }
    }

    /** Sends until closed, or until a thread that was stuck is not needed any more. */
    @Override
    public void run() {
        try {
            NativeBuffer message = new NativeBuffer(HEADER + 24 + NAME_MAX + 1);
            while (sendNext(message)) {
                sent.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            LOG.error("invalidations to the kernel have stopped", t);
        } finally {
            synchronized (this) {
                threads--;
                notifyAll();
            }
        }
    }

    /** Waits for one and sends it; false when this thread is to end. */
    private boolean sendNext(NativeBuffer message) throws InterruptedException {
        Notice n;
        boolean epoch;
        synchronized (this) {
            while (queue.isEmpty() && !closed) {
                if (threads - sending > 1) {
                    return false;
                }
                wait();
            }
            if (closed) {
                return false;
            }
            n = queue.removeFirst();
            epoch = overflowed;
            overflowed = false;
            sending++;
            lastBegun = System.nanoTime();
        }
        try {
            send(message, n, epoch);
        } finally {
            synchronized (this) {
                sending--;
                if (sending == 0 && queue.isEmpty()) {
                    notifyAll();
                }
            }
        }
        return true;
    }

    private void send(NativeBuffer message, Notice n, boolean epoch) {
        if (epoch) {
            LOG.warn("{} invalidations were dropped so far: the kernel's queue was full", dropped.get());
            if (epochKnown) {
                send(message, INC_EPOCH, HEADER);
            }
        }
        if (n.pruned != null) {
            sendPrune(message, n.pruned);
        } else if (n.name == null) {
            sendInode(message, n.nodeid, n.dataToo);
        } else {
            sendEntry(message, n.nodeid, n.name);
        }
    }

    /** {@code struct fuse_notify_inval_inode_out}: a negative offset means attributes only. */
    private void sendInode(NativeBuffer message, long nodeid, boolean dataToo) {
        message.putLong(HEADER, nodeid);
        message.putLong(HEADER + 8, dataToo ? 0 : -1);
        message.putLong(HEADER + 16, 0);
        send(message, INVAL_INODE, HEADER + 24);
    }

    /** {@code struct fuse_notify_prune_out} and the nodes. */
    private void sendPrune(NativeBuffer message, long[] nodeids) {
        message.putInt(HEADER, nodeids.length);
        message.putInt(HEADER + 4, 0);
        message.putLong(HEADER + 8, 0);
        for (int i = 0; i < nodeids.length; i++) {
            message.putLong(HEADER + 16 + i * Long.BYTES, nodeids[i]);
        }
        send(message, PRUNE, HEADER + 16 + nodeids.length * Long.BYTES);
    }

    /** {@code struct fuse_notify_inval_entry_out}, the name and a NUL. */
    private void sendEntry(NativeBuffer message, long parent, byte[] name) {
        message.putLong(HEADER, parent);
        message.putInt(HEADER + 8, name.length);
        message.putInt(HEADER + 12, 0);
        message.putCString(HEADER + 16, name);
        send(message, INVAL_ENTRY, HEADER + 16 + name.length + 1);
    }

    /** ENOENT: the kernel does not know it, which is as good. */
    private void send(NativeBuffer message, int code, int length) {
        message.putInt(0, length);
        message.putInt(4, code);
        message.putLong(8, 0);
        int w = device.write(message, 0, length);
        if (w < 0 && w != -Errno.ENOENT && w != -Errno.ENODEV && w != -Errno.ENOTDIR) {
            LOG.warn("the kernel refused an invalidation ({}): {}", code, Errno.name(-w));
        }
    }

    /** Ends the threads; waits a moment for those that are sending. */
    @Override
    public synchronized void close() {
        closed = true;
        queue.clear();
        notifyAll();
        long end = System.nanoTime() + STUCK_NANOS;
        try {
            for (long left = STUCK_NANOS; threads > 0 && left > 0; left = end - System.nanoTime()) {
                wait(left / 1_000_000 + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

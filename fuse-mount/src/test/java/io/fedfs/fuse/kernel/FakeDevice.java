package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A device whose requests the test writes and whose replies it reads. Closed, it answers ENODEV as an unmounted one does. */
final class FakeDevice implements Device {
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> requests;
    final BlockingQueue<byte[]> replies;
    /** What {@link #eager} gave. */
    private final boolean eager;
    /** Requests that were read from what {@link #eager} gave. */
    final AtomicInteger readEagerly;

    /** What write answers instead of taking the reply; 0: takes it. */
    volatile int writeError;

    FakeDevice() {
        this.requests = new LinkedBlockingQueue<>();
        this.replies = new LinkedBlockingQueue<>();
        this.eager = false;
        this.readEagerly = new AtomicInteger();
    }

    private FakeDevice(FakeDevice of) {
        this.requests = of.requests;
        this.replies = of.replies;
        this.eager = true;
        this.readEagerly = of.readEagerly;
    }

    void send(byte[] request) {
        requests.add(request);
    }

    /** Every reader finds the mount gone from now on. */
    void unmount() {
        requests.add(END);
    }

    @Override
    public int read(NativeBuffer buffer, int offset, int capacity) {
        try {
            byte[] r = eager ? requests.poll() : requests.take();
            if (r == null) {
                return -Errno.EAGAIN;
            }
            if (r == END) {
                requests.add(END);
                return -Errno.ENODEV;
            }
            if (eager) {
                readEagerly.incrementAndGet();
            }
            buffer.put(offset, r, 0, Math.min(r.length, capacity));
            return r.length;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.ENODEV;
        }
    }

    @Override
    public Device eager() {
        return new FakeDevice(this);
    }

    @Override
    public int write(NativeBuffer buffer, int offset, int length) {
        if (writeError != 0) {
            return writeError;
        }
        replies.add(buffer.bytes(offset, length));
        return length;
    }

    @Override
    public void close() {}
}

package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A device whose requests the test writes and whose replies it reads. Closed, it answers ENODEV as an unmounted one does. */
final class FakeDevice implements Device {
    private static final byte[] END = new byte[0];

    private final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> replies = new LinkedBlockingQueue<>();
    /** What write answers instead of taking the reply; 0: takes it. */
    volatile int writeError;

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
            byte[] r = requests.take();
            if (r == END) {
                requests.add(END);
                return -Errno.ENODEV;
            }
            buffer.put(offset, r, 0, Math.min(r.length, capacity));
            return r.length;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.ENODEV;
        }
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

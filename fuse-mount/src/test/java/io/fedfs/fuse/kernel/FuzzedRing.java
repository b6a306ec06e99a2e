package io.fedfs.fuse.kernel;

import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** A ring entry without a kernel: requests are put into it as fs/fuse/dev_uring.c does, now and then with lengths that do not fit together. */
final class FuzzedRing implements AutoCloseable {
    private static final int ARGUMENT = 128;
    private static final int PAYLOAD_SIZE = 272;
    private static final int HEADER = RequestReader.HEADER;
    private static final int[] LENGTHS = {0, 1, -1, 41, Integer.MAX_VALUE, Integer.MIN_VALUE, FuzzedSession.MAX_DATA + 1
    };

    private final Random random = new Random();
    private final RingKeeper keeper = new RingKeeper(null);
    private final RingEntry entry = new RingEntry(new RingQueue(0, 1), 0, FuzzedSession.MAX_DATA, keeper);
    private final byte[] reply = new byte[FuzzedSession.MAX_DATA];
    private String fault;
    private boolean honest;

    FuzzedRing() throws ErrnoException {}

    /** Puts a request into the entry, and takes it out again. Returns its length. */
    int take(byte[] request, int length, byte behind, RequestReader into) {
        fault = null;
        byte[] whole = Arrays.copyOf(request, Math.max(length, HEADER));
        ByteBuffer view = ByteBuffer.wrap(whole).order(ByteOrder.nativeOrder());
        if (view.getLong(8) == 0) {
            view.putLong(8, 2); // the kernel sees to it itself (fuse_uring_copy_to_ring)
        }
        int opcode = view.getInt(4);
        int argument = Math.min(whole.length - HEADER, Math.min(ARGUMENT, Opcode.fixedArguments(opcode)));
        int payload = whole.length - HEADER - argument;
        NativeBuffer memory = entry.memory();
        memory.put(0, whole, 0, HEADER);
        memory.put(ARGUMENT, whole, HEADER, argument);
        memory.put(RingEntry.PAYLOAD, whole, HEADER + argument, payload);
        memory.putByte(RingEntry.PAYLOAD + payload, behind);
        // By the request, so that the same one is damaged in the same way.
        random.setSeed(Arrays.hashCode(whole));
        honest = random.nextInt(8) > 0;
        memory.putInt(PAYLOAD_SIZE, honest ? payload : LENGTHS[random.nextInt(LENGTHS.length)]);
        int taken = entry.take(null, into.buffer(), into.start(), into.capacity());
        if (taken < HEADER || taken > into.capacity()) {
            fault = "a message of " + taken + " bytes";
        } else if (honest && memory.getInt(0) == whole.length && !Arrays.equals(bytes(into, taken), whole)) {
            fault = "not the message that was put there";
        }
        return taken;
    }

    private static byte[] bytes(RequestReader from, int length) {
        return from.buffer().bytes(from.start(), length);
    }

    /** Sends a reply, of which {@code bytes} is a copy. */
    void put(NativeBuffer buffer, int offset, int length, byte[] bytes) {
        int body = length - ReplyWriter.HEADER;
        NativeBuffer memory = entry.memory();
        if (entry.write(buffer, offset, length) != length || memory.getInt(PAYLOAD_SIZE) != body) {
            fault = "a reply of " + length + " bytes is not taken";
            return;
        }
        memory.get(RingEntry.PAYLOAD, reply, 0, body);
        if (!Arrays.equals(reply, 0, body, bytes, ReplyWriter.HEADER, length)
                || !Arrays.equals(memory.bytes(0, ReplyWriter.HEADER), Arrays.copyOf(bytes, ReplyWriter.HEADER))) {
            fault = "not the reply that was sent";
        }
    }

    /** Whether the entry said truly how long the request's parts are: else what was there before is taken for some of it. */
    boolean isHonest() {
        return honest;
    }

    String fault() {
        return fault;
    }

    @Override
    public void close() {
        entry.free();
        keeper.close();
    }
}

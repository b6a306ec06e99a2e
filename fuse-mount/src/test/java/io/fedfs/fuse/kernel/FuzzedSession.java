package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The decoder and dispatcher before a file system, without a device: one request in, at most one reply out, judged as the kernel would judge it
 * (fuse_dev_do_write and the callers' sizes in fs/fuse).
 */
final class FuzzedSession implements AutoCloseable {
    static final int MAX_DATA = 64 * 1024;

    private static final int LARGEST_ERRNO = 511;

    final Exchange x = new Exchange(MAX_DATA, MAX_DATA);
    private final Interrupts interrupts = new Interrupts();
    private final Dispatcher dispatcher;
    private final Reply reply = new Reply();
    /** Through which requests come and replies go; null: as by the device. */
    private final FuzzedRing ring;

    FuzzedSession(FileSystem fs) {
        this(fs, null);
    }

    FuzzedSession(FileSystem fs, FuzzedRing ring) {
        this.ring = ring;
        this.dispatcher = Dispatchers.of(fs, true, interrupts, new Counters());
        interrupts.add(x);
    }

    /**
     * Serves one request.
     *
     * @param behind what the memory behind the message holds
     * @param refused whether the reply finds nobody any more, as when the caller was killed
     * @return what is wrong with the outcome; null if nothing
     */
    String serve(byte[] request, int length, byte behind, boolean refused) {
        int start = x.in.start();
        NativeBuffer memory = x.in.buffer();
        memory.put(start, request, 0, length);
        for (int i = 0; i < 64 && start + length + i < memory.capacity(); i++) {
            memory.putByte(start + length + i, behind);
        }
        if (length > 16
                && ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).getInt(4) == Opcode.SETLKW) {
            // Interrupted before it comes, it does not wait: who has the lock is in the same thread.
            interrupts.interrupt(
                    ByteBuffer.wrap(request).order(ByteOrder.nativeOrder()).getLong(8));
        }
        reply.count = 0;
        reply.refused = refused;
        int taken = length;
        try {
            if (ring != null) {
                taken = ring.take(request, length, behind, x.in);
            }
            dispatcher.serve(x, reply, taken);
        } catch (Throwable t) {
            return "thrown out of the dispatcher: " + t;
        }
        return ring != null && ring.fault() != null ? ring.fault() : fault(taken);
    }

    private String fault(int length) {
        int opcode = length < RequestReader.HEADER ? 0 : x.in.opcode();
        if (length < RequestReader.HEADER || !Opcode.isAnswered(opcode)) {
            return reply.count == 0 ? null : "answered though nobody waits";
        }
        if (reply.count != 1) {
            return reply.count + " replies";
        }
        if (reply.length < ReplyWriter.HEADER || reply.i32(0) != reply.length) {
            return "length in header " + reply.i32(0) + " of " + reply.length;
        }
        if (reply.i64(8) != x.in.unique()) {
            return "another request's number";
        }
        int error = reply.i32(4);
        if (error > 0 || error < -LARGEST_ERRNO || error != 0 && reply.length != ReplyWriter.HEADER) {
            return "error " + error + " with " + reply.length + " bytes";
        }
        return error == 0 ? bodyFault(opcode, reply.length - ReplyWriter.HEADER) : null;
    }

    /** The kernel takes a reply only if it has the size it made room for. */
    private String bodyFault(int opcode, int body) {
        int least;
        int most;
        switch (opcode) {
            case Opcode.LOOKUP, Opcode.SYMLINK, Opcode.MKNOD, Opcode.MKDIR, Opcode.LINK -> least = most = 128;
            case Opcode.GETATTR, Opcode.SETATTR -> least = most = 104;
            case Opcode.OPEN, Opcode.OPENDIR -> least = most = 16;
            case Opcode.CREATE, Opcode.TMPFILE -> least = most = 144;
            case Opcode.STATFS -> least = most = 80;
            case Opcode.STATX -> least = most = 288;
            case Opcode.WRITE, Opcode.LSEEK, Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 -> least = most = 8;
            case Opcode.GETLK -> least = most = 24;
            case Opcode.READ, Opcode.READDIR, Opcode.READDIRPLUS -> {
                least = 0;
                most = x.in.u32(16);
            }
            case Opcode.GETXATTR, Opcode.LISTXATTR -> {
                least = x.in.u32(0) == 0 ? 8 : 0;
                most = Math.max(8, x.in.u32(0));
            }
            case Opcode.READLINK -> {
                least = 0;
                most = 4095;
            }
            case Opcode.IOCTL -> least = most = 16 + x.in.u32(28);
            default -> least = most = 0;
        }
        return body < least || body > most ? body + " bytes in a reply to " + Opcode.name(opcode) : null;
    }

    /** Whether nothing but the request was served. */
    boolean servedTheRequest() {
        return ring == null || ring.isHonest();
    }

    /** Whether the request that was served last succeeded and was answered. */
    boolean succeeded() {
        return reply.count == 1 && !reply.refused && reply.i32(4) == 0;
    }

    /** The reply to it, behind its header. */
    long u64(int at) {
        return reply.i64(ReplyWriter.HEADER + at);
    }

    int u32(int at) {
        return reply.i32(ReplyWriter.HEADER + at);
    }

    int bodyLength() {
        return reply.length - ReplyWriter.HEADER;
    }

    /** A hash of the whole reply. */
    int replyHash() {
        int hash = reply.count;
        for (int i = 0; i < (reply.count == 0 ? 0 : reply.length); i++) {
            hash = 31 * hash + reply.bytes[i];
        }
        return hash;
    }

    @Override
    public void close() {
        x.free();
        if (ring != null) {
            ring.close();
        }
    }

    /** Keeps the reply, and takes it as the kernel does. */
    private final class Reply implements Device {
        private final byte[] bytes = new byte[MAX_DATA + 8192];
        private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        private int length;
        private int count;
        private boolean refused;

        @Override
        public int read(NativeBuffer buffer, int offset, int capacity) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(NativeBuffer buffer, int offset, int size) {
            buffer.get(offset, bytes, 0, size);
            length = size;
            count++;
            if (ring != null) {
                ring.put(buffer, offset, size, bytes);
            }
            return refused ? -Errno.ENOENT : size;
        }

        int i32(int at) {
            return view.getInt(at);
        }

        long i64(int at) {
            return view.getLong(at);
        }

        @Override
        public void close() {}
    }
}

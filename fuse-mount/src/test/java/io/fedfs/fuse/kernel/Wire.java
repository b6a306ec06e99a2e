package io.fedfs.fuse.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds messages byte by byte, as the kernel would. */
final class Wire {
    private final ByteBuffer b = ByteBuffer.allocate(1 << 16).order(ByteOrder.nativeOrder());

    static Wire bytes() {
        return new Wire();
    }

    /** A request's header, with uid 1000, gid 100, pid 4321. */
    static Wire request(int opcode, long unique, long nodeid) {
        return request(opcode, unique, nodeid, 4321);
    }

    static Wire request(int opcode, long unique, long nodeid, int pid) {
        return new Wire()
                .u32(0)
                .u32(opcode)
                .u64(unique)
                .u64(nodeid)
                .u32(1000)
                .u32(100)
                .u32(pid)
                .u32(0);
    }

    static Wire reply(int error, long unique) {
        return new Wire().u32(0).u32(error).u64(unique);
    }

    Wire u8(int v) {
        b.put((byte) v);
        return this;
    }

    Wire u16(int v) {
        b.putShort((short) v);
        return this;
    }

    Wire u32(int v) {
        b.putInt(v);
        return this;
    }

    Wire u64(long v) {
        b.putLong(v);
        return this;
    }

    Wire name(String s) {
        return text(s).u8(0);
    }

    Wire text(String s) {
        b.put(s.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Wire zeros(int n) {
        b.put(new byte[n]);
        return this;
    }

    /** Says in the header that the last {@code words * 8} bytes are extensions. */
    Wire extensions(int words) {
        b.putShort(36, (short) words);
        return this;
    }

    /** The message, its length in its first field. */
    byte[] message() {
        b.putInt(0, b.position());
        return raw();
    }

    byte[] raw() {
        return Arrays.copyOf(b.array(), b.position());
    }
}

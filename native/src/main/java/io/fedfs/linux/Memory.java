package io.fedfs.linux;

import com.kenai.jffi.MemoryIO;

/** Copies to and from plain addresses, for answers whose memory the caller gave as an address and a size. Nothing is checked here. */
public final class Memory {
    private static final MemoryIO IO = MemoryIO.getInstance();

    private Memory() {}

    public static void put(long address, byte[] from, int length) {
        IO.putByteArray(address, from, 0, length);
    }

    public static byte[] get(long address, int length) {
        byte[] b = new byte[length];
        IO.getByteArray(address, b, 0, length);
        return b;
    }

    public static void copy(long from, long to, long length) {
        IO.copyMemory(from, to, length);
    }

    public static void zero(long address, long length) {
        IO.setMemory(address, length, (byte) 0);
    }
}

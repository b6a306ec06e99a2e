package io.fedfs.linux;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the Java heap with a known address, for arguments and results of system calls. Every access is bounds
 * checked, so a malformed message raises {@link IndexOutOfBoundsException} instead of reading elsewhere. Not safe for use by
 * two threads at once. Freed when unreachable.
 */
public final class NativeBuffer {
    private final ByteBuffer bytes;
    private final long address;

    /** Allocates {@code size} zeroed bytes, aligned to 4,096 when at least that large (the device wants whole pages). */
    public NativeBuffer(int size) {
        ByteBuffer b = size >= 4096
                ? ByteBuffer.allocateDirect(Math.addExact(size, 2 * 4096)).alignedSlice(4096)
                : ByteBuffer.allocateDirect(size);
        this.bytes = b.slice(0, size).order(ByteOrder.nativeOrder());
        this.address = MemoryIO.getInstance().getDirectBufferAddress(this.bytes);
    }

    private NativeBuffer(ByteBuffer bytes, long address) {
        this.bytes = bytes;
        this.address = address;
    }

    /**
     * Memory of whole pages that takes room only where it is touched, for large buffers that are seldom used to their end.
     * It is not freed when unreachable: the owner calls {@link #unmap}, and nobody uses the buffer after that.
     *
     * @throws OutOfMemoryError when the kernel has none
     */
    public static NativeBuffer mapped(int size) {
        long address = Sys.mmapPrivate(size);
        if (address < 0) {
            throw new OutOfMemoryError("mmap of " + size + " bytes: " + Errno.message((int) -address));
        }
        ByteBuffer view = MemoryIO.getInstance().newDirectByteBuffer(address, size);
        return new NativeBuffer(view.order(ByteOrder.nativeOrder()), address);
    }

    /**
     * Memory that a file shares, as {@code mmap(2)} gives it. The owner calls {@link #unmap}, and nobody uses the buffer after that.
     *
     * @throws ErrnoException what the kernel says, e.g. ENOMEM
     */
    static NativeBuffer shared(int fd, long offset, int size) throws ErrnoException {
        long address = Sys.mmapShared(fd, offset, size);
        if (address < 0) {
            throw new ErrnoException((int) -address, "mmap of " + size + " bytes");
        }
        return view(address, size);
    }

    /**
     * Memory that belongs to someone else, such as an argument of a callback: valid only as long as they keep it.
     *
     * @param address not 0
     */
    public static NativeBuffer view(long address, int size) {
        if (address == 0 || size < 0) {
            throw new IllegalArgumentException(size + " bytes at address " + address);
        }
        ByteBuffer view = MemoryIO.getInstance().newDirectByteBuffer(address, size);
        return new NativeBuffer(view.order(ByteOrder.nativeOrder()), address);
    }

    /** The bytes of a C string at any address, without its NUL. */
    public static byte[] cString(long address) {
        if (address == 0) {
            throw new IllegalArgumentException("a null string");
        }
        return MemoryIO.getInstance().getZeroTerminatedByteArray(address);
    }

    /** Frees memory that {@link #mapped} made; using the buffer afterwards is a fault of the process. */
    public void unmap() {
        Sys.munmap(address, bytes.capacity());
    }

    public long address() {
        return address;
    }

    /** Address of the byte at {@code offset}; the caller sees to it that what is read or written there fits. */
    public long address(int offset) {
        return address + java.util.Objects.checkIndex(offset, bytes.capacity() + 1);
    }

    public int capacity() {
        return bytes.capacity();
    }

    public byte getByte(int offset) {
        return bytes.get(offset);
    }

    public short getShort(int offset) {
        return bytes.getShort(offset);
    }

    public int getInt(int offset) {
        return bytes.getInt(offset);
    }

    public long getLong(int offset) {
        return bytes.getLong(offset);
    }

    public void putByte(int offset, byte v) {
        bytes.put(offset, v);
    }

    public void putShort(int offset, short v) {
        bytes.putShort(offset, v);
    }

    public void putInt(int offset, int v) {
        bytes.putInt(offset, v);
    }

    public void putLong(int offset, long v) {
        bytes.putLong(offset, v);
    }

    public void get(int offset, byte[] to, int at, int length) {
        bytes.get(offset, to, at, length);
    }

    public void put(int offset, byte[] from, int at, int length) {
        bytes.put(offset, from, at, length);
    }

    public void copyFrom(int offset, NativeBuffer from, int at, int length) {
        bytes.put(offset, from.bytes, at, length);
    }

    /** The {@code length} bytes at {@code offset}. */
    public byte[] bytes(int offset, int length) {
        byte[] b = new byte[length];
        bytes.get(offset, b);
        return b;
    }

    public void zero(int offset, int length) {
        for (int i = 0; i < length; i++) {
            bytes.put(offset + i, (byte) 0);
        }
    }

    /** Writes the bytes and a NUL behind them; returns the address of the first, a C string. */
    public long putCString(int offset, byte[] text) {
        bytes.put(offset, text);
        bytes.put(offset + text.length, (byte) 0);
        return address + offset;
    }

    /** Index of the first NUL at or after {@code offset} and below {@code limit}, or -1. */
    public int indexOfNul(int offset, int limit) {
        for (int i = offset; i < limit; i++) {
            if (bytes.get(i) == 0) {
                return i;
            }
        }
        return -1;
    }
}

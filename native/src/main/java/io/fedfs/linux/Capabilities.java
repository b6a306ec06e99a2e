package io.fedfs.linux;

/**
 * The capabilities of one thread (capabilities(7)), by the raw system calls: each thread has its own, and a new one those of the thread that
 * started it. Sets are bit masks, bit n for the capability number n. To be used only by the thread that made the object.
 */
public final class Capabilities {
    public static final long FSETID = 1L << 4;
    public static final long SETGID = 1L << 6;
    public static final long SETUID = 1L << 7;
    public static final long SYS_ADMIN = 1L << 21;

    /** _LINUX_CAPABILITY_VERSION_3: 64 bits in two halves. */
    private static final int VERSION = 0x20080522;

    /** {@code struct __user_cap_header_struct} is two ints; then two {@code struct __user_cap_data_struct} of three ints. */
    private static final int DATA = 8;

    private static final int HALF = 12;
    private static final int PERMITTED = DATA + 4;

    private final NativeBuffer memory = new NativeBuffer(DATA + 2 * HALF);

    /**
     * Reads those of the calling thread.
     *
     * @throws IllegalStateException the kernel refuses, which it has no reason to
     */
    public Capabilities() {
        memory.putInt(0, VERSION);
        memory.putInt(4, 0);
        must("capget", Sys.capget(memory.address(), memory.address(DATA)));
    }

    /** What the thread may have in effect. */
    public long permitted() {
        return set(PERMITTED);
    }

    /** What it has in effect, as far as it was read or set here: setfsuid(2) and setuid(2) change it too. */
    public long effective() {
        return set(DATA);
    }

    /**
     * Puts the permitted ones of these into effect, and no others.
     *
     * @throws IllegalStateException the kernel refuses, which it has no reason to
     */
    public void effect(long wanted) {
        long set = wanted & permitted();
        memory.putInt(DATA, (int) set);
        memory.putInt(DATA + HALF, (int) (set >>> 32));
        must("capset", Sys.capset(memory.address(), memory.address(DATA)));
    }

    private long set(int at) {
        return Integer.toUnsignedLong(memory.getInt(at)) | (long) memory.getInt(at + HALF) << 32;
    }

    private static void must(String call, int result) {
        if (result < 0) {
            throw new IllegalStateException(call + ": " + Errno.message(-result));
        }
    }
}

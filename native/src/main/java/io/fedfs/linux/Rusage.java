package io.fedfs.linux;

/** {@code struct rusage} of getrusage(2), the same on all 64-bit Linux, and what of it is used. */
public final class Rusage {
    public static final int SIZE = 144;
    /** Of the calling thread (linux/resource.h, RUSAGE_THREAD). */
    private static final int THREAD = 1;

    private static final int VOLUNTARY_SWITCHES = 128;

    private final NativeBuffer memory = new NativeBuffer(SIZE);

    /** How often the calling thread has given up its processor to wait for something; negated errno when the kernel does not tell. */
    public long voluntarySwitches() {
        int r = Sys.getrusage(THREAD, memory.address());
        return r < 0 ? r : memory.getLong(VOLUNTARY_SWITCHES);
    }
}

package io.fedfs.fuse;

/** The answer to open, create and opendir. Mutable, reused. */
public final class Opened {
    /** Kernel: {@code FOPEN_DIRECT_IO}. */
    public static final int DIRECT_IO = 1;
    /** Kernel: {@code FOPEN_KEEP_CACHE}. */
    public static final int KEEP_CACHE = 1 << 1;
    /** Kernel: {@code FOPEN_CACHE_DIR}. */
    public static final int CACHE_DIR = 1 << 3;
    /** Kernel: {@code FOPEN_NOFLUSH}. */
    public static final int NOFLUSH = 1 << 5;
    /** Kernel: {@code FOPEN_PARALLEL_DIRECT_WRITES}. */
    public static final int PARALLEL_DIRECT_WRITES = 1 << 6;
    /** Kernel: {@code FOPEN_PASSTHROUGH}; {@link #backingId} says to what. */
    public static final int PASSTHROUGH = 1 << 7;

    /** What later operations on this open file are addressed by; never 0. */
    public long fh;

    public int flags;
    /** From {@link Kernel#openBacking}, when {@link #PASSTHROUGH} is set. */
    public int backingId;
}

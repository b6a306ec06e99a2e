package io.fedfs.linux;

/** Layout of {@code struct statx} (linux/stat.h): offsets, masks, and readers of fields that are not plain numbers. */
public final class Statx {
    public static final int SIZE = 256;
    /** STATX_BASIC_STATS | STATX_BTIME. */
    public static final int WANTED = 0x7ff | 0x800;

    public static final int MASK_BTIME = 0x800;
    /** {@link #MNT_ID} is the number that no other mount has or will have; Linux 6.8. */
    public static final int MASK_MNT_ID_UNIQUE = 0x4000;

    public static final int MASK = 0;
    public static final int BLKSIZE = 4;
    public static final int NLINK = 16;
    public static final int UID = 20;
    public static final int GID = 24;
    public static final int MODE = 28;
    public static final int INO = 32;
    public static final int FILE_SIZE = 40;
    public static final int BLOCKS = 48;
    public static final int ATIME = 64;
    public static final int BTIME = 80;
    public static final int CTIME = 96;
    public static final int MTIME = 112;
    public static final int RDEV_MAJOR = 128;
    public static final int RDEV_MINOR = 132;
    public static final int DEV_MAJOR = 136;
    public static final int DEV_MINOR = 140;
    public static final int MNT_ID = 144;

    private Statx() {}

    public static int mode(NativeBuffer b, int at) {
        return b.getShort(at + MODE) & 0xffff;
    }

    /** The device that holds the file, as the kernel's new_encode_dev packs it. */
    public static int dev(NativeBuffer b, int at) {
        return encodeDev(b.getInt(at + DEV_MAJOR), b.getInt(at + DEV_MINOR));
    }

    public static int rdev(NativeBuffer b, int at) {
        return encodeDev(b.getInt(at + RDEV_MAJOR), b.getInt(at + RDEV_MINOR));
    }

    /** new_encode_dev of linux/kdev_t.h: 12 bits of major, 20 of minor. */
    public static int encodeDev(int major, int minor) {
        return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
    }

    /** A time as one number that differs when the time does: nanoseconds since the epoch, modulo 2^64. */
    public static long nanos(NativeBuffer b, int at, int field) {
        return b.getLong(at + field) * 1_000_000_000L + b.getInt(at + field + 8);
    }

    /** Birth time as {@link #nanos}; 0 when the file system does not tell. */
    public static long birth(NativeBuffer b, int at) {
        return (b.getInt(at + MASK) & MASK_BTIME) == 0 ? 0 : nanos(b, at, BTIME);
    }
}

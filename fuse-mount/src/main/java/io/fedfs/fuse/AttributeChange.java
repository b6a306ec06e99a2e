package io.fedfs.fuse;

/** What setattr shall change. Mutable, reused. Bits of {@link #valid} as in the kernel's {@code FATTR_*}. */
public final class AttributeChange {
    public static final int MODE = 1;
    public static final int UID = 1 << 1;
    public static final int GID = 1 << 2;
    public static final int SIZE = 1 << 3;
    public static final int ATIME = 1 << 4;
    public static final int MTIME = 1 << 5;
    /** {@link #fh} is an open file of the node. */
    public static final int FH = 1 << 6;

    public static final int ATIME_NOW = 1 << 7;
    public static final int MTIME_NOW = 1 << 8;
    public static final int LOCKOWNER = 1 << 9;
    public static final int CTIME = 1 << 10;
    /** The set-id bits have to go (FUSE_HANDLE_KILLPRIV_V2). */
    public static final int KILL_SUIDGID = 1 << 11;

    public int valid;
    public long fh;
    public long size;
    public int mode;
    public int uid;
    public int gid;
    public long atime;
    public long mtime;
    public long ctime;
    public int atimeNanos;
    public int mtimeNanos;
    public int ctimeNanos;

    /**
     * Whether nothing is to be changed. That is what the kernel makes of chown(2) without any id, which moves the ctime and clears set-id bits, and of
     * its own wish, before a write, that they be cleared (file_remove_privs in fs/inode.c).
     */
    public boolean isEmpty() {
        return (valid & ~(FH | LOCKOWNER | CTIME)) == 0;
    }

    /** Whether nothing beside these is to be changed. */
    public boolean hasOnly(int bits) {
        return (valid & ~(bits | FH | LOCKOWNER | CTIME)) == 0;
    }

    public boolean has(int bit) {
        return (valid & bit) != 0;
    }
}

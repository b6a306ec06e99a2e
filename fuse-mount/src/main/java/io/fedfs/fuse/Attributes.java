package io.fedfs.fuse;

/** What {@code stat} shows; mutable, reused. Times in seconds and nanoseconds since the epoch, as in {@code struct statx}. */
public final class Attributes {
    public long ino;
    public long size;
    /** In units of 512 bytes. */
    public long blocks;

    public int blockSize;
    public int mode;
    public int nlink;
    public int uid;
    public int gid;
    /** Device number of a special file, encoded as the kernel's new_encode_dev (major 12 bits, minor 20 bits). */
    public int rdev;

    public long atime;
    public long mtime;
    public long ctime;
    public long btime;
    public int atimeNanos;
    public int mtimeNanos;
    public int ctimeNanos;
    public int btimeNanos;
    /** Whether the file system below told a birth time. */
    public boolean hasBtime;

    public boolean isDirectory() {
        return (mode & 0170000) == 0040000;
    }

    public void copyFrom(Attributes o) {
        ino = o.ino;
        size = o.size;
        blocks = o.blocks;
        blockSize = o.blockSize;
        mode = o.mode;
        nlink = o.nlink;
        uid = o.uid;
        gid = o.gid;
        rdev = o.rdev;
        atime = o.atime;
        mtime = o.mtime;
        ctime = o.ctime;
        btime = o.btime;
        atimeNanos = o.atimeNanos;
        mtimeNanos = o.mtimeNanos;
        ctimeNanos = o.ctimeNanos;
        btimeNanos = o.btimeNanos;
        hasBtime = o.hasBtime;
    }
}

package io.fedfs.fuse.jnr;

import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.FileLock;
import io.fedfs.fuse.FileSystemStatus;
import io.fedfs.linux.NativeBuffer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FileStat;

/** The C structures in which libfuse wants its answers: {@code struct stat} (jnr-fuse knows its layout here), statvfs, flock, fuse_file_info. */
final class Layout {
    private static final FileStat STAT = new FileStat(Runtime.getSystemRuntime());

    static final int STAT_SIZE = Struct.size(STAT);
    static final int STATVFS_SIZE = 112;
    static final int FLOCK_SIZE = 32;
    static final int FILE_INFO_SIZE = 40;

    static final int INFO_FLAGS = 0;
    /** Whether a write is a page of mapped memory. */
    static final int INFO_WRITE_PAGE = 16;
    /** A word of one-bit fields. */
    static final int INFO_BITS = 20;

    static final int INFO_DIRECT_IO = 1;
    static final int INFO_KEEP_CACHE = 1 << 1;
    static final int INFO_FLOCK_RELEASE = 1 << 4;
    static final int INFO_FH = 24;
    static final int INFO_LOCK_OWNER = 32;

    private static final int INO = (int) STAT.st_ino.offset();
    private static final int MODE = (int) STAT.st_mode.offset();
    private static final int NLINK = (int) STAT.st_nlink.offset();
    private static final int UID = (int) STAT.st_uid.offset();
    private static final int GID = (int) STAT.st_gid.offset();
    private static final int RDEV = (int) STAT.st_rdev.offset();
    private static final int SIZE = (int) STAT.st_size.offset();
    private static final int BLOCK_SIZE = (int) STAT.st_blksize.offset();
    private static final int BLOCKS = (int) STAT.st_blocks.offset();
    private static final int ATIME = (int) STAT.st_atim.tv_sec.offset();
    private static final int MTIME = (int) STAT.st_mtim.tv_sec.offset();
    private static final int CTIME = (int) STAT.st_ctim.tv_sec.offset();

    private Layout() {}

    static void putStat(long address, Attributes a) {
        NativeBuffer b = NativeBuffer.view(address, STAT_SIZE);
        b.putLong(INO, a.ino);
        b.putInt(MODE, a.mode);
        // Both are wider on x86-64; libfuse has zeroed the structure, and the machine is little-endian.
        b.putInt(NLINK, a.nlink);
        b.putInt(BLOCK_SIZE, a.blockSize);
        b.putInt(UID, a.uid);
        b.putInt(GID, a.gid);
        b.putLong(RDEV, a.rdev & 0xffff_ffffL);
        b.putLong(SIZE, a.size);
        b.putLong(BLOCKS, a.blocks);
        putTime(b, ATIME, a.atime, a.atimeNanos);
        putTime(b, MTIME, a.mtime, a.mtimeNanos);
        putTime(b, CTIME, a.ctime, a.ctimeNanos);
    }

    private static void putTime(NativeBuffer b, int at, long seconds, int nanos) {
        b.putLong(at, seconds);
        b.putLong(at + 8, nanos);
    }

    /** All that readdir needs. */
    static void putNameStat(NativeBuffer b, long ino, int mode) {
        b.putLong(INO, ino);
        b.putInt(MODE, mode);
    }

    static void putStatvfs(long address, FileSystemStatus s) {
        NativeBuffer b = NativeBuffer.view(address, STATVFS_SIZE);
        b.putLong(0, s.blockSize);
        b.putLong(8, s.fragmentSize);
        b.putLong(16, s.blocks);
        b.putLong(24, s.blocksFree);
        b.putLong(32, s.blocksAvailable);
        b.putLong(40, s.files);
        b.putLong(48, s.filesFree);
        b.putLong(56, s.filesFree);
        b.putLong(80, s.nameMax);
    }

    /** A lock to the end of the file has length 0 in {@code struct flock}. */
    static void getFlock(long address, FileLock l) {
        NativeBuffer b = NativeBuffer.view(address, FLOCK_SIZE);
        long length = b.getLong(16);
        l.type = b.getShort(0);
        l.start = b.getLong(8);
        l.end = length == 0 ? Long.MAX_VALUE : l.start + length - 1;
        l.pid = b.getInt(24);
    }

    static void putFlock(long address, FileLock l) {
        NativeBuffer b = NativeBuffer.view(address, FLOCK_SIZE);
        b.putShort(0, (short) l.type);
        b.putShort(2, (short) 0);
        b.putLong(8, l.start);
        b.putLong(16, l.end == Long.MAX_VALUE ? 0 : l.end - l.start + 1);
        b.putInt(24, l.pid);
    }
}

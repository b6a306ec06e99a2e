package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileLock;
import io.fedfs.fuse.FileSystemStatus;
import io.fedfs.fuse.Opened;
import io.fedfs.linux.NativeBuffer;

/** The reply being built: header and body in one piece of memory, sent by one write(2). Structures are appended in order. */
final class ReplyWriter {
    static final int HEADER = 16;
    static final int ENTRY = 128;

    private static final int PAGE = 4096;
    /** The body lies on a page boundary, so that an O_DIRECT file can be read into it. */
    private static final int START = PAGE - HEADER;

    private static final int BODY = PAGE;
    private static final long NANOS = 1_000_000_000L;
    /** Errors from 512 on are the kernel's own; it would leave the request unanswered. */
    private static final int MAX_ERRNO = 511;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BTIME = 0x800;

    private final NativeBuffer buffer;
    private int at = BODY;

    /** @param maxBody the longest data that a reply carries */
    ReplyWriter(int maxBody) {
        this.buffer = NativeBuffer.mapped(BODY + maxBody);
    }

    NativeBuffer buffer() {
        return buffer;
    }

    int start() {
        return START;
    }

    int length() {
        return at - START;
    }

    void free() {
        buffer.unmap();
    }

    void begin() {
        at = BODY;
    }

    /** Offset in {@link #buffer} where the next structure goes. */
    int position() {
        return at;
    }

    /** How much more fits. */
    int room() {
        return buffer.capacity() - at;
    }

    /** Address at which data may be put directly, to be followed by {@link #advance}. */
    long address() {
        return buffer.address(at);
    }

    void advance(int count) {
        at += count;
    }

    /** Header of a reply with what was appended. */
    void finish(long unique) {
        header(unique, 0);
    }

    /** Header of an error reply, which has no body. */
    void fail(long unique, int errno) {
        at = BODY;
        header(unique, errno > 0 && errno <= MAX_ERRNO ? -errno : -io.fedfs.linux.Errno.EIO);
    }

    private void header(long unique, int error) {
        buffer.putInt(START, at - START);
        buffer.putInt(START + 4, error);
        buffer.putLong(START + 8, unique);
    }

    void u32(int v) {
        buffer.putInt(at, v);
        at += Integer.BYTES;
    }

    void u64(long v) {
        buffer.putLong(at, v);
        at += Long.BYTES;
    }

    /** {@code struct fuse_entry_out}. */
    void entry(Entry e) {
        at = putEntry(at, e);
    }

    /** Writes {@code struct fuse_entry_out} at an offset; returns the offset behind it. */
    int putEntry(int o, Entry e) {
        buffer.putLong(o, e.nodeid);
        buffer.putLong(o + 8, e.generation);
        buffer.putLong(o + 16, e.entryValidNanos / NANOS);
        buffer.putLong(o + 24, e.attrValidNanos / NANOS);
        buffer.putInt(o + 32, (int) (e.entryValidNanos % NANOS));
        buffer.putInt(o + 36, (int) (e.attrValidNanos % NANOS));
        return putAttributes(o + 40, e.attributes);
    }

    /** {@code struct fuse_attr_out}. */
    void attributes(Entry e) {
        u64(e.attrValidNanos / NANOS);
        u32((int) (e.attrValidNanos % NANOS));
        u32(0);
        at = putAttributes(at, e.attributes);
    }

    /** {@code struct fuse_attr}. */
    private int putAttributes(int o, Attributes a) {
        buffer.putLong(o, a.ino);
        buffer.putLong(o + 8, a.size);
        buffer.putLong(o + 16, a.blocks);
        buffer.putLong(o + 24, a.atime);
        buffer.putLong(o + 32, a.mtime);
        buffer.putLong(o + 40, a.ctime);
        buffer.putInt(o + 48, a.atimeNanos);
        buffer.putInt(o + 52, a.mtimeNanos);
        buffer.putInt(o + 56, a.ctimeNanos);
        buffer.putInt(o + 60, a.mode);
        buffer.putInt(o + 64, a.nlink);
        buffer.putInt(o + 68, a.uid);
        buffer.putInt(o + 72, a.gid);
        buffer.putInt(o + 76, a.rdev);
        buffer.putInt(o + 80, a.blockSize);
        buffer.putInt(o + 84, 0);
        return o + 88;
    }

    /** {@code struct fuse_statx_out}. */
    void statx(Entry e) {
        Attributes a = e.attributes;
        u64(e.attrValidNanos / NANOS);
        u32((int) (e.attrValidNanos % NANOS));
        u32(0);
        u64(0);
        u64(0);
        u32(a.hasBtime ? STATX_BASIC_STATS | STATX_BTIME : STATX_BASIC_STATS);
        u32(a.blockSize);
        u64(0);
        u32(a.nlink);
        u32(a.uid);
        u32(a.gid);
        u32(a.mode & 0xffff);
        u64(a.ino);
        u64(a.size);
        u64(a.blocks);
        u64(0);
        statxTime(a.atime, a.atimeNanos);
        statxTime(a.btime, a.btimeNanos);
        statxTime(a.ctime, a.ctimeNanos);
        statxTime(a.mtime, a.mtimeNanos);
        // new_encode_dev: minor bits 0-7 and 20-31, major bits 8-19.
        u32((a.rdev >>> 8) & 0xfff);
        u32((a.rdev & 0xff) | ((a.rdev >>> 12) & 0xfff00));
        for (int i = 0; i < 15; i++) {
            u64(0);
        }
    }

    private void statxTime(long seconds, int nanos) {
        u64(seconds);
        u32(nanos);
        u32(0);
    }

    /** {@code struct fuse_open_out}. */
    void opened(Opened o) {
        u64(o.fh);
        u32(o.flags);
        u32((o.flags & Opened.PASSTHROUGH) != 0 ? o.backingId : 0);
    }

    /** {@code struct fuse_kstatfs}. */
    void status(FileSystemStatus s) {
        u64(s.blocks);
        u64(s.blocksFree);
        u64(s.blocksAvailable);
        u64(s.files);
        u64(s.filesFree);
        u32(s.blockSize);
        u32(s.nameMax);
        u32(s.fragmentSize);
        u32(0);
        for (int i = 0; i < 6; i++) {
            u32(0);
        }
    }

    /** {@code struct fuse_file_lock}. */
    void lock(FileLock l) {
        u64(l.start);
        u64(l.end);
        u32(l.type);
        u32(l.pid);
    }
}

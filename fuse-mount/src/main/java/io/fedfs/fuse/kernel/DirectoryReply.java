package io.fedfs.fuse.kernel;

import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.NativeBuffer;

/**
 * The body of a READDIR or READDIRPLUS reply: records of {@code struct fuse_dirent}, for READDIRPLUS each behind a {@code struct
 * fuse_entry_out}, each padded to 8 bytes. An entry with attributes gives the kernel a reference to its node.
 */
final class DirectoryReply implements DirectorySink {
    private static final int DIRENT = 24;

    private final ReplyWriter out;
    private FileSystem fileSystem;
    private boolean plus;
    private int begin;
    private int limit;

    DirectoryReply(ReplyWriter out) {
        this.out = out;
    }

    /** Begins a reply of at most {@code size} bytes. */
    void begin(FileSystem fileSystem, int size, boolean plus) {
        this.fileSystem = fileSystem;
        this.plus = plus;
        this.begin = out.position();
        this.limit = begin + Math.min(size, out.room());
    }

    private static int padded(int length) {
        return (length + 7) & ~7;
    }

    private int recordSize(int nameLength) {
        return padded((plus ? ReplyWriter.ENTRY : 0) + DIRENT + nameLength);
    }

    @Override
    public boolean hasRoom(int nameLength) {
        return out.position() + recordSize(nameLength) <= limit;
    }

    @Override
    public boolean wantsAttributes() {
        return plus;
    }

    @Override
    public void add(NativeBuffer from, int nameOffset, int nameLength, long ino, int type, long next) {
        NativeBuffer b = out.buffer();
        int o = out.position();
        if (plus) {
            b.zero(o, ReplyWriter.ENTRY);
            o += ReplyWriter.ENTRY;
        }
        dirent(o, from, nameOffset, nameLength, ino, type, next);
    }

    @Override
    public void add(NativeBuffer from, int nameOffset, int nameLength, long next, Entry entry) {
        int type = (entry.attributes.mode >>> 12) & 017;
        long ino = entry.attributes.ino;
        // The kernel takes no reference from these two names (fuse_direntplus_link).
        if (!plus || isDots(from, nameOffset, nameLength)) {
            add(from, nameOffset, nameLength, ino, type, next);
            if (entry.nodeid != 0) {
                fileSystem.forget(entry.nodeid, 1);
            }
            return;
        }
        dirent(out.putEntry(out.position(), entry), from, nameOffset, nameLength, ino, type, next);
    }

    private static boolean isDots(NativeBuffer from, int at, int length) {
        return length <= 2 && from.getByte(at) == '.' && (length == 1 || from.getByte(at + 1) == '.');
    }

    private void dirent(int o, NativeBuffer from, int nameOffset, int nameLength, long ino, int type, long next) {
        int end = out.position() + recordSize(nameLength);
        if (end > limit) {
            throw new IllegalStateException("entry added to a full directory reply");
        }
        NativeBuffer b = out.buffer();
        b.putLong(o, ino);
        b.putLong(o + 8, next);
        b.putInt(o + 16, nameLength);
        b.putInt(o + 20, type);
        b.copyFrom(o + DIRENT, from, nameOffset, nameLength);
        b.zero(o + DIRENT + nameLength, end - (o + DIRENT + nameLength));
        out.advance(end - out.position());
    }

    /** Gives back what the entries gave: the reply did not reach the kernel. */
    void giveBack() {
        if (!plus) {
            return;
        }
        NativeBuffer b = out.buffer();
        int end = out.position();
        for (int o = begin; o < end; ) {
            long nodeid = b.getLong(o);
            if (nodeid != 0) {
                fileSystem.forget(nodeid, 1);
            }
            o += recordSize(b.getInt(o + ReplyWriter.ENTRY + 16));
        }
    }
}

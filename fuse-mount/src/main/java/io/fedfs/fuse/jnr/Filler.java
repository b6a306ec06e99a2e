package io.fedfs.fuse.jnr;

import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.NativeFunction;

/** Hands names to libfuse's {@code fuse_fill_dir_t} until that says it is full. */
final class Filler implements DirectorySink {
    private static final int NAME_MAX = 4096;

    private final NativeBuffer name = new NativeBuffer(NAME_MAX + 1);
    private final NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
    private FileSystem fileSystem;
    private long function;
    private long target;
    private boolean full;

    void begin(FileSystem fs, long fillFunction, long buffer) {
        this.fileSystem = fs;
        this.function = fillFunction;
        this.target = buffer;
        this.full = false;
    }

    @Override
    public boolean hasRoom(int nameLength) {
        return !full && nameLength <= NAME_MAX;
    }

    @Override
    public boolean wantsAttributes() {
        return false;
    }

    /** The entry that finds no room is refused by libfuse, and asked for again from the offset behind the one before. */
    @Override
    public void add(NativeBuffer from, int nameOffset, int nameLength, long ino, int type, long next) {
        name.copyFrom(0, from, nameOffset, nameLength);
        name.putByte(nameLength, (byte) 0);
        Layout.putNameStat(stat, ino, type << 12);
        full = NativeFunction.call(function, target, name.address(), stat.address(), next) != 0;
    }

    @Override
    public void add(NativeBuffer from, int nameOffset, int nameLength, long next, Entry entry) {
        int type = (entry.attributes.mode >>> 12) & 017;
        add(from, nameOffset, nameLength, entry.attributes.ino, type, next);
        if (entry.nodeid != 0) {
            fileSystem.forget(entry.nodeid, 1);
        }
    }
}

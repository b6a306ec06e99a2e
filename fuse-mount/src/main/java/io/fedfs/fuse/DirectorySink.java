package io.fedfs.fuse;

import io.fedfs.linux.NativeBuffer;

/** Where readdir puts what it finds: the reply being built, of bounded size. */
public interface DirectorySink {
    /** Whether an entry with a name this long still fits. Ask before looking an entry up: a lookup counts. */
    boolean hasRoom(int nameLength);

    /** Whether each entry is to come with its attributes ({@link #add(NativeBuffer, int, int, long, Entry)}). */
    boolean wantsAttributes();

    /**
     * Adds a name without attributes; in an attributes reply it is one that the kernel must look up itself.
     *
     * @param type d_type: the file type bits of the mode, shifted right by 12
     * @param next where a later readdir goes on behind this entry
     */
    void add(NativeBuffer buffer, int nameOffset, int nameLength, long ino, int type, long next);

    /** Adds a name with its looked-up node. */
    void add(NativeBuffer buffer, int nameOffset, int nameLength, long next, Entry entry);
}

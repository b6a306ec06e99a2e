package io.fedfs.projection;

/** One open file or directory: what {@code fh} stands for. */
final class OpenFile implements SlotTable.Slotted {
    private final long id;
    final Inode inode;
    final int fd;
    final int flags;
    /** Next read position of a directory's descriptor, so that an lseek is made only when the reader jumped. Guarded by this. */
    long position;
    /** Another open of the same inode; guarded by the inode's monitor. */
    OpenFile next;
    /** POSIX locks were set through it. */
    volatile boolean locked;

    OpenFile(long id, Inode inode, int fd, int flags) {
        this.id = id;
        this.inode = inode;
        this.fd = fd;
        this.flags = flags;
    }

    @Override
    public long id() {
        return id;
    }
}

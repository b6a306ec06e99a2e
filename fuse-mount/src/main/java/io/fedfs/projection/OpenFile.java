package io.fedfs.projection;

import io.fedfs.linux.Sys;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One open file or directory: what {@code fh} stands for. Its descriptor is closed when the kernel has released it and nobody else holds
 * it for an operation by nodeid.
 */
final class OpenFile implements SlotTable.Slotted {
    private final long id;
    final Inode inode;
    final int fd;
    final int flags;
    /** Next read position of a directory's descriptor, so that an lseek is made only when the reader jumped. Guarded by this. */
    long position;
    /** Something was listed of a directory beside itself and its parent. Guarded by this. */
    boolean hasEntries;
    /** Another open of the same inode; guarded by the inode's monitor. */
    OpenFile next;
    /** Not to be written. */
    final boolean inert;
    /** POSIX locks were set through it. */
    volatile boolean locked;

    OpenFile(long id, Inode inode, int fd, int flags) {
        this(id, inode, fd, flags, false);
    }

    OpenFile(long id, Inode inode, int fd, int flags, boolean inert) {
        this.inert = inert;
        this.id = id;
        this.inode = inode;
        this.fd = fd;
        this.flags = flags;
    }

    private static final AtomicIntegerFieldUpdater<OpenFile> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(OpenFile.class, "holders");

    @SuppressWarnings("UnusedVariable") // by its updater
    private volatile int holders = 1;

    /** Keeps the descriptor open until {@link #let}; false when it is closed already. */
    boolean hold() {
        while (true) {
            int n = holders;
            if (n == 0) {
                return false;
            }
            if (HOLDERS.compareAndSet(this, n, n + 1)) {
                return true;
            }
        }
    }

    void let() {
        if (HOLDERS.decrementAndGet(this) == 0) {
            Sys.close(fd);
        }
    }

    /** Whether open(2) flags change the file, by the open itself or by what it allows. */
    static boolean writes(int flags) {
        return (flags & Sys.O_ACCMODE) != Sys.O_RDONLY || (flags & Sys.O_TRUNC) != 0;
    }

    @Override
    public long id() {
        return id;
    }
}

package io.fedfs.projection;

import io.fedfs.attach.Attachment;
import io.fedfs.linux.Sys;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One open file or directory: what {@code fh} stands for. Its descriptor is closed when the kernel has released it and nobody else holds
 * it for an operation by nodeid.
 */
final class OpenFile implements SlotTable.Slotted {
    static final int UNLOCKED = -1;
    static final int LOCKED = 0;
    private static final int[] NONE = {};
    private final long id;
    final Inode inode;
    /** Replaced when it is opened again at another location. */
    volatile int fd;

    final int flags;
    /** Where it is open. */
    volatile Attachment at;
    /**
     * Time of change when it was opened, and its size then, folded to 32 bits: what tells that a file at another location is the same. There is one of
     * these objects for each open, so they are kept below 72 bytes.
     */
    long changed;

    int size;
    /** An operation has failed since its location is of no use: who writes knows that something may be lost. */
    volatile boolean troubleTold;
    /** Of a directory; null for anything else. */
    volatile Listing listing;
    /** Descriptors at locations that were left, which operations may still use. Guarded by this. */
    private int[] before = NONE;
    /** Another open of the same inode; guarded by the inode's monitor. */
    OpenFile next;
    /** Not to be written. */
    final boolean inert;
    /** POSIX locks were set through it. */
    volatile boolean locked;
    /**
     * Of its flock lock: {@link #UNLOCKED}, {@link #LOCKED}, or when a descriptor was first closed since it got it, in milliseconds of {@link
     * System#nanoTime}, above 0.
     */
    volatile int flock = UNLOCKED;

    OpenFile(long id, Inode inode, int fd, int flags, Attachment at) {
        this(id, inode, fd, flags, at, false);
    }

    OpenFile(long id, Inode inode, int fd, int flags, Attachment at, boolean inert) {
        this.inert = inert;
        this.at = at;
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
            synchronized (this) {
                for (int old : before) {
                    Sys.close(old);
                }
            }
        }
    }

    /**
     * Goes on with another descriptor, taken over.
     *
     * @return false when somebody else was faster: the descriptor is closed
     */
    synchronized boolean goOn(int newFd, Attachment where) {
        if (at == where) {
            Sys.close(newFd);
            return false;
        }
        before = Arrays.copyOf(before, before.length + 1);
        before[before.length - 1] = fd;
        fd = newFd;
        if (listing != null) {
            listing = listing.elsewhere(newFd);
        }
        at = where;
        return true;
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

package io.fedfs.fuse.kernel;

import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;

/** A descriptor of the fuse device, and the ioctls on it. */
final class FuseDevice implements Device {
    private static final String PATH = "/dev/fuse";

    private static final long IOC_CLONE = 0x8004e500L;
    private static final long IOC_BACKING_OPEN = 0x4010e501L;
    private static final long IOC_BACKING_CLOSE = 0x4004e502L;
    private static final int BACKING_MAP = 16;
    private static final int F_SETFL = 4;

    private final int fd;
    private final boolean owned;
    /** Argument of the backing ioctls; they come from all threads. */
    private final ThreadLocal<NativeBuffer> argument = ThreadLocal.withInitial(() -> new NativeBuffer(BACKING_MAP));

    private FuseDevice(int fd, boolean owned) {
        this.fd = fd;
        this.owned = owned;
    }

    /** A descriptor that is not yet mounted. */
    static FuseDevice open() throws ErrnoException {
        int fd = openDescriptor();
        if (fd < 0) {
            throw new ErrnoException(
                    -fd, "cannot open " + PATH + (fd == -Errno.ENOENT ? " (is the fuse module loaded?)" : ""));
        }
        return new FuseDevice(fd, true);
    }

    /** A mounted descriptor that someone else opened. */
    static FuseDevice of(int fd) {
        return new FuseDevice(fd, true);
    }

    private static int openDescriptor() {
        try (CString path = CString.of(PATH)) {
            return Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDWR, 0);
        }
    }

    int fd() {
        return fd;
    }

    /**
     * Another descriptor of the same mount, with a queue of its own for requests being served. Where the device cannot be
     * opened again (its mode may allow only fusermount3 to), the same descriptor is used by several threads.
     */
    FuseDevice cloned() {
        int other = openDescriptor();
        if (other < 0) {
            return new FuseDevice(fd, false);
        }
        NativeBuffer session = argument.get();
        session.putInt(0, fd);
        if (Sys.ioctl(other, IOC_CLONE, session.address()) < 0) {
            Sys.close(other);
            return new FuseDevice(fd, false);
        }
        return new FuseDevice(other, true);
    }

    @Override
    public int read(NativeBuffer buffer, int offset, int capacity) {
        return (int) Sys.read(fd, buffer.address(offset), capacity);
    }

    @Override
    public Device eager() {
        FuseDevice other = cloned();
        if (other.owned && Sys.fcntl(other.fd, F_SETFL, Sys.O_NONBLOCK) == 0) {
            return other;
        }
        other.close();
        return null;
    }

    @Override
    public int write(NativeBuffer buffer, int offset, int length) {
        return (int) Sys.write(fd, buffer.address(offset), length);
    }

    /** FUSE_DEV_IOC_BACKING_OPEN: a backing id above 0, or a negated errno. */
    int openBacking(int file) {
        NativeBuffer map = argument.get();
        map.putInt(0, file);
        map.putInt(4, 0);
        map.putLong(8, 0);
        return Sys.ioctl(fd, IOC_BACKING_OPEN, map.address());
    }

    int closeBacking(int backingId) {
        NativeBuffer id = argument.get();
        id.putInt(0, backingId);
        return Sys.ioctl(fd, IOC_BACKING_CLOSE, id.address());
    }

    @Override
    public void close() {
        if (owned) {
            Sys.close(fd);
        }
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileLock;
import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Sys;

/** The operations on open files: each method decodes, makes one call and encodes. Result 0 or a negated errno. */
final class DataOperations {
    private static final int RELEASE_FLOCK_UNLOCK = 2;
    private static final int FSYNC_DATA_ONLY = 1;
    private static final int LK_FLOCK = 1;
    private static final int IOCTL_OUT = 16;
    /** FUSE_COPY_FILE_RANGE answers 32 bits; what is copied is less, and the caller goes on. */
    private static final long COPY_MAX = 0x7ffff000L;

    private final FileSystem fs;

    DataOperations(FileSystem fs) {
        this.fs = fs;
    }

    /** {@code count} bytes of data were put straight into the reply, or the call failed. */
    static int sent(Exchange x, int count) {
        if (count < 0) {
            return count;
        }
        x.out.advance(count);
        return 0;
    }

    int read(Exchange x) {
        int size = x.in.u32(16);
        if (size < 0 || size > x.out.room()) {
            return -Errno.EINVAL;
        }
        return sent(x, fs.read(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8), size, x.out.address()));
    }

    int write(Exchange x) {
        int size = x.in.u32(16);
        long data = x.in.data(40, size);
        int n = fs.write(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8), size, data, x.in.u32(20));
        return counted(x, n);
    }

    /** {@code struct fuse_write_out}. */
    private static int counted(Exchange x, int count) {
        if (count < 0) {
            return count;
        }
        x.out.u32(count);
        x.out.u32(0);
        return 0;
    }

    int flush(Exchange x) {
        return fs.flush(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(16));
    }

    int release(Exchange x) {
        boolean flockUnlock = (x.in.u32(12) & RELEASE_FLOCK_UNLOCK) != 0;
        return fs.release(x.request, x.in.nodeid(), x.in.u64(0), x.in.u32(8), x.in.u64(16), flockUnlock);
    }

    int releasedir(Exchange x) {
        return fs.releasedir(x.request, x.in.nodeid(), x.in.u64(0));
    }

    int fsync(Exchange x) {
        return fs.fsync(x.request, x.in.nodeid(), x.in.u64(0), (x.in.u32(8) & FSYNC_DATA_ONLY) != 0);
    }

    int fsyncdir(Exchange x) {
        return fs.fsyncdir(x.request, x.in.nodeid(), x.in.u64(0), (x.in.u32(8) & FSYNC_DATA_ONLY) != 0);
    }

    int fallocate(Exchange x) {
        return fs.fallocate(x.request, x.in.nodeid(), x.in.u64(0), x.in.u32(24), x.in.u64(8), x.in.u64(16));
    }

    int lseek(Exchange x) {
        long r = fs.lseek(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8), x.in.u32(16));
        if (r < 0) {
            return (int) r;
        }
        x.out.u64(r);
        return 0;
    }

    int copyFileRange(Exchange x) {
        long n = copy(x, Math.min(x.in.u64(40), COPY_MAX));
        return counted(x, (int) n);
    }

    int copyFileRange64(Exchange x) {
        long n = copy(x, x.in.u64(40));
        if (n < 0) {
            return (int) n;
        }
        x.out.u64(n);
        return 0;
    }

    private long copy(Exchange x, long length) {
        if (length < 0) {
            return -Errno.EINVAL;
        }
        return fs.copyFileRange(
                x.request,
                x.in.nodeid(),
                x.in.u64(0),
                x.in.u64(8),
                x.in.u64(16),
                x.in.u64(24),
                x.in.u64(32),
                length,
                (int) x.in.u64(48));
    }

    int getlk(Exchange x) {
        lock(x);
        int r = fs.getlk(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8));
        if (r >= 0) {
            x.out.lock(x.request.lock);
        }
        return r;
    }

    private static void lock(Exchange x) {
        FileLock lock = x.request.lock;
        lock.start = x.in.u64(16);
        lock.end = x.in.u64(24);
        lock.type = x.in.u32(32);
        lock.pid = x.in.u32(36);
    }

    int setlk(Exchange x) {
        lock(x);
        if ((x.in.u32(40) & LK_FLOCK) == 0) {
            return fs.setlk(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8));
        }
        int operation =
                switch (x.request.lock.type) {
                    case FileLock.READ -> Sys.LOCK_SH;
                    case FileLock.WRITE -> Sys.LOCK_EX;
                    default -> Sys.LOCK_UN;
                };
        return fs.flock(x.request, x.in.nodeid(), x.in.u64(0), operation);
    }

    int ioctl(Exchange x) {
        int inSize = x.in.u32(24);
        int outSize = x.in.u32(28);
        long data = x.in.data(32, inSize);
        if (outSize < 0 || outSize > x.out.room() - IOCTL_OUT) {
            return -Errno.EINVAL;
        }
        int result = x.out.position();
        x.out.u64(0);
        x.out.u64(0);
        x.out.buffer().zero(x.out.position(), outSize);
        int r = fs.ioctl(
                x.request,
                x.in.nodeid(),
                x.in.u64(0),
                x.in.u32(8),
                x.in.u32(12),
                x.in.u64(16),
                data,
                inSize,
                x.out.address(),
                outSize);
        if (r < 0) {
            return r;
        }
        x.out.buffer().putInt(result, r);
        x.out.advance(outSize);
        return 0;
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Sys;

/** Operations on an open file: data, closing, locks, ioctl. */
final class FileData {
    private final Callers callers;
    private final OpenFiles files;
    private final Locks locks;

    FileData(Nodes nodes, Locks locks) {
        this.callers = nodes.callers;
        this.files = nodes.files;
        this.locks = locks;
    }

    int read(Request rq, long nodeid, long fh, long offset, int size, long address) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            int done = 0;
            while (done < size) {
                long r = Sys.pread(open.fd, address + done, size - done, offset + done);
                if (r < 0) {
                    return done > 0 ? done : (int) r;
                }
                if (r == 0) {
                    break;
                }
                done += (int) r;
            }
            return done;
        } finally {
            open.let();
        }
    }

    int write(Request rq, long nodeid, long fh, long offset, int size, long address, int writeFlags) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            if (open.inert) {
                return -Errno.EBADF;
            }
            callers.become(rq);
            // A store to a map is no write(2): it takes no capability away (capabilities(7)), but writing it back
            // would.
            long capability = (writeFlags & FileSystem.WRITE_CACHE) == 0 ? 0 : SetIdBits.readCapability(rq, open.fd);
            int written = writeAll(open.fd, offset, size, address);
            if (written >= 0 && (writeFlags & FileSystem.WRITE_KILL_SUIDGID) != 0 && rq.uid == 0) {
                SetIdBits.killPrivileges(rq, open.fd);
            }
            // Also when nothing could be written: the kernel takes it away first (mm/filemap.c, file_remove_privs).
            if (capability > 0) {
                SetIdBits.restoreCapability(rq, open.fd, capability);
            }
            return written;
        } finally {
            open.let();
        }
    }

    /** How much was written before the first error; that error when it was nothing. */
    private static int writeAll(int fd, long offset, int size, long address) {
        int done = 0;
        while (done < size) {
            long r = Sys.pwrite(fd, address + done, size - done, offset + done);
            if (r < 0) {
                return done > 0 ? done : (int) r;
            }
            done += (int) r;
        }
        return done;
    }

    int flush(Request rq, long nodeid, long fh, long lockOwner) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            locks.release(open.inode, lockOwner);
            locks.closing(open);
            if (!OpenFile.writes(open.flags) || open.inode.realm.attachment.isLocal()) {
                return 0;
            }
            int copy = Sys.dup(open.fd);
            return copy < 0 ? copy : Sys.close(copy);
        } finally {
            open.let();
        }
    }

    int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock) {
        OpenFile open = files.get(fh);
        if (open == null || open.inode.isDirectory()) {
            return -Errno.EBADF;
        }
        locks.closed(open);
        if (flockUnlock || open.flock != OpenFile.UNLOCKED) {
            // The kernel may hold the open file longer, as the inode's backing file.
            locks.flock(open, Sys.LOCK_UN);
        }
        files.released(open);
        return 0;
    }

    int fsync(Request rq, long nodeid, long fh, boolean dataOnly) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return dataOnly ? Sys.fdatasync(open.fd) : Sys.fsync(open.fd);
        } finally {
            open.let();
        }
    }

    int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            if (open.inert) {
                return -Errno.EBADF;
            }
            callers.become(rq);
            return Sys.fallocate(open.fd, mode, offset, length);
        } finally {
            open.let();
        }
    }

    long lseek(Request rq, long nodeid, long fh, long offset, int whence) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return Sys.lseek(open.fd, offset, whence);
        } finally {
            open.let();
        }
    }

    long copyFileRange(
            Request rq,
            long nodeidIn,
            long fhIn,
            long offsetIn,
            long nodeidOut,
            long fhOut,
            long offsetOut,
            long length,
            int flags) {
        OpenFile in = files.hold(rq, nodeidIn, fhIn);
        try {
            OpenFile out = files.hold(rq, nodeidOut, fhOut);
            try {
                if (out.inert) {
                    return -Errno.EBADF;
                }
                callers.become(rq);
                rq.scratch.putLong(Nodes.TIMES_AT, offsetIn);
                rq.scratch.putLong(Nodes.TIMES_AT + 8, offsetOut);
                return Sys.copyFileRange(
                        in.fd,
                        rq.scratch.address(Nodes.TIMES_AT),
                        out.fd,
                        rq.scratch.address(Nodes.TIMES_AT + 8),
                        length,
                        flags);
            } finally {
                out.let();
            }
        } finally {
            in.let();
        }
    }

    int getlk(Request rq, long nodeid, long fh, long owner) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return open.inode.isRegular() ? locks.test(rq, open, owner) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    int setlk(Request rq, long nodeid, long fh, long owner) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return open.inode.isRegular() ? locks.set(rq, open, owner) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    int flock(Request rq, long nodeid, long fh, int operation) {
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            return open.inode.isRegular() ? flock(open, operation) : -Errno.EBADF;
        } finally {
            open.let();
        }
    }

    private int flock(OpenFile open, int operation) {
        int r = locks.flock(open, operation);
        if (r != -Errno.EAGAIN) {
            return r;
        }
        if (files.any(open.inode, locks::mayBeLeaving)) {
            return FileSystem.LOCK_MAY_BE_LEAVING;
        }
        // It may have left between the question and the look.
        return locks.flock(open, operation);
    }

    int ioctl(
            Request rq,
            long nodeid,
            long fh,
            int flags,
            int command,
            long argument,
            long inAddress,
            int inSize,
            long outAddress,
            int outSize) {
        int room = FileIoctls.room(command);
        if (room == 0 || inSize > room || outSize > room) {
            return -Errno.ENOTTY;
        }
        OpenFile open = files.hold(rq, nodeid, fh);
        try {
            callers.become(rq);
            return FileIoctls.call(rq, open.fd, command, inAddress, inSize, outAddress, outSize);
        } finally {
            open.let();
        }
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;

/** The operations on attributes, plain and extended: each method decodes, makes one call and encodes. Result 0 or a negated errno. */
final class AttributeOperations {
    private static final int GETATTR_FH = 1;
    private static final int ACL_KILL_SGID = 1;
    private static final int SETXATTR_SHORT = 8;
    private static final int SETXATTR_LONG = 16;

    private final FileSystem fs;
    private final boolean setxattrExt;

    /** @param setxattrExt whether FUSE_SETXATTR_EXT was agreed on: the longer argument structure */
    AttributeOperations(FileSystem fs, boolean setxattrExt) {
        this.fs = fs;
        this.setxattrExt = setxattrExt;
    }

    int getattr(Exchange x) {
        x.request.doubtsAttributes = true;
        int r = fs.getattr(x.request, x.in.nodeid(), handle(x));
        return attributes(x, r);
    }

    private static long handle(Exchange x) {
        return (x.in.u32(0) & GETATTR_FH) != 0 ? x.in.u64(8) : 0;
    }

    /** Whether the operation only looks at attributes, so that {@link #lastKnown} can answer it. */
    static boolean canBeLastKnown(int opcode) {
        return opcode == Opcode.GETATTR
                || opcode == Opcode.STATX
                || opcode == Opcode.GETXATTR
                || opcode == Opcode.LISTXATTR;
    }

    /**
     * Answers without the file server: the attributes that are known, and no extended ones, in the way that makes ls(1) and the kernel's ACL
     * check do without.
     */
    static int lastKnown(int opcode, ReplyWriter out, Entry entry) {
        switch (opcode) {
            case Opcode.GETATTR -> out.attributes(entry);
            case Opcode.STATX -> out.statx(entry);
            case Opcode.GETXATTR -> {
                return -Errno.ENODATA;
            }
            default -> {
                return -Errno.EOPNOTSUPP;
            }
        }
        return 0;
    }

    private static int attributes(Exchange x, int result) {
        if (result >= 0) {
            x.out.attributes(x.request.entry);
        }
        return result;
    }

    /** No doubt in attributes that were told: statx(2) may ask for what was not, such as the birth time. */
    int statx(Exchange x) {
        int r = fs.getattr(x.request, x.in.nodeid(), handle(x));
        if (r >= 0) {
            x.out.statx(x.request.entry);
        }
        return r;
    }

    int setattr(Exchange x) {
        AttributeChange c = x.request.change;
        RequestReader in = x.in;
        c.valid = in.u32(0);
        c.fh = in.u64(8);
        c.size = in.u64(16);
        c.atime = in.u64(32);
        c.mtime = in.u64(40);
        c.ctime = in.u64(48);
        c.atimeNanos = in.u32(56);
        c.mtimeNanos = in.u32(60);
        c.ctimeNanos = in.u32(64);
        c.mode = in.u32(68);
        c.uid = in.u32(76);
        c.gid = in.u32(80);
        return attributes(x, fs.setattr(x.request, in.nodeid()));
    }

    int statfs(Exchange x) {
        int r = fs.statfs(x.request, x.in.nodeid());
        if (r >= 0) {
            x.out.status(x.request.status);
        }
        return r;
    }

    int access(Exchange x) {
        return fs.access(x.request, x.in.nodeid(), x.in.u32(0));
    }

    int setxattr(Exchange x) {
        Request rq = x.request;
        int size = x.in.u32(0);
        int value = x.in.text(setxattrExt ? SETXATTR_LONG : SETXATTR_SHORT, rq.name);
        long data = x.in.data(value, size);
        boolean killSgid = setxattrExt && (x.in.u32(8) & ACL_KILL_SGID) != 0;
        return fs.setxattr(rq, x.in.nodeid(), rq.name, data, size, x.in.u32(4), killSgid);
    }

    int getxattr(Exchange x) {
        int size = x.in.u32(0);
        if (size < 0) {
            return -Errno.EINVAL;
        }
        x.in.text(8, x.request.name);
        int capacity = Math.min(size, x.out.room());
        int n = fs.getxattr(x.request, x.in.nodeid(), x.request.name, x.out.address(), capacity);
        return value(x, size, n);
    }

    int listxattr(Exchange x) {
        int size = x.in.u32(0);
        if (size < 0) {
            return -Errno.EINVAL;
        }
        int n = fs.listxattr(x.request, x.in.nodeid(), x.out.address(), Math.min(size, x.out.room()));
        return value(x, size, n);
    }

    /** With room for nothing the kernel asks for the length, {@code struct fuse_getxattr_out}; else for the bytes. */
    private static int value(Exchange x, int size, int count) {
        if (count < 0) {
            return count;
        }
        if (size > 0) {
            return count > size ? -Errno.ERANGE : DataOperations.sent(x, count);
        }
        x.out.u32(count);
        x.out.u32(0);
        return 0;
    }

    int removexattr(Exchange x) {
        x.in.text(0, x.request.name);
        return fs.removexattr(x.request, x.in.nodeid(), x.request.name);
    }

    int syncfs(Exchange x) {
        return fs.syncfs(x.request, x.in.nodeid());
    }
}

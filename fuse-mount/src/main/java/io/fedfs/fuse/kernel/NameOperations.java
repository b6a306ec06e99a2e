package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;

/** The operations on names: each method decodes, makes one call and encodes. Result as of the file system: 0 or a negated errno. */
final class NameOperations {
    /** The kernel's room for a link target: a page less one. */
    private static final int LINK_MAX = 4095;

    private static final int OPEN_KILL_SUIDGID = 1;

    private final FileSystem fs;

    NameOperations(FileSystem fs) {
        this.fs = fs;
    }

    int lookup(Exchange x) {
        x.in.nameOrDots(0, x.request.name);
        return entry(x, fs.lookup(x.request, x.in.nodeid(), x.request.name));
    }

    private static int entry(Exchange x, int result) {
        if (result >= 0) {
            x.out.entry(x.request.entry);
        }
        return result;
    }

    int forget(Exchange x) {
        fs.forget(x.in.nodeid(), x.in.u64(0));
        return 0;
    }

    int batchForget(Exchange x) {
        int count = x.in.u32(0);
        if (count < 0 || count > (x.in.argumentLength() - 8) / 16) {
            throw MalformedRequestException.tooShort();
        }
        for (int i = 0; i < count; i++) {
            fs.forget(x.in.u64(8 + i * 16), x.in.u64(16 + i * 16));
        }
        return 0;
    }

    int readlink(Exchange x) {
        int n = fs.readlink(x.request, x.in.nodeid(), x.out.address(), LINK_MAX);
        return DataOperations.sent(x, n);
    }

    int symlink(Exchange x) {
        Request rq = x.request;
        int target = x.in.name(0, rq.name);
        x.in.text(target, rq.name2);
        rq.supplementaryGroup = x.in.supplementaryGroup();
        return entry(x, fs.symlink(rq, x.in.nodeid(), rq.name, rq.name2));
    }

    int mknod(Exchange x) {
        Request rq = x.request;
        x.in.name(16, rq.name);
        rq.supplementaryGroup = x.in.supplementaryGroup();
        return entry(x, fs.mknod(rq, x.in.nodeid(), rq.name, x.in.u32(0), x.in.u32(4), x.in.u32(8)));
    }

    int mkdir(Exchange x) {
        Request rq = x.request;
        x.in.name(8, rq.name);
        rq.supplementaryGroup = x.in.supplementaryGroup();
        return entry(x, fs.mkdir(rq, x.in.nodeid(), rq.name, x.in.u32(0), x.in.u32(4)));
    }

    int unlink(Exchange x) {
        x.in.name(0, x.request.name);
        return fs.unlink(x.request, x.in.nodeid(), x.request.name);
    }

    int rmdir(Exchange x) {
        x.in.name(0, x.request.name);
        return fs.rmdir(x.request, x.in.nodeid(), x.request.name);
    }

    int rename(Exchange x) {
        return rename(x, 8, 0);
    }

    int rename2(Exchange x) {
        return rename(x, 16, x.in.u32(8));
    }

    private int rename(Exchange x, int names, int flags) {
        Request rq = x.request;
        x.in.name(x.in.name(names, rq.name), rq.name2);
        return fs.rename(rq, x.in.nodeid(), rq.name, x.in.u64(0), rq.name2, flags);
    }

    int link(Exchange x) {
        x.in.name(8, x.request.name);
        return entry(x, fs.link(x.request, x.in.u64(0), x.in.nodeid(), x.request.name));
    }

    int create(Exchange x) {
        Request rq = x.request;
        x.in.name(16, rq.name);
        creating(x);
        int r = fs.create(rq, x.in.nodeid(), rq.name, x.in.u32(0), x.in.u32(4), x.in.u32(8));
        return created(x, r);
    }

    int tmpfile(Exchange x) {
        creating(x);
        int r = fs.tmpfile(x.request, x.in.nodeid(), x.in.u32(0), x.in.u32(4), x.in.u32(8));
        return created(x, r);
    }

    private static void creating(Exchange x) {
        x.request.supplementaryGroup = x.in.supplementaryGroup();
        x.request.killSuidgid = (x.in.u32(12) & OPEN_KILL_SUIDGID) != 0;
    }

    private static int created(Exchange x, int result) {
        if (result >= 0) {
            x.out.entry(x.request.entry);
            x.out.opened(x.request.opened);
        }
        return result;
    }

    int open(Exchange x) {
        x.request.killSuidgid = (x.in.u32(4) & OPEN_KILL_SUIDGID) != 0;
        return opened(x, fs.open(x.request, x.in.nodeid(), x.in.u32(0)));
    }

    int opendir(Exchange x) {
        return opened(x, fs.opendir(x.request, x.in.nodeid(), x.in.u32(0)));
    }

    private static int opened(Exchange x, int result) {
        if (result >= 0) {
            x.out.opened(x.request.opened);
        }
        return result;
    }

    int readdir(Exchange x, boolean plus) {
        int size = x.in.u32(16);
        if (size < 0) {
            return -Errno.EINVAL;
        }
        x.directory.begin(fs, size, plus);
        int empty = x.out.position();
        int fits = Math.min(size, x.out.room());
        int r = fs.readdir(x.request, x.in.nodeid(), x.in.u64(0), x.in.u64(8), fits, x.directory);
        // What was found before the failure is delivered; the failure shows at the next call.
        return r < 0 && x.out.position() > empty ? 0 : r;
    }
}

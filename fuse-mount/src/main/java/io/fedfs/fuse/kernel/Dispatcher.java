package io.fedfs.fuse.kernel;

import io.fedfs.fuse.ErrnoMapper;
import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one request at a time of one thread: finds the operation, turns what it throws into an errno, sends the reply, and gives back
 * what the reply gave when it could not be delivered. Holds no state of a request; all threads share it.
 */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final FileSystem fs;
    private final NameOperations names;
    private final DataOperations data;
    private final AttributeOperations attributes;
    private final Interrupts interrupts;
    private final Counters counters;
    private final boolean debug;

    Dispatcher(FileSystem fs, boolean setxattrExt, Interrupts interrupts, Counters counters, boolean debug) {
        this.fs = fs;
        this.names = new NameOperations(fs);
        this.data = new DataOperations(fs);
        this.attributes = new AttributeOperations(fs, setxattrExt);
        this.interrupts = interrupts;
        this.counters = counters;
        this.debug = debug;
    }

    /** Serves the message of {@code count} bytes that was read into {@code x.in}. */
    void serve(Exchange x, Device device, int count) {
        boolean whole = x.in.accept(count);
        if (count < RequestReader.HEADER) {
            LOG.warn("a message of {} bytes came from the fuse device; ignored", count);
            return;
        }
        int opcode = x.in.opcode();
        counters.count(opcode);
        x.begin();
        interrupts.begun(x, x.in.unique());
        int result = whole ? perform(opcode, x) : -Errno.EINVAL;
        x.end();
        if (debug) {
            trace(opcode, x, result);
        }
        if (Opcode.isAnswered(opcode)) {
            answer(opcode, x, device, result);
        }
    }

    private int perform(int opcode, Exchange x) {
        try {
            return call(opcode, x);
        } catch (MalformedRequestException e) {
            LOG.debug("malformed {}: {}", Opcode.name(opcode), e.getMessage());
            return -Errno.EINVAL;
        } catch (Throwable t) {
            if (opcode == Opcode.READDIRPLUS) {
                x.directory.giveBack();
            }
            return -ErrnoMapper.errno(Opcode.name(opcode), t);
        }
    }

    private int call(int opcode, Exchange x) {
        return switch (opcode) {
            case Opcode.LOOKUP -> names.lookup(x);
            case Opcode.GETATTR -> attributes.getattr(x);
            case Opcode.OPEN -> names.open(x);
            case Opcode.READ -> data.read(x);
            case Opcode.WRITE -> data.write(x);
            case Opcode.FLUSH -> data.flush(x);
            case Opcode.RELEASE -> data.release(x);
            case Opcode.OPENDIR -> names.opendir(x);
            case Opcode.READDIR -> names.readdir(x, false);
            case Opcode.READDIRPLUS -> names.readdir(x, true);
            case Opcode.RELEASEDIR -> data.releasedir(x);
            case Opcode.FORGET -> names.forget(x);
            case Opcode.BATCH_FORGET -> names.batchForget(x);
            case Opcode.SETATTR -> attributes.setattr(x);
            case Opcode.READLINK -> names.readlink(x);
            case Opcode.SYMLINK -> names.symlink(x);
            case Opcode.MKNOD -> names.mknod(x);
            case Opcode.MKDIR -> names.mkdir(x);
            case Opcode.UNLINK -> names.unlink(x);
            case Opcode.RMDIR -> names.rmdir(x);
            case Opcode.RENAME -> names.rename(x);
            case Opcode.RENAME2 -> names.rename2(x);
            case Opcode.LINK -> names.link(x);
            case Opcode.CREATE -> names.create(x);
            case Opcode.TMPFILE -> names.tmpfile(x);
            case Opcode.STATX -> attributes.statx(x);
            case Opcode.STATFS -> attributes.statfs(x);
            case Opcode.ACCESS -> attributes.access(x);
            case Opcode.SETXATTR -> attributes.setxattr(x);
            case Opcode.GETXATTR -> attributes.getxattr(x);
            case Opcode.LISTXATTR -> attributes.listxattr(x);
            case Opcode.REMOVEXATTR -> attributes.removexattr(x);
            case Opcode.SYNCFS -> attributes.syncfs(x);
            case Opcode.FSYNC -> data.fsync(x);
            case Opcode.FSYNCDIR -> data.fsyncdir(x);
            case Opcode.FALLOCATE -> data.fallocate(x);
            case Opcode.LSEEK -> data.lseek(x);
            case Opcode.COPY_FILE_RANGE -> data.copyFileRange(x);
            case Opcode.COPY_FILE_RANGE_64 -> data.copyFileRange64(x);
            case Opcode.GETLK -> data.getlk(x);
            case Opcode.SETLK -> data.setlk(x, false);
            case Opcode.SETLKW -> data.setlk(x, true);
            case Opcode.IOCTL -> data.ioctl(x);
            case Opcode.INTERRUPT -> interrupt(x);
            case Opcode.DESTROY, Opcode.NOTIFY_REPLY -> 0;
            case Opcode.INIT -> -Errno.EIO; // the session's start answered the only one there is
            default -> -Errno.ENOSYS; // the kernel does without from then on: BMAP, POLL, SETUPMAPPING, what is to come
        };
    }

    private int interrupt(Exchange x) {
        interrupts.interrupt(x.in.u64(0));
        return 0;
    }

    private void answer(int opcode, Exchange x, Device device, int result) {
        if (result >= 0) {
            x.out.finish(x.in.unique());
        } else {
            x.out.fail(x.in.unique(), -result);
        }
        int w = device.write(x.out.buffer(), x.out.start(), x.out.length());
        if (w < 0 && result >= 0) {
            try {
                undelivered(opcode, x, -w);
            } catch (Throwable t) {
                LOG.error("giving back an undelivered {} failed", Opcode.name(opcode), t);
            }
        }
    }

    /**
     * The caller is gone (ENOENT: interrupted; ENODEV: unmounted), or the kernel refused the reply and answered EIO itself. Either way it
     * does not have the references that the reply carried.
     */
    private void undelivered(int opcode, Exchange x, int errno) {
        if (errno != Errno.ENOENT && errno != Errno.ENODEV) {
            LOG.error("the kernel refused a reply to {}: {}", Opcode.name(opcode), Errno.name(errno));
        }
        long node = x.request.entry.nodeid;
        switch (opcode) {
            case Opcode.LOOKUP, Opcode.SYMLINK, Opcode.MKNOD, Opcode.MKDIR, Opcode.LINK -> forget(node);
            case Opcode.CREATE, Opcode.TMPFILE -> {
                fs.release(x.request, node, x.request.opened.fh, x.in.u32(0), 0, false);
                forget(node);
            }
            case Opcode.OPEN -> fs.release(x.request, x.in.nodeid(), x.request.opened.fh, x.in.u32(0), 0, false);
            case Opcode.OPENDIR -> fs.releasedir(x.request, x.in.nodeid(), x.request.opened.fh);
            case Opcode.READDIRPLUS -> x.directory.giveBack();
            default -> {}
        }
    }

    private void forget(long nodeid) {
        if (nodeid != 0) {
            fs.forget(nodeid, 1);
        }
    }

    private static void trace(int opcode, Exchange x, int result) {
        LOG.debug(
                "{} #{} node {} uid {} pid {}: {}",
                Opcode.name(opcode),
                x.in.unique(),
                x.in.nodeid(),
                x.in.uid(),
                x.in.pid(),
                result < 0 ? Errno.name(-result) : "ok, " + x.out.length() + " bytes");
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.BeginAnew;
import io.fedfs.fuse.Bulkhead;
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

    private static final int BEGIN_ANEW = Integer.MIN_VALUE;
    /** Requests that wait at once; each keeps a copy of its message. */
    private static final int MAX_PARKED = 10_000;
    /** How often an operation may begin anew. */
    private static final int MAX_BEGINNINGS = 4;

    private final FileSystem fs;
    private final NameOperations names;
    private final DataOperations data;
    private final AttributeOperations attributes;
    private final Interrupts interrupts;
    private final LockWaiters locks;
    private final Watchdog watchdog;
    private final Counters counters;
    private final boolean debug;

    Dispatcher(
            FileSystem fs,
            boolean setxattrExt,
            Interrupts interrupts,
            LockWaiters locks,
            Watchdog watchdog,
            Counters counters,
            boolean debug) {
        this.fs = fs;
        this.names = new NameOperations(fs);
        this.data = new DataOperations(fs);
        this.attributes = new AttributeOperations(fs, setxattrExt);
        this.interrupts = interrupts;
        this.locks = locks;
        this.watchdog = watchdog;
        this.counters = counters;
        this.debug = debug;
    }

    /**
     * Serves the message of {@code count} bytes that came from there into {@code x.in}, or has it wait.
     *
     * @return a request that waited for the place which this one has left, to be given to {@link #resume}; or null
     */
    Parked serve(Exchange x, Origin origin, int count) {
        boolean whole = x.in.accept(count);
        if (count < RequestReader.HEADER) {
            LOG.warn("a message of {} bytes came from the kernel; ignored", count);
            return null;
        }
        int opcode = x.in.opcode();
        counters.count(opcode);
        x.waited = null;
        x.begin(origin);
        interrupts.begun(x, x.in.unique());
        if (!whole) {
            finish(opcode, x, -Errno.EINVAL);
            return null;
        }
        if (!Opcode.isBounded(opcode)) {
            finish(opcode, x, perform(opcode, x));
            return null;
        }
        if (Opcode.isAnsweredFirst(opcode) && origin.isImmediate()) {
            // Else the kernel would count it among the background requests, of which it sends a limited number for all
            // filesets.
            answer(opcode, x, 0);
            x.claim(x.in.unique());
        }
        return enter(opcode, x);
    }

    /** Serves a request that waited. Returns as {@link #serve}. */
    Parked resume(Exchange x, Parked p) {
        x.in.accept(x.in.load(p.message));
        x.waited = p;
        x.begin(p.origin);
        interrupts.unpark(p);
        if (p.answered) {
            x.claim(p.unique);
        } else if (p.interrupted) {
            x.interrupt(p.unique);
        }
        Bulkhead place = p.line;
        if (place == null) {
            return enter(p.opcode, x);
        }
        p.line = null;
        return within(place, p.opcode, x);
    }

    /** Takes a place at the file server that the request goes to, or has it wait for one. */
    private Parked enter(int opcode, Exchange x) {
        int result = BEGIN_ANEW;
        for (int tries = 0; result == BEGIN_ANEW && tries < MAX_BEGINNINGS; tries++) {
            Bulkhead bulkhead = fs.bulkhead(x.in.nodeid());
            if (bulkhead != null) {
                if (bulkhead.isStuck() && AttributeOperations.canBeLastKnown(opcode) && lastKnown(opcode, x)) {
                    return null;
                }
                boolean entered = bulkhead.waiting() == 0 && bulkhead.tryEnter() || !park(bulkhead, opcode, x);
                return entered ? within(bulkhead, opcode, x) : null;
            }
            x.request.canBeginAnew = true;
            x.origin.leaveProcessor();
            result = perform(opcode, x);
        }
        return conclude(opcode, x, result == BEGIN_ANEW ? -Errno.EIO : result, null);
    }

    private Parked within(Bulkhead bulkhead, int opcode, Exchange x) {
        x.bulkhead = bulkhead;
        x.request.canBeginAnew = false;
        return conclude(opcode, x, perform(opcode, x), bulkhead);
    }

    /** Ends a request: answers it, unless it is to wait for a lock. */
    private Parked conclude(int opcode, Exchange x, int result, Bulkhead bulkhead) {
        boolean leaving = result == FileSystem.LOCK_MAY_BE_LEAVING;
        if (!leaving && (opcode != Opcode.SETLKW || result != -Errno.EAGAIN)) {
            finish(opcode, x, result);
        } else if (x.wasInterrupted(x.in.unique())) {
            finish(opcode, x, -Errno.EINTR);
        } else if (opcode == Opcode.SETLK && hasWaitedForLeaving(x)) {
            finish(opcode, x, -Errno.EAGAIN);
        } else if (interrupts.parkedCount() >= MAX_PARKED) {
            finish(opcode, x, opcode == Opcode.SETLK ? -Errno.EAGAIN : -Errno.ENOLCK);
        } else {
            waitForLock(opcode, x);
        }
        return bulkhead == null ? null : (Parked) bulkhead.leave();
    }

    private static boolean hasWaitedForLeaving(Exchange x) {
        return x.waited != null && System.nanoTime() - x.waited.since > FileSystem.LONGEST_LEAVING;
    }

    private void waitForLock(int opcode, Exchange x) {
        long now = System.nanoTime();
        Parked p = x.waited == null ? new Parked(x, opcode, false, now) : x.waited;
        if (!x.end()) {
            return; // the watchdog has answered
        }
        interrupts.park(x, p);
        locks.add(p, now);
        watchdog.call();
    }

    /** Has a request wait in line; false when it got a place after all. */
    private boolean park(Bulkhead bulkhead, int opcode, Exchange x) {
        if (interrupts.parkedCount() >= MAX_PARKED) {
            LOG.warn("{} requests wait for file servers and locks already; one more is refused", MAX_PARKED);
            finish(opcode, x, -Errno.ETIMEDOUT);
            return true;
        }
        boolean answered = Opcode.isAnsweredFirst(opcode);
        if (answered && x.claim(x.in.unique())) {
            answer(opcode, x, 0);
        }
        Parked p = new Parked(x, opcode, answered, System.nanoTime());
        p.line = bulkhead;
        interrupts.park(x, p);
        x.end();
        if (!bulkhead.enterOrWait(p)) {
            return true;
        }
        x.begin(p.origin);
        interrupts.unpark(p);
        if (p.answered) {
            x.claim(p.unique);
        } else if (p.interrupted) {
            x.interrupt(p.unique);
        }
        return false;
    }

    private boolean lastKnown(int opcode, Exchange x) {
        if (fs.lastKnown(x.request, x.in.nodeid()) != 0) {
            return false;
        }
        finish(opcode, x, AttributeOperations.lastKnown(opcode, x.out, x.request.entry));
        return true;
    }

    /** The last step of a request that was performed: the reply, by whoever owes it. */
    private void finish(int opcode, Exchange x, int result) {
        boolean owed = x.end();
        if (debug) {
            trace(opcode, x, result);
        }
        if (!Opcode.isAnswered(opcode)) {
            return;
        }
        if (owed) {
            answer(opcode, x, result);
        } else if (result >= 0) {
            takeBack(opcode, x, Errno.ENOENT);
        }
    }

    private int perform(int opcode, Exchange x) {
        try {
            return call(opcode, x);
        } catch (BeginAnew e) {
            return BEGIN_ANEW;
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
            case Opcode.SETLK, Opcode.SETLKW -> data.setlk(x);
            case Opcode.IOCTL -> data.ioctl(x);
            case Opcode.INTERRUPT -> interrupt(x);
            case Opcode.DESTROY, Opcode.NOTIFY_REPLY -> 0;
            case Opcode.INIT -> -Errno.EIO; // the session's start answered the only one there is
            default -> -Errno.ENOSYS; // the kernel does without from then on: BMAP, POLL, SETUPMAPPING, what is to come
        };
    }

    private int interrupt(Exchange x) {
        interrupts.interrupt(x.in.u64(0));
        watchdog.call();
        return 0;
    }

    private void answer(int opcode, Exchange x, int result) {
        if (result >= 0) {
            x.out.finish(x.in.unique());
        } else {
            x.out.fail(x.in.unique(), -result);
        }
        int w = x.origin.write(x.out.buffer(), x.out.start(), x.out.length());
        if (w < 0 && result >= 0) {
            takeBack(opcode, x, -w);
        }
    }

    private void takeBack(int opcode, Exchange x, int errno) {
        try {
            undelivered(opcode, x, errno);
        } catch (Throwable t) {
            LOG.error("giving back an undelivered {} failed", Opcode.name(opcode), t);
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

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.FileSystem;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Sys;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after requests that do not get on, because a file server does not answer, or because they wait for a lock.
 *
 * <p>A thread that is stuck in a system call cannot be called back, but its request can be answered without it: the kernel holds an
 * interrupted program, even a killed one, until the answer comes (fs/fuse/dev.c, request_wait_answer). So the watchdog answers
 * <ul>
 *   <li>EINTR for a program that is about to die, as soon as it is seen;
 *   <li>EINTR for a program that caught a signal, once the request is {@link #CAUGHT} old: programs do not expect EINTR from a file
 *       system that merely takes its time;
 *   <li>the last known attributes for a file server's root, so that the directory with the junction can be listed;
 *   <li>ETIMEDOUT when the request is as old as the mount's request time-out.
 * </ul>
 * A request that changes nothing, and whose node is at another file server now, is not answered but made once more, there.
 * When the stuck thread comes back, its outcome is given back like one that could not be delivered.
 */
final class Watchdog implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    /** How old a request is when its file server counts as stuck. */
    static final long STUCK = SECOND;
    /** How old a request is when a caught signal ends it. */
    static final long CAUGHT = 2 * SECOND;
    /** How often to look while nothing is under way, while something is, and while a program waits to be let go. */
    private static final long IDLE = SECOND;

    private static final long BUSY = 200 * MILLI;
    private static final long URGENT = 20 * MILLI;

    private final Interrupts interrupts;
    private final LockWaiters locks;
    private final FileSystem fs;
    private final long timeout;
    /** Of its own, to answer from. */
    private final Exchange mine = new Exchange(64, 1024);

    /** What was seen of each limit under which something is old. */
    private final Map<Bulkhead, Progress> progress = new HashMap<>();

    private final AtomicLong rescued = new AtomicLong();

    private volatile Transport transport;
    private volatile Notifier notifier;
    /** Guarded by this. */
    private boolean closed;
    /** Guarded by this: look at once. */
    private boolean called;

    /** @param timeoutNanos when a request that does not wait for a lock is answered with ETIMEDOUT */
    Watchdog(Interrupts interrupts, LockWaiters locks, FileSystem fs, long timeoutNanos) {
        this.interrupts = interrupts;
        this.locks = locks;
        this.fs = fs;
        this.timeout = timeoutNanos;
    }

    /** Where requests go whose wait is over. */
    void serveBy(Transport transport) {
        this.transport = transport;
    }

    /** Whose threads are looked after too. */
    void relieve(Notifier other) {
        this.notifier = other;
    }

    /** How many requests were answered for a thread that was stuck, or while they stood in line. */
    long rescued() {
        return rescued.get();
    }

    /** Something happened that should not wait for the next look. */
    synchronized void call() {
        called = true;
        notifyAll();
    }

    @Override
    public void run() {
        try {
            long pause = IDLE;
            while (await(pause)) {
                pause = look(System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            mine.free();
        }
    }

    private synchronized boolean await(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (!closed && !called) {
            long left = (end - System.nanoTime() + MILLI - 1) / MILLI;
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        called = false;
        return !closed;
    }

    /** One look at everything; returns how long to wait before the next, nanoseconds. */
    private long look(long now) {
        try {
            boolean urgent = false;
            boolean busy = false;
            Map<Bulkhead, Long> oldest = new HashMap<>();
            for (Exchange x : interrupts.exchanges()) {
                long unique = x.underWay();
                if (unique == 0) {
                    x.watched = 0;
                    continue;
                }
                busy = true;
                if (x.watched != unique) {
                    x.watched = unique;
                    x.watchedSince = now;
                }
                urgent |= examine(x, unique, now, oldest);
            }
            noteStuck(oldest, now);
            for (Parked p : interrupts.parked()) {
                busy = true;
                urgent |= examine(p, now);
            }
            locks.due(now).forEach(transport::submit);
            if (notifier != null) {
                notifier.relieve(now);
            }
            return locks.untilNext(System.nanoTime(), urgent ? URGENT : busy ? BUSY : IDLE);
        } catch (RuntimeException e) {
            LOG.error("looking after stuck requests failed", e);
            return IDLE;
        }
    }

    /** Returns whether to look again soon. */
    private boolean examine(Exchange x, long unique, long now, Map<Bulkhead, Long> oldest) {
        long age = now - x.watchedSince;
        boolean owes = x.owes(unique);
        int opcode = x.in.opcode();
        // A lock is asked for without waiting, so also that takes long only when the server is stuck.
        if (age >= STUCK) {
            Bulkhead b = x.bulkhead;
            if (b != null && x.underWay() == unique) {
                oldest.merge(b, x.watchedSince, (p, q) -> p - q < 0 ? p : q);
            }
            // Who was interrupted wants to get out, not on to the next request that waits. Nor would the kernel tell of
            // the signal again: by ring a request
            // that is made while one is pending brings no INTERRUPT (fuse_uring_send sets FR_SENT without a look at
            // FR_INTERRUPTED).
            if (owes
                    && !x.wasInterrupted(unique)
                    && AttributeOperations.canBeLastKnown(opcode)
                    && answerLastKnown(x, opcode, unique, x.in.nodeid())) {
                return false;
            }
        }
        if (owes && age >= STUCK && serveElsewhere(x, opcode, unique, now)) {
            return false;
        }
        if (!owes) {
            return false;
        }
        if (age >= STUCK && Opcode.isAnsweredFirst(opcode) && x.claim(unique)) {
            // Not answered first, as its origin could not do that at once.
            mine.out.begin();
            mine.out.finish(unique);
            send(x.origin);
            return false;
        }
        boolean interrupted = x.wasInterrupted(unique);
        int errno = verdict(interrupted, x.in.pid(), age);
        if (errno != 0 && x.claim(unique)) {
            answer(x.origin, opcode, unique, errno, age);
            return false;
        }
        return interrupted;
    }

    /** The node's file system is at another server now than the one that the request is stuck at: it is made once more, there. */
    private boolean serveElsewhere(Exchange x, int opcode, long unique, long now) {
        Bulkhead stuckAt = x.bulkhead;
        boolean opens = opcode == Opcode.OPEN && (x.in.u32(0) & Sys.O_TRUNC) == 0;
        if (stuckAt == null || !opens && !Opcode.isRepeatable(opcode)) {
            return false;
        }
        if (!isElsewhere(x.in.nodeid(), stuckAt)) {
            return false;
        }
        Parked again = new Parked(x, opcode, false, now);
        if (!x.claim(unique)) {
            return false;
        }
        interrupts.park(x, again);
        transport.submit(again);
        return true;
    }

    private boolean isElsewhere(long nodeid, Bulkhead than) {
        Bulkhead place = fs.bulkhead(nodeid);
        return place != null && place != than;
    }

    private boolean examine(Parked p, long now) {
        if (p.answered) {
            return false;
        }
        Bulkhead line = p.line;
        if (line == null) {
            if (p.interrupted && locks.remove(p)) {
                interrupts.unpark(p);
                answer(p.origin, p.opcode, p.unique, Errno.EINTR, 0);
            }
            return false;
        }
        long age = now - p.since;
        if (age >= STUCK && isElsewhere(p.nodeid, line) && line.remove(p)) {
            p.line = null;
            transport.submit(p);
            return false;
        }
        if (age >= STUCK
                && !p.interrupted
                && line.isStuck()
                && AttributeOperations.canBeLastKnown(p.opcode)
                && answerLastKnown(p, line)) {
            return false;
        }
        int errno = verdict(p.interrupted, p.pid, age);
        if (errno != 0 && line.remove(p)) {
            interrupts.unpark(p);
            answer(p.origin, p.opcode, p.unique, errno, age);
            return false;
        }
        return p.interrupted;
    }

    private int verdict(boolean interrupted, int pid, long age) {
        if (interrupted && (age >= CAUGHT || Signals.isDying(pid))) {
            return Errno.EINTR;
        }
        return age >= timeout ? Errno.ETIMEDOUT : 0;
    }

    private boolean answerLastKnown(Exchange x, int opcode, long unique, long nodeid) {
        if (!prepareLastKnown(nodeid) || !x.claim(unique)) {
            return false;
        }
        sendLastKnown(x.origin, opcode, unique);
        return true;
    }

    private boolean answerLastKnown(Parked p, Bulkhead line) {
        if (!prepareLastKnown(p.nodeid) || !line.remove(p)) {
            return false;
        }
        interrupts.unpark(p);
        sendLastKnown(p.origin, p.opcode, p.unique);
        return true;
    }

    private boolean prepareLastKnown(long nodeid) {
        mine.out.begin();
        return fs.lastKnown(mine.request, nodeid) == 0;
    }

    private void sendLastKnown(Origin origin, int opcode, long unique) {
        int result = AttributeOperations.lastKnown(opcode, mine.out, mine.request.entry);
        if (result < 0) {
            mine.out.fail(unique, -result);
        } else {
            mine.out.finish(unique);
        }
        send(origin);
    }

    private void answer(Origin origin, int opcode, long unique, int errno, long age) {
        if (age >= STUCK) {
            LOG.info(
                    "{} #{} is answered with {} after {} s without its file server",
                    Opcode.name(opcode),
                    unique,
                    Errno.name(errno),
                    age / SECOND);
        }
        mine.out.begin();
        mine.out.fail(unique, errno);
        send(origin);
    }

    private void send(Origin origin) {
        rescued.incrementAndGet();
        int w = origin.write(mine.out.buffer(), mine.out.start(), mine.out.length());
        if (w < 0 && w != -Errno.ENOENT && w != -Errno.ENODEV) {
            LOG.error("the kernel refused an answer: {}", Errno.name(-w));
        }
    }

    /** How many requests had left, and when that was first seen. */
    private record Progress(int left, long since) {}

    /** A server is stuck when an old request is under way and no other has come back for a while: one long fsync is not enough. */
    private void noteStuck(Map<Bulkhead, Long> oldest, long now) {
        progress.keySet().removeIf(bulkhead -> {
            boolean better = !oldest.containsKey(bulkhead);
            if (better) {
                bulkhead.noteStuck(0);
            }
            return better;
        });
        oldest.forEach((bulkhead, since) -> {
            Progress seen = progress.get(bulkhead);
            int left = bulkhead.left();
            if (seen == null || seen.left != left) {
                seen = new Progress(left, seen == null ? since : now);
                progress.put(bulkhead, seen);
            }
            bulkhead.noteStuck(now - seen.since < STUCK ? 0 : seen.since == 0 ? 1 : seen.since);
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.Request;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One thread's request and reply: the memory of both, and what the file system sees of it. Used for one request after another.
 *
 * <p>Who answers a request is decided by {@link #state}: the serving thread, or, when that thread is stuck below, the {@link Watchdog} on
 * its behalf. Only one of them succeeds.
 */
final class Exchange {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Exchange.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final RequestReader in;
    final ReplyWriter out;
    final Request request = new Request();
    final DirectoryReply directory;

    /** Where the request came from, and where its answer goes. */
    Origin origin;
    /** The limit that the request under way counts against; null for none. */
    volatile Bulkhead bulkhead;
    /** The request under way waited before; null if it did not. */
    Parked waited;

    /** Number of the request being served, 0 for none; negated once somebody else has answered it. */
    private volatile long state;
    /** The request that was interrupted last. */
    private volatile long interruptedFor;

    /** For the watchdog alone: which request it saw here, and since when. */
    long watched;

    long watchedSince;

    Exchange(int maxWrite, int maxRead) {
        this.in = new RequestReader(maxWrite);
        this.out = new ReplyWriter(maxRead);
        this.directory = new DirectoryReply(out);
        request.setInterruptSource(() -> state != 0 && interruptedFor == Math.abs(state));
    }

    /** Prepares for the request that {@link #in} holds, which came from there. */
    void begin(Origin from) {
        origin = from;
        request.uid = in.uid();
        request.gid = in.gid();
        request.pid = in.pid();
        request.unique = in.unique();
        request.supplementaryGroup = -1;
        request.killSuidgid = false;
        request.doubtsAttributes = false;
        STATE.setVolatile(this, in.unique());
        out.begin();
    }

    /** The request is served. Whether it is still to be answered: nobody did it on this thread's behalf. */
    boolean end() {
        long was = (long) STATE.getAndSet(this, 0L);
        bulkhead = null;
        return was > 0;
    }

    /** Number of the request under way here, answered or not; 0 for none. */
    long underWay() {
        return Math.abs(state);
    }

    /** Whether the request is under way here and was not answered yet. */
    boolean owes(long unique) {
        return state == unique;
    }

    /** Takes over to answer the request; false when it is answered, or another one is under way. */
    boolean claim(long unique) {
        return STATE.compareAndSet(this, unique, -unique);
    }

    /** Marks the request under way as interrupted if it is that one. */
    boolean interrupt(long unique) {
        if (state != unique) {
            return false;
        }
        interruptedFor = unique;
        return true;
    }

    boolean wasInterrupted(long unique) {
        return interruptedFor == unique;
    }

    void free() {
        in.free();
        out.free();
    }
}

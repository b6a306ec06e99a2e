package io.fedfs.fuse.kernel;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The requests under way, served or waiting, and which of them a FUSE_INTERRUPT means. The kernel sends an interrupt only after some thread
 * has read the request, but that thread may not have registered it yet, and the request may be answered already. So an interrupt whose
 * request is not found is kept for a while: the request that begins with its number is interrupted from the start. Numbers are
 * never used twice, so one that is kept in vain does no harm. (The other way, to answer EAGAIN so that the kernel sends it
 * again, works only on the descriptor that the request was read from.)
 */
final class Interrupts {
    private static final int KEPT = 64;

    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
    private final ConcurrentMap<Long, Parked> parked = new ConcurrentHashMap<>();

    private final Object lock = new Object();
    /** A ring; 0 is an empty place. Guarded by lock. */
    private final long[] kept = new long[KEPT];

    private int next;
    /** How many places of the ring are in use: read without the lock, so that the usual request looks no further. */
    private volatile int waiting;

    void add(Exchange exchange) {
        exchanges.add(exchange);
    }

    void remove(Exchange exchange) {
        exchanges.remove(exchange);
    }

    List<Exchange> exchanges() {
        return exchanges;
    }

    Collection<Parked> parked() {
        return parked.values();
    }

    int parkedCount() {
        return parked.size();
    }

    /** A request begins to wait. Whether it was interrupted. */
    boolean park(Exchange from, Parked p) {
        parked.put(p.unique, p);
        if (from.wasInterrupted(p.unique) || waiting > 0 && take(p.unique)) {
            p.interrupted = true;
        }
        return p.interrupted;
    }

    /** A request waits no longer. */
    void unpark(Parked p) {
        parked.remove(p.unique);
    }

    /** A FUSE_INTERRUPT for the request came. */
    void interrupt(long unique) {
        if (deliver(unique)) {
            return;
        }
        synchronized (lock) {
            if (kept[next] == 0) {
                waiting++;
            }
            kept[next] = unique;
            next = (next + 1) % KEPT;
        }
        // It may have begun between the first look and the note.
        if (deliver(unique)) {
            take(unique);
        }
    }

    private boolean deliver(long unique) {
        for (Exchange exchange : exchanges) {
            if (exchange.interrupt(unique)) {
                return true;
            }
        }
        Parked p = parked.get(unique);
        if (p == null) {
            return false;
        }
        p.interrupted = true;
        return true;
    }

    /** A request began: whether its interrupt came before. */
    void begun(Exchange exchange, long unique) {
        if (waiting > 0 && take(unique)) {
            exchange.interrupt(unique);
        }
    }

    private boolean take(long unique) {
        synchronized (lock) {
            for (int i = 0; i < KEPT; i++) {
                if (kept[i] == unique) {
                    kept[i] = 0;
                    waiting--;
                    return true;
                }
            }
            return false;
        }
    }
}

package io.fedfs.projection;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Tells when open junctions have to make room: each keeps a descriptor for as long as the kernel remembers anything behind it, which may be for ever, and the process
 * has only so many for them, for nodes and for open files.
 */
final class Shortage {
    /** Between two calls: what the kernel is told to forget it forgets in the background. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Jars, connections, pipes and the like. */
    private static final int ITS_OWN = 64;

    private final int limit;
    private volatile IntSupplier others = () -> 0;
    private final AtomicLong notBefore = new AtomicLong(System.nanoTime());

    /** @param limit how many descriptors the process may have */
    Shortage(int limit) {
        this.limit = limit;
    }

    /** @param others how many are open beside those of attached locations */
    void begin(IntSupplier others) {
        this.others = others;
    }

    /** How it stands with descriptors. */
    enum State {
        NONE,
        /** Room is to be made. */
        NEAR,
        /** Hardly any is left. */
        HERE
    }

    /** @param attached how many locations are attached, each with one descriptor */
    State state(int attached) {
        int left = limit - ITS_OWN - attached - others.getAsInt();
        return left > limit / 4 ? State.NONE : left < limit / 16 ? State.HERE : State.NEAR;
    }

    /** Whether the caller is the one to make room; true for one, and not again at once. */
    boolean isTurn() {
        long now = System.nanoTime();
        long before = notBefore.get();
        return now - before >= 0 && notBefore.compareAndSet(before, now + PAUSE_NANOS);
    }
}

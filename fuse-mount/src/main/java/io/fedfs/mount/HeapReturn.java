package io.fedfs.mount;

import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back to the system after the kernel has forgotten most of what it knew, as after a walk over millions of files. The JVM
 * itself shrinks its heap only when it collects all of it, and that it does when it needs room, never because it has too much.
 */
final class HeapReturn {
    private static final Logger LOG = LoggerFactory.getLogger(HeapReturn.class);
    private static final long PAUSE_MILLIS = 5_000;
    /** Fewer forgotten nodes than this (some 25 MiB) are not worth a collection. */
    private static final long WORTH_IT = 200_000;

    private final LongSupplier nodes;
    private final Runnable collection;
    private long most;

    /**
     * @param nodes how many the kernel knows now
     * @param collection collects the whole heap
     */
    HeapReturn(LongSupplier nodes, Runnable collection) {
        this.nodes = nodes;
        this.collection = collection;
    }

    /** Looks from time to time, by a thread of its own that ends with the process. */
    static void start(LongSupplier nodes) {
        HeapReturn watched = new HeapReturn(nodes, System::gc);
        Thread thread = new Thread(watched::lookForever, "fedfs-heap");
        thread.setDaemon(true);
        thread.start();
    }

    private void lookForever() {
        try {
            while (true) {
                Thread.sleep(PAUSE_MILLIS);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects when three quarters of the nodes there were are gone, and those are many. */
    void look() {
        long now = nodes.getAsLong();
        if (now > most) {
            most = now;
        } else if (most - now >= WORTH_IT && now <= most / 4) {
            LOG.debug("{} of {} nodes are forgotten: collecting", most - now, most);
            collection.run();
            most = now;
        }
    }
}

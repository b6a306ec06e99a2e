package io.fedfs.fuse.kernel;

import java.io.IOException;
import java.util.Map;

/** How requests come from the kernel to the {@link Dispatcher}, and how their replies go back; with the threads that this takes. */
interface Transport {
    /** As {@code -o transport=} has it. */
    String name();

    /**
     * Begins to serve.
     *
     * @throws IOException this transport does not work here; what for the kernel is there instead keeps working
     */
    void start() throws IOException;

    /** Has a request served whose wait is over. */
    void submit(Parked p);

    /** What it counts, by name. */
    Map<String, Long> counters();
}

package io.fedfs.fuse;

import java.io.IOException;
import java.util.Map;

/** A connection to the kernel that serves one mount: takes requests, calls the {@link FileSystem}, sends the answers. */
public interface Session extends AutoCloseable {
    /**
     * Mounts and begins to serve; returns when the kernel's first request (INIT) has been answered, so that the mount point
     * answers from then on.
     *
     * @throws IOException with a message for the user: what could not be done, and why
     */
    void start() throws IOException;

    /** Waits until the mount is gone: unmounted by someone, or by {@link #close}. */
    void awaitEnd() throws InterruptedException;

    /** Unmounts (lazily if busy), answers what is under way, ends the threads. Idempotent; bounded in time. */
    @Override
    void close();

    /**
     * Counters since {@link #start}, for {@code fedfs status}: {@code requests_NAME}, how many requests of each operation were served, and
     * what else the session counts.
     */
    Map<String, Long> counters();

    /** Name for {@code fedfs status} and {@code engine=}: {@code kernel} or {@code jnr-fuse}. */
    String name();
}

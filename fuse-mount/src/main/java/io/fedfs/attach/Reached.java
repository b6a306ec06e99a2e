package io.fedfs.attach;

import io.fedfs.linux.Sys;

/**
 * A fileset's root as a type reached it.
 *
 * @param rootFd O_PATH descriptor of a directory, closed by {@link #close}
 * @param server whose health it shares, for instance {@code nfs://fs1.example.org}: one probe at a time goes there; empty for a
 *     directory of this host
 * @param afterwards run when the descriptor has been closed: gives back the way to it
 */
public record Reached(int rootFd, String server, Runnable afterwards) {
    /** A directory of this host, which needs nothing but its descriptor. */
    static Reached onThisHost(int rootFd) {
        return new Reached(rootFd, "", () -> {});
    }

    /** Closes the descriptor and gives back the way to it. To be called once. */
    public void close() {
        Sys.close(rootFd);
        afterwards.run();
    }
}

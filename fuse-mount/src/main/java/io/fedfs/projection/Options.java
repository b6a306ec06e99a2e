package io.fedfs.projection;

import java.time.Duration;

/**
 * What the mount's user chose.
 *
 * @param entryTimeout how long the kernel may use a name without asking
 * @param attributeTimeout the same for attributes
 * @param negativeTimeout the same for the absence of a name; zero: not at all
 * @param crossingDeadline bound of everything that opening a junction waits for
 * @param readOnly refuse every change
 * @param passthrough let the kernel read and write files itself where it can
 * @param readAhead ask early about junctions that will probably be crossed
 * @param descriptors how many O_PATH descriptors may be open
 * @param openFiles how many descriptors of any kind the process may have
 * @param failover for which replicated filesets open files are to survive their location, at the price of passthrough
 * @param remember how many nodes that the kernel forgot are remembered, for file handles; 0: none
 */
public record Options(
        Duration entryTimeout,
        Duration attributeTimeout,
        Duration negativeTimeout,
        Duration crossingDeadline,
        boolean readOnly,
        boolean passthrough,
        boolean readAhead,
        int descriptors,
        int openFiles,
        int remember,
        FailoverMode failover) {

    /** Whose open files can go on at another location, and are read through the daemon for that. */
    public enum FailoverMode {
        OFF,
        /** Those of file systems that are not this host's own. */
        REMOTE,
        ALL
    }

    /** Junctions crossed on one path before ELOOP. */
    public static final int MAX_DEPTH = 40;
}

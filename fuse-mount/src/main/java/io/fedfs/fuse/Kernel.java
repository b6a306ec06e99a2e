package io.fedfs.fuse;

import java.time.Duration;
import java.util.Set;

/**
 * What a session offers to the file system it serves, beside requests: kernel passthrough and push invalidation. A session that cannot do
 * one of them says so, and the file system does without.
 */
public interface Kernel {
    /** Whether {@link #openBacking} works here. */
    boolean hasPassthrough();

    /**
     * Registers an open file as one that the kernel may read and write itself (FUSE_DEV_IOC_BACKING_OPEN), with the file system
     * credentials that the calling thread has now.
     *
     * @return a backing id above 0, or a negated errno: the file is then served by read and write requests
     */
    int openBacking(int fd);

    /** Ends a registration. Files opened with the id keep working. */
    void closeBacking(int backingId);

    /**
     * Tells the kernel to forget a name and what it knows of it. Returns at once; done by a thread of its own, because the
     * kernel may hold that directory's lock for a request this very thread is serving.
     */
    void invalidateEntry(long parentNodeid, byte[] name);

    /** Tells the kernel to forget a node's attributes, and its cached data when {@code dataToo}. Returns at once. */
    void invalidateInode(long nodeid, boolean dataToo);

    /** Tells the kernel to forget a node's attributes, by this thread, before it returns: no lock is needed for that. */
    void invalidateAttributes(long nodeid);

    /**
     * Asks the kernel to forget nodes that no program uses, children before their parents; FORGETs tell which it did. Returns at once.
     * Only where it {@linkplain #canPrune() can}.
     */
    default void prune(long[] nodeids) {
        throw new UnsupportedOperationException("prune");
    }

    /** Whether the kernel knows how to forget unused nodes when it is asked to (FUSE 7.45). */
    default boolean canPrune() {
        return false;
    }

    /**
     * Tells the kernel that every name it remembers is to be looked up again when it is next used; what is open stays.
     *
     * @return false when it cannot be told so at once
     */
    default boolean invalidateAllEntries() {
        return false;
    }

    /** Whether {@link #invalidateAllEntries} works here. */
    default boolean canInvalidateAllEntries() {
        return false;
    }

    /**
     * Waits until the kernel has been told what was to be told so far, but not long.
     *
     * @return whether it has been
     */
    default boolean awaitInvalidations(Duration bound) {
        return true;
    }

    /** Whether the invalidations reach the kernel. */
    boolean hasInvalidation();

    /** Tells the session that a lock on the node's file was given back: who waits for one may have it now. */
    void lockReleased(long nodeid);

    /** How messages are exchanged with the kernel, for {@code fedfs status}: as {@code -o transport=} has it, or the library that does it. */
    String transport();

    /** What was agreed with the kernel, in words for {@code fedfs status}: {@code passthrough}, {@code readdirplus}, … */
    Set<String> features();
}

package io.fedfs.fuse;

/**
 * The answer to a lookup or creation, and (without nodeid) to getattr and setattr. Mutable, reused.
 *
 * <p>{@code entryValidNanos} and {@code attrValidNanos} are the entry timeout and the attribute timeout, nanoseconds: how long the
 * kernel may use the name, and the attributes, without asking again. Neither has to do with an FSN's TTL.
 */
public final class Entry {
    /** 0: a negative entry (no such name, and the kernel may remember that for the entry timeout). */
    public long nodeid;

    public long generation;
    public long entryValidNanos;
    public long attrValidNanos;
    public final Attributes attributes = new Attributes();
}

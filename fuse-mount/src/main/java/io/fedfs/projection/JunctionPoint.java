package io.fedfs.projection;

import io.fedfs.protocol.Fsn;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** What a junction's inode knows beyond an ordinary one. */
final class JunctionPoint {
    final Fsn fsn;
    /** Whether only a privileged writer can have made it (trusted.* attribute), or it is the mount's own root. */
    final boolean trusted;
    /** The fileset behind it; null while closed. */
    volatile Realm target;
    /** The inode number that the fileset's root behind it shows; 0 while nobody has seen it. */
    volatile long shownIno;
    /** By what number {@link Realm#opened} listed it; 0: it was never open. */
    volatile long openAs;
    /** The kernel was told to look the name up again; this inode serves only those who are still below it. */
    volatile boolean retired;
    /** To be closed as soon as nobody is inside: nothing in it is remembered. Until somebody comes to it anew. */
    volatile boolean lettingGo;
    /** Until when the kernel has invented attributes to use, {@link System#nanoTime}; 0: it has none. */
    volatile long inventedUntil;
    /** An opening under way, so that others wait for the same one. */
    final AtomicReference<CompletableFuture<Realm>> opening = new AtomicReference<>();

    /** {@link io.fedfs.fuse.Bulkhead#left} of the place behind it when it was last seen in use, and when that was. By the one who looks. */
    int leftWhenUsed;

    long usedAt;
    /** Whether it stands for a DAOS container: the FSN is one that only {@link Containers} knows. */
    final boolean container;

    JunctionPoint(Fsn fsn, boolean trusted) {
        this(fsn, trusted, false);
    }

    private JunctionPoint(Fsn fsn, boolean trusted, boolean container) {
        this.fsn = fsn;
        this.trusted = trusted;
        this.container = container;
    }

    /** A directory that stands for a container. Whoever may have written it can say two UUIDs and nothing more. */
    static JunctionPoint toContainer(Fsn fsn) {
        return new JunctionPoint(fsn, true, true);
    }

    /** Whether both lead to the same place on the same authority. */
    boolean isTo(JunctionPoint other) {
        return fsn.equals(other.fsn) && trusted == other.trusted && container == other.container;
    }
}

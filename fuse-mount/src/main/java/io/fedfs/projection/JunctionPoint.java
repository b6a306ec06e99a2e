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
    /** The kernel was told to look the name up again; this inode serves only those who are still below it. */
    volatile boolean retired;
    /** To be closed as soon as nobody is inside: nothing in it is remembered. Until somebody comes to it anew. */
    volatile boolean lettingGo;
    /** Until when the kernel has invented attributes to use, {@link System#nanoTime}; 0: it has none. */
    volatile long inventedUntil;
    /** An opening under way, so that others wait for the same one. */
    final AtomicReference<CompletableFuture<Realm>> opening = new AtomicReference<>();

    JunctionPoint(Fsn fsn, boolean trusted) {
        this.fsn = fsn;
        this.trusted = trusted;
    }
}

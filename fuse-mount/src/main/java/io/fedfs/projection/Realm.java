package io.fedfs.projection;

import io.fedfs.attach.Attachment;
import io.fedfs.protocol.Fsn;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** One crossing: a fileset, attached at a location, reached through one junction (or as the mount's root). */
final class Realm {
    /** Scope of its directories. */
    volatile int id;
    /** Scope of its files: the same for every realm of one attachment. */
    volatile int fileScope;

    volatile Attachment attachment;
    /** The junction's inode; the mount's root inode for the root realm. */
    final Inode point;
    /** Junctions crossed to get here. */
    final int depth;

    /**
     * The realms of this attachment, this one among them; more than one when several junctions lead to it, or one that was left is still in
     * use.
     */
    volatile List<Realm> siblings;

    /** The open junctions among its directories, by inode number below. */
    private final ConcurrentMap<Long, JunctionPoint> openJunctions = new ConcurrentHashMap<>();

    private final long salt;
    /** No writing: the location is not writable, or the mount is read-only. */
    volatile boolean readOnly;
    /** Nothing in the fileset changes, says its NSDB: the kernel may keep what it has seen. */
    volatile boolean immutable;
    /** Its junction, or one on the way to it, leads elsewhere now: only those who were inside already are still here. */
    volatile boolean left;

    Realm(
            int id,
            int fileScope,
            Attachment attachment,
            List<Realm> siblings,
            Inode point,
            int depth,
            boolean readOnly) {
        this.siblings = siblings;
        this.id = id;
        this.fileScope = fileScope;
        this.attachment = attachment;
        this.point = point;
        this.depth = depth;
        this.readOnly = readOnly;
        this.salt = mix(fsn().uuid().getMostSignificantBits() ^ mix(fsn().uuid().getLeastSignificantBits()))
                ^ mix(fsn().nsdb().hashCode());
    }

    /** Nodes from before its location was exchanged; null: it never was. */
    volatile Carried carried;
    /** When that was, {@link System#nanoTime}. */
    volatile long exchangedAt;
    /** It may be here only because a location that is to be preferred had failed. */
    volatile boolean secondChoice;
    /** The fileset has other locations that could take over. */
    volatile boolean replicated;
    /** The location lags behind, by its currency, and another one less so: a junction that is missing here may be there. */
    volatile boolean behind;
    /** Files are read through the daemon, so that a failing location can be left without anybody noticing. */
    volatile boolean guarded;

    /**
     * Goes on at another location. Directories and files found from now on have scopes of their own, because numbers below may mean other
     * files there.
     */
    void exchange(int newId, Attachment to, List<Realm> itsRealms, Carried nodes, boolean isReadOnly) {
        carried = nodes;
        exchangedAt = System.nanoTime();
        secondChoice = true;
        id = newId;
        fileScope = 2 * to.id();
        readOnly = isReadOnly;
        siblings = itsRealms;
        openJunctions.clear();
        attachment = to;
    }

    /** Whether its location is still the one to use, and to keep, on the whole way from the mount's root. */
    boolean isLive() {
        for (Realm r = this; r != null; r = r.point.realm) {
            JunctionPoint way = r.point.point();
            if (way.retired || way.lettingGo || way.target != r) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is one of those realms, or was reached through one. */
    boolean isWithin(Set<Realm> outer) {
        for (Realm r = this; r != null; r = r.point.realm) {
            if (outer.contains(r)) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing may be changed through this mount. */
    boolean refusesChanges() {
        return readOnly || immutable;
    }

    Fsn fsn() {
        return attachment.fsn();
    }

    /**
     * The inode number to show: a one-to-one function of the number below, for files on the fileset's own device. Where another file
     * system is mounted inside the fileset, its device number (which may change with a reboot) is mixed in.
     */
    long ino(int device, long backingIno) {
        long s = device == attachment.device() ? salt : mix(salt + device);
        long ino = mix(backingIno ^ s);
        return ino == 0 ? 1 : ino;
    }

    /** A junction in this realm has been opened. */
    void opened(Inode junction) {
        Carried.Below below = junction.below;
        JunctionPoint point = junction.point();
        point.openAs = below == null ? junction.backingIno : below.ino();
        openJunctions.put(point.openAs, point);
    }

    /** It is not to be shown as open any more. */
    void closed(Inode junction) {
        JunctionPoint point = junction.point();
        openJunctions.remove(point.openAs, point);
    }

    /**
     * The inode number to show for an entry of a directory. It must be the one that stat shows, for an open junction too: by it the kernel finds
     * the name of a directory of which it has only a file handle (fs/exportfs/expfs.c, get_name).
     *
     * @param directory whether the entry is one, below
     */
    long entryIno(boolean directory, long backingIno) {
        if (directory && !openJunctions.isEmpty()) {
            JunctionPoint open = openJunctions.get(backingIno);
            if (open != null && open.shownIno != 0) {
                return open.shownIno;
            }
        }
        return ino(attachment.device(), backingIno);
    }

    /** The finalizer of SplitMix64: one-to-one on 64 bits, every input bit reaches every output bit. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}

package io.fedfs.projection;

import io.fedfs.attach.Attachment;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens files and directories again whose location is of no use, where their realm is now. What is open for reading goes on at another location if
 * the file there has the size and the time of change that it had when it was opened. What is open for writing goes on only at the location
 * where it was opened, when that is attached anew, and only after an operation has failed: what was written last may be lost, and who wrote it must hear of it.
 */
final class HandleCarrier {
    private static final long SECOND = 1_000_000_000L;

    private final Nodes nodes;
    private final Opening opening;
    private final Listings listings;
    private final AtomicLong carried = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    HandleCarrier(Nodes nodes, Opening opening, Listings listings) {
        this.nodes = nodes;
        this.opening = opening;
        this.listings = listings;
    }

    /** How many were opened again. */
    long carried() {
        return carried.get();
    }

    /** How often one could not be. */
    long lost() {
        return lost.get();
    }

    /**
     * Sees to it that an open file, whose location is in trouble, can be used; does nothing as long as its realm has found no other location: then
     * it is as good as any.
     *
     * @throws FsException NO_LOCATION_ATTACHES when it has to wait for its own location; STALE when the file is not the same elsewhere
     */
    void carry(Request rq, OpenFile open) {
        Realm realm = open.inode.countsFor();
        Attachment to = realm == null ? null : realm.attachment;
        Attachment from = open.at;
        if (to == null || to == from) {
            return;
        }
        boolean samePlace = to.fsl().uuid().equals(from.fsl().uuid());
        if (OpenFile.writes(open.flags) && !(samePlace && open.troubleTold)) {
            open.troubleTold = true;
            throw failure(open, "it is open for writing at a location that is of no use");
        }
        int fd = open.inode.isDirectory() ? directory(rq, open) : file(rq, open, samePlace);
        if (fd == -Errno.ESTALE) {
            lost.incrementAndGet();
            throw new FsException(FsError.STALE, "an open file of " + open.at.fsn() + " is another one elsewhere");
        }
        if (fd < 0) {
            throw failure(open, Errno.message(-fd));
        }
        if (open.goOn(fd, to)) {
            carried.incrementAndGet();
        }
    }

    private FsException failure(OpenFile open, String why) {
        lost.incrementAndGet();
        return new FsException(
                FsError.NO_LOCATION_ATTACHES, "an open file of " + open.at.fsn() + " cannot go on elsewhere: " + why);
    }

    private int directory(Request rq, OpenFile open) {
        int dir = nodes.descriptors.pin(rq, open.inode);
        if (dir < 0) {
            return dir;
        }
        try {
            return listings.openIn(rq, dir);
        } finally {
            nodes.descriptors.unpin(open.inode);
        }
    }

    private int file(Request rq, OpenFile open, boolean samePlace) {
        int fd = opening.openBelow(rq, open.inode, Opening.openFlags(open.flags));
        if (fd < 0) {
            return fd;
        }
        boolean same = Long.hashCode(rq.scratch.getLong(Nodes.STAT_AT + Statx.FILE_SIZE)) == open.size
                && isSameTime(Statx.nanos(rq.scratch, Nodes.STAT_AT, Statx.MTIME), open.changed);
        if (!same && !samePlace) {
            Sys.close(fd);
            return -Errno.ESTALE;
        }
        return fd;
    }

    /** To the second where one of the two file systems has no finer times. */
    private static boolean isSameTime(long one, long other) {
        return one == other
                || (one % SECOND == 0 || other % SECOND == 0)
                        && Math.floorDiv(one, SECOND) == Math.floorDiv(other, SECOND);
    }
}

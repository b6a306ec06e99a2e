package io.fedfs.fileserver.service;

import io.fedfs.fileserver.journal.Journal;
import io.fedfs.fileserver.place.Exports;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.fileserver.place.HeldDirectory.Root;
import io.fedfs.fileserver.service.FilesetRecords.Registered;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.JunctionException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.server.v1.Demotion;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Promotion;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.AddReplicaRequest;
import io.fedfs.v1.DemoteRequest;
import io.fedfs.v1.DemoteResponse;
import io.fedfs.v1.PromoteRequest;
import io.fedfs.v1.PromoteResponse;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories become filesets, further locations of filesets, and directories again (R2). The order of the steps and what an
 * interruption leaves: see the package. {@link #resume} brings to an end what the journal holds.
 */
final class Promotions {
    private static final Logger log = LoggerFactory.getLogger(Promotions.class);

    private final Exports exports;
    private final ThisServer server;
    private final Nsdbs nsdbs;
    private final FilesetRecords records;
    private final Journal journal;
    private final Clock clock;
    private final Busy busy = new Busy();

    Promotions(Exports exports, ThisServer server, Nsdbs nsdbs, Journal journal, Clock clock) {
        this.exports = exports;
        this.server = server;
        this.nsdbs = nsdbs;
        this.records = new FilesetRecords(nsdbs, server);
        this.journal = journal;
        this.clock = clock;
    }

    PromoteResponse promote(PromoteRequest request) {
        Located where = exports.locate(request.getPath());
        return begin(where, Plan.promotion(request, where, server, clock.millis()));
    }

    PromoteResponse addReplica(AddReplicaRequest request) {
        Located where = exports.locate(request.getPath());
        return begin(where, Plan.replica(request, where, server, clock.millis()));
    }

    private PromoteResponse begin(Located where, Intent planned) {
        try (HeldDirectory directory = HeldDirectory.open(where);
                Busy.Hold hold = busy.take(directory.identity(), where.path().toString())) {
            refuseUnfinished(where);
            Fsn fsn = Fsn.parse(planned.getFsn());
            Intent intent = planned.toBuilder()
                    .setPromotion(planned.getPromotion().toBuilder()
                            .setMarkedBefore(isMarkedAs(directory, fsn))
                            .setFsnExisted(isKnown(planned, fsn)))
                    .build();
            journal.write(intent);
            Registered registered = forward(intent, directory);
            finished(intent);
            log.info("{} is the fileset {}", where.path(), fsn);
            return PromoteResponse.newBuilder()
                    .setFsn(fsn.toString())
                    .setFsl(registered.fsl())
                    .setRevision(registered.revision())
                    .build();
        }
    }

    /** Whether the directory carries this marker already. Another one, or a junction, is refused. */
    private static boolean isMarkedAs(HeldDirectory directory, Fsn fsn) {
        String shown = directory.where().path().toString();
        directory.junction().ifPresent(j -> {
            throw new ServiceException(
                    FedFsStatus.EXIST, "path", shown + " is a junction to " + j.fsn() + " and cannot be a fileset");
        });
        if (!directory.isFilesetRoot()) {
            return false;
        }
        Fsn there = directory.fileset().orElseThrow().marker().fsn();
        if (!there.equals(fsn)) {
            throw new ServiceException(
                    FedFsStatus.EXIST, "path", shown + " is the fileset " + there + " already; demote it first");
        }
        return true;
    }

    private boolean isKnown(Intent intent, Fsn fsn) {
        if (!intent.getPromotion().getCreateFsn().getRecover()) {
            return false;
        }
        try {
            return nsdbs.find(fsn).isPresent();
        } catch (NsdbCallException e) {
            throw Nsdbs.refused(e);
        }
    }

    /** Marker, then records; when either fails, what was done of it goes. */
    private Registered forward(Intent intent, HeldDirectory directory) {
        Fsn fsn = Fsn.parse(intent.getFsn());
        try {
            FilesetMarker.write(directory.fd(), intent.getPath(), fsn);
        } catch (JunctionException e) {
            back(intent, directory, true);
            throw HeldDirectory.refused(e);
        }
        try {
            return records.add(intent);
        } catch (NsdbCallException e) {
            back(intent, directory, e.isUntouched());
            throw Nsdbs.refused(e);
        }
    }

    /**
     * Undoes a promotion. What cannot be undone now is left in the journal, for {@link #resume}.
     *
     * @param recordsUntouched the NSDB is known to have nothing of it
     */
    private void back(Intent intent, HeldDirectory directory, boolean recordsUntouched) {
        Intent back = intent.toBuilder()
                .setPromotion(intent.getPromotion().toBuilder().setDirection(Promotion.Direction.BACK))
                .build();
        try {
            if (!recordsUntouched) {
                journal.write(back);
            }
            unmark(back, directory);
            if (!recordsUntouched) {
                records.takeBack(back);
            }
            finished(back);
        } catch (JunctionException | NsdbCallException e) {
            log.warn("the promotion of {} is still to be undone: {}", intent.getPath(), e.getMessage());
            journal.write(back);
        }
    }

    private static void unmark(Intent intent, HeldDirectory directory) throws JunctionException {
        if (!intent.getPromotion().getMarkedBefore()) {
            removeMarker(directory, Fsn.parse(intent.getFsn()));
        }
    }

    /** Removes this fileset's marker; another one is not ours to remove. */
    private static void removeMarker(HeldDirectory directory, Fsn fsn) throws JunctionException {
        try (HeldDirectory now = HeldDirectory.open(directory.where())) {
            boolean ours = now.isFilesetRoot()
                    && now.fileset().orElseThrow().marker().fsn().equals(fsn)
                    && now.identity().equals(directory.identity());
            if (ours) {
                FilesetMarker.remove(now.fd(), now.where().path().toString());
            }
        }
    }

    DemoteResponse demote(DemoteRequest request) {
        Located where = exports.locate(request.getPath());
        try (HeldDirectory directory = HeldDirectory.open(where);
                Busy.Hold hold = busy.take(directory.identity(), where.path().toString())) {
            refuseUnfinished(where);
            if (!directory.isFilesetRoot()) {
                throw new ServiceException(
                        FedFsStatus.NSDB_NOFSN,
                        "path",
                        where.path() + " is not the root of a fileset"
                                + directory
                                        .fileset()
                                        .map(r -> inFileset(where, r))
                                        .orElse(""));
            }
            Fsn fsn = directory.fileset().orElseThrow().marker().fsn();
            Intent intent = Plan.intent(where, fsn, clock.millis())
                    .setDemotion(Demotion.newBuilder().setDeleteFsn(request.getDeleteFsn()))
                    .build();
            journal.write(intent);
            int deleted;
            try {
                deleted = records.remove(fsn, where, request.getDeleteFsn());
            } catch (NsdbCallException e) {
                // The marker is still there: the same request can be made again, whatever became of this one.
                finished(intent);
                throw Nsdbs.refused(e);
            }
            try {
                removeMarker(directory, fsn);
            } catch (JunctionException e) {
                log.warn("the demotion of {} is still to be finished: {}", where.path(), e.getMessage());
                throw HeldDirectory.refused(e);
            }
            finished(intent);
            log.info("{} is no longer the fileset {}", where.path(), fsn);
            return DemoteResponse.newBuilder()
                    .setFsn(fsn.toString())
                    .setFslsDeleted(Math.max(0, deleted))
                    .setFsnDeleted(request.getDeleteFsn() && deleted >= 0)
                    .build();
        }
    }

    private static String inFileset(Located where, Root root) {
        return "; it is in the fileset " + root.marker().fsn() + ", whose root is "
                + new Located(where.export(), HeldDirectory.rootOf(where, root)).path();
    }

    /** What the journal cannot let go of is done again later, which does no harm. */
    private void finished(Intent intent) {
        try {
            journal.remove(intent);
        } catch (ServiceException e) {
            log.warn("{}", e.getMessage(), e);
        }
    }

    private void refuseUnfinished(Located where) {
        String path = where.path().toString();
        for (Intent intent : journal.all()) {
            if (!intent.hasSpread() && intent.getPath().equals(path)) {
                throw new ServiceException(
                        FedFsStatus.DELAY,
                        "path",
                        "an earlier promotion or demotion of " + path + " (" + intent.getFsn()
                                + ") is not finished; it will be when its NSDB answers");
            }
        }
    }

    /** Whether something about this fileset is unfinished, and nobody is just doing it. */
    boolean isUnfinished(Fsn fsn) {
        return journal.all().stream().anyMatch(i -> !i.hasSpread() && i.getFsn().equals(fsn.toString()));
    }

    int unfinished() {
        return journal.all().size();
    }

    /**
     * Tries to bring an interrupted intent to its end.
     *
     * @return why that could not be done yet; empty when it is done, or is somebody else's to do
     */
    String resume(Intent intent) {
        try {
            Located where = exports.locate(intent.getPath());
            try (HeldDirectory directory = HeldDirectory.open(where);
                    Busy.Hold hold = busy.take(directory.identity(), intent.getPath())) {
                if (journal.all().contains(intent)) {
                    resume(intent, directory);
                }
                return "";
            } catch (ServiceException e) {
                if (e.status() != FedFsStatus.INVAL) {
                    throw e;
                }
                withoutDirectory(intent, where);
                return "";
            }
        } catch (ServiceException e) {
            return e.status() == FedFsStatus.DELAY ? "" : e.getMessage();
        } catch (JunctionException | NsdbCallException e) {
            return e.getMessage();
        }
    }

    private void resume(Intent intent, HeldDirectory directory) throws JunctionException, NsdbCallException {
        Fsn fsn = Fsn.parse(intent.getFsn());
        if (intent.hasDemotion()) {
            records.remove(fsn, directory.where(), intent.getDemotion().getDeleteFsn());
            removeMarker(directory, fsn);
        } else if (intent.getPromotion().getDirection() == Promotion.Direction.FORWARD) {
            if (!canBeFinished(intent, directory, fsn)) {
                back(intent, directory, false);
                return;
            }
        } else {
            unmark(intent, directory);
            records.takeBack(intent);
        }
        journal.remove(intent);
        log.info("what was interrupted is brought to its end: {} and {}", intent.getPath(), fsn);
    }

    /** The directory is gone, and with it the marker: the records go too. */
    private void withoutDirectory(Intent intent, Located where) throws NsdbCallException {
        if (intent.hasDemotion()) {
            records.remove(
                    Fsn.parse(intent.getFsn()), where, intent.getDemotion().getDeleteFsn());
        } else {
            records.takeBack(intent);
        }
        journal.remove(intent);
        log.warn("{} is gone; what was begun with it is undone", intent.getPath());
    }

    /** Does the rest of a promotion; false when it can never be done. */
    private boolean canBeFinished(Intent intent, HeldDirectory directory, Fsn fsn)
            throws JunctionException, NsdbCallException {
        try {
            FilesetMarker.write(directory.fd(), intent.getPath(), fsn);
            records.add(intent);
            return true;
        } catch (JunctionException e) {
            if (e.status() == FedFsStatus.EXIST) {
                return false;
            }
            throw e;
        } catch (NsdbCallException e) {
            boolean later = !e.isAnswered() || e.status() == FedFsStatus.DELAY || e.status() == FedFsStatus.SVRFAULT;
            if (later) {
                throw e;
            }
            log.warn("the promotion of {} is undone: {}", intent.getPath(), e.getMessage());
            return false;
        }
    }
}

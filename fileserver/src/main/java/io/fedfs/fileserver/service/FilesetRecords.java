package io.fedfs.fileserver.service;

import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Promotion;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.Operation;
import io.fedfs.v1.OperationResult;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.TransactResponse;
import java.util.List;
import java.util.Optional;

/** A fileset's records in its NSDB, as promotions and demotions change them: each in one transaction. */
final class FilesetRecords {
    private final Nsdbs nsdbs;
    private final ThisServer server;

    FilesetRecords(Nsdbs nsdbs, ThisServer server) {
        this.nsdbs = nsdbs;
        this.server = server;
    }

    /** What the NSDB says of a place that it has just taken, or took before. */
    record Registered(Fsl fsl, long revision) {}

    /**
     * Registers FSN and FSL, or the FSL alone. Sent again after it was done it gives the same.
     *
     * @throws NsdbCallException EXIST when the FSN is somebody else's
     */
    Registered add(Intent intent) throws NsdbCallException {
        Fsn fsn = Fsn.parse(intent.getFsn());
        Promotion promotion = intent.getPromotion();
        TransactRequest.Builder request = TransactRequest.newBuilder();
        if (promotion.hasCreateFsn()) {
            request.addOperations(Operation.newBuilder().setCreateFsn(promotion.getCreateFsn()));
        }
        request.addOperations(
                Operation.newBuilder().setAddFsl(AddFslRequest.newBuilder().setFsl(promotion.getFsl())));
        try {
            TransactResponse done = nsdbs.call(fsn.nsdb(), stub -> stub.transact(request.build()));
            Fsl fsl = done.getResultsList().stream()
                    .filter(OperationResult::hasFsl)
                    .map(OperationResult::getFsl)
                    .findFirst()
                    .orElse(promotion.getFsl());
            return new Registered(fsl, done.getRevision());
        } catch (NsdbCallException e) {
            if (e.status() == FedFsStatus.EXIST) {
                Optional<Fsl> ours = ours(fsn, promotion.getFsl().getUuid());
                if (ours.isPresent()) {
                    return new Registered(ours.get(), ours.get().getRevision());
                }
            }
            throw e;
        }
    }

    private Optional<Fsl> ours(Fsn fsn, String fslUuid) throws NsdbCallException {
        return nsdbs.find(fsn).stream()
                .flatMap(r -> r.getFslsList().stream())
                .filter(f -> f.getUuid().equals(fslUuid))
                .findFirst();
    }

    /** Takes back what {@link #add} may have done. A recovered FSN is invalid again; its older locations are as they were. */
    void takeBack(Intent intent) throws NsdbCallException {
        Fsn fsn = Fsn.parse(intent.getFsn());
        Promotion promotion = intent.getPromotion();
        if (ours(fsn, promotion.getFsl().getUuid()).isEmpty()) {
            return;
        }
        TransactRequest.Builder undo = TransactRequest.newBuilder();
        if (promotion.hasCreateFsn() && !promotion.getFsnExisted()) {
            undo.addOperations(Operation.newBuilder()
                    .setDeleteFsn(DeleteFsnRequest.newBuilder()
                            .setUuid(fsn.uuid().toString())
                            .setWithFsls(true)));
        } else {
            undo.addOperations(delete(promotion.getFsl(), 0));
            if (promotion.hasCreateFsn()) {
                undo.addOperations(Operation.newBuilder()
                        .setSetFsnState(SetFsnStateRequest.newBuilder()
                                .setUuid(fsn.uuid().toString())
                                .setState(State.STATE_INVALID)
                                .setReason("recovery failed")));
            }
        }
        nsdbs.call(fsn.nsdb(), stub -> stub.transact(undo.build()));
    }

    /**
     * Deletes the FSLs of a place, and the FSN if that is wanted. Returns how many FSLs there were; negative when the NSDB has no
     * such FSN.
     */
    int remove(Fsn fsn, Located where, boolean withFsn) throws NsdbCallException {
        Optional<FsnWithFsls> records = nsdbs.find(fsn);
        if (records.isEmpty()) {
            return -1;
        }
        List<Fsl> here = records.get().getFslsList().stream()
                .filter(fsl -> server.isAt(fsl, where))
                .toList();
        TransactRequest.Builder request = TransactRequest.newBuilder();
        // What was looked at is what is deleted: a location that somebody has just changed is not.
        here.forEach(fsl -> request.addOperations(delete(fsl, fsl.getRevision())));
        if (withFsn) {
            request.addOperations(Operation.newBuilder()
                    .setDeleteFsn(
                            DeleteFsnRequest.newBuilder().setUuid(fsn.uuid().toString())));
        }
        if (request.getOperationsCount() > 0) {
            nsdbs.call(fsn.nsdb(), stub -> stub.transact(request.build()));
        }
        return here.size();
    }

    private static Operation.Builder delete(Fsl fsl, long revision) {
        return Operation.newBuilder()
                .setDeleteFsl(DeleteFslRequest.newBuilder()
                        .setFsnUuid(fsl.getFsnUuid())
                        .setFslUuid(fsl.getUuid())
                        .setExpectedRevision(revision));
    }
}

package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.RecordState;
import io.fedfs.nsdb.store.Write;
import io.fedfs.nsdb.store.WriteTransaction;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.UpdateFsnRequest;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What may be done with an FSN (requirements R2b, R5). */
final class FsnOperations {
    /** RFC 7532's advice, and what fedfs-utils takes. */
    private static final long DEFAULT_TTL_SECONDS = 300;

    private final Clock clock;
    private final Supplier<UUID> uuids;

    FsnOperations(Clock clock, Supplier<UUID> uuids) {
        this.clock = clock;
        this.uuids = uuids;
    }

    /**
     * A new FSN. A UUID that is given must be free, or invalidated and recovery asked for: then the name begins a new life with
     * what this request says, and the locations of its old one stay on record, invalidated, since nobody said that the
     * fileset that was lost is to be found there.
     */
    Write<Fsn> create(CreateFsnRequest request) {
        Optional<UUID> given =
                request.getUuid().isEmpty() ? Optional.empty() : Optional.of(Checks.uuid("uuid", request.getUuid()));
        if (request.getRecover() && given.isEmpty()) {
            throw new NsdbException(FedFsStatus.INVAL, "uuid", "recover needs the uuid of the FSN to recover");
        }
        long ttl = request.hasTtlSeconds() ? Integer.toUnsignedLong(request.getTtlSeconds()) : DEFAULT_TTL_SECONDS;
        Map<String, String> annotations =
                Checks.fsnAnnotations(Checks.annotations("annotations", request.getAnnotationsList()));
        List<String> descriptions = Checks.descriptions("descriptions", request.getDescriptionsList());
        return transaction -> {
            UUID uuid = given.orElseGet(() -> free(transaction));
            Optional<FsnRecord> before = transaction.fsn(uuid);
            before.ifPresent(old -> retire(transaction, old, request.getRecover()));
            FsnRecord fsn = new FsnRecord(
                    uuid, ttl, RecordState.NEW, annotations, descriptions, transaction.revision(), clock.millis());
            Exclusivity.ofFsn(transaction, before.orElse(null), fsn);
            return put(transaction, fsn);
        };
    }

    private UUID free(WriteTransaction transaction) {
        UUID uuid = uuids.get();
        while (transaction.fsn(uuid).isPresent()) {
            uuid = uuids.get();
        }
        return uuid;
    }

    private void retire(WriteTransaction transaction, FsnRecord old, boolean recover) {
        if (old.state().valid()) {
            throw new NsdbException(FedFsStatus.EXIST, "uuid", "the FSN " + old.uuid() + " is in use");
        }
        if (!recover) {
            throw new NsdbException(
                    FedFsStatus.EXIST,
                    "uuid",
                    "the FSN " + old.uuid() + " exists and is invalidated: ask for recovery to use it again");
        }
        for (FslRecord fsl : transaction.fsls(old.uuid())) {
            if (fsl.state().valid()) {
                transaction.put(fsl.withState(
                        fsl.state().set(false, "of the FSN's life before its recovery", clock.millis()),
                        transaction.revision()));
            }
        }
    }

    Write<Fsn> update(UpdateFsnRequest request) {
        UUID uuid = Checks.uuid("uuid", request.getUuid());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        List<String> descriptions = Checks.descriptions("descriptions", request.getDescriptionsList());
        if (!request.getSetDescriptions() && !descriptions.isEmpty()) {
            throw new NsdbException(
                    FedFsStatus.INVAL, "descriptions", "descriptions are only taken when set_descriptions is true");
        }
        return transaction -> {
            FsnRecord fsn = at(transaction, uuid, expected);
            return put(
                    transaction,
                    new FsnRecord(
                            uuid,
                            request.hasTtlSeconds()
                                    ? Integer.toUnsignedLong(request.getTtlSeconds())
                                    : fsn.ttlSeconds(),
                            fsn.state(),
                            fsn.annotations(),
                            request.getSetDescriptions() ? descriptions : fsn.descriptions(),
                            transaction.revision(),
                            fsn.createdMs()));
        };
    }

    Write<Fsn> setState(SetFsnStateRequest request) {
        UUID uuid = Checks.uuid("uuid", request.getUuid());
        boolean valid = Checks.state("state", request.getState());
        String reason = Checks.reason("reason", request.getReason());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            FsnRecord fsn = at(transaction, uuid, expected);
            return put(
                    transaction, fsn.withState(fsn.state().set(valid, reason, clock.millis()), transaction.revision()));
        };
    }

    /** RFC 7532: an FSN that still has locations is not deleted, unless the caller says that it means them too. */
    Write<DeleteResponse> delete(DeleteFsnRequest request) {
        UUID uuid = Checks.uuid("uuid", request.getUuid());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            at(transaction, uuid, expected);
            int fsls = transaction.fsls(uuid).size();
            if (fsls > 0 && !request.getWithFsls()) {
                throw new NsdbException(
                        FedFsStatus.FSN_HAS_FSLS,
                        "the FSN " + uuid + " has " + fsls + (fsls == 1 ? " location" : " locations"));
            }
            transaction.deleteFsn(uuid);
            return DeleteResponse.newBuilder()
                    .setRevision(transaction.revision())
                    .build();
        };
    }

    private static FsnRecord at(WriteTransaction transaction, UUID uuid, long expected) {
        FsnRecord fsn = Present.fsn(transaction, uuid);
        Present.atRevision(expected, fsn.revision(), "the FSN " + uuid);
        return fsn;
    }

    private static Fsn put(WriteTransaction transaction, FsnRecord fsn) {
        Fsn message = Messages.fsn(fsn);
        Checks.size("FSN", message);
        transaction.put(fsn);
        return message;
    }
}

package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import io.fedfs.nsdb.store.Write;
import io.fedfs.nsdb.store.WriteTransaction;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.UpdateFslRequest;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What may be done with the locations of an FSN (requirements R2, R6, R10, R12). */
final class FslOperations {
    private final Clock clock;
    private final Supplier<UUID> uuids;

    FslOperations(Clock clock, Supplier<UUID> uuids) {
        this.clock = clock;
        this.uuids = uuids;
    }

    /** A new location. Its FSN may be invalidated: places can be put in order before it is revived. */
    Write<Fsl> add(AddFslRequest request) {
        Fsl m = request.getFsl();
        UUID fsn = Checks.uuid("fsn_uuid", m.getFsnUuid());
        Optional<UUID> given = m.getUuid().isEmpty() ? Optional.empty() : Optional.of(Checks.uuid("uuid", m.getUuid()));
        Place place = Locations.place(m);
        Preference preference = Locations.preference(m);
        NfsAttributes nfs = Locations.nfs(m);
        Map<String, String> annotations = Checks.annotations("annotations", m.getAnnotationsList());
        List<String> descriptions = Checks.descriptions("descriptions", m.getDescriptionsList());
        return transaction -> {
            Present.fsn(transaction, fsn);
            FslKey key = new FslKey(fsn, given.orElseGet(uuids));
            if (transaction.fsl(key).isPresent()) {
                throw new NsdbException(
                        FedFsStatus.EXIST, "uuid", "the FSN " + fsn + " has a location " + key.fsl() + " already");
            }
            if (transaction.fsls(fsn).size() >= Checks.FSLS) {
                throw new NsdbException(
                        FedFsStatus.INVAL, "fsn_uuid", "the FSN " + fsn + " has " + Checks.FSLS + " locations already");
            }
            return put(
                    transaction,
                    new FslRecord(
                            key,
                            place,
                            preference,
                            nfs,
                            RecordState.NEW,
                            annotations,
                            descriptions,
                            transaction.revision(),
                            clock.millis()));
        };
    }

    /** Replaces a location's record, but for its state, its annotations and when it was made. */
    Write<Fsl> update(UpdateFslRequest request) {
        Fsl m = request.getFsl();
        FslKey key = key("fsn_uuid", m.getFsnUuid(), "uuid", m.getUuid());
        Place place = Locations.place(m);
        Preference preference = Locations.preference(m);
        NfsAttributes nfs = Locations.nfs(m);
        List<String> descriptions = Checks.descriptions("descriptions", m.getDescriptionsList());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            FslRecord fsl = at(transaction, key, expected);
            return put(
                    transaction,
                    new FslRecord(
                            key,
                            place,
                            preference,
                            nfs,
                            fsl.state(),
                            fsl.annotations(),
                            descriptions,
                            transaction.revision(),
                            fsl.createdMs()));
        };
    }

    Write<Fsl> setState(SetFslStateRequest request) {
        FslKey key = key("fsn_uuid", request.getFsnUuid(), "fsl_uuid", request.getFslUuid());
        boolean valid = Checks.state("state", request.getState());
        String reason = Checks.reason("reason", request.getReason());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            FslRecord fsl = at(transaction, key, expected);
            return put(
                    transaction, fsl.withState(fsl.state().set(valid, reason, clock.millis()), transaction.revision()));
        };
    }

    Write<DeleteResponse> delete(DeleteFslRequest request) {
        FslKey key = key("fsn_uuid", request.getFsnUuid(), "fsl_uuid", request.getFslUuid());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            at(transaction, key, expected);
            transaction.deleteFsl(key);
            return DeleteResponse.newBuilder()
                    .setRevision(transaction.revision())
                    .build();
        };
    }

    static FslKey key(String fsnField, String fsn, String fslField, String fsl) {
        return new FslKey(Checks.uuid(fsnField, fsn), Checks.uuid(fslField, fsl));
    }

    private static FslRecord at(WriteTransaction transaction, FslKey key, long expected) {
        FslRecord fsl = Present.fsl(transaction, key);
        Present.atRevision(expected, fsl.revision(), "the location " + key.fsl());
        return fsl;
    }

    private static Fsl put(WriteTransaction transaction, FslRecord fsl) {
        Fsl message = Messages.fsl(fsl);
        Checks.size("location", message);
        transaction.put(fsl);
        return message;
    }
}

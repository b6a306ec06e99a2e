package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
import io.fedfs.nsdb.store.Write;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Reference;
import io.fedfs.v1.RemoveReferenceRequest;
import java.time.Clock;
import java.util.Optional;

/** Who points to a fileset (requirement R3a), as those who make and remove junctions say. */
final class ReferenceOperations {
    private final Clock clock;

    ReferenceOperations(Clock clock) {
        this.clock = clock;
    }

    /** A junction is recorded; one that is on record stays as it is. */
    Write<Reference> add(AddReferenceRequest request) {
        Reference m = request.getReference();
        ReferenceKey key = key(m.getFsnUuid(), m.getFromFsn(), m.getPath());
        Fsn from = Checks.fsn("from_fsn", m.getFromFsn());
        return transaction -> {
            Present.fsn(transaction, key.to());
            Optional<ReferenceRecord> known = transaction.reference(key);
            if (known.isPresent() && known.get().from().equals(from)) {
                return Messages.reference(known.get());
            }
            ReferenceRecord reference = new ReferenceRecord(key, from, transaction.revision(), clock.millis());
            Exclusivity.ofReference(transaction, reference);
            transaction.put(reference);
            return Messages.reference(reference);
        };
    }

    /** The junction is gone. That of an FSN that is gone can be removed too. */
    Write<DeleteResponse> remove(RemoveReferenceRequest request) {
        ReferenceKey key = key(request.getFsnUuid(), request.getFromFsn(), request.getPath());
        return transaction -> {
            if (transaction.reference(key).isEmpty()) {
                throw new NsdbException(
                        FedFsStatus.NOTJUNCT,
                        "no junction at " + key.path() + " of " + request.getFromFsn() + " is on record for "
                                + key.to());
            }
            transaction.deleteReference(key);
            return DeleteResponse.newBuilder()
                    .setRevision(transaction.revision())
                    .build();
        };
    }

    private static ReferenceKey key(String to, String from, String path) {
        String relative = Checks.relativePath("path", path);
        if (relative.isEmpty()) {
            throw new NsdbException(FedFsStatus.BADNAME, "path", "path: a fileset's root is no junction");
        }
        return new ReferenceKey(
                Checks.uuid("fsn_uuid", to), Checks.fsn("from_fsn", from).uuid(), relative);
    }
}

package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.WriteTransaction;
import io.fedfs.protocol.FedFsStatus;
import java.util.UUID;

/** Records that a write needs to be there, or the refusal that says which is not. */
final class Present {
    private Present() {}

    static FsnRecord fsn(WriteTransaction transaction, UUID uuid) {
        return transaction.fsn(uuid).orElseThrow(() -> noFsn(uuid));
    }

    static FslRecord fsl(WriteTransaction transaction, FslKey key) {
        fsn(transaction, key.fsn());
        return transaction
                .fsl(key)
                .orElseThrow(() -> new NsdbException(
                        FedFsStatus.NO_FSL, "fsl_uuid", "the FSN " + key.fsn() + " has no location " + key.fsl()));
    }

    static NamespaceRecord namespace(WriteTransaction transaction, String name) {
        return transaction.namespace(name).orElseThrow(() -> noNamespace(name));
    }

    static NsdbException noFsn(UUID uuid) {
        return new NsdbException(FedFsStatus.NSDB_NOFSN, "no FSN " + uuid + " in this NSDB");
    }

    static NsdbException noNamespace(String name) {
        return new NsdbException(FedFsStatus.NO_NAMESPACE, "no namespace \"" + name + "\" in this NSDB");
    }

    /** Refuses a write that expected another revision of the record than it has; 0 expects nothing. */
    static void atRevision(long expected, long actual, String what) {
        if (expected != 0 && expected != actual) {
            throw new NsdbException(
                    FedFsStatus.REVISION_MISMATCH,
                    "expected_revision",
                    what + " has revision " + actual + ", not " + expected);
        }
    }
}

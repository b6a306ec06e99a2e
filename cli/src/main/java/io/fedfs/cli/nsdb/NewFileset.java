package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.Operation;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.TransactRequest;
import java.util.UUID;

/**
 * A fileset on its way into the NSDB: the FSN and its first FSL, registered in one transaction, and taken back whole when
 * the directory cannot be marked. The client makes the UUIDs, because a transaction's later operation cannot name what an
 * earlier one would have made up.
 */
final class NewFileset {
    private final Fsn fsn;
    private final CreateFsnRequest request;
    private final Fsl fsl;
    private boolean recovered;
    private long revision;

    private NewFileset(Fsn fsn, CreateFsnRequest request, Fsl fsl) {
        this.fsn = fsn;
        this.request = request;
        this.fsl = fsl;
    }

    static NewFileset of(NsdbAddress nsdb, FsnSettings settings, Fsl.Builder place) {
        CreateFsnRequest asked = settings.request();
        UUID uuid = asked.getUuid().isEmpty() ? UUID.randomUUID() : NsdbCommand.uuid(asked.getUuid());
        CreateFsnRequest request = asked.toBuilder().setUuid(uuid.toString()).build();
        Fsl fsl = place.setUuid(UUID.randomUUID().toString())
                .setFsnUuid(uuid.toString())
                .build();
        return new NewFileset(new Fsn(nsdb, uuid), request, fsl);
    }

    Fsn fsn() {
        return fsn;
    }

    String fslUuid() {
        return fsl.getUuid();
    }

    /** The NSDB's revision with the fileset in it. */
    long revision() {
        return revision;
    }

    /** Registers FSN and FSL, both or neither. */
    void register(NsdbConnection nsdb) {
        recovered = request.getRecover() && exists(nsdb);
        TransactRequest both = TransactRequest.newBuilder()
                .addOperations(Operation.newBuilder().setCreateFsn(request))
                .addOperations(Operation.newBuilder()
                        .setAddFsl(AddFslRequest.newBuilder().setFsl(fsl)))
                .build();
        revision = nsdb.call(stub -> stub.transact(both)).getRevision();
    }

    /** Takes back what {@link #register} did. A recovered FSN is invalid again; its older locations stay as they were. */
    void unregister(NsdbConnection nsdb, Terminal terminal) {
        TransactRequest.Builder undo = TransactRequest.newBuilder();
        if (recovered) {
            undo.addOperations(Operation.newBuilder()
                            .setDeleteFsl(DeleteFslRequest.newBuilder()
                                    .setFsnUuid(request.getUuid())
                                    .setFslUuid(fsl.getUuid())))
                    .addOperations(Operation.newBuilder()
                            .setSetFsnState(SetFsnStateRequest.newBuilder()
                                    .setUuid(request.getUuid())
                                    .setState(State.STATE_INVALID)
                                    .setReason("recovery failed")));
        } else {
            undo.addOperations(Operation.newBuilder()
                    .setDeleteFsn(DeleteFsnRequest.newBuilder()
                            .setUuid(request.getUuid())
                            .setWithFsls(true)));
        }
        try {
            nsdb.call(stub -> stub.transact(undo.build()));
        } catch (CommandFailure e) {
            terminal.note(fsn + " stays in the NSDB (" + e.getMessage() + "); fedfs fsn delete --with-fsls removes it");
        }
    }

    private boolean exists(NsdbConnection nsdb) {
        try {
            nsdb.call(stub -> stub.getFsn(
                    GetFsnRequest.newBuilder().setUuid(request.getUuid()).build()));
            return true;
        } catch (CommandFailure e) {
            if (e.status() == FedFsStatus.NSDB_NOFSN) {
                return false;
            }
            throw e;
        }
    }
}

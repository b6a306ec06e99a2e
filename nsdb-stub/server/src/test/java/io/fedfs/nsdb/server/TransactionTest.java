package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.local;
import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Operation;
import io.fedfs.v1.OperationResult.ResultCase;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.StatusDetail;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.TransactResponse;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionTest {
    @TempDir
    Path directory;

    private TestNsdb nsdb;

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
    }

    @AfterEach
    void close() {
        nsdb.close();
    }

    private TransactResponse transact(Operation.Builder... operations) {
        TransactRequest.Builder request = TransactRequest.newBuilder();
        for (Operation.Builder operation : operations) {
            request.addOperations(operation);
        }
        return nsdb.nsdb.transact(request.build());
    }

    private static Operation.Builder create(String uuid) {
        return Operation.newBuilder().setCreateFsn(CreateFsnRequest.newBuilder().setUuid(uuid));
    }

    private static Operation.Builder add(String fsn, String path) {
        return Operation.newBuilder().setAddFsl(AddFslRequest.newBuilder().setFsl(local(fsn, path)));
    }

    @Test
    void filesetIsMadeWholeAsOneRevision() {
        String uuid = UUID.randomUUID().toString();
        TransactResponse answer = transact(create(uuid), add(uuid, "/a"), add(uuid, "/b"));

        assertThat(answer.getRevision()).isEqualTo(1);
        assertThat(answer.getResults(0).getFsn().getRevision()).isEqualTo(1);
        assertThat(answer.getResults(1).getFsl().getRevision()).isEqualTo(1);
        assertThat(nsdb.nsdb
                        .resolve(ResolveRequest.newBuilder().setFsnUuid(uuid).build())
                        .getFslsCount())
                .isEqualTo(2);
        assertThat(nsdb.store.revision()).isEqualTo(1);
    }

    @Test
    void everyOperationCanStandInATransactionAndSeesThoseBefore() {
        String uuid = UUID.randomUUID().toString();
        String fslUuid = UUID.randomUUID().toString();
        Fsl fsl = local(uuid, "/a").setUuid(fslUuid).build();
        Operation.Builder[] operations = {
            create(uuid),
            Operation.newBuilder().setAddFsl(AddFslRequest.newBuilder().setFsl(fsl)),
            Operation.newBuilder()
                    .setUpdateFsn(UpdateFsnRequest.newBuilder().setUuid(uuid).setTtlSeconds(5)),
            Operation.newBuilder()
                    .setUpdateFsl(
                            UpdateFslRequest.newBuilder().setFsl(fsl.toBuilder().setExportPath("/b"))),
            Operation.newBuilder()
                    .setSetFsnState(
                            SetFsnStateRequest.newBuilder().setUuid(uuid).setState(State.STATE_INVALID)),
            Operation.newBuilder()
                    .setSetFslState(SetFslStateRequest.newBuilder()
                            .setFsnUuid(uuid)
                            .setFslUuid(fslUuid)
                            .setState(State.STATE_INVALID)),
            Operation.newBuilder()
                    .setAnnotate(AnnotateRequest.newBuilder()
                            .setFsnUuid(uuid)
                            .addSet(Annotation.newBuilder().setKey("k").setValue("v"))),
            Operation.newBuilder()
                    .setCreateNamespace(CreateNamespaceRequest.newBuilder()
                            .setNamespace(Namespace.newBuilder().setName("n").setRootFsn("nsdb://h/" + uuid))),
            Operation.newBuilder()
                    .setDeleteNamespace(DeleteNamespaceRequest.newBuilder().setName("n")),
            Operation.newBuilder()
                    .setDeleteFsl(DeleteFslRequest.newBuilder().setFsnUuid(uuid).setFslUuid(fslUuid)),
            Operation.newBuilder().setDeleteFsn(DeleteFsnRequest.newBuilder().setUuid(uuid)),
        };
        TransactResponse answer = transact(operations);

        assertThat(answer.getResultsList())
                .extracting(r -> r.getResultCase())
                .containsExactly(
                        ResultCase.FSN,
                        ResultCase.FSL,
                        ResultCase.FSN,
                        ResultCase.FSL,
                        ResultCase.FSN,
                        ResultCase.FSL,
                        ResultCase.ANNOTATED,
                        ResultCase.NAMESPACE,
                        ResultCase.DELETED,
                        ResultCase.DELETED,
                        ResultCase.DELETED);
        assertThat(answer.getResults(3).getFsl().getExportPath()).isEqualTo("/b");
        assertThat(nsdb.store.info().fsns()).isZero();
        assertThat(nsdb.store.info().fsls()).isZero();
        assertThat(nsdb.store.revision()).isEqualTo(1);
    }

    @Test
    void refusedOperationUndoesAllAndIsNamed() {
        Fsn live = nsdb.newFsn();
        String uuid = UUID.randomUUID().toString();
        StatusDetail detail =
                refused(FedFsStatus.EXIST, () -> transact(create(uuid), add(uuid, "/a"), create(live.getUuid())));

        assertThat(detail.getOperationIndex()).isEqualTo(2);
        assertThat(detail.getField()).isEqualTo("uuid");
        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> nsdb.nsdb.resolve(
                        ResolveRequest.newBuilder().setFsnUuid(uuid).build()));
        assertThat(nsdb.store.revision()).isEqualTo(live.getRevision());
        assertThat(nsdb.store.info().fsns()).isEqualTo(1);
        assertThat(nsdb.store.info().fsls()).isZero();
    }

    @Test
    void malformedOperationIsNamedBeforeAnythingIsWritten() {
        StatusDetail detail = refused(
                FedFsStatus.BADNAME,
                () -> transact(create(""), add(UUID.randomUUID().toString(), "relative")));
        assertThat(detail.getOperationIndex()).isEqualTo(1);
        assertThat(refused(FedFsStatus.INVAL, () -> transact(create(""), Operation.newBuilder()))
                        .getOperationIndex())
                .isEqualTo(1);
    }

    @Test
    void expectedRevisionGuardsTheWholeTransaction() {
        Fsn fsn = nsdb.newFsn();
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> transact(
                        create(""),
                        Operation.newBuilder()
                                .setUpdateFsn(UpdateFsnRequest.newBuilder()
                                        .setUuid(fsn.getUuid())
                                        .setTtlSeconds(1)
                                        .setExpectedRevision(99))));
        assertThat(nsdb.store.info().fsns()).isEqualTo(1);
    }

    @Test
    void sizeOfATransactionIsBounded() {
        refused(FedFsStatus.INVAL, () -> transact());
        List<Operation> many = Collections.nCopies(1001, create("").build());
        refused(
                FedFsStatus.INVAL,
                () -> nsdb.nsdb.transact(
                        TransactRequest.newBuilder().addAllOperations(many).build()));
        assertThat(nsdb.nsdb
                        .transact(TransactRequest.newBuilder()
                                .addAllOperations(many.subList(0, 1000))
                                .build())
                        .getResultsCount())
                .isEqualTo(1000);
    }

    @Test
    void transactionWithTooLargeAnAnswerIsRefusedNotHalfDone() {
        CreateFsnRequest.Builder heavy = CreateFsnRequest.newBuilder();
        for (int i = 0; i < 11; i++) {
            heavy.addDescriptions("d".repeat(4000));
        }
        Fsn fsn = nsdb.nsdb.createFsn(heavy.build());
        Operation touch = Operation.newBuilder()
                .setUpdateFsn(
                        UpdateFsnRequest.newBuilder().setUuid(fsn.getUuid()).setTtlSeconds(1))
                .build();
        refused(
                FedFsStatus.INVAL,
                () -> nsdb.nsdb.transact(TransactRequest.newBuilder()
                        .addAllOperations(Collections.nCopies(100, touch))
                        .build()));
        assertThat(nsdb.store.revision()).isEqualTo(fsn.getRevision());
    }
}

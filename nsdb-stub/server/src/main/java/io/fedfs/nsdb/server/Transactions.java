package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.Write;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.Transport;
import io.fedfs.v1.Operation;
import io.fedfs.v1.OperationResult;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.TransactResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Several operations as one write: all or nothing, in order, each seeing what those before it did. */
final class Transactions {
    private static final int MOST_OPERATIONS = 1_000;

    private final FsnOperations fsns;
    private final FslOperations fsls;
    private final NamespaceOperations namespaces;
    private final AnnotationOperations annotations;
    private final ReferenceOperations references;

    Transactions(
            FsnOperations fsns,
            FslOperations fsls,
            NamespaceOperations namespaces,
            AnnotationOperations annotations,
            ReferenceOperations references) {
        this.fsns = fsns;
        this.fsls = fsls;
        this.namespaces = namespaces;
        this.annotations = annotations;
        this.references = references;
    }

    Write<TransactResponse> transact(TransactRequest request) {
        int count = request.getOperationsCount();
        if (count == 0 || count > MOST_OPERATIONS) {
            throw new NsdbException(
                    FedFsStatus.INVAL,
                    "operations",
                    "a transaction has 1 to " + MOST_OPERATIONS + " operations, not " + count);
        }
        List<Write<OperationResult>> writes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            try {
                writes.add(write(request.getOperations(i)));
            } catch (NsdbException e) {
                throw e.atOperation(i);
            }
        }
        return transaction -> {
            TransactResponse.Builder response = TransactResponse.newBuilder().setRevision(transaction.revision());
            for (int i = 0; i < count; i++) {
                try {
                    response.addResults(writes.get(i).apply(transaction));
                } catch (NsdbException e) {
                    throw e.atOperation(i);
                }
            }
            TransactResponse whole = response.build();
            if (whole.getSerializedSize() > Transport.MESSAGE_BYTES) {
                throw new NsdbException(
                        FedFsStatus.INVAL,
                        "operations",
                        "the transaction's answer would be too large: use smaller ones");
            }
            return whole;
        };
    }

    private Write<OperationResult> write(Operation operation) {
        return switch (operation.getOpCase()) {
            case CREATE_FSN -> as(fsns.create(operation.getCreateFsn()), OperationResult.Builder::setFsn);
            case UPDATE_FSN -> as(fsns.update(operation.getUpdateFsn()), OperationResult.Builder::setFsn);
            case SET_FSN_STATE -> as(fsns.setState(operation.getSetFsnState()), OperationResult.Builder::setFsn);
            case DELETE_FSN -> as(fsns.delete(operation.getDeleteFsn()), OperationResult.Builder::setDeleted);
            case ADD_FSL -> as(fsls.add(operation.getAddFsl()), OperationResult.Builder::setFsl);
            case UPDATE_FSL -> as(fsls.update(operation.getUpdateFsl()), OperationResult.Builder::setFsl);
            case SET_FSL_STATE -> as(fsls.setState(operation.getSetFslState()), OperationResult.Builder::setFsl);
            case DELETE_FSL -> as(fsls.delete(operation.getDeleteFsl()), OperationResult.Builder::setDeleted);
            case CREATE_NAMESPACE ->
                as(namespaces.create(operation.getCreateNamespace()), OperationResult.Builder::setNamespace);
            case DELETE_NAMESPACE ->
                as(namespaces.delete(operation.getDeleteNamespace()), OperationResult.Builder::setDeleted);
            case ANNOTATE -> as(annotations.annotate(operation.getAnnotate()), OperationResult.Builder::setAnnotated);
            case ADD_REFERENCE ->
                as(references.add(operation.getAddReference()), OperationResult.Builder::setReference);
            case REMOVE_REFERENCE ->
                as(references.remove(operation.getRemoveReference()), OperationResult.Builder::setDeleted);
            case OP_NOT_SET -> throw new NsdbException(FedFsStatus.INVAL, "op", "an operation without an operation");
        };
    }

    private static <T> Write<OperationResult> as(
            Write<T> write, BiFunction<OperationResult.Builder, T, OperationResult.Builder> result) {
        return transaction -> result.apply(OperationResult.newBuilder(), write.apply(transaction))
                .build();
    }
}

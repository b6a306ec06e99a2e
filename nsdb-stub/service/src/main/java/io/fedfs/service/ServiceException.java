package io.fedfs.service;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.StatusDetail;

/**
 * A request that is refused or cannot be served, as the client will hear it: the status, a message for people, and the
 * field or the operation of a transaction at fault.
 *
 * <p>Refusals are ordinary answers, so they carry no stack; a failure of the machine (disk, store, network) has its cause
 * and is logged where it happens.
 */
public class ServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FedFsStatus status;
    private final String field;
    private final int operationIndex;

    protected ServiceException(FedFsStatus status, String field, int operationIndex, String message, Throwable cause) {
        super(message, cause, false, cause != null);
        this.status = status;
        this.field = field;
        this.operationIndex = operationIndex;
    }

    /** A refusal that no single field explains. */
    public ServiceException(FedFsStatus status, String message) {
        this(status, "", 0, message, null);
    }

    /** A refusal because of one field, named as the message definition names it. */
    public ServiceException(FedFsStatus status, String field, String message) {
        this(status, field, 0, message, null);
    }

    /** A failure of the machine underneath; {@code message} must not give away more than a client may know. */
    public ServiceException(FedFsStatus status, String message, Throwable cause) {
        this(status, "", 0, message, cause);
    }

    public final FedFsStatus status() {
        return status;
    }

    /** The field at fault, empty when none is. */
    public final String field() {
        return field;
    }

    /** As the client hears it. */
    public final StatusDetail detail() {
        return StatusDetail.newBuilder()
                .setStatus(status.number())
                .setMessage(getMessage())
                .setField(field)
                .setOperationIndex(operationIndex)
                .build();
    }

    /** In a transaction, which operation was refused; else 0. */
    public final int operationIndex() {
        return operationIndex;
    }
}

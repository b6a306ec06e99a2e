package io.fedfs.nsdb.model;

import io.fedfs.protocol.FedFsStatus;

/**
 * A request that is refused or cannot be served, as the client will hear it: the status, a message for people, and the
 * field or the operation of a transaction at fault.
 *
 * <p>Refusals are ordinary answers, so they carry no stack; a failure of the machine (disk, store) has its cause and is
 * logged where it happens.
 */
public final class NsdbException extends RuntimeException {
    private final FedFsStatus status;
    private final String field;
    private final int operationIndex;

    private NsdbException(FedFsStatus status, String field, int operationIndex, String message, Throwable cause) {
        super(message, cause, false, cause != null);
        this.status = status;
        this.field = field;
        this.operationIndex = operationIndex;
    }

    /** A refusal that no single field explains. */
    public NsdbException(FedFsStatus status, String message) {
        this(status, "", 0, message, null);
    }

    /** A refusal because of one field, named as the message definition names it. */
    public NsdbException(FedFsStatus status, String field, String message) {
        this(status, field, 0, message, null);
    }

    /** A failure of the machine underneath; {@code message} must not give away more than a client may know. */
    public NsdbException(FedFsStatus status, String message, Throwable cause) {
        this(status, "", 0, message, cause);
    }

    /** The same refusal, said of the operation with this index in a transaction. */
    public NsdbException atOperation(int index) {
        return new NsdbException(status, field, index, getMessage(), getCause());
    }

    public FedFsStatus status() {
        return status;
    }

    /** The field at fault, empty when none is. */
    public String field() {
        return field;
    }

    /** In a transaction, which operation was refused; else 0. */
    public int operationIndex() {
        return operationIndex;
    }
}

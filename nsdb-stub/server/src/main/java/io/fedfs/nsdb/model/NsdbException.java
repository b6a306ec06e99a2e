package io.fedfs.nsdb.model;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;

/** A request that the NSDB refuses or cannot serve. */
public final class NsdbException extends ServiceException {
    private static final long serialVersionUID = 1L;

    private NsdbException(FedFsStatus status, String field, int operationIndex, String message, Throwable cause) {
        super(status, field, operationIndex, message, cause);
    }

    /** A refusal that no single field explains. */
    public NsdbException(FedFsStatus status, String message) {
        super(status, message);
    }

    /** A refusal because of one field, named as the message definition names it. */
    public NsdbException(FedFsStatus status, String field, String message) {
        super(status, field, message);
    }

    /** A failure of the machine underneath; {@code message} must not give away more than a client may know. */
    public NsdbException(FedFsStatus status, String message, Throwable cause) {
        super(status, message, cause);
    }

    /** The same refusal, said of the operation with this index in a transaction. */
    public NsdbException atOperation(int index) {
        return new NsdbException(status(), field(), index, getMessage(), getCause());
    }
}

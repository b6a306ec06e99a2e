package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;

/** A call of an NSDB failed. The message is for the one who asked. */
public final class NsdbCallException extends Exception {
    private static final long serialVersionUID = 1L;

    private final FedFsStatus status;
    private final boolean answered;

    NsdbCallException(FedFsStatus status, boolean answered, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
        this.answered = answered;
    }

    public FedFsStatus status() {
        return status;
    }

    /** Whether the NSDB itself refused, so that nothing was changed. */
    public boolean isAnswered() {
        return answered;
    }

    /** Whether the NSDB has certainly changed nothing: it refused, or was never reached. Else nobody knows. */
    public boolean isUntouched() {
        return answered
                || switch (status) {
                    case NSDB_ROUTE, NSDB_CONN, NSDB_AUTH, NSDB_PARAMS -> true;
                    default -> false;
                };
    }
}

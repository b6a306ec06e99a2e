package io.fedfs.resolver.discovery;

import io.fedfs.protocol.FedFsStatus;

/** A domain's NSDBs could not be found. The message says what was asked and what to do. */
public final class DiscoveryException extends Exception {
    private static final long serialVersionUID = 1;

    private final FedFsStatus status;

    DiscoveryException(FedFsStatus status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** NSDB_NONCE: the domain has none; NSDB_ROUTE: DNS does not answer; INVAL: no domain. */
    public FedFsStatus status() {
        return status;
    }
}

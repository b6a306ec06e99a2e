package io.fedfs.mount;

import io.fedfs.protocol.FedFsStatus;

/** The mount could not be made; the message says why and what to do, the status is the exit code. */
final class MountFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final FedFsStatus status;

    MountFailure(FedFsStatus status, String message) {
        super(message);
        this.status = status;
    }

    FedFsStatus status() {
        return status;
    }
}

package io.fedfs.cli.terminal;

import io.fedfs.protocol.FedFsStatus;

/**
 * A command cannot do what it was asked, for a reason its user can understand. The status is the exit code; the message is
 * printed in one line, "what was wrong; what to do".
 */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FedFsStatus status;

    /**
     * A failure with something to do about it.
     *
     * @param what what was wrong, without a full stop
     * @param remedy what to do; empty when there is nothing to say
     */
    public CommandFailure(FedFsStatus status, String what, String remedy) {
        this(status, what, remedy, null);
    }

    /** The same, keeping the cause for FEDFS_DEBUG=1. */
    public CommandFailure(FedFsStatus status, String what, String remedy, Throwable cause) {
        super(remedy.isEmpty() ? what : what + "; " + remedy, cause);
        this.status = status;
    }

    /** What the command exits with. */
    public FedFsStatus status() {
        return status;
    }
}

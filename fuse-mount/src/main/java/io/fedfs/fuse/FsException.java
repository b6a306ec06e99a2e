package io.fedfs.fuse;

/** An operation failed in the federation. Expected, so without a stack; the message is for the log and {@code fedfs explain}. */
public final class FsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FsError error;

    public FsException(FsError error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public FsError error() {
        return error;
    }
}

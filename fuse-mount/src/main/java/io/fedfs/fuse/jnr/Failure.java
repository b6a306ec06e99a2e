package io.fedfs.fuse.jnr;

/** An operation failed in the ordinary way, with an errno; ends a walk from anywhere. Without a stack, as it is no surprise. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /** @param errno positive */
    Failure(int errno) {
        super(null, null, false, false);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    /** Returns what is not negative, and throws the rest. */
    static int check(int result) {
        if (result < 0) {
            throw new Failure(-result);
        }
        return result;
    }
}

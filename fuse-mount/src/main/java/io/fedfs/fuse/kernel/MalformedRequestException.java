package io.fedfs.fuse.kernel;

/** A request that does not hold what its operation needs. Has no stack: it says nothing about this program. */
final class MalformedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message, null, false, false);
    }

    static MalformedRequestException tooShort() {
        return new MalformedRequestException("shorter than its fields");
    }

    static MalformedRequestException badName() {
        return new MalformedRequestException("a name is empty, endless or holds a slash");
    }
}

package io.fedfs.attach;

/** An FSL could not be attached; the message says which, where and why. */
public final class AttachException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of trouble it was. */
    public enum Kind {
        /** The place does not answer: another location may do. */
        DOWN,
        /** It answers, and what is looked for is not there: another location may do. */
        MISSING,
        /** The configuration, the file system or the marker refuses it. */
        REFUSED,
        /** No answer within the time. */
        TIMED_OUT
    }

    private final Kind kind;

    public AttachException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

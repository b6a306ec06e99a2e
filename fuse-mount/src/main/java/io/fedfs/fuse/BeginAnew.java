package io.fedfs.fuse;

/**
 * The operation has done nothing yet and is to be called again: it now leads to a file server whose limit ({@link FileSystem#bulkhead}) was not
 * known when it began. Thrown only where {@link Request#canBeginAnew} says so.
 */
public final class BeginAnew extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public static final BeginAnew INSTANCE = new BeginAnew();

    private BeginAnew() {
        super("begin anew", null, false, false);
    }
}

package io.fedfs.soak;

/** The mount did what the model, or the directory underneath, did not. */
final class Difference extends RuntimeException {
    private static final long serialVersionUID = 1;

    Difference(String message) {
        super(message);
    }
}

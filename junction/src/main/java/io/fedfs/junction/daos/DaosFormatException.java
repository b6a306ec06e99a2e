package io.fedfs.junction.daos;

/** A value does not follow the rules for DAOS entries; the message never quotes the value. */
final class DaosFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    DaosFormatException(String fault) {
        super(fault);
    }
}

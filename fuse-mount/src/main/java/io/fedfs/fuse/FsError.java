package io.fedfs.fuse;

/** How the federation itself can fail an operation, apart from what the file systems below answer. */
public enum FsError {
    /** The FSN is unknown, invalidated, or has no usable location. */
    NO_SUCH_FILESET,
    /** The NSDB cannot be reached and nothing usable is cached. */
    NSDB_UNREACHABLE,
    /** Every location tried failed to attach. */
    NO_LOCATION_ATTACHES,
    /** A deadline passed. */
    TIMED_OUT,
    /** The NSDB or the configuration refused, or the daemon may not act for this caller. */
    DENIED,
    /** Too many junctions on one path. */
    TOO_MANY_CROSSINGS,
    /** The operation would reach across filesets. */
    CROSSES_FILESETS,
    /** A junction is in the way of a removal. */
    IS_JUNCTION,
    /** A write where only a read-only location is attached. */
    READ_ONLY,
    /** The caller was interrupted while waiting. */
    INTERRUPTED,
    /** The node is gone: forgotten, or replaced underneath. */
    STALE,
    /** A foreign entry must not be removed by unlink or rmdir. */
    IS_FOREIGN,
    /** The federation does not offer this here. */
    NOT_SUPPORTED
}

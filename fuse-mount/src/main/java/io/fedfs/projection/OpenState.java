package io.fedfs.projection;

/**
 * What the opens of one regular file share. Guarded by the inode's monitor.
 *
 * <p>The kernel refuses (EIO) to have one inode open in passthrough and in cached mode at once, so the first open decides and the
 * others follow, all with one backing id.
 */
final class OpenState {
    int count;
    /** Above 0: passthrough by this id. 0: by read and write requests. */
    int backingId;
    /** The open files, any of which will do for a fstat; a chain by {@link OpenFile#next}. */
    OpenFile first;
}

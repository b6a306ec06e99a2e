/**
 * The last good referrals and namespace roots in a file below the mount's state directory, so that a mount comes up without network.
 *
 * <p>{@link io.fedfs.resolver.offline.OfflineCopy} owns what is kept, in memory, bounded, and decides when it is written: soon
 * after a change of content, seldom when only times changed. {@code CopyFile} owns the bytes: a header with version and
 * checksum, written to a temporary file, synced and renamed, so there is always one whole file. A file that cannot be used is
 * ignored with one line in the log: it is a convenience, and the NSDBs know better.
 *
 * <p>Threading: a short lock around the map; the disk is only touched on the executor given, and when the copy is opened or closed.
 */
package io.fedfs.resolver.offline;

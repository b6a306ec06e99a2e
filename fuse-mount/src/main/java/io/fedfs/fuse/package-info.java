/**
 * The FUSE protocol as the rest of the mount sees it, free of any transport.
 *
 * <p>{@link io.fedfs.fuse.FileSystem} has one method per operation, by nodeid. A {@link io.fedfs.fuse.Session} takes requests
 * from somewhere ({@code io.fedfs.fuse.kernel}: the device itself; {@code io.fedfs.fuse.jnr}: libfuse 2 through jnr-fuse), calls
 * the file system and sends its answer. Two sessions serve one file system, so nothing here knows the wire.
 *
 * <p><b>Results.</b> Every operation returns 0 (or a count) or a negated errno, because a failed lookup is the commonest
 * answer of all and must cost nothing. What a system call below said is passed on as it is. A failure of the federation
 * itself is thrown as {@link io.fedfs.fuse.FsException} with an {@link io.fedfs.fuse.FsError}; {@link
 * io.fedfs.fuse.ErrnoMapper} is the one place that turns those, and anything unexpected, into errno, and the session's
 * dispatch is the one place that catches.
 *
 * <p><b>Memory.</b> {@link io.fedfs.fuse.Request} and the reply objects in it belong to the serving thread and are used again for the next
 * request: nothing may be kept from them. Names are views into the request's own bytes ({@link io.fedfs.fuse.Name}).
 *
 * <p><b>Lookup counts.</b> Each successful reply that carries an {@link io.fedfs.fuse.Entry} with a nodeid other than 0 gives the kernel one
 * reference to that node; {@code forget} gives references back. If the reply cannot be delivered (ENOENT from the device: the caller
 * was interrupted), the session gives that one reference back itself. The root's node (1) is never forgotten.
 */
package io.fedfs.fuse;

/**
 * A {@link io.fedfs.fuse.Session} that speaks the kernel's FUSE protocol over {@code /dev/fuse} itself.
 *
 * <p><b>From the device to the file system and back.</b> Each {@link io.fedfs.fuse.kernel.Worker} is a thread with a descriptor of its own,
 * cloned from the session's (requests read from one descriptor are answered on the same one). It reads a request into its {@link
 * io.fedfs.fuse.kernel.Exchange}; {@link io.fedfs.fuse.kernel.Dispatcher} finds the operation, whose method decodes with {@link
 * io.fedfs.fuse.kernel.RequestReader}, makes one call of the {@link io.fedfs.fuse.FileSystem} and encodes with {@link
 * io.fedfs.fuse.kernel.ReplyWriter}; the dispatcher writes the reply. Nothing on that way allocates.
 *
 * <p><b>Trust.</b> The kernel is believed about who asks, not about lengths: every field is read inside the message's own bounds, and a
 * message that is shorter than its operation needs, or whose names do not end, is answered with EINVAL.
 *
 * <p><b>Threads.</b> {@link io.fedfs.fuse.kernel.Workers} begins with two, adds one whenever the last waiting one has taken a request
 * (each may block for seconds where a junction is crossed, and for hours in a lock), and lets surplus ones go. The last worker that ends
 * because the mount is gone closes everything and calls {@link io.fedfs.fuse.FileSystem#destroy}. Invalidations are written by {@link
 * io.fedfs.fuse.kernel.Notifier}'s own thread, because the kernel may hold the lock they need until a worker has answered.
 *
 * <p><b>References.</b> What a reply gave to the kernel (a lookup reference, an open file) is given back by the dispatcher when the reply
 * could not be delivered.
 *
 * <p>Wire facts: {@code include/uapi/linux/fuse.h}, protocol 7.31 (Linux 5.4) to 7.45 (Linux 6.18).
 */
package io.fedfs.fuse.kernel;

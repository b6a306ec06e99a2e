/**
 * A {@link io.fedfs.fuse.Session} that speaks the kernel's FUSE protocol over {@code /dev/fuse} itself.
 *
 * <p><b>Transports.</b> Messages come by {@link io.fedfs.fuse.kernel.Transport}: the device, of which the next paragraph tells, or
 * rings shared with the kernel ({@link io.fedfs.fuse.kernel.RingTransport}), beside which the device stays for FORGET, INTERRUPT and
 * notifications. An {@link io.fedfs.fuse.kernel.Origin} is where a request came from and its answer goes, at once or later.
 *
 * <p><b>From the device to the file system and back.</b> Each {@link io.fedfs.fuse.kernel.Worker} is a thread; a few of them wait in read(2),
 * each on a descriptor of its own, cloned from the session's, which it gives back when it has a request (a request is answered on the
 * descriptor it was read from). It reads the request into its {@link io.fedfs.fuse.kernel.Exchange}; {@link
 * io.fedfs.fuse.kernel.Dispatcher} finds the operation, whose method decodes with {@link io.fedfs.fuse.kernel.RequestReader}, makes one
 * call of the {@link io.fedfs.fuse.FileSystem} and encodes with {@link io.fedfs.fuse.kernel.ReplyWriter}; the dispatcher writes the reply.
 * Nothing on that way allocates.
 *
 * <p><b>Trust.</b> The kernel is believed about who asks, not about lengths: every field is read inside the message's own bounds, and a
 * message that is shorter than its operation needs, or whose names do not end, is answered with EINVAL.
 *
 * <p><b>Threads.</b> {@link io.fedfs.fuse.kernel.Workers} begins with two, adds one whenever the last waiting one has taken a request
 * (each may block for seconds where a junction is crossed, and for as long as a file server hangs), and lets surplus ones go. When the mount is
 * gone and all workers have ended, but those that are stuck, everything is closed and {@link io.fedfs.fuse.FileSystem#destroy} called.
 * Invalidations are written by {@link io.fedfs.fuse.kernel.Notifier}'s own thread, because the kernel may hold the lock they need until a
 * worker has answered.
 *
 * <p><b>Threads of the rings.</b> A {@link io.fedfs.fuse.kernel.RingWorker} serves one queue, which is one processor's; it has one {@link
 * io.fedfs.fuse.kernel.RingEntry} or none, so that a thread that is stuck keeps nothing from the others. The {@link
 * io.fedfs.fuse.kernel.RingKeeper} has all other entries and serves nothing. The {@link io.fedfs.fuse.kernel.RingKicker} gets the kernel to hand out what waits
 * behind requests that are stuck.
 *
 * <p><b>Waiting.</b> A request for a file server that has its full share under way already ({@link io.fedfs.fuse.Bulkhead}), and one that
 * waits for a lock, are {@link io.fedfs.fuse.kernel.Parked}: a copy of the message, no thread. Who leaves the file server takes the next in line along;
 * locks are asked for again by the {@link io.fedfs.fuse.kernel.Watchdog}, which also answers for threads that are stuck.
 *
 * <p><b>References.</b> What a reply gave to the kernel (a lookup reference, an open file) is given back by the dispatcher when the reply
 * could not be delivered.
 *
 * <p>Wire facts: {@code include/uapi/linux/fuse.h}, protocol 7.31 (Linux 5.4) to 7.45 (Linux 6.18).
 */
package io.fedfs.fuse.kernel;

/**
 * The C world as Java sees it: system calls, errno, extended attributes, native memory.
 *
 * <p>{@link io.fedfs.linux.Sys} is one static method per system call. Its conventions:
 *
 * <ul>
 *   <li>A result below zero is a negated errno, as in the kernel; there are no exceptions on the hot path. {@link
 *       io.fedfs.linux.Errno} has the numbers.
 *   <li>Names and paths are addresses of NUL-terminated bytes in {@link io.fedfs.linux.NativeBuffer}s: Linux names are bytes,
 *       not text, and a name that came in a FUSE request is passed on without being copied or decoded.
 *   <li>Nothing is cached and nothing is locked here; every method may be called from any thread. {@code setfsuid} and
 *       its like act on the calling thread only.
 * </ul>
 *
 * <p>{@link io.fedfs.linux.Xattrs} is the comfortable form for code that is not hot. Only this module and the FUSE sessions
 * import {@code jnr.*}.
 */
package io.fedfs.linux;

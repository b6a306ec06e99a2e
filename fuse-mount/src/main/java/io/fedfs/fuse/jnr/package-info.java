/**
 * A {@link io.fedfs.fuse.Session} through jnr-fuse and libfuse 2.9: for kernels whose protocol the kernel session does not know, and for
 * {@code engine=jnr-fuse}.
 *
 * <p><b>Paths.</b> libfuse's high-level interface speaks of paths. {@link io.fedfs.fuse.jnr.PathOperations} walks each by lookups from
 * node 1, makes the one call of the {@link io.fedfs.fuse.FileSystem}, and gives the references back. Directories that were
 * walked through stay in {@link io.fedfs.fuse.jnr.Directories} for as long as their entry timeout says, each with one reference; the last
 * name of a path is always looked up anew. Operations on open files come without a path (flag_nopath) and go by {@link
 * io.fedfs.fuse.jnr.Handles}.
 *
 * <p><b>Bytes.</b> jnr-fuse decodes paths into Java strings by the JVM's default character set, which loses names that are not text in
 * it. {@link io.fedfs.fuse.jnr.LibFuse} therefore puts callbacks of its own in jnr-fuse's operations structure, which take the C strings as
 * addresses. No setting of the JVM is needed.
 *
 * <p><b>Threads.</b> Threads of Java run libfuse's loop ({@link io.fedfs.fuse.jnr.Loops}), each with a {@link
 * io.fedfs.fuse.jnr.Call} of its own. Every callback goes through one wrapper that catches everything: what escapes a jnr closure is lost,
 * and the program would see success.
 *
 * <p><b>What libfuse 2.9 cannot do</b> (protocol 7.19): timeouts by name, push invalidation, passthrough, readdirplus, renameat2's flags,
 * O_TMPFILE, SEEK_DATA, copy_file_range in the daemon, birth times, POSIX ACLs enforced by the kernel, ioctl. A rename over a file that is
 * open through this mount is two steps, as with every file system on libfuse 2: the name is missing for a moment ({@link
 * io.fedfs.fuse.jnr.HiddenFiles} says why; the other choice, hard_remove, would make fstat fail on every file that was removed
 * while open).
 */
package io.fedfs.fuse.jnr;

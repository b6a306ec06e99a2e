/**
 * The whole system: the commands of the distribution as child processes, real NSDB daemons, real mounts.
 *
 * <p>{@link io.fedfs.system.Federation} is the JUnit extension that starts them and that leaves nothing behind: after each test it
 * unmounts, ends what it started by process id, and fails the test when a mount, a process or a control socket is left.
 * {@link io.fedfs.system.Nsdb} is one NSDB daemon with a gRPC client beside it, {@link io.fedfs.system.Mount} one mount.
 *
 * <p>Junctions and foreign entries are written here byte by byte, as fedfs-utils, Lustre and DAOS write them, not by the code
 * under test.
 *
 * <p>What waits much (tag {@code waits}) runs two classes at a time. What measures time, or changes what every mount of the machine sees, must not
 * have that tag.
 *
 * <p>These tests need root and {@code /dev/fuse}; without them they fail. The distribution is the one in {@code target/fedfs} of
 * the whole project ({@code -Dfedfs.distribution=DIR} names another).
 */
package io.fedfs.system;

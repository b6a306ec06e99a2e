/**
 * The commands that ask a running mount: {@code where}, {@code explain}, {@code status}, {@code check}, {@code flush},
 * {@code tune}.
 *
 * <p>They must work when the mount does not. So the mount is found in {@code /proc/self/mountinfo} ({@link
 * io.fedfs.cli.mount.MountTable}), no system call ever names a path inside it, and what is asked goes to the daemon's control
 * socket ({@link io.fedfs.cli.mount.ControlSocket}) with a bound on every wait. The messages are {@code fedfs.control.v1},
 * length-delimited; no gRPC class is loaded.
 */
package io.fedfs.cli.mount;

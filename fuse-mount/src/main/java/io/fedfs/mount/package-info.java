/**
 * {@code fedfs-mount}: options, wiring, the daemon's life from start to end.
 *
 * <p>{@link io.fedfs.mount.FedfsMount} is the command. {@link io.fedfs.mount.MountOptions} reads {@code -o}. {@link io.fedfs.mount.MountDaemon} puts the
 * parts together: resolver, attacher, projection, session, control socket. A Java process cannot fork, so going into the background is done with the
 * launcher's help: it starts this process detached and waits on a pipe ({@link io.fedfs.mount.Readiness}) until the mount answers or has failed.
 */
package io.fedfs.mount;

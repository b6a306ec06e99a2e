/**
 * The control socket of a running mount: what {@code fedfs where}, {@code status}, {@code flush}, {@code check}, {@code explain} and
 * {@code tune} speak to.
 *
 * <p>A Unix domain socket named after the mount's device number, {@code <run directory>/<major>_<minor>.sock}, because a command finds that number
 * in {@code /proc/self/mountinfo} without touching the mount, which may hang. Messages are delimited protobuf ({@code fedfs.control.v1}).
 *
 * <p>{@link io.fedfs.control.ControlServer} accepts and frames, one short-lived thread a connection, a bounded number of them; {@link
 * io.fedfs.control.ControlService} answers. Anyone may ask; a path is walked as the user who asks; changing anything is for root and the mount's owner.
 */
package io.fedfs.control;

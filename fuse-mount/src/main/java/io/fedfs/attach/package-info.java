/**
 * From an FSL to a directory descriptor on this host.
 *
 * <p>{@link io.fedfs.attach.Attacher} tries the locations of a referral in order and gives back an {@link io.fedfs.attach.Attachment}: an
 * O_PATH descriptor of the fileset's root, shared by everyone who crosses into that location, closed when the last is gone. How one type
 * of location is reached is a {@link io.fedfs.attach.FslType}, which gives back a {@link io.fedfs.attach.Reached};
 * {@link io.fedfs.attach.LocalType} is a directory of this host. A new type is one class here and a line where the daemon is put together.
 *
 * <p>What an NSDB says is untrusted. Only types that the mount was given are attached; a local path must lie below a configured root,
 * is opened with {@code openat2(RESOLVE_BENEATH)} so that no symbolic link leads out of it, and the directory found there must not carry the marker of
 * another fileset.
 *
 * <p>{@link io.fedfs.attach.MountedType} mounts what a {@link io.fedfs.attach.Recipe} says ({@code nfs}, {@code smb}, {@code sshfs}, {@code command}) in
 * {@link io.fedfs.attach.PrivateMounts}, as {@link io.fedfs.attach.AttachConfig} allows it. {@link io.fedfs.attach.HealthProbes} asks what is attached
 * from file servers whether it still answers; the {@link io.fedfs.attach.Attacher.Watcher} acts on it.
 *
 * <p>Every attempt runs on a thread of its own and is waited for with a bound, since opening a directory of a dead file server
 * can hang for ever; but one that cannot hang ({@link io.fedfs.attach.FslType#reachAtOnce}) on the caller's. At most one attempt an FSL
 * is under way: who comes meanwhile waits for the same one.
 */
package io.fedfs.attach;

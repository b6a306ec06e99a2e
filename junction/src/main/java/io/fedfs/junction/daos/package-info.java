/**
 * DAOS containers in a POSIX namespace: entries that stand for a container and are shown as links into the tree where
 * {@code dfuse} serves all containers by pool and container UUID.
 *
 * <p>An entry is a directory (POSIX containers) or an empty file (all others) with one of two attributes: a Lustre foreign
 * layout of type 0xda05 ({@link io.fedfs.junction.daos.ForeignEa}), or {@code user.daos}
 * ({@link io.fedfs.junction.daos.UnsAttribute}). The value was written in three ways over the years
 * ({@link io.fedfs.junction.daos.Generation}); all are read, and whatever the way, the link is the caller's prefix and two
 * UUIDs. Nothing else of a value reaches a path, so nobody who can write {@code user.daos} can point a link elsewhere.
 *
 * <p>Nothing here speaks to DAOS or Lustre, looks at the prefix, or keeps state.
 */
package io.fedfs.junction.daos;

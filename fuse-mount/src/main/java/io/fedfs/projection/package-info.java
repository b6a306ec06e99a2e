/**
 * The federated tree: the {@link io.fedfs.fuse.FileSystem} that shows the directories of many file systems as one.
 *
 * <p><b>Operations.</b> {@link io.fedfs.projection.Projection} puts the parts together and hands each operation to the class of its kind: {@link
 * io.fedfs.projection.Names}, {@link io.fedfs.projection.NodeAttributes}, {@link io.fedfs.projection.Opening}, {@link io.fedfs.projection.FileData},
 * {@link io.fedfs.projection.Listings}, {@link io.fedfs.projection.ExtendedAttributes}. What they share is {@link io.fedfs.projection.Nodes}.
 *
 * <p><b>Nodes.</b> An {@link io.fedfs.projection.Inode} is one file or directory that the kernel holds. It knows the
 * (device, inode number, birth time) below, and one place (parent and name) where it was last seen. It does <em>not</em> hold a descriptor
 * unless one was needed: a lookup is a single statx. {@link io.fedfs.projection.Descriptors} opens an O_PATH descriptor on demand, checks that it is
 * still the same file, and takes it back when there are too many. Nothing is ever opened by a joined path string, and never through a
 * symbolic link. An inode about to lose its name (unlink, rmdir, rename over it) is opened before, because afterwards it could not be found.
 *
 * <p><b>Realms.</b> A {@link io.fedfs.projection.Realm} is one crossing: one fileset, attached at one location, reached through one
 * junction. Directories belong to a realm, so that each junction to a fileset has a tree, and a {@code ..}, of its own; files
 * belong to the attachment, so that a file with two names has one node even when the names are reached through two junctions.
 *
 * <p><b>Junctions.</b> A junction's inode is <em>closed</em> at first: attributes are invented and nobody is asked. The first operation into it
 * makes {@link io.fedfs.projection.Crossings} resolve and attach; from then on the inode stands for the root of its target. When the
 * NSDB says that the target lives elsewhere now, the inode is <em>retired</em>: it is taken out of the table and the kernel is told to look the name up again,
 * which makes a new, closed inode. Whoever still works below the old one keeps it, and its location, until they leave.
 * {@link io.fedfs.projection.ReadAhead} has the resolver ask early about the junctions beside those that are crossed, {@link io.fedfs.projection.Shortage} says
 * when open ones have to make room for others.
 *
 * <p><b>Failing locations.</b> {@link io.fedfs.projection.Failover} exchanges the location under a realm when it is of no use any more: its nodes stay, found again
 * by {@link io.fedfs.projection.Carried}, and {@link io.fedfs.projection.HandleCarrier} opens again what was open. {@link io.fedfs.projection.Projection} makes an operation that failed
 * so once more.
 *
 * <p><b>Foreign entries.</b> A directory or empty file that stands for a DAOS container is a symbolic link that exists in no file system below
 * ({@link io.fedfs.projection.Boundaries} tells it, {@link io.fedfs.projection.ForeignLinks} says how it is shown), or is crossed into like a
 * junction, with a name and a location that {@link io.fedfs.projection.Containers} makes. The daemon never looks at what a link points to.
 *
 * <p><b>Identity.</b> {@code ino} is a 64-bit mix of the FSN and the inode number below: stable over remounts, one-to-one within a
 * fileset. A nodeid is a slot number and a running number, never used twice together with its generation.
 *
 * <p><b>File handles.</b> A file server on top of the mount holds nodeid and generation where a program holds a path, and comes back when the kernel has
 * long forgotten the node. {@link io.fedfs.projection.InodeTable} therefore remembers nodes for a while, without a descriptor; what is remembered
 * keeps its parents, and so its realm, as if it were held, until the realm's location is left.
 *
 * <p><b>Who asks.</b> {@link io.fedfs.projection.Callers} gives the serving thread the caller's file system ids, groups and umask before
 * anything is done below; the kernel has checked the modes already (default_permissions), the file system below has the last word.
 *
 * <p><b>Locks.</b> Stripes of {@link io.fedfs.projection.InodeTable} guard identity and lookup counts; an inode's own monitor guards its place and its
 * open state; Descriptors has one lock for its ring. Order: inode monitor, then ring; a stripe's lock is never held while taking another,
 * except a slot's. No lock is held during a system call that may block, nor while a resolver or an attacher works.
 */
package io.fedfs.projection;

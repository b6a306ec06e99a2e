package io.fedfs.projection;

import io.fedfs.attach.Attacher;
import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Resolver;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The federated tree: puts its parts together, and hands each operation to the one that does it. */
public final class Projection implements FileSystem {
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final Crossings crossings;
    private final OpenFiles files;
    private final Locks locks;
    private final Inode root;
    private volatile Kernel kernel;

    private final Nodes nodes;
    private final NodeAttributes attributes;
    private final Names names;
    private final Opening opening;
    private final FileData data;
    private final Listings listings;
    private final ExtendedAttributes extended;

    /**
     * @param root the mount's root fileset
     * @param asRoot whether the daemon may act as any user
     * @param trustedFromUsers which FSNs are followed from junctions in user.* attributes
     */
    public Projection(
            Fsn root,
            Options options,
            Resolver resolver,
            Attacher attacher,
            ForeignLinks foreignLinks,
            boolean asRoot,
            Predicate<Fsn> trustedFromUsers) {
        Callers callers = new Callers(asRoot, options.passthrough());
        this.descriptors = new Descriptors(options.descriptors(), callers, this::dropped);
        this.inodes = new InodeTable(options.remember(), descriptors::rest, this::gone);
        this.crossings = new Crossings(
                resolver, attacher, options, inodes, foreignLinks, trustedFromUsers, callers::becomeDaemon);
        this.files = new OpenFiles(callers, options.passthrough());
        this.locks = new Locks(callers);
        this.root =
                new Inode(InodeTable.ROOT_ID, 0, 1, 0, 0, 0, 0, 4, Inode.JUNCTION, null, new JunctionPoint(root, true));
        inodes.putRoot(this.root);
        this.nodes = new Nodes(options, callers, inodes, descriptors, crossings, new Boundaries(foreignLinks), files);
        this.attributes = new NodeAttributes(nodes);
        this.names = new Names(nodes);
        this.opening = new Opening(nodes);
        this.data = new FileData(nodes, locks);
        this.listings = new Listings(nodes);
        this.extended = new ExtendedAttributes(nodes);
    }

    /** Opens the root, so that the mount point shows its attributes; throws {@link FsException} when that fails. */
    public void openRoot() {
        Request rq = new Request();
        crossings.enter(rq, root);
    }

    /** What the session offers; null before {@link #init}. */
    public Kernel kernel() {
        return kernel;
    }

    @Override
    public void init(Kernel kernel) {
        this.kernel = kernel;
        crossings.kernel(kernel);
        files.kernel(kernel);
        locks.kernel(kernel);
    }

    @Override
    public void destroy() {
        files.closeAll();
        inodes.forEach(inode -> {
            if (inode.kind == Inode.JUNCTION || inode.fd >= 0) {
                descriptors.drop(inode);
            }
        });
    }

    /** The tree as the control socket sees it. */
    public Tree tree() {
        return new Tree(this, inodes, crossings, nodes.boundaries, root);
    }

    /** Adds each open file to the second number of its realm. */
    void countOpenFiles(Map<Realm, long[]> counts) {
        files.forEach(file -> {
            Realm realm = file.inode.countsFor();
            if (realm != null) {
                counts.computeIfAbsent(realm, r -> new long[2])[1]++;
            }
        });
    }

    /** Numbers for {@code fedfs status}. */
    public Map<String, Long> counters() {
        Map<String, Long> m = new TreeMap<>(crossings.counters());
        long remembered = inodes.remembered();
        m.put("inodes", Math.max(0, inodes.size() - remembered));
        m.put("remembered", remembered);
        m.put("descriptors", (long) descriptors.open());
        m.put("descriptors_opened", descriptors.reopened());
        m.put("foreign_examined", nodes.boundaries.examinations());
        m.put("open_files", (long) files.size());
        return m;
    }

    @Override
    public Bulkhead bulkhead(long nodeid) {
        Inode inode = inodes.get(nodeid);
        Realm realm = inode == null ? null : inode.countsFor();
        return realm == null ? null : realm.attachment.bulkhead();
    }

    /** An inode left the table. */
    private void gone(Inode inode) {
        descriptors.drop(inode);
    }

    /** An inode that left is not used by any operation any more. */
    private void dropped(Inode inode) {
        if (inode.kind == Inode.JUNCTION) {
            crossings.dispose(inode);
        }
    }

    @Override
    public int fsyncdir(Request rq, long nodeid, long fh, boolean dataOnly) {
        return data.fsync(rq, nodeid, fh, dataOnly);
    }

    @Override
    public int syncfs(Request rq, long nodeid) {
        int worst = 0;
        for (Inode point : crossings.open()) {
            Realm realm = point.point().target;
            if (realm == null) {
                continue;
            }
            int fd = files.openRoot(realm);
            int r = fd < 0 ? fd : Sys.syncfs(fd);
            if (fd >= 0) {
                Sys.close(fd);
            }
            worst = Math.min(worst, r);
        }
        return worst;
    }

    // ---------------------------------------------------------------- operations, in the order of FileSystem

    @Override
    public int lastKnown(Request rq, long nodeid) {
        return attributes.lastKnown(rq, nodeid);
    }

    @Override
    public int lookup(Request rq, long parent, Name name) {
        return names.lookup(rq, parent, name);
    }

    @Override
    public void forget(long nodeid, long count) {
        nodes.forget(nodeid, count);
    }

    @Override
    public int getattr(Request rq, long nodeid, long fh) {
        return attributes.getattr(rq, nodeid, fh);
    }

    @Override
    public int setattr(Request rq, long nodeid) {
        return attributes.setattr(rq, nodeid);
    }

    @Override
    public int readlink(Request rq, long nodeid, long address, int capacity) {
        return attributes.readlink(rq, nodeid, address, capacity);
    }

    @Override
    public int symlink(Request rq, long parent, Name name, Name target) {
        return names.symlink(rq, parent, name, target);
    }

    @Override
    public int mknod(Request rq, long parent, Name name, int mode, int rdev, int umask) {
        return names.mknod(rq, parent, name, mode, rdev, umask);
    }

    @Override
    public int mkdir(Request rq, long parent, Name name, int mode, int umask) {
        return names.mkdir(rq, parent, name, mode, umask);
    }

    @Override
    public int unlink(Request rq, long parent, Name name) {
        return names.unlink(rq, parent, name);
    }

    @Override
    public int rmdir(Request rq, long parent, Name name) {
        return names.rmdir(rq, parent, name);
    }

    @Override
    public int rename(Request rq, long parent, Name name, long newParent, Name newName, int flags) {
        return names.rename(rq, parent, name, newParent, newName, flags);
    }

    @Override
    public int link(Request rq, long nodeid, long newParent, Name newName) {
        return names.link(rq, nodeid, newParent, newName);
    }

    @Override
    public int open(Request rq, long nodeid, int flags) {
        return opening.open(rq, nodeid, flags);
    }

    @Override
    public int create(Request rq, long parent, Name name, int flags, int mode, int umask) {
        return opening.create(rq, parent, name, flags, mode, umask);
    }

    @Override
    public int tmpfile(Request rq, long parent, int flags, int mode, int umask) {
        return opening.tmpfile(rq, parent, flags, mode, umask);
    }

    @Override
    public int read(Request rq, long nodeid, long fh, long offset, int size, long address) {
        return data.read(rq, nodeid, fh, offset, size, address);
    }

    @Override
    public int write(Request rq, long nodeid, long fh, long offset, int size, long address, boolean killPriv) {
        return data.write(rq, nodeid, fh, offset, size, address, killPriv);
    }

    @Override
    public int flush(Request rq, long nodeid, long fh, long lockOwner) {
        return data.flush(rq, nodeid, fh, lockOwner);
    }

    @Override
    public int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock) {
        return data.release(rq, nodeid, fh, flags, lockOwner, flockUnlock);
    }

    @Override
    public int fsync(Request rq, long nodeid, long fh, boolean dataOnly) {
        return data.fsync(rq, nodeid, fh, dataOnly);
    }

    @Override
    public int opendir(Request rq, long nodeid, int flags) {
        return listings.opendir(rq, nodeid, flags);
    }

    @Override
    public int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink) {
        return listings.readdir(rq, nodeid, fh, offset, size, sink);
    }

    @Override
    public int releasedir(Request rq, long nodeid, long fh) {
        return listings.releasedir(rq, nodeid, fh);
    }

    @Override
    public int statfs(Request rq, long nodeid) {
        return attributes.statfs(rq, nodeid);
    }

    @Override
    public int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid) {
        return extended.setxattr(rq, nodeid, name, address, size, flags, killSgid);
    }

    @Override
    public int getxattr(Request rq, long nodeid, Name name, long address, int capacity) {
        return extended.getxattr(rq, nodeid, name, address, capacity);
    }

    @Override
    public int listxattr(Request rq, long nodeid, long address, int capacity) {
        return extended.listxattr(rq, nodeid, address, capacity);
    }

    @Override
    public int removexattr(Request rq, long nodeid, Name name) {
        return extended.removexattr(rq, nodeid, name);
    }

    @Override
    public int access(Request rq, long nodeid, int mask) {
        return attributes.access(rq, nodeid, mask);
    }

    @Override
    public int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length) {
        return data.fallocate(rq, nodeid, fh, mode, offset, length);
    }

    @Override
    public long lseek(Request rq, long nodeid, long fh, long offset, int whence) {
        return data.lseek(rq, nodeid, fh, offset, whence);
    }

    @Override
    public long copyFileRange(
            Request rq,
            long nodeidIn,
            long fhIn,
            long offsetIn,
            long nodeidOut,
            long fhOut,
            long offsetOut,
            long length,
            int flags) {
        return data.copyFileRange(rq, nodeidIn, fhIn, offsetIn, nodeidOut, fhOut, offsetOut, length, flags);
    }

    @Override
    public int getlk(Request rq, long nodeid, long fh, long owner) {
        return data.getlk(rq, nodeid, fh, owner);
    }

    @Override
    public int setlk(Request rq, long nodeid, long fh, long owner) {
        return data.setlk(rq, nodeid, fh, owner);
    }

    @Override
    public int flock(Request rq, long nodeid, long fh, int operation) {
        return data.flock(rq, nodeid, fh, operation);
    }

    @Override
    public int ioctl(
            Request rq,
            long nodeid,
            long fh,
            int flags,
            int command,
            long argument,
            long inAddress,
            int inSize,
            long outAddress,
            int outSize) {
        return data.ioctl(rq, nodeid, fh, flags, command, argument, inAddress, inSize, outAddress, outSize);
    }
}

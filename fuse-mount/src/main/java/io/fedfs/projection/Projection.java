package io.fedfs.projection;

import io.fedfs.attach.Attacher;
import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Resolver;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
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
    private final HandleCarrier carrier;
    private final Failover failover;
    private final ReadAhead readAhead;
    private final Attacher attacher;

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
        this.readAhead = new ReadAhead(resolver, descriptors, trustedFromUsers);
        this.crossings = new Crossings(
                resolver, attacher, options, inodes, foreignLinks, trustedFromUsers, readAhead, callers::becomeDaemon);
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
        this.carrier = new HandleCarrier(nodes, opening, listings);
        files.carrier(carrier);
        this.failover =
                new Failover(resolver, attacher, options, inodes, descriptors, files, crossings, callers::becomeDaemon);
        this.attacher = attacher;
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
        crossings.begin(kernel, this::realmsWithOpenFiles, () -> descriptors.open() + files.size());
        files.kernel(kernel);
        locks.kernel(kernel);
        attacher.watch(failover);
    }

    @Override
    public void destroy() {
        readAhead.close();
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

    Failover failover() {
        return failover;
    }

    private Set<Realm> realmsWithOpenFiles() {
        Set<Realm> realms = Collections.newSetFromMap(new IdentityHashMap<>());
        files.forEach(file -> {
            Realm realm = file.inode.countsFor();
            if (realm != null) {
                realms.add(realm);
            }
        });
        return realms;
    }

    /** How many nodes the kernel knows. */
    public long nodesHeld() {
        return inodes.held();
    }

    /** Numbers for {@code fedfs status}. */
    public Map<String, Long> counters() {
        Map<String, Long> m = new TreeMap<>(crossings.counters());
        m.putAll(failover.counters());
        m.put("handles_carried", carrier.carried());
        m.put("handles_lost", carrier.lost());
        m.put("inodes", nodesHeld());
        m.put("remembered", (long) inodes.remembered());
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

    /** Whether an operation that failed is to be tried once more, because its fileset is at another location now. */
    private boolean recovers(Request rq, long nodeid, long fh, long result) {
        OpenFile open = fh == 0 ? null : files.get(fh);
        return failover.recovers(rq, inodes.get(nodeid), open, result);
    }

    /** A change that failed is not tried again, since it may have been made; but the fileset goes elsewhere. */
    private int changed(Request rq, long nodeid, int result) {
        return changed(rq, nodeid, 0, result);
    }

    private int changed(Request rq, long nodeid, long fh, int result) {
        if (Failover.isTrouble(result)) {
            OpenFile open = fh == 0 ? null : files.get(fh);
            if (open != null) {
                open.troubleTold = true;
            }
            failover.recovers(rq, inodes.get(nodeid), open, result);
        }
        return result;
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
        int r = names.lookup(rq, parent, name);
        boolean absent = r == -Errno.ENOENT || r == 0 && rq.entry.nodeid == 0;
        boolean again = absent
                ? failover.findsJunction(rq, inodes.get(parent), name)
                : Failover.isTrouble(r) && recovers(rq, parent, 0, r);
        return again ? names.lookup(rq, parent, name) : r;
    }

    @Override
    public void forget(long nodeid, long count) {
        nodes.forget(nodeid, count);
    }

    @Override
    public int getattr(Request rq, long nodeid, long fh) {
        int r = attributes.getattr(rq, nodeid, fh);
        return Failover.isTrouble(r) && recovers(rq, nodeid, fh, r) ? attributes.getattr(rq, nodeid, fh) : r;
    }

    @Override
    public int setattr(Request rq, long nodeid) {
        return changed(rq, nodeid, attributes.setattr(rq, nodeid));
    }

    @Override
    public int readlink(Request rq, long nodeid, long address, int capacity) {
        int r = attributes.readlink(rq, nodeid, address, capacity);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r)
                ? attributes.readlink(rq, nodeid, address, capacity)
                : r;
    }

    @Override
    public int symlink(Request rq, long parent, Name name, Name target) {
        return changed(rq, parent, names.symlink(rq, parent, name, target));
    }

    @Override
    public int mknod(Request rq, long parent, Name name, int mode, int rdev, int umask) {
        return changed(rq, parent, names.mknod(rq, parent, name, mode, rdev, umask));
    }

    @Override
    public int mkdir(Request rq, long parent, Name name, int mode, int umask) {
        return changed(rq, parent, names.mkdir(rq, parent, name, mode, umask));
    }

    @Override
    public int unlink(Request rq, long parent, Name name) {
        return changed(rq, parent, names.unlink(rq, parent, name));
    }

    @Override
    public int rmdir(Request rq, long parent, Name name) {
        return changed(rq, parent, names.rmdir(rq, parent, name));
    }

    @Override
    public int rename(Request rq, long parent, Name name, long newParent, Name newName, int flags) {
        return changed(rq, parent, names.rename(rq, parent, name, newParent, newName, flags));
    }

    @Override
    public int link(Request rq, long nodeid, long newParent, Name newName) {
        return changed(rq, nodeid, names.link(rq, nodeid, newParent, newName));
    }

    @Override
    public int open(Request rq, long nodeid, int flags) {
        int r = opening.open(rq, nodeid, flags);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r) ? opening.open(rq, nodeid, flags) : r;
    }

    @Override
    public int create(Request rq, long parent, Name name, int flags, int mode, int umask) {
        return changed(rq, parent, opening.create(rq, parent, name, flags, mode, umask));
    }

    @Override
    public int tmpfile(Request rq, long parent, int flags, int mode, int umask) {
        return changed(rq, parent, opening.tmpfile(rq, parent, flags, mode, umask));
    }

    @Override
    public int read(Request rq, long nodeid, long fh, long offset, int size, long address) {
        int r = data.read(rq, nodeid, fh, offset, size, address);
        return Failover.isTrouble(r) && recovers(rq, nodeid, fh, r)
                ? data.read(rq, nodeid, fh, offset, size, address)
                : r;
    }

    @Override
    public int write(Request rq, long nodeid, long fh, long offset, int size, long address, int writeFlags) {
        return changed(rq, nodeid, fh, data.write(rq, nodeid, fh, offset, size, address, writeFlags));
    }

    @Override
    public int flush(Request rq, long nodeid, long fh, long lockOwner) {
        return changed(rq, nodeid, fh, data.flush(rq, nodeid, fh, lockOwner));
    }

    @Override
    public int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock) {
        return data.release(rq, nodeid, fh, flags, lockOwner, flockUnlock);
    }

    @Override
    public int fsync(Request rq, long nodeid, long fh, boolean dataOnly) {
        return changed(rq, nodeid, fh, data.fsync(rq, nodeid, fh, dataOnly));
    }

    @Override
    public int opendir(Request rq, long nodeid, int flags) {
        int r = listings.opendir(rq, nodeid, flags);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r) ? listings.opendir(rq, nodeid, flags) : r;
    }

    @Override
    public int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink) {
        int r = listings.readdir(rq, nodeid, fh, offset, size, sink);
        return Failover.isTrouble(r) && recovers(rq, nodeid, fh, r)
                ? listings.readdir(rq, nodeid, fh, offset, size, sink)
                : r;
    }

    @Override
    public int releasedir(Request rq, long nodeid, long fh) {
        return listings.releasedir(rq, nodeid, fh);
    }

    @Override
    public int statfs(Request rq, long nodeid) {
        int r = attributes.statfs(rq, nodeid);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r) ? attributes.statfs(rq, nodeid) : r;
    }

    @Override
    public int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid) {
        return changed(rq, nodeid, extended.setxattr(rq, nodeid, name, address, size, flags, killSgid));
    }

    @Override
    public int getxattr(Request rq, long nodeid, Name name, long address, int capacity) {
        int r = extended.getxattr(rq, nodeid, name, address, capacity);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r)
                ? extended.getxattr(rq, nodeid, name, address, capacity)
                : r;
    }

    @Override
    public int listxattr(Request rq, long nodeid, long address, int capacity) {
        int r = extended.listxattr(rq, nodeid, address, capacity);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r)
                ? extended.listxattr(rq, nodeid, address, capacity)
                : r;
    }

    @Override
    public int removexattr(Request rq, long nodeid, Name name) {
        return changed(rq, nodeid, extended.removexattr(rq, nodeid, name));
    }

    @Override
    public int access(Request rq, long nodeid, int mask) {
        int r = attributes.access(rq, nodeid, mask);
        return Failover.isTrouble(r) && recovers(rq, nodeid, 0, r) ? attributes.access(rq, nodeid, mask) : r;
    }

    @Override
    public int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length) {
        return data.fallocate(rq, nodeid, fh, mode, offset, length);
    }

    @Override
    public long lseek(Request rq, long nodeid, long fh, long offset, int whence) {
        long r = data.lseek(rq, nodeid, fh, offset, whence);
        return Failover.isTrouble(r) && recovers(rq, nodeid, fh, r) ? data.lseek(rq, nodeid, fh, offset, whence) : r;
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

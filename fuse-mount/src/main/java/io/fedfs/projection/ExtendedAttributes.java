package io.fedfs.projection;

import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.Memory;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import java.nio.charset.StandardCharsets;

/** Operations on extended attributes. */
final class ExtendedAttributes {
    private static final byte[] TRUSTED = "trusted.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LUSTRE_LMV = "lustre.lmv".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LUSTRE_LOV = "lustre.lov".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);

    private final Nodes nodes;
    private final Callers callers;
    private final Descriptors descriptors;
    private final OpenFiles files;

    ExtendedAttributes(Nodes nodes) {
        this.nodes = nodes;
        this.callers = nodes.callers;
        this.descriptors = nodes.descriptors;
        this.files = nodes.files;
    }

    /** An extended-attribute call on {@code /proc/self/fd/N}. */
    private interface OnPath {
        long call(long path);
    }

    private int xattr(Request rq, Inode inode, OnPath call) {
        int fd = descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.become(rq);
            return (int) call.call(Nodes.procPath(rq, fd));
        } finally {
            descriptors.unpin(inode);
        }
    }

    /** trusted.* attributes do not exist for users (xattr(7)); the thread that acts for them may have the capability. */
    private static boolean isHidden(Request rq, Name name) {
        return rq.uid != 0 && name.startsWith(TRUSTED);
    }

    int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid) {
        Inode inode = nodes.node(nodeid);
        if (inode.kind == Inode.LINK) {
            throw new FsException(FsError.IS_FOREIGN, "a foreign entry's attributes are not changed through its link");
        }
        if (isHidden(rq, name)) {
            return -Errno.EPERM;
        }
        return change(rq, inode, path -> Sys.setxattr(path, name.address(), address, size, flags));
    }

    private int change(Request rq, Inode inode, OnPath call) {
        Realm realm = nodes.within(rq, inode);
        Nodes.mustBeWritable(realm);
        int r = xattr(rq, inode, call);
        if (inode.isDirectory()) {
            nodes.changed(realm, inode);
        }
        return r;
    }

    int getxattr(Request rq, long nodeid, Name name, long address, int capacity) {
        Inode inode = nodes.node(nodeid);
        if (Nodes.isClosed(inode) || isHidden(rq, name)) {
            return -Errno.ENODATA;
        }
        // The kernel asks for security.capability before the first write to a file it has just opened.
        OpenFile open = files.hold(inode);
        if (open != null) {
            try {
                callers.becomeLoosely(rq);
                return (int) Sys.fgetxattr(open.fd, name.address(), address, capacity);
            } finally {
                open.let();
            }
        }
        int r = xattr(rq, inode, path -> Sys.getxattr(path, name.address(), address, capacity));
        boolean mayLookBehind = r == -Errno.EOPNOTSUPP || r == -Errno.ENODATA;
        return mayLookBehind && (inode.kind == Inode.LINK || inode.kind == Inode.ORDINARY)
                ? asLustre(rq, inode, name, address, capacity, r)
                : r;
    }

    /**
     * What a Lustre client tells everybody of a foreign entry under lustre.lov, also where the entry is on another file system, and where
     * links are off: who sees the link sees both UUIDs anyway.
     *
     * @param refused what to answer when it is no such name
     */
    private int asLustre(Request rq, Inode inode, Name name, long address, int capacity, int refused) {
        String trusted = name.equalTo(LUSTRE_LMV) ? "trusted.lmv" : name.equalTo(LUSTRE_LOV) ? "trusted.lov" : null;
        int fd = trusted == null ? refused : descriptors.pin(rq, inode);
        if (fd < 0) {
            return fd;
        }
        try {
            callers.becomeDaemon(rq);
            int type = inode.isDirectory() ? Sys.S_IFDIR : Sys.S_IFREG;
            if (inode.kind != Inode.LINK && !nodes.boundaries.isForeign(fd, type)) {
                return refused;
            }
            long at = rq.scratch.putCString(Nodes.TIMES_AT, trusted.getBytes(StandardCharsets.US_ASCII));
            return (int) Sys.getxattr(Nodes.procPath(rq, fd), at, address, capacity);
        } finally {
            descriptors.unpin(inode);
        }
    }

    int listxattr(Request rq, long nodeid, long address, int capacity) {
        Inode inode = nodes.node(nodeid);
        if (Nodes.isClosed(inode)) {
            return 0;
        }
        if (rq.uid == 0) {
            return xattr(rq, inode, path -> Sys.listxattr(path, address, capacity));
        }
        // The daemon's thread sees trusted.* names whoever it acts for, because CAP_SYS_ADMIN is not bound to the file
        // system user id.
        NativeBuffer all = rq.listing(Xattrs.MAX_VALUE);
        int r = xattr(rq, inode, path -> Sys.listxattr(path, all.address(), Xattrs.MAX_VALUE));
        return r <= 0 ? r : withoutTrusted(all, r, address, capacity);
    }

    private static int withoutTrusted(NativeBuffer all, int length, long address, int capacity) {
        int kept = 0;
        for (int at = 0; at < length; ) {
            int end = all.indexOfNul(at, length) + 1;
            if (!startsWithTrusted(all, at, end)) {
                if (capacity > 0) {
                    if (kept + end - at > capacity) {
                        return -Errno.ERANGE;
                    }
                    Memory.copy(all.address(at), address + kept, end - at);
                }
                kept += end - at;
            }
            at = end;
        }
        return kept;
    }

    private static boolean startsWithTrusted(NativeBuffer b, int at, int end) {
        if (end - at < TRUSTED.length) {
            return false;
        }
        for (int i = 0; i < TRUSTED.length; i++) {
            if (b.getByte(at + i) != TRUSTED[i]) {
                return false;
            }
        }
        return true;
    }

    int removexattr(Request rq, long nodeid, Name name) {
        Inode inode = nodes.node(nodeid);
        if (inode.kind == Inode.LINK) {
            throw new FsException(FsError.IS_FOREIGN, "a foreign entry's attributes are not changed through its link");
        }
        if (isHidden(rq, name)) {
            return -Errno.EPERM;
        }
        int r = change(rq, inode, path -> Sys.removexattr(path, name.address()));
        if (r == -Errno.EPERM && name.equalTo(CAPABILITY) && callers.becomeDaemon(rq)) {
            // A caller without CAP_SETFCAP the kernel has refused (cap_inode_removexattr); this is its own, for a write
            // or a chown.
            int fd = descriptors.pin(rq, inode);
            if (fd < 0) {
                return fd;
            }
            try {
                return Sys.removexattr(Nodes.procPath(rq, fd), name.address());
            } finally {
                descriptors.unpin(inode);
            }
        }
        return r;
    }
}

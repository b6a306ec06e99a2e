package io.fedfs.projection;

import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Set-id bits and the capability of a file: cleared where the kernel would, kept where it would not. */
final class SetIdBits {
    private static final Logger LOG = LoggerFactory.getLogger(SetIdBits.class);
    private static final NativeBuffer CAPABILITY = name("security.capability");
    /** sizeof(struct vfs_ns_cap_data) of linux/capability.h is 24. */
    private static final int CAPABILITY_SIZE = 64;

    private SetIdBits() {}

    private static NativeBuffer name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        NativeBuffer b = new NativeBuffer(bytes.length + 1);
        b.putCString(0, bytes);
        return b;
    }

    /** Reads {@code security.capability} to the request's scratch memory; returns its length, not above 0 when there is none. */
    static long readCapability(Request rq, int fd) {
        return Sys.fgetxattr(fd, CAPABILITY.address(), rq.scratch.address(Nodes.STATFS_AT), CAPABILITY_SIZE);
    }

    /** Puts back what {@link #readCapability} read. Only root may: in an ordinary user's mount it is lost (README, Limits). */
    static void restoreCapability(Request rq, int fd, long length) {
        long value = rq.scratch.address(Nodes.STATFS_AT);
        int r = Sys.setxattr(Nodes.procPath(rq, fd), CAPABILITY.address(), value, length, 0);
        if (r < 0 && r != -Errno.EPERM) {
            LOG.warn("writing back mapped memory took a file's capability away: {}", Errno.message(-r));
        }
    }

    /** Whether a mode is the file's own without its set-id bits: what the kernel asks for where it has not agreed on FUSE_HANDLE_KILLPRIV_V2. */
    static boolean onlyDropsSetId(Request rq, int fd, int mode) {
        if (Nodes.statDescriptor(rq, fd) < 0) {
            return false;
        }
        int now = Statx.mode(rq.scratch, Nodes.STAT_AT);
        return (now & Sys.S_IFMT) == Sys.S_IFREG && (mode & ~now & 07777) == 0 && (now & ~mode & 01777) == 0;
    }

    /**
     * Clears the set-id bits as the kernel's setattr_should_drop_suidgid does: set-user-id always, set-group-id of a file that its group may
     * execute. The caller was found to lack CAP_FSETID by the kernel; the daemon's thread may have it.
     */
    static int killPrivileges(Request rq, int fd) {
        int r = Nodes.statDescriptor(rq, fd);
        if (r < 0) {
            return r;
        }
        int mode = Statx.mode(rq.scratch, Nodes.STAT_AT);
        int drop = (mode & 04000) | ((mode & 02010) == 02010 ? 02000 : 0);
        if ((mode & Sys.S_IFMT) != Sys.S_IFREG || drop == 0) {
            return 0;
        }
        return Sys.chmod(Nodes.procPath(rq, fd), mode & 07777 & ~drop);
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.Request;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;

/** Set-id bits, cleared as the kernel does it for a caller without CAP_FSETID. */
final class SetIdBits {
    private SetIdBits() {}

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

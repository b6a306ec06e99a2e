package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.protocol.FedFsStatus;

/** A junction, marker or container entry could not be made, changed or removed; the message is for the administrator. */
public final class JunctionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final FedFsStatus status;

    public JunctionException(FedFsStatus status, String message) {
        super(message);
        this.status = status;
    }

    private JunctionException(FedFsStatus status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /**
     * A failed system call as RFC 7533 names it.
     *
     * @param what what was attempted and on which path, e.g. {@code cannot write the junction to /export/a}
     */
    public static JunctionException of(ErrnoException e, String what) {
        String words = what + ": " + Errno.message(e.errno()) + " (" + Errno.name(e.errno()) + ")";
        return new JunctionException(statusOf(e.errno()), words, e);
    }

    /** The status a command exits with. */
    public FedFsStatus status() {
        return status;
    }

    private static FedFsStatus statusOf(int errno) {
        return switch (errno) {
            case Errno.EPERM -> FedFsStatus.PERM;
            case Errno.EACCES -> FedFsStatus.ACCESS;
            case Errno.EROFS -> FedFsStatus.ROFS;
            case Errno.ENOSPC, Errno.EDQUOT, Errno.E2BIG -> FedFsStatus.NOSPC;
            case Errno.EOPNOTSUPP, Errno.ENOSYS -> FedFsStatus.NOTSUPP;
            case Errno.EEXIST -> FedFsStatus.EXIST;
            case Errno.ENOENT, Errno.ENOTDIR, Errno.EINVAL -> FedFsStatus.INVAL;
            case Errno.ENAMETOOLONG -> FedFsStatus.NAMETOOLONG;
            case Errno.ELOOP -> FedFsStatus.LOOP;
            case Errno.EAGAIN -> FedFsStatus.DELAY;
            default -> FedFsStatus.IO;
        };
    }
}

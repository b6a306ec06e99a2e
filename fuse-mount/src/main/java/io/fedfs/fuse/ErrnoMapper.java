package io.fedfs.fuse;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where a failure becomes the errno that a program sees (design, "what the program sees"). */
public final class ErrnoMapper {
    private static final Logger LOG = LoggerFactory.getLogger(ErrnoMapper.class);

    private ErrnoMapper() {}

    /** The errno for an error of the federation; positive. */
    public static int errno(FsError error) {
        return switch (error) {
            case NO_SUCH_FILESET -> Errno.ENOLINK;
            case NSDB_UNREACHABLE -> Errno.EHOSTUNREACH;
            case NO_LOCATION_ATTACHES -> Errno.EHOSTDOWN;
            case TIMED_OUT -> Errno.ETIMEDOUT;
            case DENIED -> Errno.EACCES;
            case TOO_MANY_CROSSINGS -> Errno.ELOOP;
            case CROSSES_FILESETS -> Errno.EXDEV;
            case IS_JUNCTION -> Errno.EBUSY;
            case READ_ONLY -> Errno.EROFS;
            case INTERRUPTED -> Errno.EINTR;
            case STALE -> Errno.ESTALE;
            case IS_FOREIGN -> Errno.EPERM;
            case NOT_SUPPORTED -> Errno.EOPNOTSUPP;
        };
    }

    /**
     * The errno for anything that came out of an operation; positive, never 0 and never ENOSYS, which the kernel would take
     * for "never ask again". What nobody expected is EIO, logged with its stack.
     *
     * @param operation name of the operation, for the log line
     */
    public static int errno(String operation, Throwable failure) {
        if (failure instanceof FsException e) {
            return errno(e.error());
        }
        if (failure instanceof ErrnoException e && e.errno() > 0 && e.errno() != Errno.ENOSYS) {
            return e.errno();
        }
        LOG.error("{} failed unexpectedly", operation, failure);
        return Errno.EIO;
    }
}

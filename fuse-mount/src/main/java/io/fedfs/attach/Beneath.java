package io.fedfs.attach;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Opens directories whose path an NSDB has told, and never one outside the directory that the configuration names. */
final class Beneath {
    private static final int PATH_MAX = 4096;

    private Beneath() {}

    /**
     * Opens a directory below another; no symbolic link leads out.
     *
     * @param called what the root is called in the configuration, for the message
     * @param inside relative; empty for the root itself
     * @return an O_PATH descriptor
     * @throws AttachException MISSING when it is not there, REFUSED when it may not be entered, else DOWN
     */
    static int open(String called, Path root, Path inside) throws AttachException {
        NativeBuffer memory = new NativeBuffer(2 * PATH_MAX + 64);
        int rootFd = Sys.openat(
                Sys.AT_FDCWD,
                memory.putCString(0, root.toString().getBytes(StandardCharsets.UTF_8)),
                Sys.O_PATH | Sys.O_DIRECTORY,
                0);
        if (rootFd < 0) {
            throw failure(called, root, rootFd);
        }
        try {
            String relative = inside.toString().isEmpty() ? "." : inside.toString();
            int how = 2 * PATH_MAX;
            memory.putLong(how, Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_CLOEXEC);
            memory.putLong(how + 8, 0);
            memory.putLong(how + 16, Sys.RESOLVE_BENEATH | Sys.RESOLVE_NO_MAGICLINKS);
            int fd = Sys.openat2(
                    rootFd,
                    memory.putCString(PATH_MAX, relative.getBytes(StandardCharsets.UTF_8)),
                    memory.address(how));
            if (fd < 0) {
                throw failure(called, root.resolve(inside), fd);
            }
            return fd;
        } finally {
            Sys.close(rootFd);
        }
    }

    /**
     * A path of an FSL record, checked component by component.
     *
     * @param what what it is, for the message
     * @throws AttachException REFUSED when it is not absolute, or climbs
     */
    static Path checked(Fsl fsl, String what, String text) throws AttachException {
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            throw refused("the " + what + " of FSL " + fsl.uuid() + " is not absolute");
        }
        for (String component : text.split("/", -1)) {
            if (component.equals("..") || component.equals(".")) {
                throw refused("the " + what + " of FSL " + fsl.uuid() + " has a \"" + component + "\" component");
            }
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw refused("the " + what + " of FSL " + fsl.uuid() + " is not a path: " + e.getMessage());
        }
    }

    /**
     * The part of an FSL's path below its export, relative.
     *
     * @throws AttachException REFUSED when it climbs
     */
    static Path inside(Fsl fsl) throws AttachException {
        return Path.of("/").relativize(checked(fsl, "path inside", "/" + fsl.pathInside()));
    }

    private static AttachException refused(String why) {
        return new AttachException(AttachException.Kind.REFUSED, why);
    }

    private static AttachException failure(String called, Path path, int negatedErrno) {
        int errno = -negatedErrno;
        AttachException.Kind kind =
                switch (errno) {
                    case Errno.EACCES, Errno.EPERM, Errno.EXDEV, Errno.ELOOP -> AttachException.Kind.REFUSED;
                    // ENOLINK: what DFuse says of a pool or container that is gone.
                    case Errno.ENOENT, Errno.ENOTDIR, Errno.ENOLINK -> AttachException.Kind.MISSING;
                    default -> AttachException.Kind.DOWN;
                };
        String why = errno == Errno.EXDEV ? "a symbolic link in it leads out of the " + called : Errno.message(errno);
        return new AttachException(kind, "cannot open " + path + ": " + why);
    }
}

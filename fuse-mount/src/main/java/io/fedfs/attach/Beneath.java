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
    /** struct open_how: flags, mode and resolve of 64 bits each. */
    private static final int OPEN_HOW_SIZE = 24;

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
        int rootFd = open(Sys.AT_FDCWD, root.toString(), 0);
        if (rootFd < 0) {
            throw failure(called, root, rootFd);
        }
        int fd = below(rootFd, inside, 0);
        if (fd < 0) {
            throw failure(called, root.resolve(inside), fd);
        }
        return fd;
    }

    /**
     * As {@link #open}, of what the kernel has in its cache only.
     *
     * @return an O_PATH descriptor, or a negated errno, EAGAIN where it would have to wait
     */
    static int openCached(Path root, Path inside) {
        int rootFd = open(Sys.AT_FDCWD, root.toString(), Sys.RESOLVE_CACHED);
        return rootFd < 0 ? rootFd : below(rootFd, inside, Sys.RESOLVE_CACHED);
    }

    /** Closes the root's descriptor. */
    private static int below(int rootFd, Path inside, long resolve) {
        try {
            String relative = inside.toString().isEmpty() ? "." : inside.toString();
            return open(rootFd, relative, resolve | Sys.RESOLVE_BENEATH | Sys.RESOLVE_NO_MAGICLINKS);
        } finally {
            Sys.close(rootFd);
        }
    }

    private static int open(int directory, String path, long resolve) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        NativeBuffer memory = new NativeBuffer(OPEN_HOW_SIZE + name.length + 1);
        memory.putLong(0, Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_CLOEXEC);
        memory.putLong(8, 0);
        memory.putLong(16, resolve);
        return Sys.openat2(directory, memory.putCString(OPEN_HOW_SIZE, name), memory.address(0));
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

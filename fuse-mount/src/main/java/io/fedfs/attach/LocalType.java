package io.fedfs.attach;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code local}: a directory of this host below one of the configured roots. The FSL's host name says where the administrator keeps it
 * and is not compared: the same path may be served to several hosts.
 */
public final class LocalType implements FslType {
    public static final String NAME = "local";

    private final List<Root> roots;

    /** A configured root: as it was written and as it really is, since FSLs may be written either way. */
    private record Root(Path written, Path real) {}

    /**
     * @param roots absolute directories; each must exist
     * @throws AttachException when one cannot be resolved
     */
    public LocalType(List<Path> roots) throws AttachException {
        List<Root> list = new java.util.ArrayList<>();
        for (Path root : roots) {
            try {
                list.add(new Root(root.normalize(), root.toRealPath()));
            } catch (java.io.IOException e) {
                throw new AttachException(
                        AttachException.Kind.REFUSED,
                        "local_root " + root + " is not a directory that can be opened: " + e);
            }
        }
        this.roots = List.copyOf(list);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int open(Fsl fsl) throws AttachException {
        Path path = checkedPath(fsl);
        for (Root root : roots) {
            Path inside = below(root.written, path);
            if (inside == null) {
                inside = below(root.real, path);
            }
            if (inside != null) {
                return openBeneath(root.real, inside, path);
            }
        }
        throw new AttachException(
                AttachException.Kind.REFUSED,
                roots.isEmpty()
                        ? path + " is a local location and this mount has no local_root: mount with -o local_root=DIR"
                        : path + " is not below any local_root of this mount (" + rootNames() + ")");
    }

    private static Path below(Path root, Path path) {
        return path.startsWith(root) ? root.relativize(path) : null;
    }

    private String rootNames() {
        return String.join(":", roots.stream().map(r -> r.written.toString()).toList());
    }

    private static Path checkedPath(Fsl fsl) throws AttachException {
        String text = fsl.path();
        if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
            throw new AttachException(
                    AttachException.Kind.REFUSED, "the path of FSL " + fsl.uuid() + " is not absolute");
        }
        for (String component : text.split("/", -1)) {
            if (component.equals("..") || component.equals(".")) {
                throw new AttachException(
                        AttachException.Kind.REFUSED,
                        "the path of FSL " + fsl.uuid() + " has a \"" + component + "\" component");
            }
        }
        try {
            return Path.of(text);
        } catch (java.nio.file.InvalidPathException e) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "the path of FSL " + fsl.uuid() + " is not a path: " + e.getMessage());
        }
    }

    private static int openBeneath(Path root, Path inside, Path whole) throws AttachException {
        NativeBuffer memory = new NativeBuffer(2 * 4096 + 64);
        int rootFd = Sys.openat(
                Sys.AT_FDCWD,
                memory.putCString(0, root.toString().getBytes(StandardCharsets.UTF_8)),
                Sys.O_PATH | Sys.O_DIRECTORY,
                0);
        if (rootFd < 0) {
            throw failure(root, rootFd);
        }
        try {
            String relative = inside.toString().isEmpty() ? "." : inside.toString();
            int how = 2 * 4096;
            memory.putLong(how, Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_CLOEXEC);
            memory.putLong(how + 8, 0);
            memory.putLong(how + 16, Sys.RESOLVE_BENEATH | Sys.RESOLVE_NO_MAGICLINKS);
            int fd = Sys.openat2(
                    rootFd, memory.putCString(4096, relative.getBytes(StandardCharsets.UTF_8)), memory.address(how));
            if (fd < 0) {
                throw failure(whole, fd);
            }
            return fd;
        } finally {
            Sys.close(rootFd);
        }
    }

    private static AttachException failure(Path path, int negatedErrno) {
        int errno = -negatedErrno;
        boolean refused = errno == Errno.EACCES || errno == Errno.EPERM || errno == Errno.EXDEV || errno == Errno.ELOOP;
        String why = errno == Errno.EXDEV ? "a symbolic link in it leads out of the local_root" : Errno.message(errno);
        return new AttachException(
                refused ? AttachException.Kind.REFUSED : AttachException.Kind.DOWN, "cannot open " + path + ": " + why);
    }
}

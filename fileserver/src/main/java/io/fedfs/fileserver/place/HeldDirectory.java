package io.fedfs.fileserver.place;

import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionException;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.JunctionPlace;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A directory of an export that is held open (O_PATH), found without stepping through a junction or a symbolic link. One
 * thread's, for one call.
 */
public final class HeldDirectory implements AutoCloseable {
    private static final int HOW_SIZE = 24;

    private final Located where;
    private final int fd;
    private final Optional<Root> fileset;

    /**
     * The fileset's root at or above a directory.
     *
     * @param depth how many components below the export's directory
     */
    public record Root(FilesetMarker marker, int depth) {}

    private HeldDirectory(Located where, int fd, Optional<Root> fileset) {
        this.where = where;
        this.fd = fd;
        this.fileset = fileset;
    }

    /**
     * Opens a directory; it may be a junction itself.
     *
     * @throws ServiceException NOTLOCAL when the way leads through a junction, LOOP through a symbolic link; INVAL when it
     *     does not exist or is no directory; ACCESS, PERM, IO; MARKER_MISMATCH when a marker on the way is damaged
     */
    public static HeldDirectory open(Located where) {
        int fd = openExport(where);
        Optional<Root> fileset = Optional.empty();
        try {
            for (int depth = 0; ; depth++) {
                fileset = marker(fd, where, depth).or(keep(fileset));
                if (depth == where.inside().size()) {
                    return new HeldDirectory(where, fd, fileset);
                }
                refuseJunction(fd, where, depth);
                int next = openBelow(fd, where, depth);
                Sys.close(fd);
                fd = next;
            }
        } catch (ServiceException e) {
            Sys.close(fd);
            throw e;
        }
    }

    private static java.util.function.Supplier<Optional<Root>> keep(Optional<Root> before) {
        return () -> before;
    }

    /**
     * Opens the directory in which a name is to be made or changed.
     *
     * @throws ServiceException as {@link #open}; INVAL when the path is an export's own directory; NOTLOCAL when the directory
     *     is a junction
     */
    public static HeldDirectory openParent(Located where) {
        if (where.inside().isEmpty()) {
            throw new ServiceException(
                    FedFsStatus.INVAL, "path", where.path() + " is an export's own directory and cannot be a junction");
        }
        Located above = new Located(
                where.export(), where.inside().subList(0, where.inside().size() - 1));
        HeldDirectory parent = open(above);
        try {
            refuseJunction(parent.fd, above, above.inside().size());
            return parent;
        } catch (ServiceException e) {
            parent.close();
            throw e;
        }
    }

    private static int openExport(Located where) {
        NativeBuffer path = cString(where.export().localPath().toString());
        int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_PATH | Sys.O_DIRECTORY, 0);
        if (fd < 0) {
            throw failed(-fd, where, 0);
        }
        return fd;
    }

    private static int openBelow(int fd, Located where, int depth) {
        NativeBuffer name = cString(where.inside().get(depth));
        NativeBuffer how = new NativeBuffer(HOW_SIZE);
        how.putLong(0, Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_CLOEXEC);
        how.putLong(16, Sys.RESOLVE_BENEATH | Sys.RESOLVE_NO_SYMLINKS | Sys.RESOLVE_NO_MAGICLINKS);
        int next = Sys.openat2(fd, name.address(), how.address());
        if (next < 0) {
            throw failed(-next, where, depth + 1);
        }
        return next;
    }

    private static void refuseJunction(int fd, Located where, int depth) {
        try {
            if (Junctions.isJunction(fd)) {
                throw new ServiceException(
                        FedFsStatus.NOTLOCAL,
                        "path",
                        shown(where, depth) + " is a junction: what is below it is elsewhere");
            }
        } catch (ErrnoException e) {
            throw refused(JunctionException.of(e, "cannot look at " + shown(where, depth)));
        }
    }

    private static Optional<Root> marker(int fd, Located where, int depth) {
        try {
            return FilesetMarker.find(Xattrs.ofDescriptor(fd), true).map(m -> new Root(m, depth));
        } catch (ErrnoException e) {
            throw refused(JunctionException.of(e, "cannot read the marker of " + shown(where, depth)));
        } catch (JunctionFormatException e) {
            throw new ServiceException(
                    FedFsStatus.MARKER_MISMATCH,
                    "path",
                    shown(where, depth) + " has a damaged marker: " + e.getMessage());
        }
    }

    private static ServiceException failed(int errno, Located where, int depth) {
        String shown = shown(where, depth);
        return switch (errno) {
            case Errno.ENOENT -> new ServiceException(FedFsStatus.INVAL, "path", shown + " does not exist");
            case Errno.ENOTDIR -> new ServiceException(FedFsStatus.INVAL, "path", shown + " is not a directory");
            case Errno.ELOOP ->
                new ServiceException(
                        FedFsStatus.LOOP, "path", shown + " is a symbolic link; give the path where it leads");
            default -> refused(JunctionException.of(new ErrnoException(errno, "open"), "cannot open " + shown));
        };
    }

    /** A failure underneath as a client hears it. */
    public static ServiceException refused(JunctionException e) {
        return new ServiceException(e.status(), e.getMessage());
    }

    private static String shown(Located where, int depth) {
        return new Located(where.export(), where.inside().subList(0, depth))
                .path()
                .toString();
    }

    /** Which directory this is. */
    public Located where() {
        return where;
    }

    /** The descriptor, open as long as this is. */
    public int fd() {
        return fd;
    }

    /** The innermost fileset that holds the directory, by the markers on the way to it. */
    public Optional<Root> fileset() {
        return fileset;
    }

    /** Whether the directory is itself a fileset's root. */
    public boolean isFilesetRoot() {
        return fileset.isPresent() && fileset.get().depth() == where.inside().size();
    }

    /** The junction that the directory is, if it is one. */
    public Optional<Junction> junction() {
        try {
            return Junctions.isJunction(fd) ? Junctions.read(Xattrs.ofDescriptor(fd), true) : Optional.empty();
        } catch (ErrnoException e) {
            throw refused(JunctionException.of(e, "cannot look at " + where.path()));
        } catch (JunctionFormatException e) {
            throw new ServiceException(FedFsStatus.NOTJUNCT, "path", where.path() + ": " + e.getMessage());
        }
    }

    /** A name in this directory, as the place of a junction; it is good as long as this is open. */
    public JunctionPlace entry(String name, String shown) {
        return JunctionPlace.in(fd, name, shown);
    }

    /** What the directory is, whatever its path: device and inode number. */
    public String identity() {
        NativeBuffer stat = new NativeBuffer(Statx.SIZE);
        NativeBuffer empty = cString("");
        int r = Sys.statx(fd, empty.address(), Sys.AT_EMPTY_PATH, Statx.WANTED, stat.address());
        if (r < 0) {
            throw failed(-r, where, where.inside().size());
        }
        return Statx.dev(stat, 0) + ":" + stat.getLong(Statx.INO);
    }

    /** The names from the export's directory to the fileset's root. */
    public static List<String> rootOf(Located where, Root root) {
        return where.inside().subList(0, root.depth());
    }

    @Override
    public void close() {
        Sys.close(fd);
    }

    private static NativeBuffer cString(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = new NativeBuffer(bytes.length + 1);
        buffer.putCString(0, bytes);
        return buffer;
    }
}

package io.fedfs.attach;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code local}: a directory of this host below one of the configured roots. The FSL's host name says where the administrator keeps it
 * and is not compared: the same path may be served to several hosts.
 */
public final class LocalType implements FslType {
    public static final String NAME = "local";

    /** More mounts than this below the roots are not remembered: the memory is emptied then. */
    private static final int MOST_MOUNTS = 4096;

    private final List<Root> roots;

    /** Mounts of this host's own file systems, by their {@link Statx#MNT_ID} unique number, which no later mount gets. */
    private final Set<Long> ownMounts = ConcurrentHashMap.newKeySet();

    /** A path of an FSL record: below which root, and where there. */
    private record Place(Root root, Path inside) {}

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
    public Reached reach(Fsl fsl) throws AttachException {
        Place place = place(fsl);
        int fd = Beneath.open("local_root", place.root.real, place.inside);
        long mount = mountOf(fd);
        if (mount != 0 && isOwn(fd)) {
            if (ownMounts.size() >= MOST_MOUNTS) {
                ownMounts.clear();
            }
            ownMounts.add(mount);
        }
        return Reached.onThisHost(fd);
    }

    /**
     * What the kernel has the whole path of in its cache (RESOLVE_CACHED of openat2(2), Linux 5.12) and that is on a mount met before, of a
     * file system of this host's own. A directory below a root may as well be on a network file system whose server is dead.
     */
    @Override
    public Optional<Reached> reachAtOnce(Fsl fsl) {
        if (ownMounts.isEmpty()) {
            return Optional.empty();
        }
        int fd;
        try {
            Place place = place(fsl);
            fd = Beneath.openCached(place.root.real, place.inside);
        } catch (AttachException e) {
            return Optional.empty();
        }
        if (fd < 0) {
            return Optional.empty();
        }
        long mount = mountOf(fd);
        if (mount != 0 && ownMounts.contains(mount)) {
            return Optional.of(Reached.onThisHost(fd));
        }
        Sys.close(fd);
        return Optional.empty();
    }

    /** The unique number of the mount that a descriptor is on, without asking a server; 0 when the kernel (before Linux 6.8) does not tell. */
    private static long mountOf(int fd) {
        NativeBuffer b = new NativeBuffer(Statx.SIZE + 8);
        long empty = b.putCString(Statx.SIZE, new byte[0]);
        int r = Sys.statx(fd, empty, Sys.AT_EMPTY_PATH | Sys.AT_STATX_DONT_SYNC, Statx.MASK_MNT_ID_UNIQUE, b.address());
        return r < 0 || (b.getInt(Statx.MASK) & Statx.MASK_MNT_ID_UNIQUE) == 0 ? 0 : b.getLong(Statx.MNT_ID);
    }

    private static boolean isOwn(int fd) {
        NativeBuffer b = new NativeBuffer(Statx.SIZE);
        return Sys.fstatfs(fd, b.address()) >= 0 && LocalFileSystems.contains(b.getLong(0));
    }

    private Place place(Fsl fsl) throws AttachException {
        Path path = Beneath.checked(fsl, "path", fsl.path());
        for (Root root : roots) {
            Path inside = below(root.written, path);
            if (inside == null) {
                inside = below(root.real, path);
            }
            if (inside != null) {
                return new Place(root, inside);
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
}

package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
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
    public Reached reach(Fsl fsl) throws AttachException {
        Path path = Beneath.checked(fsl, "path", fsl.path());
        for (Root root : roots) {
            Path inside = below(root.written, path);
            if (inside == null) {
                inside = below(root.real, path);
            }
            if (inside != null) {
                return Reached.onThisHost(Beneath.open("local_root", root.real, inside));
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

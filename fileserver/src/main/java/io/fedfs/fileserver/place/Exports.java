package io.fedfs.fileserver.place;

import io.fedfs.fileserver.config.Export;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.util.ArrayList;
import java.util.List;

/** The exports of this server, found by paths in them. */
public final class Exports {
    private final List<Export> exports;
    private final List<Name> names = new ArrayList<>();

    private record Name(ServerPath path, Export export) {}

    /**
     * A path in an export.
     *
     * @param inside the components below the export's directory
     */
    public record Located(Export export, List<String> inside) {
        public Located {
            inside = List.copyOf(inside);
        }

        /** The path by the export's path, whichever way it was given. */
        public ServerPath path() {
            List<String> all =
                    new ArrayList<>(ServerPath.parse(export.exportPath()).names());
            all.addAll(inside);
            return new ServerPath(all);
        }

        /** The path of the directory on this server. */
        public String localPath() {
            return inside.isEmpty()
                    ? export.localPath().toString()
                    : export.localPath().resolve(String.join("/", inside)).toString();
        }

        /** The components as a relative path, "" for the export's own directory. */
        public String pathInside() {
            return String.join("/", inside);
        }
    }

    public Exports(List<Export> exports) {
        this.exports = List.copyOf(exports);
        exports.forEach(e -> names.add(new Name(ServerPath.parse(e.exportPath()), e)));
        exports.forEach(e -> names.add(new Name(ServerPath.parse(e.localPath().toString()), e)));
    }

    public List<Export> all() {
        return exports;
    }

    /**
     * The innermost export that holds a path, given by export path or by local path; the former comes first.
     *
     * @throws ServiceException INVAL when none does, or it is no path
     */
    public Located locate(String text) {
        ServerPath path = ServerPath.parse(text);
        Name best = null;
        for (Name name : names) {
            boolean longer =
                    best == null || name.path.names().size() > best.path.names().size();
            if (path.isAtOrBelow(name.path) && longer) {
                best = name;
            }
        }
        if (best == null) {
            throw new ServiceException(FedFsStatus.INVAL, "path", "no export of this server holds " + path);
        }
        return new Located(
                best.export,
                path.names().subList(best.path.names().size(), path.names().size()));
    }
}

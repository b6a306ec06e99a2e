package io.fedfs.fileserver.service;

import io.fedfs.fileserver.config.AccessProtocol;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.v1.Fsl;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How this server's directories look in FSLs. One of type {@code local} names a directory of the client's host, so it carries
 * the local path; all others carry the export path.
 *
 * @param name the host name in FSLs made here
 * @param names all host names by which FSLs may mean this server, lower case
 */
record ThisServer(String name, Set<String> names) {
    static ThisServer of(String name, String hostName) {
        String host = hostName.toLowerCase(Locale.ROOT);
        return new ThisServer(
                name, Set.copyOf(new java.util.HashSet<>(List.of(name.toLowerCase(Locale.ROOT), host, "localhost"))));
    }

    /** Sets host, export path and path inside. */
    void place(Fsl.Builder fsl, Located where) {
        fsl.setHost(name).setExportPath(exportPath(fsl.getType(), where)).setPathInside(where.pathInside());
    }

    /** Whether an FSL is this very directory. */
    boolean isAt(Fsl fsl, Located where) {
        if (!names.contains(fsl.getHost().toLowerCase(Locale.ROOT))) {
            return false;
        }
        return joined(fsl.getExportPath(), fsl.getPathInside())
                .equals(joined(exportPath(fsl.getType(), where), where.pathInside()));
    }

    private static String exportPath(String type, Located where) {
        return type.equals(AccessProtocol.LOCAL)
                ? where.export().localPath().toString()
                : where.export().exportPath();
    }

    private static String joined(String path, String inside) {
        return inside.isEmpty() ? path : path.equals("/") ? path + inside : path + "/" + inside;
    }
}

package io.fedfs.protocol;

import java.util.Map;
import java.util.UUID;

/**
 * One place where a fileset lives now, as a client needs it (the NSDB's whole record is {@code io.fedfs.v1.Fsl}).
 *
 * @param type how it is reached, for instance {@code local}
 * @param port 0 for the type's default
 * @param exportPath absolute directory on the file server
 * @param pathInside below the export, relative, may be empty, no {@code ..}
 * @param currency seconds out of date; negative when not known
 */
public record Fsl(
        UUID uuid,
        String type,
        String host,
        int port,
        String exportPath,
        String pathInside,
        Map<String, String> options,
        boolean writable,
        boolean draining,
        int currency,
        int readRank,
        int readOrder,
        int writeRank,
        int writeOrder) {

    public Fsl {
        options = Map.copyOf(options);
    }

    /** The directory of the fileset's root on its server: export path and path inside, joined with one slash. */
    public String path() {
        if (pathInside.isEmpty()) {
            return exportPath;
        }
        return exportPath.endsWith("/") ? exportPath + pathInside : exportPath + "/" + pathInside;
    }
}

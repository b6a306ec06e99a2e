package io.fedfs.nsdb.model;

import java.util.Map;

/**
 * Where a location is and how it is reached (requirement R2c: volume, path, export path, options).
 *
 * @param type {@code local}, {@code nfs}, …
 * @param host lower case; may be empty for {@code local}
 * @param port 0: the type's own default
 * @param exportPath absolute, without empty, {@code .} or {@code ..} components
 * @param pathInside below the export, relative, may be empty
 * @param volume the server's own name of the volume, may be empty
 */
public record Place(
        String type,
        String host,
        int port,
        String exportPath,
        String pathInside,
        String volume,
        Map<String, String> options) {

    public Place {
        options = Maps.sorted(options);
    }
}

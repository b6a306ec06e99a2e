package io.fedfs.fileserver.config;

import java.util.Map;
import java.util.TreeMap;

/**
 * One way for clients to reach an export.
 *
 * @param type as FSLs have it: {@code local}, {@code nfs}, {@code smb}, …
 * @param port 0: the type's own
 * @param options what a client needs to mount it so
 */
public record AccessProtocol(String type, int port, Map<String, String> options) {
    /** A directory of the client's own host. */
    public static final String LOCAL = "local";

    public AccessProtocol {
        options = java.util.Collections.unmodifiableMap(new TreeMap<>(options));
    }
}

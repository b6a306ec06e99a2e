package io.fedfs.fileserver.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A directory that this server exports.
 *
 * @param exportPath what clients mount; absolute, clean
 * @param localPath where it is on this server; absolute, clean
 * @param volume the server's own name of it, may be empty
 * @param writable whether clients may write
 * @param protocols at least one; the first is the one meant when none is named
 */
public record Export(
        String exportPath, Path localPath, String volume, boolean writable, List<AccessProtocol> protocols) {
    public Export {
        protocols = List.copyOf(protocols);
    }

    /** The protocol of this type; the first for an empty type. */
    public Optional<AccessProtocol> protocol(String type) {
        return type.isEmpty()
                ? Optional.of(protocols.get(0))
                : protocols.stream().filter(p -> p.type().equals(type)).findFirst();
    }
}

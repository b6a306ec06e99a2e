package io.fedfs.fileserver.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What an agent serves.
 *
 * @param name the host name that FSLs of this server carry
 * @param exports in the order of the file
 */
public record ServerConfig(String name, List<Export> exports) {
    public ServerConfig {
        exports = List.copyOf(exports);
    }

    /**
     * Reads a configuration file.
     *
     * @param hostName this host's name, for a file that gives none
     * @throws ConfigException that says everything that is wrong with it
     */
    public static ServerConfig read(Path file, String hostName) throws ConfigException {
        return ServerConfigFile.read(file, hostName);
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory to be registered as a location.
 *
 * @param host the file server's name
 * @param path absolute; free of symbolic links when it exists here
 * @param existsHere whether this host has that directory
 */
record Place(String host, Path path, boolean existsHere) {

    /**
     * The place that options mean. A directory that exists here is taken by its real path, because clients refuse to follow
     * symbolic links on the way to a location; one on another host is taken as written.
     *
     * @param host null: this host
     * @throws CommandFailure when the directory should exist here and does not, or the path cannot be meant
     */
    static Place of(String directory, String host, ThisHost thisHost) {
        boolean meantHere = host == null || thisHost.isNamed(host);
        String name = host == null ? thisHost.name() : host;
        checkHost(name);
        Path path = thisHost.directory().resolve(directory);
        if (Files.isDirectory(path)) {
            return new Place(name, real(path), true);
        }
        if (meantHere) {
            String what = Files.exists(path) ? " is not a directory" : " does not exist here";
            throw new CommandFailure(FedFsStatus.INVAL, path + what, "--host NAME registers one of another host");
        }
        if (!Path.of(directory).isAbsolute()) {
            throw new CommandFailure(
                    FedFsStatus.INVAL, "a directory of another host needs an absolute path: " + directory, "");
        }
        return new Place(name, path.normalize(), false);
    }

    /**
     * A directory as a file server names it. Not looked for here, even when the server is this host.
     *
     * @throws CommandFailure when host or path cannot be meant
     */
    static Place served(String directory, String host) {
        checkHost(host);
        if (!directory.startsWith("/")) {
            throw new CommandFailure(
                    FedFsStatus.INVAL, "a directory of a file server needs an absolute path: " + directory, "");
        }
        return new Place(host, Path.of(directory).normalize(), false);
    }

    private static void checkHost(String name) {
        if (name.isBlank() || name.chars().anyMatch(c -> c <= ' ' || c == '/')) {
            throw new CommandFailure(FedFsStatus.INVAL, "\"" + name + "\" is not a host name", "");
        }
    }

    private static Path real(Path path) {
        try {
            return Underneath.require(path.toRealPath());
        } catch (IOException e) {
            throw new CommandFailure(FedFsStatus.IO, "cannot find out where " + path + " really is: " + e, "", e);
        }
    }
}

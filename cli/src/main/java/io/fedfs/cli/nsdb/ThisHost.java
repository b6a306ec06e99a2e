package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The host this command runs on: the name that goes into locations, and where relative paths begin.
 *
 * @param name the kernel's host name; asking a name service would make the outcome depend on the network
 */
record ThisHost(String name, Path directory) {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    static ThisHost of(Terminal terminal) {
        try {
            return new ThisHost(Files.readString(HOST_NAME).strip(), terminal.directory());
        } catch (IOException e) {
            throw new CommandFailure(
                    FedFsStatus.IO, "cannot read this host's name from " + HOST_NAME, "give --host NAME", e);
        }
    }

    boolean isNamed(String host) {
        String other = host.toLowerCase(Locale.ROOT);
        String mine = name.toLowerCase(Locale.ROOT);
        return Loopback.names(other) || other.equals(mine) || other.startsWith(mine + ".");
    }
}

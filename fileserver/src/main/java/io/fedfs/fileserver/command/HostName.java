package io.fedfs.fileserver.command;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's name of this host; asking a name service would make the outcome depend on the network. */
final class HostName {
    private static final Path FILE = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    static String read() {
        try {
            return Files.readString(FILE).strip();
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot read this host's name from " + FILE, e);
        }
    }
}

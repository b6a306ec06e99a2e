package io.fedfs.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a plain directory: what fails here is a mistake of a case. */
final class PlainDirectoryTest implements PosixContract {
    @TempDir
    static Path directory;

    @BeforeAll
    static void letEverybodyIn() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Override
    public Path onTrial() {
        return directory;
    }

    @Override
    public Path below() {
        return directory;
    }
}

package io.fedfs.system;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the built commands are. */
final class Distribution {
    private static final Path HOME = Path.of(System.getProperty("fedfs.distribution", "../target/fedfs"))
            .toAbsolutePath()
            .normalize();

    private Distribution() {}

    static Path home() {
        return HOME;
    }

    /** A command of it; fails with what to do when the distribution is not built. */
    static String command(String name) {
        Path command = HOME.resolve("bin").resolve(name);
        if (!Files.isExecutable(command)) {
            throw new AssertionError(command + " is missing: build it first, mvn -DskipTests package");
        }
        return command.toString();
    }
}

package io.fedfs.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.protocol.Fsl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is attached at once, by a thread that serves programs, and what is left to one that may wait. */
final class LocalTypeTest {
    private static final Path PROC = Path.of("/proc");

    @TempDir
    Path directory;

    private Path real;
    private Path met;
    private LocalType type;

    @BeforeEach
    void start() throws Exception {
        real = directory.toRealPath();
        met = Files.createDirectory(real.resolve("met"));
        type = new LocalType(List.of(real, PROC));
    }

    private static Fsl at(Path path) {
        return new Fsl(
                UUID.randomUUID(),
                LocalType.NAME,
                "localhost",
                0,
                path.toString(),
                "",
                Map.of(),
                true,
                false,
                0,
                0,
                0,
                0,
                0);
    }

    private boolean atOnce(Path path) {
        Optional<Reached> reached = type.reachAtOnce(at(path));
        reached.ifPresent(Reached::close);
        return reached.isPresent();
    }

    @Test
    void whatIsCachedIsReachedAtOnceOnAMountMetBefore() throws Exception {
        String[] kernel = System.getProperty("os.version").split("[^0-9]+");
        assumeThat(Integer.parseInt(kernel[0]) * 1000 + Integer.parseInt(kernel[1]))
                .as("mounts have numbers of their own")
                .isGreaterThanOrEqualTo(6008);
        assumeThat(Files.getFileStore(real).type()).isIn("tmpfs", "ext4", "xfs", "btrfs");
        Path other = Files.createDirectory(real.resolve("other"));
        assertThat(atOnce(other)).as("no mount was met").isFalse();
        type.reach(at(met)).close();
        assertThat(atOnce(other)).isTrue();
        assertThat(atOnce(met)).isTrue();
    }

    @Test
    void whatThereIsToComplainOfIsLeftToWhoMayWait() throws Exception {
        type.reach(at(met)).close();
        Path missing = real.resolve("missing");
        Path out = Files.createSymbolicLink(real.resolve("out"), Path.of("/etc"));
        for (Path path : List.of(missing, out, Path.of("/etc"), real.resolve("met/.."))) {
            assertThat(atOnce(path)).as(path.toString()).isFalse();
            assertThatThrownBy(() -> type.reach(at(path)).close()).isInstanceOf(AttachException.class);
        }
    }

    @Test
    void fileSystemsThatMayHangAreNever() throws Exception {
        type.reach(at(met)).close();
        Path sys = PROC.resolve("sys");
        for (int i = 0; i < 2; i++) {
            assertThat(atOnce(sys)).isFalse();
            type.reach(at(sys)).close();
        }
    }
}

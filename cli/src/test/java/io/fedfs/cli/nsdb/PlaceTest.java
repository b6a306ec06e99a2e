package io.fedfs.cli.nsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
    @TempDir
    Path directory;

    @Test
    void directoryHereIsTakenByItsRealPath() throws Exception {
        Path real = Files.createDirectory(directory.resolve("real")).toRealPath();
        Files.createSymbolicLink(directory.resolve("link"), real);
        ThisHost host = new ThisHost("fs1", directory);
        assertThat(Place.of("link/../link", null, host)).isEqualTo(new Place("fs1", real, true));
    }

    @Test
    void fileIsNoPlace() throws Exception {
        Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> Place.of("file", null, new ThisHost("fs1", directory)))
                .hasMessageContaining("is not a directory");
    }

    @Test
    void hostNameMustBeOne() {
        assertThatThrownBy(() -> Place.of("/x", "a b", new ThisHost("fs1", directory)))
                .hasMessageContaining("not a host name");
    }

    @Test
    void thisHostIsKnownByItsNames() {
        ThisHost host = new ThisHost("FS1", directory);
        assertThat(host.isNamed("fs1")).isTrue();
        assertThat(host.isNamed("fs1.example.org")).isTrue();
        assertThat(host.isNamed("localhost")).isTrue();
        assertThat(host.isNamed("fs10")).isFalse();
    }
}

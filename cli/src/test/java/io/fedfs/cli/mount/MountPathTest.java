package io.fedfs.cli.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountPathTest {
    @TempDir
    Path given;

    private Path base;
    private MountTable table;

    @BeforeEach
    void mountAtFed() throws IOException {
        base = given.toRealPath();
        Files.createDirectories(base.resolve("fed/inside"));
        table = new MountTable(List.of(
                new MountTable.Mount("8:1", "/", "/", "ext4", 0),
                new MountTable.Mount("0:45", "/", base + "/fed", MountTable.FEDFS, 0)));
    }

    private MountPath find(String path) {
        return MountPath.find(table, base, path);
    }

    @Test
    void relativePathsBeginInTheWorkingDirectory() {
        assertThat(find("fed/x/./y//z").inside()).isEqualTo("x/y/z");
        assertThat(find("fed").inside()).isEmpty();
    }

    @Test
    void linksOutsideTheMountAreFollowed() throws IOException {
        Files.createSymbolicLink(base.resolve("absolute"), base.resolve("fed"));
        Files.createSymbolicLink(base.resolve("relative"), Path.of("fed/inside"));
        assertThat(find("absolute/x").absolute()).isEqualTo(base + "/fed/x");
        assertThat(find("relative/../x").inside()).isEqualTo("x");
    }

    @Test
    void linksInsideTheMountAreNotEvenLookedAt() throws IOException {
        Files.createSymbolicLink(base.resolve("fed/link"), Path.of("../outside"));
        assertThat(find("fed/link/passwd").inside()).isEqualTo("link/passwd");
    }

    @Test
    void dotDotInsideTakesANameAwayAndMayLeadOut() {
        assertThat(find("fed/a/b/../c").inside()).isEqualTo("a/c");
        assertThat(find("fed/../fed/a").inside()).isEqualTo("a");
        assertThatThrownBy(() -> find("fed/../other"))
                .isInstanceOfSatisfying(
                        CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.NOT_MOUNTED));
    }

    @Test
    void linkLoopEnds() throws IOException {
        Files.createSymbolicLink(base.resolve("loop"), Path.of("loop"));
        assertThatThrownBy(() -> find("loop/x"))
                .isInstanceOfSatisfying(
                        CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.LOOP));
    }

    @Test
    void anotherMountInsideIsNotOurs() {
        table = new MountTable(List.of(
                new MountTable.Mount("0:45", "/", base + "/fed", MountTable.FEDFS, 0),
                new MountTable.Mount("0:46", "/", base + "/fed/tmp", "tmpfs", 0)));
        assertThatThrownBy(() -> find("fed/tmp/x")).hasMessageContaining("not in a fedfs mount");
    }
}

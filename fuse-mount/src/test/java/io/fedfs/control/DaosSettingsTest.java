package io.fedfs.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.projection.ForeignLinks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DaosSettingsTest {
    @TempDir
    Path dir;

    private final ForeignLinks links = new ForeignLinks();

    private DaosSettings started(Map<String, String> options) throws IOException {
        DaosSettings settings = new DaosSettings(links, dir.resolve("state/daos"), "/mnt/fed", options);
        settings.begin();
        return settings;
    }

    private Path program(String script) throws IOException {
        Path program = Files.createTempFile(dir, "upcall", ".sh");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void withoutOptionsLinksAreOff() throws IOException {
        assertThat(started(Map.of()).shown())
                .containsEntry("daos_enable", "0")
                .containsEntry("daos_prefix", "/mnt")
                .containsEntry("daos_mode", "link")
                .containsEntry("daos_values", "daos")
                .containsEntry("foreign_symlink_upcall", "none");
    }

    @Test
    void lustresNamesAreEquals() throws IOException {
        DaosSettings settings = started(Map.of());
        settings.change(Map.of("foreign_symlink_enable", "1\n", "foreign_symlink_prefix", "/dfuse/\n"));
        assertThat(settings.shown()).containsEntry("daos_enable", "1").containsEntry("daos_prefix", "/dfuse");
        settings.change(Map.of("daos_enable", "0"));
        assertThat(links.settings().enabled()).isFalse();
        assertThat(settings.shown()).containsEntry("daos_prefix", "/dfuse");
    }

    @Test
    void whatIsBadIsRefusedByNameAndChangesNothing() throws IOException {
        DaosSettings settings = started(Map.of("daos", "/dfuse"));
        Map<String, String> before = settings.shown();
        for (Map<String, String> bad : java.util.List.of(
                Map.of("daos_prefix", "relative", "daos_enable", "0"),
                Map.of("daos_prefix", "/" + "x".repeat(4096)),
                Map.of("daos_enable", "2"),
                Map.of("daos_mode", "copy"),
                Map.of("daos_values", "all"),
                Map.of("foreign_symlink_upcall", "relative"),
                Map.of("foreign_symlink_upcall", "/no/such/program"),
                Map.of("colour", "red"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> settings.change(bad));
            assertThat(settings.shown()).isEqualTo(before);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> started(Map.of("daos", "relative")));
    }

    @Test
    void whatWasTunedHoldsForTheNextDaemonWithTheSameOptions() throws IOException {
        started(Map.of("daos", "/dfuse")).change(Map.of("daos_prefix", "/other", "daos_enable", "0"));
        assertThat(started(Map.of("daos", "/dfuse")).shown())
                .containsEntry("daos_enable", "0")
                .containsEntry("daos_prefix", "/other");
        assertThat(started(Map.of("daos", "/new")).shown())
                .as("other options are a new word")
                .containsEntry("daos_enable", "1")
                .containsEntry("daos_prefix", "/new");
        assertThat(started(Map.of("daos", "/dfuse")).shown())
                .as("and what was tuned is forgotten")
                .containsEntry("daos_prefix", "/dfuse");
    }

    @Test
    void whatCannotBeKeptIsNotChanged() throws IOException {
        DaosSettings settings = started(Map.of());
        Files.writeString(dir.resolve("state"), "in the way");
        assertThatThrownBy(() -> settings.change(Map.of("daos_enable", "1"))).isInstanceOf(IOException.class);
        assertThat(settings.shown()).containsEntry("daos_enable", "0");
    }

    @Test
    void anUpcallRunsWithAnEmptyEnvironmentAndSetsTheTable() throws IOException {
        Path seen = dir.resolve("seen");
        Path program = program("/usr/bin/env > " + seen + "; echo \"$0 $1\" >> " + seen
                + "; echo substring 0 36; echo 'constant /'; echo substring 37 36");
        DaosSettings settings = started(Map.of("daos", "/dfuse"));
        settings.change(Map.of("foreign_symlink_upcall", program.toString()));
        assertThat(settings.shown()).containsEntry("foreign_symlink_upcall", program.toString());
        assertThat(links.settings().values().table().orElseThrow())
                .hasToString("substring 0 36\nconstant /\nsubstring 37 36\n");
        assertThat(Files.readString(seen)).contains(program + " /mnt/fed").doesNotContain("HOME=", "PATH=/", "JAVA");
        started(Map.of("daos", "/dfuse"));
        assertThat(links.settings().values().table()).isPresent();
        settings.change(Map.of("foreign_symlink_upcall", "none"));
        assertThat(links.settings().values().table()).isEmpty();
    }

    @Test
    void whatAnUpcallPrintedHoldsOnWhenItIsGoneAtTheNextStart() throws IOException {
        Path program = program("echo substring 0 36; echo 'constant /'; echo substring 37 36");
        started(Map.of("daos", "/dfuse")).change(Map.of("foreign_symlink_upcall", program.toString()));
        Files.delete(program);
        DaosSettings settings = started(Map.of("daos", "/dfuse"));
        assertThat(links.settings().values().table().orElseThrow())
                .hasToString("substring 0 36\nconstant /\nsubstring 37 36\n");
        assertThat(settings.shown())
                .containsEntry("foreign_symlink_upcall", program.toString())
                .hasSize(5);
        assertThatIllegalArgumentException()
                .as("the administrator's present word")
                .isThrownBy(() -> started(Map.of("daos", "/a", "foreign_symlink_upcall", program.toString())));
    }

    @Test
    void aPrefixInsideTheMountIsForLinksOnly() throws IOException {
        DaosSettings settings = started(Map.of("daos", "/mnt/fed/dfuse"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.change(Map.of("daos_mode", "cross")))
                .withMessageContaining("outside the mount");
        assertThat(settings.shown()).containsEntry("daos_mode", "link");
        settings.change(Map.of("daos_mode", "cross", "daos_prefix", "/mnt/federation"));
        assertThat(settings.shown()).containsEntry("daos_mode", "cross");
    }

    @Test
    void anUpcallThatFailsIsRefused() throws IOException {
        Upcall upcall = new Upcall("/mnt/fed", Duration.ofSeconds(20));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upcall.run(program("exit 3").toString()))
                .withMessageContaining("exit code 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upcall.run(program("echo nonsense").toString()))
                .withMessageContaining("line 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> upcall.run(
                        program("while :; do echo 'constant x'; done").toString()))
                .withMessageContaining("16384");
    }

    @Test
    void anUpcallIsNotWaitedForLong() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Upcall("/mnt/fed", Duration.ofMillis(300))
                        .run(program("exec /bin/sleep 60").toString()))
                .withMessageContaining("did not end");
    }
}

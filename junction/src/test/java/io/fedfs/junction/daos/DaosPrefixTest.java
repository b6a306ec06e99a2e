package io.fedfs.junction.daos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DaosPrefixTest {
    private static final String PAIR = "11111111-2222-3333-4444-555555555555/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    @ParameterizedTest
    @CsvSource({"/,/", "/mnt/dfuse,/mnt/dfuse/", "/tmp//,/tmp/", "//a///b//,/a/b/", "/a b,/a b/"})
    void theTargetHasSingleSlashes(String prefix, String start) {
        DaosEntry entry = DaosEntry.ofForeign(
                UUID.fromString(PAIR.substring(0, 36)), UUID.fromString(PAIR.substring(37)), "POSIX");
        assertThat(DaosPrefix.parse(prefix).target(entry)).isEqualTo(start + PAIR);
    }

    @Test
    void newlinesAtTheEndAreTakenAway() {
        assertThat(DaosPrefix.parse("/mnt/dfuse/\n").path()).isEqualTo("/mnt/dfuse");
        assertThat(DaosPrefix.parse("/mnt/dfuse\r\n").path()).isEqualTo("/mnt/dfuse");
        assertThat(DaosPrefix.parse("/\n").path()).isEqualTo("/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mnt", "\n", " /mnt", "./mnt", "../mnt", "/m\0nt"})
    void whatIsNotAnAbsolutePathIsRefused(String prefix) {
        assertThatThrownBy(() -> DaosPrefix.parse(prefix)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoUuidsMustFitBehindIt() {
        String longest = "/" + "x".repeat(4096 - 75 - 1);
        assertThat(DaosPrefix.parse(longest).target(PAIR)).hasSize(4095);
        assertThatThrownBy(() -> DaosPrefix.parse(longest + "x")).hasMessageContaining("4096");
        assertThatThrownBy(() -> DaosPrefix.parse("/" + "é".repeat(2020))).hasMessageContaining("4096");
    }

    @Test
    void theDefaultIsLustres() {
        assertThat(DaosPrefix.DEFAULT.target(PAIR)).isEqualTo("/mnt/" + PAIR);
    }
}

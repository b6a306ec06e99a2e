package io.fedfs.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** FSNs and NSDB addresses as people write them. */
class NamesTest {
    private static final String UUID_TEXT = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

    @ParameterizedTest
    @CsvSource({
        "files.example.org:7533, files.example.org, 7533",
        "files.example.org, files.example.org, 7532",
        "FILES.Example.Org., files.example.org, 7532",
        "[2001:DB8::1]:80, 2001:db8::1, 80",
        "[::1], ::1, 7532",
        "' host:1 ', host, 1",
        "under_score:65535, under_score, 65535",
    })
    void addressIsReadAsWritten(String text, String host, int port) {
        assertThat(NsdbAddress.parse(text)).isEqualTo(new NsdbAddress(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "host:",
                "host:0",
                "host:65536",
                "host:+80",
                "host:-1",
                "host:8o",
                "::1",
                "::1:80",
                "[::1",
                "[::1]80",
                "a b",
                "host/path",
                "ho\nst",
                "höst",
                "."
            })
    void malformedAddressIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> NsdbAddress.parse(text));
    }

    @Test
    void hostNameHasItsLongest() {
        assertThat(new NsdbAddress("h".repeat(253), 1).host()).hasSize(253);
        assertThatIllegalArgumentException().isThrownBy(() -> new NsdbAddress("h".repeat(254), 1));
    }

    @Test
    void addressPrintsSoThatItCanBeReadAgain() {
        for (String text : new String[] {"host:7532", "[2001:db8::1]:80"}) {
            assertThat(NsdbAddress.parse(text)).hasToString(text);
        }
    }

    @Test
    void equalFsnsHaveEqualTexts() {
        Fsn plain = Fsn.parse("nsdb://files.example.org/" + UUID_TEXT);
        Fsn shouted = Fsn.parse("NSDB://FILES.example.org:7532/" + UUID_TEXT.toUpperCase(java.util.Locale.ROOT));
        assertThat(shouted).isEqualTo(plain).hasToString("nsdb://files.example.org:7532/" + UUID_TEXT);
        assertThat(Fsn.parse(plain.toString())).isEqualTo(plain);
        assertThat(plain.uuid()).isEqualTo(UUID.fromString(UUID_TEXT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nsdb://",
                "nsdb://host",
                "nsdb://host/",
                "nsdb://host/not-a-uuid",
                "nsdb://host/1-1-1-1-1",
                "nsdb://host/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d/",
                "nsdb:///0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
                "http://host/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
                "host:/export",
                "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
            })
    void malformedFsnIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Fsn.parse(text));
    }
}

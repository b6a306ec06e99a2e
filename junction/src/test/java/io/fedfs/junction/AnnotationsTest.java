package io.fedfs.junction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnnotationsTest {
    private static void refused(Map<String, String> annotations, FedFsStatus status) {
        assertThatThrownBy(() -> Annotations.format(new TreeMap<>(annotations)))
                .isInstanceOfSatisfying(
                        JunctionException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Test
    void oneLineEachInOrder() throws Exception {
        byte[] written = Annotations.format(new TreeMap<>(Map.of("owner", "O'Neil \"Bo\" \\ ü", "a", "")));
        assertThat(new String(written, StandardCharsets.UTF_8))
                .isEqualTo("\"a\" = \"\"\n\"owner\" = \"O'Neil \\\"Bo\\\" \\\\ ü\"\n");
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Map<String, String> odd = Map.of("k = \"v\"", "line\nbreak\\", "\\", "\"\"", "ключ", "значение 🙂");
        assertThat(Annotations.parse(Annotations.format(new TreeMap<>(odd)))).isEqualTo(odd);
        assertThat(Annotations.parse(new byte[0])).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "\"a\"",
                "\"a\" = \"b\"",
                "\"a\"=\"b\"\n",
                "\"a\" = \"b",
                "\"a\" = \"b\\",
                "\"a\" = \"\\n\"\n",
                "\"\" = \"b\"\n",
                "\"a\" = \"b\"\n\"a\" = \"c\"\n",
                "\"a\" = \"b\"\n\n",
            })
    void damagedTextIsRefused(String text) {
        assertThatThrownBy(() -> Annotations.parse(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertThatThrownBy(() -> Annotations.parse(new byte[] {'"', (byte) 0xff, '"'}))
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> Annotations.parse(new byte[Annotations.MAX_BYTES + 1]))
                .isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void sizesAreBounded() {
        refused(Map.of("", "v"), FedFsStatus.INVAL);
        refused(Map.of("n".repeat(256), "v"), FedFsStatus.INVAL);
        refused(Map.of("n", "ü".repeat(2049)), FedFsStatus.INVAL);
        refused(Map.of("n", "\0"), FedFsStatus.BADCHAR);
        Map<String, String> many = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            many.put("n" + i, "v".repeat(4000));
        }
        refused(many, FedFsStatus.INVAL);
    }
}

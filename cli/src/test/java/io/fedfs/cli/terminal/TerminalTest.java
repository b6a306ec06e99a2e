package io.fedfs.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void controlCharactersOfOthersAreSpelledOut() {
        assertThat(Terminal.printable("a\u001b[31mred\u009b\n\u007f")).isEqualTo("a\\x1b[31mred\\x9b\\x0a\\x7f");
        assertThat(Terminal.printable("grüße")).isSameAs("grüße");
    }

    @Test
    void jsonKeepsOrderAndTypes() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("b", "x\"\n");
        document.put("a", List.of(1, 2L, true));
        document.put("none", null);
        StringWriter out = new StringWriter();
        try (Json json = new Json(out)) {
            json.document(document);
        }
        assertThat(out.toString().replaceAll("\\s+", ""))
                .isEqualTo("{\"b\":\"x\\\"\\n\",\"a\":[1,2,true],\"none\":null}");
        assertThat(out.toString()).endsWith("\n");
    }

    @Test
    void jsonRefusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> new Json(new StringWriter()).document(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keyValuesKeepEqualsSignsAndRefuseRepeats() {
        assertThat(KeyValues.parse(List.of("a=1", "b=x=y", "c=")))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "x=y"), Map.entry("c", ""));
        assertThatThrownBy(() -> KeyValues.parse(List.of("a"))).hasMessageContaining("KEY=VALUE");
        assertThatThrownBy(() -> KeyValues.parse(List.of("=a"))).hasMessageContaining("KEY=VALUE");
        assertThatThrownBy(() -> KeyValues.parse(List.of("a=1", "a=2"))).hasMessageContaining("twice");
    }

    @Test
    void lengthsOfTimeHaveTwoUnits() {
        assertThat(Times.length(Duration.ofSeconds(5))).isEqualTo("5 s");
        assertThat(Times.length(Duration.ofSeconds(65))).isEqualTo("1 min 5 s");
        assertThat(Times.length(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
        assertThat(Times.length(Duration.ofHours(49))).isEqualTo("2 d 1 h");
    }
}

package io.fedfs.mount;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LoggingTest {
    private static final String FORGED = "2026-01-01T00:00:00.000Z INFO  [main] io.fedfs.mount: all is well";

    private static String laidOut(String message, Throwable thrown) {
        LoggerContext context = new LoggerContext();
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(Logging.PATTERN);
        layout.start();
        return layout.doLayout(new LoggingEvent(
                LoggingTest.class.getName(), context.getLogger("io.fedfs.test"), Level.WARN, message, thrown, null));
    }

    @Test
    void aMessageIsOneLineWhateverIsInIt() {
        String line = laidOut("name a\n" + FORGED + "\r\u001b[2J\u0085\u2028\u009bx käse", null);
        assertThat(line).endsWith("name a?" + FORGED + "??[2J???x käse" + System.lineSeparator());
        assertThat(line.lines()).hasSize(1);
    }

    @Test
    void aStackTraceCannotLookLikeARecord() {
        String text = laidOut("failed", new IllegalStateException("a\n" + FORGED + "\r" + FORGED));
        assertThat(text).contains("IllegalStateException: a").contains("at io.fedfs.mount.LoggingTest");
        assertThat(text.lines().skip(1)).allMatch(l -> l.startsWith("    ")).hasSizeGreaterThan(3);
        assertThat(Stream.of(text.split("[\n\r]")).filter(l -> l.startsWith("2026-01-01")))
                .isEmpty();
    }
}

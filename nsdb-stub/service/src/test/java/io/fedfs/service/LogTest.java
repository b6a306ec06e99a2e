package io.fedfs.service;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The log that daemons write. */
class LogTest {
    private static String written(String message, Throwable failure) throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LogTest.class.getResource("logback.xml"));
        Logger all = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) all.getAppender("stderr");
        byte[] bytes =
                appender.getEncoder().encode(new LoggingEvent("", all, Level.INFO, message, failure, new Object[0]));
        context.stop();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void aNameCannotLookLikeAnotherRecordOrSteerATerminal() throws Exception {
        String line = written("/d/a\n2026-01-01T00:00:00.000Z INFO forged\u001b[2J is a fileset", null);
        assertThat(line).endsWith(": /d/a?2026-01-01T00:00:00.000Z INFO forged?[2J is a fileset\n");
        assertThat(line.lines()).hasSize(1);
    }

    @Test
    void stacksAreIndented() throws Exception {
        assertThat(written("failed", new IllegalStateException("x\nforged"))
                        .lines()
                        .skip(1))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).startsWith("    "));
    }
}

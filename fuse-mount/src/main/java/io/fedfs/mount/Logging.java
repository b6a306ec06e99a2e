package io.fedfs.mount;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Where the daemon's log goes. Set up in code: reading logback.xml costs a tenth of the time a mount may take to start. */
final class Logging {
    /**
     * A record is one line, and only records begin at the margin: a message may quote a name, a path or a document that some user wrote, and
     * must not be able to look like another record or to steer a terminal. Stack traces, whose first line is a message, are indented.
     */
    static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{20}: "
            + "%replace(%msg){'[\\p{Cntrl}\\x{80}-\\x{9f}\\x{2028}\\x{2029}]', '?'}%n"
            + "%replace(%ex){'(?m)^(?=.)', '    '}";

    private Logging() {}

    /**
     * @param file a file that is rolled at 10 MB, three old ones kept; empty: standard error
     */
    static void configure(Optional<Path> file, boolean debug) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = file.isPresent() ? toFile(context, file.get()) : toTerminal();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        ch.qos.logback.classic.Logger all = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        all.setLevel(Level.WARN);
        all.addAppender(appender);
        context.getLogger("io.fedfs").setLevel(debug ? Level.DEBUG : Level.INFO);
    }

    private static OutputStreamAppender<ILoggingEvent> toTerminal() {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setTarget("System.err");
        return appender;
    }

    private static OutputStreamAppender<ILoggingEvent> toFile(LoggerContext context, Path file) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(file + ".%i");
        rolling.setMaxIndex(3);
        rolling.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(FileSize.valueOf("10MB"));
        size.start();
        appender.setRollingPolicy(rolling);
        appender.setTriggeringPolicy(size);
        return appender;
    }
}

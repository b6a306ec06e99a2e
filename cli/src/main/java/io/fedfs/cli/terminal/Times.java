package io.fedfs.cli.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Times and lengths of time as people read them; JSON carries the numbers. */
public final class Times {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final int MICROS_PER_MILLI = 1000;

    private Times() {}

    /** Milliseconds since the epoch in this host's time zone. */
    public static String date(long epochMilli) {
        return DATE.format(Instant.ofEpochMilli(epochMilli).atZone(ZoneId.systemDefault()));
    }

    /** Microseconds as milliseconds with as many digits as matter. */
    public static String micros(long micros) {
        return micros < 10L * MICROS_PER_MILLI
                ? "%.2f ms".formatted(micros / (double) MICROS_PER_MILLI)
                : micros / MICROS_PER_MILLI + " ms";
    }

    /** A length of time in its two largest units. */
    public static String length(Duration d) {
        if (d.toDays() > 0) {
            return d.toDays() + " d " + d.toHoursPart() + " h";
        }
        if (d.toHours() > 0) {
            return d.toHours() + " h " + d.toMinutesPart() + " min";
        }
        return d.toMinutes() > 0 ? d.toMinutes() + " min " + d.toSecondsPart() + " s" : d.toSeconds() + " s";
    }
}

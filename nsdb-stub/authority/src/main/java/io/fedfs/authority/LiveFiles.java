package io.fedfs.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value read from files, read again when one of them changes. The files are looked at when the value is asked for, at most
 * once a second, so nothing runs in between. What cannot be read is refused whole: the last good value stays in force, and
 * the log says once what is wrong.
 *
 * <p>Safe for many threads. One of them reads; the others go on with the value there is.
 */
public final class LiveFiles<T> {
    private static final Logger log = LoggerFactory.getLogger(LiveFiles.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Makes the value of the files. Throws anything with a message for the administrator. */
    @FunctionalInterface
    public interface Reading<T> {
        T read() throws Exception;
    }

    private record State(Object key, Object modified, long size) {
        static final State MISSING = new State("missing", "", 0);
    }

    private final String what;
    private final List<Path> files;
    private final Reading<T> reading;
    private final LongSupplier nanos;
    private volatile T value;
    private volatile long lookedAt;
    // Guarded by this.
    private List<State> seen;

    private LiveFiles(String what, List<Path> files, Reading<T> reading, LongSupplier nanos) {
        this.what = what;
        this.files = List.copyOf(files);
        this.reading = reading;
        this.nanos = nanos;
    }

    /**
     * Reads the files for the first time.
     *
     * @param what what they are, for the log: "the policy"
     * @param nanos monotonic clock, {@link System#nanoTime}
     * @throws Exception what {@code reading} threw
     */
    public static <T> LiveFiles<T> open(String what, List<Path> files, Reading<T> reading, LongSupplier nanos)
            throws Exception {
        LiveFiles<T> live = new LiveFiles<>(what, files, reading, nanos);
        // The state is taken before reading: what changes meanwhile is seen as a change later, and never missed.
        List<State> before = live.states();
        live.value = reading.read();
        synchronized (live) {
            live.seen = before;
        }
        live.lookedAt = nanos.getAsLong();
        return live;
    }

    /** The value of the files as they are now, or as they last were right. */
    public T current() {
        refresh();
        return value;
    }

    /** Looks at the files, if it is time to. */
    public void refresh() {
        long now = nanos.getAsLong();
        if (now - lookedAt >= LOOK.toNanos()) {
            look(now);
        }
    }

    private synchronized void look(long now) {
        if (now - lookedAt < LOOK.toNanos()) {
            return;
        }
        lookedAt = now;
        List<State> states = states();
        if (states.equals(seen)) {
            return;
        }
        seen = states;
        try {
            value = reading.read();
            log.info("{} was read again: {}", what, files);
        } catch (Exception e) {
            log.error("{} has changed and is not used, the one before stays in force: {}", what, e.getMessage());
        }
    }

    private List<State> states() {
        List<State> states = new ArrayList<>(files.size());
        for (Path file : files) {
            try {
                BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
                states.add(new State(String.valueOf(a.fileKey()), a.lastModifiedTime(), a.size()));
            } catch (IOException e) {
                states.add(State.MISSING);
            }
        }
        return states;
    }
}

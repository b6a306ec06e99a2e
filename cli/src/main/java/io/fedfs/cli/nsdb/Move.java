package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Fsn;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A move of a fileset that is under way, as it stands in the FSN's annotation {@link #ANNOTATION}: whoever goes on with it
 * after a crash, from whichever host, knows from there how far it is.
 *
 * @param switched whether the new place is in force
 * @param from the FSL that is left
 * @param to the FSL that takes its place
 * @param ttl the FSN's TTL before, seconds, unsigned
 * @param writable whether the old place was
 * @param startedMs when it was started
 * @param switchedMs when the new place came into force, 0 before
 */
record Move(boolean switched, String from, String to, long ttl, boolean writable, long startedMs, long switchedMs) {
    static final String ANNOTATION = "fedfs.move";

    /** The move that an FSN is in; empty when it is in none. */
    static Optional<Move> of(Fsn fsn) {
        return fsn.getAnnotationsList().stream()
                .filter(a -> a.getKey().equals(ANNOTATION))
                .findAny()
                .map(a -> parse(a.getValue()));
    }

    static Move parse(String text) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String word : text.strip().split("\\s+")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        try {
            return new Move(
                    switch (word(words, "step")) {
                        case "filling" -> false;
                        case "switched" -> true;
                        default -> throw new IllegalArgumentException("step");
                    },
                    NsdbCommand.uuid(word(words, "from")).toString(),
                    NsdbCommand.uuid(word(words, "to")).toString(),
                    Long.parseLong(word(words, "ttl")),
                    Boolean.parseBoolean(word(words, "writable")),
                    Long.parseLong(word(words, "started_ms")),
                    Long.parseLong(word(words, "switched_ms")));
        } catch (IllegalArgumentException | CommandFailure e) {
            throw new CommandFailure(
                    FedFsStatus.MOVING,
                    "the annotation " + ANNOTATION + " is not one that a move wrote: " + text,
                    "fedfs fsn annotate --remove " + ANNOTATION + " forgets it",
                    e);
        }
    }

    private static String word(Map<String, String> words, String key) {
        String value = words.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    /** The same once the new place is in force. */
    Move switchedAt(long nowMs) {
        return new Move(true, from, to, ttl, writable, startedMs, nowMs);
    }

    Annotation annotation() {
        return Annotation.newBuilder()
                .setKey(ANNOTATION)
                .setValue("step=" + (switched ? "switched" : "filling") + " from=" + from + " to=" + to + " ttl=" + ttl
                        + " writable=" + writable + " started_ms=" + startedMs + " switched_ms=" + switchedMs)
                .build();
    }

    /** From when on no cache can still hold what was said before, milliseconds since the epoch. */
    long cachesOverMs(long shortTtl) {
        return Math.max(startedMs + 1000 * ttl, switchedMs + 1000 * Math.min(ttl, shortTtl));
    }
}

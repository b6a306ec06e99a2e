package io.fedfs.soak;

import java.util.Map;
import java.util.TreeMap;

/** How often what was done, and how it ended: by kind of step, then by errno; the empty text is success. */
final class Tally {
    private final Map<String, Map<String, Long>> counts = new TreeMap<>();

    void count(String kind, String errno) {
        add(kind, errno, 1);
    }

    void add(String kind, String errno, long times) {
        counts.computeIfAbsent(kind, k -> new TreeMap<>()).merge(errno, times, Long::sum);
    }

    void add(Tally other) {
        other.counts.forEach((kind, by) -> by.forEach((errno, times) -> add(kind, errno, times)));
    }

    long total() {
        return counts.values().stream()
                .flatMap(by -> by.values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    /** One line that {@link #parse} understands. */
    String line() {
        StringBuilder b = new StringBuilder();
        counts.forEach((kind, by) -> by.forEach((errno, times) -> b.append(kind)
                .append('/')
                .append(errno)
                .append('=')
                .append(times)
                .append(' ')));
        return b.toString();
    }

    static Tally parse(String line) {
        Tally tally = new Tally();
        for (String item : line.strip().split(" ")) {
            int slash = item.indexOf('/');
            int equals = item.indexOf('=');
            if (slash > 0) {
                tally.add(
                        item.substring(0, slash),
                        item.substring(slash + 1, equals),
                        Long.parseLong(item.substring(equals + 1)));
            }
        }
        return tally;
    }

    /** Rows of a Markdown table: the kind, how often, how often in vain, the errnos. */
    String rows() {
        StringBuilder b = new StringBuilder();
        counts.forEach((kind, by) -> {
            long all = by.values().stream().mapToLong(Long::longValue).sum();
            Map<String, Long> failures = new TreeMap<>(by);
            failures.remove("");
            b.append(String.format(
                    "| %s | %,d | %,d | %s |%n",
                    kind, all, all - by.getOrDefault("", 0L), String.join(" ", failures.keySet())));
        });
        return b.toString();
    }
}

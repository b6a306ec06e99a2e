package io.fedfs.posix;

import io.fedfs.linux.Errno;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How outcomes are written down, so that an expected one is a short text. */
public final class Seen {
    private Seen() {}

    /** {@code ENOENT} for a number below zero, else the thing's own text. */
    public static String render(Object outcome) {
        if (outcome instanceof Number n && n.longValue() < 0) {
            // 95 has two names on Linux; the manual pages use this one.
            return n.longValue() == -Errno.EOPNOTSUPP ? "EOPNOTSUPP" : Errno.name((int) -n.longValue());
        }
        return String.valueOf(outcome);
    }

    /** Several outcomes with a blank between them. */
    public static String all(Object... outcomes) {
        return Stream.of(outcomes).map(Seen::render).collect(Collectors.joining(" "));
    }
}

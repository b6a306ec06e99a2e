package io.fedfs.protocol;

import java.util.Locale;
import java.util.UUID;

/**
 * A fileset's name: the NSDB that knows it and its UUID there (requirement A5). It never changes, wherever the data moves.
 * Written {@code nsdb://host[:port]/uuid}.
 */
public record Fsn(NsdbAddress nsdb, UUID uuid) {
    public static final String SCHEME = "nsdb://";

    public Fsn {
        if (nsdb == null || uuid == null) {
            throw new IllegalArgumentException("an FSN needs an NSDB and a UUID");
        }
    }

    /**
     * Reads {@code nsdb://host[:port]/uuid}.
     *
     * @throws IllegalArgumentException with a message for the user when the text is not an FSN
     */
    public static Fsn parse(String text) {
        if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new IllegalArgumentException("an FSN is written nsdb://host[:port]/uuid, not \"" + text + "\"");
        }
        int slash = text.indexOf('/', SCHEME.length());
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "no UUID in \"" + text + "\": an FSN is written nsdb://host[:port]/uuid");
        }
        return new Fsn(NsdbAddress.parse(text.substring(SCHEME.length(), slash)), parseUuid(text.substring(slash + 1)));
    }

    /**
     * Reads a UUID in its 36-character form; {@link UUID#fromString} would also take short groups.
     *
     * @throws IllegalArgumentException when it is not one
     */
    public static UUID parseUuid(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        try {
            UUID uuid = UUID.fromString(lower);
            if (uuid.toString().equals(lower)) {
                return uuid;
            }
        } catch (IllegalArgumentException e) {
            // Told below, as for one that is too lax.
        }
        throw new IllegalArgumentException("\"" + text + "\" is not a UUID (8-4-4-4-12 hexadecimal digits)");
    }

    /** {@code nsdb://host:port/uuid}, always with the port, lower case: equal FSNs have equal texts. */
    @Override
    public String toString() {
        return SCHEME + nsdb + "/" + uuid;
    }
}

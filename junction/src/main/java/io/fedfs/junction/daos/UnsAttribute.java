package io.fedfs.junction.daos;

import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of DAOS's unified namespace, {@code DAOS.<TYPE>://<pool>/<container>}, as {@code user.daos} holds it and as
 * foreign attributes of generations A and B do. Stricter than libduns, which takes any first word, repeated slashes and
 * anything behind the container: whoever may write {@code user.daos} must not be able to say more than two UUIDs.
 */
public final class UnsAttribute {
    /** DUNS_MAX_XATTR_LEN: DAOS neither writes nor reads more. */
    public static final int MAX_BYTES = 170;

    private static final String START = "DAOS.";
    private static final String UUID_TEXT = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private static final String PAIR = "(" + UUID_TEXT + ")/(" + UUID_TEXT + ")";
    private static final Pattern WITH_TYPE =
            Pattern.compile("DAOS\\.([A-Za-z0-9]{1,16})://" + PAIR + "(/[A-Za-z0-9_]+/[0-9]+)?");
    private static final Pattern BARE = Pattern.compile(PAIR);
    private static final Pattern SEPARATED = Pattern.compile("(" + UUID_TEXT + ")[:@](" + UUID_TEXT + ")");

    private UnsAttribute() {}

    /** The bytes of {@code user.daos}: the text and, as DAOS stores it, a final NUL. */
    public static byte[] encode(DaosEntry entry) {
        return (text(entry) + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    /** The value of {@code user.daos}, with or without its final NUL (dfuse answers without). */
    static DaosEntry decode(byte[] value) throws DaosFormatException {
        int length = value.length;
        if (length > 0 && value[length - 1] == 0) {
            length--;
        }
        return withType(ascii(value, 0, length), Origin.USER_DAOS);
    }

    static String text(DaosEntry entry) {
        if (ContainerType.number(entry.type()) == 0) {
            throw new IllegalArgumentException("a container type that DAOS has no word for: " + entry.type());
        }
        return START + entry.type() + "://" + entry.pair();
    }

    static DaosEntry withType(String text, Origin origin) throws DaosFormatException {
        Matcher m = WITH_TYPE.matcher(text);
        if (!m.matches()) {
            throw new DaosFormatException("the value is not DAOS.<TYPE>://<pool-uuid>/<container-uuid>");
        }
        return new DaosEntry(
                uuid(m.group(2)),
                uuid(m.group(3)),
                ContainerType.ofWord(m.group(1)),
                m.group(4) == null ? Generation.B : Generation.A,
                origin);
    }

    /** A foreign attribute's value of whatever generation. */
    static DaosEntry foreign(String text, int layout, Origin origin, ForeignValues values) throws DaosFormatException {
        if (WITH_TYPE.matcher(text).matches()
                || text.startsWith(START) && values.table().isEmpty()) {
            return withType(text, origin);
        }
        Matcher m = BARE.matcher(text);
        Generation generation = Generation.C;
        if (!m.matches() && values.anySeparator()) {
            m = SEPARATED.matcher(text);
            generation = Generation.SITE;
        }
        if (!m.matches() && values.table().isPresent()) {
            m = BARE.matcher(values.table().get().apply(text));
            generation = Generation.SITE;
            if (!m.matches()) {
                throw new DaosFormatException("what the site's table makes of it is not <pool-uuid>/<container-uuid>");
            }
        }
        if (!m.matches()) {
            throw new DaosFormatException("the value is not <pool-uuid>/<container-uuid>");
        }
        return new DaosEntry(uuid(m.group(1)), uuid(m.group(2)), ContainerType.ofNumber(layout), generation, origin);
    }

    /** Bytes as text, where each byte beyond ASCII becomes a character that no pattern here takes. */
    static String ascii(byte[] value, int offset, int length) throws DaosFormatException {
        if (length > MAX_BYTES) {
            throw new DaosFormatException("the value has " + length + " bytes, more than " + MAX_BYTES);
        }
        return new String(value, offset, length, StandardCharsets.ISO_8859_1);
    }

    private static UUID uuid(String text) {
        return Fsn.parseUuid(text);
    }
}

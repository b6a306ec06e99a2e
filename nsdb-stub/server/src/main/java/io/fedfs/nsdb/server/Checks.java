package io.fedfs.nsdb.server;

import com.google.protobuf.Message;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.FsnAnnotation;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.State;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What the fields of a request may be. Each check gives the value as it is stored or refuses it with the field's name, the
 * limit, and INVAL, BADNAME, BADCHAR or NAMETOOLONG. Lengths are in bytes of UTF-8, as on disk and on the wire.
 */
final class Checks {
    static final int NAME_BYTES = 255;
    static final int PATH_BYTES = 4095;
    static final int VALUE_BYTES = 4096;
    static final int REASON_BYTES = 1024;
    static final int ENTRIES = 64;
    static final int DESCRIPTIONS = 16;
    /** All of a record, so that a fileset with all its locations fits into one message of the default size (4 MiB). */
    static final int RECORD_BYTES = 48 * 1024;

    static final int FSLS = 64;

    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern HOST = Pattern.compile("[a-z0-9._:-]{1,253}");
    private static final UUID NIL = new UUID(0, 0);

    private Checks() {}

    static UUID uuid(String field, String text) {
        UUID uuid;
        try {
            uuid = Fsn.parseUuid(text);
        } catch (IllegalArgumentException e) {
            throw new NsdbException(FedFsStatus.INVAL, field, field + ": " + e.getMessage());
        }
        if (uuid.equals(NIL)) {
            throw new NsdbException(FedFsStatus.INVAL, field, field + ": the UUID of zeros names nothing");
        }
        return uuid;
    }

    /** An expected revision: 0 is none. */
    static long revision(String field, long revision) {
        if (revision < 0) {
            throw new NsdbException(FedFsStatus.INVAL, field, field + " must not be negative");
        }
        return revision;
    }

    /** VALID or INVALID, as a boolean: valid. */
    static boolean state(String field, State state) {
        return switch (state) {
            case STATE_VALID -> true;
            case STATE_INVALID -> false;
            case STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw new NsdbException(FedFsStatus.INVAL, field, field + " must be VALID or INVALID");
        };
    }

    /** Why a state was set: one line. */
    static String reason(String field, String text) {
        return plain(field, bounded(field, text, REASON_BYTES));
    }

    static List<String> descriptions(String field, List<String> texts) {
        if (texts.size() > DESCRIPTIONS) {
            throw tooMany(field, texts.size(), DESCRIPTIONS);
        }
        for (String text : texts) {
            noNul(field, bounded(field, text, VALUE_BYTES));
        }
        return List.copyOf(texts);
    }

    /** Annotations of a new record. */
    static Map<String, String> annotations(String field, List<Annotation> annotations) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Annotation a : annotations) {
            if (map.put(annotationKey(field, a.getKey()), noNul(field, bounded(field, a.getValue(), VALUE_BYTES)))
                    != null) {
                throw new NsdbException(
                        FedFsStatus.INVAL, field, field + ": the key \"" + a.getKey() + "\" is there twice");
            }
        }
        return annotationCount(field, map);
    }

    /** Annotations of an FSN: those with a meaning must have a value that means something. */
    static Map<String, String> fsnAnnotations(Map<String, String> map) {
        String immutable = map.getOrDefault(FsnAnnotation.IMMUTABLE, "false");
        if (!immutable.equals("true") && !immutable.equals("false")) {
            throw new NsdbException(
                    FedFsStatus.INVAL, "annotations", FsnAnnotation.IMMUTABLE + " is true or false, not " + immutable);
        }
        return map;
    }

    static String annotationKey(String field, String key) {
        return name(field, key);
    }

    static Map<String, String> annotationCount(String field, Map<String, String> map) {
        if (map.size() > ENTRIES) {
            throw tooMany(field, map.size(), ENTRIES);
        }
        return map;
    }

    static Map<String, String> options(String field, Map<String, String> options) {
        if (options.size() > ENTRIES) {
            throw tooMany(field, options.size(), ENTRIES);
        }
        options.forEach((key, value) -> {
            name(field, key);
            noNul(field, bounded(field, value, VALUE_BYTES));
        });
        return options;
    }

    static String type(String field, String type) {
        if (!TYPE.matcher(type).matches()) {
            throw new NsdbException(
                    FedFsStatus.BADNAME,
                    field,
                    field + " must be a lower case letter and up to 31 lower case letters, digits or hyphens");
        }
        return type;
    }

    /** A host name or address literal, in lower case; empty only where the type needs no host. */
    static String host(String field, String host, boolean mayBeEmpty) {
        String lower = host.toLowerCase(Locale.ROOT);
        if (lower.isEmpty() && mayBeEmpty) {
            return lower;
        }
        if (lower.length() > 253) {
            throw new NsdbException(FedFsStatus.NAMETOOLONG, field, field + " may have at most 253 characters");
        }
        if (!HOST.matcher(lower).matches()) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must be a host name or an address");
        }
        return lower;
    }

    /** An absolute path; doubled and trailing slashes go, so that one place has one spelling. */
    static String absolutePath(String field, String path) {
        if (!path.startsWith("/")) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must be an absolute path");
        }
        return "/" + components(field, path);
    }

    /** A path below another, possibly empty; spelt as {@link #absolutePath} does. */
    static String relativePath(String field, String path) {
        if (path.startsWith("/")) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must be a relative path");
        }
        return components(field, path);
    }

    private static String components(String field, String path) {
        noNul(field, bounded(field, path, PATH_BYTES));
        List<String> kept = new ArrayList<>();
        for (String component : path.split("/", -1)) {
            if (component.equals(".") || component.equals("..")) {
                throw new NsdbException(FedFsStatus.BADNAME, field, field + " must not have . or .. components");
            }
            if (!component.isEmpty()) {
                kept.add(bounded(field, component, NAME_BYTES));
            }
        }
        return String.join("/", kept);
    }

    /** A namespace's name: it stands in nsdb://host:port/name, where a UUID would be taken for an FSN. */
    static String namespaceName(String field, String name) {
        name(field, name);
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must not be . or .. or have a slash");
        }
        if (isUuid(name)) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must not look like a UUID");
        }
        return name;
    }

    /** Text of one line that may be empty. */
    static String text(String field, String text, int maxBytes) {
        return plain(field, bounded(field, text, maxBytes));
    }

    static int range(String field, int unsigned, int max) {
        if (Integer.compareUnsigned(unsigned, max) > 0) {
            throw new NsdbException(FedFsStatus.INVAL, field, field + " must be 0 to " + max);
        }
        return unsigned;
    }

    /** A root fileset's FSN. */
    static Fsn fsn(String field, String text) {
        try {
            return Fsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new NsdbException(FedFsStatus.INVAL, field, field + ": " + e.getMessage());
        }
    }

    /** The whole record, once it is put together. */
    static void size(String what, Message record) {
        if (record.getSerializedSize() > RECORD_BYTES) {
            throw new NsdbException(
                    FedFsStatus.INVAL,
                    "the " + what + " would have " + record.getSerializedSize() + " bytes, at most " + RECORD_BYTES
                            + " are kept");
        }
    }

    private static String name(String field, String text) {
        if (text.isEmpty()) {
            throw new NsdbException(FedFsStatus.BADNAME, field, field + " must not be empty");
        }
        return plain(field, bounded(field, text, NAME_BYTES));
    }

    private static String bounded(String field, String text, int maxBytes) {
        if (text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
            throw new NsdbException(FedFsStatus.NAMETOOLONG, field, field + " may have at most " + maxBytes + " bytes");
        }
        return text;
    }

    private static String noNul(String field, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new NsdbException(FedFsStatus.BADCHAR, field, field + " has a NUL character");
        }
        return text;
    }

    private static String plain(String field, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new NsdbException(FedFsStatus.BADCHAR, field, field + " has a control character");
        }
        return text;
    }

    private static boolean isUuid(String text) {
        try {
            Fsn.parseUuid(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static NsdbException tooMany(String field, int count, int max) {
        return new NsdbException(
                FedFsStatus.INVAL, field, field + " has " + count + " entries, at most " + max + " are kept");
    }
}

package io.fedfs.junction.daos;

import java.nio.charset.StandardCharsets;

/**
 * The directory below which all of a DAOS server's containers appear as {@code <pool>/<container>} ({@code dfuse} of the server root).
 * Only text here: nobody looks whether it exists.
 *
 * @param path absolute, with single slashes and none at its end, except for {@code /} itself
 */
public record DaosPrefix(String path) {
    /** Lustre's default when links are enabled without a prefix: {@code /mnt/}. */
    public static final DaosPrefix DEFAULT = new DaosPrefix("/mnt");

    private static final int PATH_MAX = 4096;
    /** "/" + 36 + "/" + 36 behind the prefix, and a NUL. */
    private static final int SUFFIX = 75;

    /**
     * Reads a prefix as an option or a file gives it: newlines at its end, as {@code echo} leaves them, and slashes are taken away.
     *
     * @throws IllegalArgumentException with a message for the user when it is not absolute, has a NUL, or leaves no room for two UUIDs
     */
    public static DaosPrefix parse(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        String given = text.substring(0, end);
        if (!given.startsWith("/")) {
            throw new IllegalArgumentException(
                    "the prefix of DAOS links must be an absolute path, not \"" + given + "\" (EINVAL)");
        }
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < given.length(); i++) {
            char c = given.charAt(i);
            if (c == '\0') {
                throw new IllegalArgumentException("the prefix of DAOS links has a NUL in it (EINVAL)");
            }
            if (c != '/' || path.length() == 0 || path.charAt(path.length() - 1) != '/') {
                path.append(c);
            }
        }
        if (path.length() > 1 && path.charAt(path.length() - 1) == '/') {
            path.setLength(path.length() - 1);
        }
        if (path.toString().getBytes(StandardCharsets.UTF_8).length + SUFFIX > PATH_MAX) {
            throw new IllegalArgumentException(
                    "the prefix of DAOS links leaves no room for pool and container in a path of " + PATH_MAX
                            + " bytes (EINVAL)");
        }
        return new DaosPrefix(path.toString());
    }

    /** Where the link to a container points: always {@code <prefix>/<pool>/<container>}, UUIDs in lower case, single slashes. */
    public String target(DaosEntry entry) {
        return target(entry.pair());
    }

    /** The same for the part behind the prefix, {@link DaosEntry#pair}. */
    public String target(String pair) {
        return path.equals("/") ? "/" + pair : path + "/" + pair;
    }
}

package io.fedfs.projection;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Whether, and below which prefix, foreign (DAOS) entries are shown as symbolic links: Lustre's {@code foreign_symlink_enable} and
 * {@code foreign_symlink_prefix}, which a site's older notes call {@code daos_enable} and {@code daos_prefix}. Can be changed while mounted.
 */
public final class ForeignLinks {
    /** Lustre's default when links are enabled without a prefix. */
    public static final String DEFAULT_PREFIX = "/mnt";

    private static final int PATH_MAX = 4096;
    /** "/" + 36 + "/" + 36 behind the prefix, and a NUL. */
    private static final int SUFFIX = 75;

    private record Settings(boolean enabled, String prefix) {}

    private volatile Settings settings = new Settings(false, DEFAULT_PREFIX);

    /** Off. */
    public ForeignLinks() {}

    public boolean enabled() {
        return settings.enabled;
    }

    /** Absolute, without a slash at its end. */
    public String prefix() {
        return settings.prefix;
    }

    /**
     * Changes one or both.
     *
     * @throws IllegalArgumentException when the prefix is not absolute or too long for a path (the daemon never looks at it)
     */
    public synchronized void set(Optional<Boolean> enabled, Optional<String> prefix) {
        Settings old = settings;
        settings = new Settings(
                enabled.orElse(old.enabled), prefix.map(ForeignLinks::checked).orElse(old.prefix));
    }

    private static String checked(String prefix) {
        String p = prefix.stripTrailing();
        while (p.length() > 1 && p.endsWith("/")) {
            p = p.substring(0, p.length() - 1);
        }
        if (!p.startsWith("/")) {
            throw new IllegalArgumentException("the prefix of foreign links must be an absolute path: \"" + p + "\"");
        }
        if (p.getBytes(StandardCharsets.UTF_8).length + SUFFIX > PATH_MAX || p.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "the prefix of foreign links leaves no room for pool and container in a path of " + PATH_MAX);
        }
        return p.equals("/") ? "" : p;
    }
}

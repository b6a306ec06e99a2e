package io.fedfs.projection;

import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.junction.daos.ForeignValues;

/**
 * Whether, how, and below which prefix the tree shows foreign (DAOS) entries: Lustre's {@code foreign_symlink_enable} and
 * {@code foreign_symlink_prefix}, which a site's older notes call {@code daos_enable} and {@code daos_prefix}, and ours. Can be changed while
 * mounted; the daemon never looks at the prefix to show a link.
 */
public final class ForeignLinks {
    /** How an entry that stands for a container is shown. */
    public enum Mode {
        /** As a symbolic link, which the kernel follows for each program. */
        LINK,
        /** A directory is crossed into like a junction; what is no POSIX container stays a link. */
        CROSS
    }

    /** All of it at one moment. */
    public record Settings(boolean enabled, DaosPrefix prefix, Mode mode, ForeignValues values) {
        /** Nothing is shown as a link. */
        public static final Settings OFF = new Settings(false, DaosPrefix.DEFAULT, Mode.LINK, ForeignValues.DAOS_ONLY);

        /** Links below a prefix; {@code OFF} in everything else. */
        public static Settings linksBelow(String prefix) {
            return new Settings(true, DaosPrefix.parse(prefix), Mode.LINK, ForeignValues.DAOS_ONLY);
        }
    }

    private volatile Settings settings = Settings.OFF;
    /** Changes with whatever makes an entry something else than before; the prefix does not. */
    private volatile int epoch;

    /** Off. */
    public ForeignLinks() {}

    /** What holds now. */
    public Settings settings() {
        return settings;
    }

    boolean enabled() {
        return settings.enabled;
    }

    int epoch() {
        return epoch;
    }

    /**
     * Changes the settings.
     *
     * @return whether entries may be something else than before; else at most links point elsewhere
     */
    public synchronized boolean set(Settings now) {
        Settings old = settings;
        boolean others = old.enabled != now.enabled || old.mode != now.mode || !old.values.equals(now.values);
        settings = now;
        if (others) {
            epoch++;
        }
        return others;
    }
}

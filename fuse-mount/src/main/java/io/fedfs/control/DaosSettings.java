package io.fedfs.control;

import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.junction.daos.ForeignValues;
import io.fedfs.junction.daos.TranslationTable;
import io.fedfs.projection.ForeignLinks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of DAOS entries by name, as mount options and {@code fedfs tune} give them, and as they are kept over a restart of the
 * daemon. Names are those of DAOS's first notes and, as equals, Lustre's.
 *
 * <p>What was tuned is kept beside the mount options that held then. A daemon that starts with the same options goes on with it; other options
 * are an administrator's new word, and what was tuned before is forgotten.
 */
public final class DaosSettings {
    /** As {@code foreign_symlink_upcall} has it when there is none. */
    static final String NONE = "none";

    private static final Logger LOG = LoggerFactory.getLogger(DaosSettings.class);
    /** Kept beside the upcall, and no setting. */
    private static final String TABLE = "table";

    private static final String ENABLE = "daos_enable";
    private static final String PREFIX = "daos_prefix";
    private static final String MODE = "daos_mode";
    private static final String VALUES = "daos_values";
    private static final String UPCALL = "foreign_symlink_upcall";

    private final ForeignLinks links;
    private final SettingsFile file;
    private final Upcall runner;
    private final Path mount;
    private final Map<String, String> options;
    /** The program whose table is in force, or {@link #NONE}. Guarded by this. */
    private String upcall = NONE;

    /**
     * @param links what is set
     * @param kept the file that keeps what was tuned
     * @param mount the mount point, absolute; the upcall's argument
     * @param options those of the mount that are about DAOS entries, as they were given; {@code daos=} and {@code foreign_symlink=} are one
     */
    public DaosSettings(ForeignLinks links, Path kept, String mount, Map<String, String> options) {
        this.links = links;
        this.file = new SettingsFile(kept);
        this.runner = new Upcall(mount);
        this.mount = Path.of(mount);
        this.options = new TreeMap<>(options);
    }

    /**
     * Puts in force what the mount options say, or what was tuned under the same options.
     *
     * @throws IllegalArgumentException naming the setting that is bad
     * @throws IOException when what is kept cannot be read
     */
    public synchronized void begin() throws IOException {
        Map<String, String> wanted = new LinkedHashMap<>(options);
        String prefix = wanted.remove("daos");
        if (prefix != null) {
            wanted.put(PREFIX, prefix);
            wanted.put(ENABLE, "1");
        }
        apply(wanted, Optional.empty());
        Optional<Map<String, String>> kept = file.read(options);
        if (kept.isPresent()) {
            Map<String, String> tuned = new LinkedHashMap<>(kept.get());
            Optional<TranslationTable> printed =
                    Optional.ofNullable(tuned.remove(TABLE)).map(TranslationTable::parse);
            apply(tuned, printed);
        }
    }

    /** What is in force, by name. */
    public synchronized Map<String, String> shown() {
        ForeignLinks.Settings s = links.settings();
        Map<String, String> shown = new TreeMap<>();
        shown.put(ENABLE, s.enabled() ? "1" : "0");
        shown.put(PREFIX, s.prefix().path());
        shown.put(MODE, s.mode() == ForeignLinks.Mode.CROSS ? "cross" : "link");
        shown.put(VALUES, s.values().anySeparator() ? "any" : "daos");
        shown.put(UPCALL, upcall);
        return shown;
    }

    /**
     * Changes some, all or none, and keeps them.
     *
     * @return whether entries may be something else than before; else links point elsewhere at most
     * @throws IllegalArgumentException naming the setting that is unknown or bad
     * @throws IOException when they could not be kept; nothing has changed then
     */
    synchronized boolean change(Map<String, String> changes) throws IOException {
        if (changes.isEmpty()) {
            return false;
        }
        ForeignLinks.Settings before = links.settings();
        String upcallBefore = upcall;
        boolean others = apply(changes, Optional.empty());
        try {
            Map<String, String> tuned = shown();
            links.settings().values().table().ifPresent(table -> tuned.put(TABLE, table.toString()));
            file.write(options, tuned);
        } catch (IOException e) {
            links.set(before);
            upcall = upcallBefore;
            throw e;
        }
        return others;
    }

    /** @param printed the table that the upcall printed when it was set, which holds on when that fails now */
    private boolean apply(Map<String, String> changes, Optional<TranslationTable> printed) {
        ForeignLinks.Settings s = links.settings();
        boolean enabled = s.enabled();
        DaosPrefix prefix = s.prefix();
        ForeignLinks.Mode mode = s.mode();
        boolean anySeparator = s.values().anySeparator();
        Optional<TranslationTable> table = s.values().table();
        String program = upcall;
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String value = change.getValue();
            switch (change.getKey()) {
                case ENABLE, "foreign_symlink_enable" -> enabled = oneOf(change.getKey(), value, "0", "1");
                case PREFIX, "foreign_symlink_prefix" -> prefix = DaosPrefix.parse(value);
                case MODE ->
                    mode = oneOf(MODE, value, "link", "cross") ? ForeignLinks.Mode.CROSS : ForeignLinks.Mode.LINK;
                case VALUES -> anySeparator = oneOf(VALUES, value, "daos", "any");
                case UPCALL -> {
                    program = value.strip();
                    table = program.equals(NONE) ? Optional.empty() : Optional.of(run(program, printed));
                }
                default ->
                    throw new IllegalArgumentException("\"" + change.getKey() + "\" cannot be tuned; there are "
                            + ENABLE + ", " + PREFIX + ", " + MODE + ", " + VALUES + " and " + UPCALL);
            }
        }
        if (enabled && mode == ForeignLinks.Mode.CROSS && Path.of(prefix.path()).startsWith(mount)) {
            // The daemon would hold its own mount, which then never ends.
            throw new IllegalArgumentException(
                    MODE + "=cross wants a prefix outside the mount, not \"" + prefix.path() + "\"");
        }
        boolean others =
                links.set(new ForeignLinks.Settings(enabled, prefix, mode, new ForeignValues(anySeparator, table)));
        upcall = program;
        return others;
    }

    private TranslationTable run(String program, Optional<TranslationTable> printed) {
        try {
            return runner.run(program);
        } catch (IllegalArgumentException e) {
            // Entries must not become ordinary directories, nor a mount stay away, for a program that was there when it
            // was set.
            TranslationTable table = printed.orElseThrow(() -> e);
            LOG.warn("{}; the table that it printed when it was set holds on", e.getMessage());
            return table;
        }
    }

    /** Whether a value is the second of two words. */
    private static boolean oneOf(String name, String value, String first, String second) {
        String word = value.strip();
        if (!word.equals(first) && !word.equals(second)) {
            throw new IllegalArgumentException(name + " is " + first + " or " + second + ", not \"" + value + "\"");
        }
        return word.equals(second);
    }
}

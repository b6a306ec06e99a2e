package io.fedfs.junction.daos;

import java.util.Optional;

/**
 * Which values of foreign attributes are understood, beside the three that DAOS itself wrote.
 *
 * @param anySeparator also take {@code <pool>:<container>} and {@code <pool>@<container>}, as Lustre's own examples and tests have them
 * @param table translates what is none of these
 */
public record ForeignValues(boolean anySeparator, Optional<TranslationTable> table) {
    /** DAOS's own values only. */
    public static final ForeignValues DAOS_ONLY = new ForeignValues(false, Optional.empty());

    /** All that can be told without a table; what commands say of an entry, whatever a mount makes of it. */
    public static final ForeignValues KNOWN = new ForeignValues(true, Optional.empty());
}

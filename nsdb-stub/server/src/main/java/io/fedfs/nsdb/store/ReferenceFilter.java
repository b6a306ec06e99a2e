package io.fedfs.nsdb.store;

import java.util.Optional;
import java.util.UUID;

/**
 * Which references a list has.
 *
 * @param to only those to this FSN
 * @param from only those held by this fileset
 */
public record ReferenceFilter(Optional<UUID> to, Optional<UUID> from) {
    public static final ReferenceFilter ALL = new ReferenceFilter(Optional.empty(), Optional.empty());
}

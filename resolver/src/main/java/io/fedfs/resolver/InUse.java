package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import java.util.Set;
import java.util.UUID;

/**
 * A fileset that this host uses.
 *
 * @param locations the FSLs it is used at: the one for new files, and those that still have open ones
 */
public record InUse(Fsn fsn, Set<UUID> locations) {
    public InUse {
        locations = Set.copyOf(locations);
    }
}

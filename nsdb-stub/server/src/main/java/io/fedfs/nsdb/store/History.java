package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.Change;
import java.util.List;

/**
 * What changed after a revision.
 *
 * @param complete false when the log no longer reaches back that far (or the revision is not of this store's past): the
 *     changes are then unknown and the list is empty
 * @param upTo the revision up to which {@code changes} tells everything
 */
public record History(boolean complete, long upTo, List<Change> changes) {
    public History {
        changes = List.copyOf(changes);
    }
}

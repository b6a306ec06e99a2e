package io.fedfs.nsdb.model;

import java.util.List;

/**
 * An FSN with all its locations, the invalid ones too, as they were at one moment.
 *
 * @param locations in the order of their UUIDs
 * @param revision the last write that changed the FSN or any location, a deletion of one included: grows with every change,
 *     so of two answers about one fileset the higher one is newer
 */
public record Fileset(FsnRecord fsn, List<FslRecord> locations, long revision) {
    public Fileset {
        locations = List.copyOf(locations);
    }
}

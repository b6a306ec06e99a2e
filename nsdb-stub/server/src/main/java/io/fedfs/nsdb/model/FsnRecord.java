package io.fedfs.nsdb.model;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A fileset's name as the NSDB keeps it (RFC 7532, fedfsFsn).
 *
 * @param ttlSeconds fedfsFsnTTL, 0 to 4294967295; 0: clients do not cache
 * @param annotations by key, in the keys' order
 * @param revision the write that last changed this record itself, not its locations
 */
public record FsnRecord(
        UUID uuid,
        long ttlSeconds,
        RecordState state,
        Map<String, String> annotations,
        List<String> descriptions,
        long revision,
        long createdMs) {

    public FsnRecord {
        annotations = Maps.sorted(annotations);
        descriptions = List.copyOf(descriptions);
    }

    public FsnRecord withState(RecordState newState, long atRevision) {
        return new FsnRecord(uuid, ttlSeconds, newState, annotations, descriptions, atRevision, createdMs);
    }

    public FsnRecord withAnnotations(Map<String, String> newAnnotations, long atRevision) {
        return new FsnRecord(uuid, ttlSeconds, state, newAnnotations, descriptions, atRevision, createdMs);
    }
}

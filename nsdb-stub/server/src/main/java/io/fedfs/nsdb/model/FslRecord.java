package io.fedfs.nsdb.model;

import java.util.List;
import java.util.Map;

/** One place where a fileset lives, as the NSDB keeps it (RFC 7532, fedfsFsl). */
public record FslRecord(
        FslKey key,
        Place place,
        Preference preference,
        NfsAttributes nfs,
        RecordState state,
        Map<String, String> annotations,
        List<String> descriptions,
        long revision,
        long createdMs) {

    public FslRecord {
        annotations = Maps.sorted(annotations);
        descriptions = List.copyOf(descriptions);
    }

    public FslRecord withState(RecordState newState, long atRevision) {
        return new FslRecord(key, place, preference, nfs, newState, annotations, descriptions, atRevision, createdMs);
    }

    public FslRecord withAnnotations(Map<String, String> newAnnotations, long atRevision) {
        return new FslRecord(key, place, preference, nfs, state, newAnnotations, descriptions, atRevision, createdMs);
    }
}

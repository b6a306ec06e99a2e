package io.fedfs.cli.nsdb;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that an audit found.
 *
 * @param remedy what to do: a command, or a sentence
 * @param fixed whether it was done already
 */
record Finding(Kind kind, String what, String remedy, boolean fixed) {
    /** What it is; the names stand in JSON. */
    enum Kind {
        DANGLING_JUNCTION("dangling junction"),
        UNREFERENCED_FILESET("nobody points to"),
        MARKER_MISSING("no marker"),
        MARKER_MISMATCH("another fileset's marker"),
        JUNCTION_MISSING("a replica lacks a junction"),
        JUNCTION_DIFFERS("a junction leads elsewhere"),
        STALE_REFERENCE("no such junction any more"),
        UNRECORDED_JUNCTION("a junction is not on record");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("kind", kind.name());
        document.put("what", what);
        document.put("remedy", remedy);
        document.put("fixed", fixed);
        return document;
    }
}

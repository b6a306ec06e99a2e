package io.fedfs.nsdb.model;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Immutable maps with one order: the same record always prints and travels the same way. */
final class Maps {
    private Maps() {}

    static Map<String, String> sorted(Map<String, String> map) {
        return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }
}

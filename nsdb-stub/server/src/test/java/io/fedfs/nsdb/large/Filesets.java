package io.fedfs.nsdb.large;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/** The records, the same for both servers: fileset number i with two locations. */
final class Filesets {
    static final int TTL = 300;
    static final int LOCATIONS = 2;

    private Filesets() {}

    static UUID fsn(int i) {
        return uuid(3L * i);
    }

    static UUID fsl(int i, int location) {
        return uuid(3L * i + 1 + location);
    }

    /** A random one (v4), always the same for a number. */
    private static UUID uuid(long number) {
        SplittableRandom random = new SplittableRandom(number);
        return new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() & ~(3L << 62) | 2L << 62);
    }

    static String host(int i, int location) {
        return "files" + (i + 7 * location) % 50 + ".example.org";
    }

    static String path(int i) {
        return "/export/projects/p" + i;
    }

    static FsnRecord fsnRecord(int i, long revision) {
        return new FsnRecord(fsn(i), TTL, RecordState.NEW, Map.of(), List.of(), revision, 1);
    }

    static FslRecord fslRecord(int i, int location, long revision) {
        return new FslRecord(
                new FslKey(fsn(i), fsl(i, location)),
                new Place("nfs", host(i, location), 0, path(i), "", "", Map.of()),
                new Preference(location == 0, false, location, location, 0, location, 0),
                NfsAttributes.NONE,
                RecordState.NEW,
                Map.of(),
                List.of(),
                revision,
                1);
    }
}

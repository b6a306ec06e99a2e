package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Plain records for tests of stores. */
final class Records {
    private Records() {}

    static Write<UUID> fsn(UUID uuid) {
        return transaction -> {
            transaction.put(new FsnRecord(uuid, 300, RecordState.NEW, Map.of(), List.of(), transaction.revision(), 1));
            return uuid;
        };
    }

    static Write<UUID> fsl(UUID fsn, String path) {
        return transaction -> {
            UUID uuid = UUID.randomUUID();
            transaction.put(new FslRecord(
                    new FslKey(fsn, uuid),
                    new Place("local", "host", 0, path, "", "", Map.of()),
                    new Preference(true, false, 0, 0, 0, 0, 0),
                    NfsAttributes.NONE,
                    RecordState.NEW,
                    Map.of(),
                    List.of(),
                    transaction.revision(),
                    1));
            return uuid;
        };
    }

    /** Adds an FSN and waits until it is durable. */
    static UUID add(NsdbStore store) {
        return done(store.write(fsn(UUID.randomUUID())));
    }

    static <T> T done(CompletableFuture<T> write) {
        return write.orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
    }
}

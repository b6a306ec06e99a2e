package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/**
 * The records of one NSDB, durable. Safe for use by many threads.
 *
 * <p>Every committed write raises the revision by one. A read sees every write that was acknowledged before the read began.
 * Reads throw {@link io.fedfs.nsdb.model.NsdbException} with {@code IO} when the store fails underneath, {@code DELAY} when
 * it is too busy, {@code NSDB_DOWN} once it is closed.
 */
public interface NsdbStore extends AutoCloseable {
    /** Format, counts and revision; touches no disk. */
    StoreInfo info();

    /** The revision of the last acknowledged write; touches no disk. */
    long revision();

    /** One FSN with all its locations, as of one moment. */
    Optional<Fileset> fileset(UUID fsn);

    /**
     * Filesets in the order of their UUIDs' texts.
     *
     * @param after the last one of the page before; empty: from the beginning
     * @param limit at most this many
     */
    List<Fileset> filesets(FsnFilter filter, Optional<UUID> after, int limit);

    /** Locations in the order of the texts of their FSNs' and their own UUIDs; parameters as in {@link #filesets}. */
    List<FslRecord> locations(FslFilter filter, Optional<FslKey> after, int limit);

    Optional<NamespaceRecord> namespace(String name);

    /** Namespaces in the order of their names; {@code after} empty: from the beginning. */
    List<NamespaceRecord> namespaces(String after, int limit);

    /** References in the order of their keys' texts; parameters as in {@link #filesets}. */
    List<ReferenceRecord> references(ReferenceFilter filter, Optional<ReferenceKey> after, int limit);

    /**
     * Runs a write, whole or not at all, after those submitted before it.
     *
     * @return done when the write is durable; fails with what the write threw, or with {@code DELAY} when too many wait,
     *     {@code NOSPC} or {@code IO} when the disk refuses, {@code NSDB_DOWN} when the store closes
     */
    <T> CompletableFuture<T> write(Write<T> write);

    /**
     * What changed after a revision, oldest first, whole revisions only.
     *
     * @param limit about this many changes; more when one revision alone has more
     */
    History changesAfter(long revision, int limit);

    /** Calls the listener with the new revision after each commit, from the writing thread: it must return at once. */
    void onCommit(LongConsumer listener);

    /** Finishes the writes that wait, then lets go of the directory. */
    @Override
    void close();
}

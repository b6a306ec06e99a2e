package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * FSN to referral: cached, single flight, bounded in time, and still answering when the NSDB does not
 * (design, "Time and trouble"). Safe for use by any number of threads; holds no lock while a remote call is under way.
 */
public interface Resolver extends AutoCloseable {

    /**
     * Where the fileset lives. A warm answer touches no network; otherwise exactly one call is made to the FSN's NSDB,
     * however many callers wait for it.
     *
     * @param deadline how long this caller waits at most; an answer may still arrive later and be cached
     */
    Resolution resolve(Fsn fsn, Duration deadline);

    /** What {@link #resolve} would answer at once, without any call; empty when it would have to ask. */
    Optional<Resolution> cached(Fsn fsn);

    /**
     * Says that {@link #resolve} will probably be asked for this fileset soon: what is not known is asked for in the background, together
     * with others that are expected. Does not block. A hint: where the NSDB does not answer, nothing happens.
     */
    default void expect(Fsn fsn) {}

    /** Where the root of a namespace is, by name; empty name: the NSDB's only one. Not cached. */
    NamespaceRoot namespaceRoot(NsdbAddress nsdb, String name, Duration deadline);

    /**
     * Keeps the fileset's referral fresh (by watch, or by asking when the TTL is over) and tells the listener when the
     * answer changed: other locations, other flags, invalidated, revived, gone. The listener is called on a thread of the
     * resolver and must not block. Not called for a refresh that brought the same locations.
     */
    Following follow(Fsn fsn, Listener listener);

    /**
     * As {@link #follow(Fsn, Listener)}, for one who already acts on an answer: the listener is also called when the first
     * answer after this differs from {@code known}, so that no change between resolving and following is lost.
     */
    default Following follow(Fsn fsn, Resolution known, Listener listener) {
        return follow(fsn, listener);
    }

    /**
     * From now on tells each NSDB which of its filesets are used here, and where: an administrator who moves one waits for
     * that. Called at most once.
     *
     * @param name which mount this is, for people
     * @param uses asked every few seconds; must not block
     */
    default void reportUse(String name, Supplier<Collection<InUse>> uses) {}

    /** Drops one cached answer, positive or negative. Returns whether there was one. */
    boolean flush(Fsn fsn);

    /** Drops every cached answer and forgets the breakers. Returns how many answers there were. */
    int flushAll();

    /**
     * Resolves anew, past the cache, and says what each step found and how long it took. The steps are numbers 3 to 6 of the requirement
     * document's junction resolution, in order: find the FSN, find the NSDB responsible for it, ask it, convert what it said. The
     * list ends with the first step that failed, so it has one to four entries; who knows the path adds 1, 2 and 7.
     */
    List<ExplainedStep> explain(Fsn fsn, Duration deadline);

    /** The NSDBs spoken to since the start, each with its state. */
    List<NsdbReport> nsdbs();

    /** Asks one NSDB whether it is there, now, bounded by the deadline. */
    NsdbProbe probe(NsdbAddress nsdb, Duration deadline);

    /** Monotonic counters and gauges by name: {@code referral_hits}, {@code referral_misses}, {@code rpc_resolve}, {@code stale_served}, … */
    Map<String, Long> counters();

    /** Stops background work and closes the channels. Idempotent. */
    @Override
    void close();

    /** See {@link #follow}. */
    @FunctionalInterface
    interface Listener {
        void changed(Fsn fsn, Resolution now);
    }

    /** Ends a {@link #follow}. */
    interface Following extends AutoCloseable {
        @Override
        void close();
    }

    /** A namespace's root, or why it is not known. Exactly one of the two is present. */
    record NamespaceRoot(Optional<Fsn> root, Optional<FailedLookup> failure) {}

    /** A failure of a call that is not about one FSN. */
    record FailedLookup(Unresolved.Reason reason, io.fedfs.protocol.FedFsStatus status, String detail) {}

    /**
     * One step of a resolution.
     *
     * @param title what was done, e.g. "ask the NSDB"
     * @param found what it found, or what went wrong
     * @param source "cache", "nsdb", "offline copy", "configuration"
     */
    record ExplainedStep(String title, String found, String source, Duration took, boolean failed) {}

    /** State of one NSDB as seen from here. state: "up", "down", "unknown", "untrusted". */
    record NsdbReport(
            NsdbAddress address,
            String state,
            java.time.Instant since,
            String detail,
            boolean watching,
            long revision,
            long resolves,
            long failures) {}

    /** Outcome of a probe. */
    record NsdbProbe(NsdbAddress address, boolean ok, String detail, Duration took) {}
}

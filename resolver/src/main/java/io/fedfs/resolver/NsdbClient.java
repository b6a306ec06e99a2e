package io.fedfs.resolver;

import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The calls a resolver makes to NSDBs, one RPC each, nothing remembered. No method blocks. A future always completes, within its
 * timeout, and never exceptionally for a fault of the NSDB or the network: that is a {@link Failed}.
 */
public interface NsdbClient extends AutoCloseable {

    /** {@code Resolve}: the usable locations of one fileset. */
    CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout);

    /** {@code GetNamespace}: the root of a namespace; an empty name is the NSDB's only one. */
    CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout);

    /** {@code GetInfo}, the probe. Makes a new connection when the last one is in doubt. */
    CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout);

    /**
     * {@code Watch}: tells the listener what changes after the revision, until the stream ends.
     *
     * @param afterRevision 0: from now on
     */
    Stream watch(NsdbAddress nsdb, long afterRevision, WatchListener listener);

    /**
     * {@code ReportAttached}: says what is used here.
     *
     * @return whether the NSDB knows now; false: the report says changes to something that it has forgotten
     */
    default CompletableFuture<Reply<Boolean>> report(NsdbAddress nsdb, UseReport report, Duration timeout) {
        return CompletableFuture.completedFuture(new Failed<>(new FailedLookup(
                Unresolved.Reason.BAD_ANSWER, io.fedfs.protocol.FedFsStatus.NOTSUPP, "not by this client")));
    }

    /** Ends all calls and streams and closes the connections. Idempotent. */
    @Override
    void close();

    /** What came back: {@link Ok} or {@link Failed}. */
    sealed interface Reply<T> permits Ok, Failed {}

    record Ok<T>(T value) implements Reply<T> {}

    record Failed<T>(FailedLookup failure) implements Reply<T> {}

    /**
     * A checked answer to {@code Resolve}.
     *
     * @param locations in any order, never empty
     * @param revision highest revision of the FSN and its FSLs
     * @param nsdbRevision the NSDB's revision when it answered; 0 when it does not say
     */
    record Located(List<Fsl> locations, Duration ttl, boolean immutable, long revision, long nsdbRevision) {
        public Located {
            locations = List.copyOf(locations);
        }
    }

    /** A checked answer to {@code GetInfo}. */
    record Info(String version, long revision) {}

    /** A fileset in use: at which locations, and which referral was acted on (0: not known). */
    record Use(UUID fsn, List<UUID> locations, long revision) {
        public Use {
            locations = List.copyOf(locations);
        }
    }

    /**
     * What is used here of one NSDB's filesets.
     *
     * @param client the same as long as this process lives
     * @param name which mount, for people
     * @param uses all of it, or with {@code changesOnly} what is new or another than the report before said
     * @param changesOnly all else is as the report before said
     * @param gone filesets that were in use by that report, and are not now
     */
    record UseReport(UUID client, String name, List<Use> uses, boolean changesOnly, List<UUID> gone) {
        public UseReport {
            uses = List.copyOf(uses);
            gone = List.copyOf(gone);
        }
    }

    /** One fileset changed, in the NSDB's revision given. */
    record Changed(UUID fsn, long revision, boolean deleted) {}

    /** An open watch. */
    interface Stream {
        /** Ends it; the listener may still be called once or twice. */
        void cancel();
    }

    /** Receives a watch stream. Called by one thread at a time; must not block. */
    interface WatchListener {
        /**
         * News, or a heartbeat.
         *
         * @param revision the stream has told everything up to this one
         * @param changes empty in a heartbeat
         */
        void events(long revision, List<Changed> changes);

        /**
         * The stream is over; called once. {@link io.fedfs.protocol.FedFsStatus#WATCH_TOO_OLD}: hold nothing of before;
         * {@link io.fedfs.protocol.FedFsStatus#NOTSUPP}: this NSDB has no watch.
         */
        void ended(FailedLookup why);
    }
}

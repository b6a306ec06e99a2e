package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Changed;
import io.fedfs.resolver.NsdbClient.Stream;
import io.fedfs.resolver.NsdbClient.WatchListener;
import io.fedfs.resolver.Resolver.FailedLookup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/**
 * The watch stream of one NSDB: at most one is open; it begins at the revision of the first answer, and after a loss goes on
 * where it was, so that no change falls between. Where that is not possible (the history is too short, the NSDB
 * went back to an older store, nothing was known to begin with) everything held of the NSDB is to be asked again: {@link Sink#resync}.
 *
 * <p>Its lock is held for a few assignments only, never while calling the client or the sink.
 */
final class NsdbWatch {
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    /** A server that has no watch, or does not let us, may be replaced one day. */
    private static final Duration REFUSED_RETRY = Duration.ofMinutes(1);
    /** A stream that lived so long was a good one: its loss is not a repetition. */
    private static final Duration GOOD_LIFE = Duration.ofSeconds(10);

    /** Where the news go. */
    interface Sink {
        void changed(Fsn fsn, long revision, boolean deleted);

        /** Nothing held from before this revision can be relied on; {@link Long#MAX_VALUE}: nothing at all. */
        void resync(long revision);

        /** A stream could not be opened, or fell silent: the NSDB may be away. */
        void suspect();

        /** Whether anything of this NSDB is held, so that its changes matter. */
        boolean wanted();

        /** Whether it is known to be away: then only {@link NsdbWatch#recovered} opens a stream. */
        boolean away();
    }

    private final NsdbAddress nsdb;
    private final NsdbClient client;
    private final ResolverConfig config;
    private final Clockwork clockwork;
    private final Counters counters;
    private final Sink sink;
    private final LongSupplier lastFlight;

    private volatile Incoming current;
    // Guarded by this.
    private Future<?> retry;
    private long position;
    /** What is held may be of a past that the NSDB no longer has: its revisions cannot be compared. */
    private boolean historyLost;

    private long historyBegin;
    private long flightAtBegin;
    private int failuresInARow;
    private boolean closed;

    NsdbWatch(
            NsdbAddress nsdb,
            NsdbClient client,
            ResolverConfig config,
            Clockwork clockwork,
            Counters counters,
            Sink sink,
            LongSupplier lastFlight) {
        this.nsdb = nsdb;
        this.client = client;
        this.config = config;
        this.clockwork = clockwork;
        this.counters = counters;
        this.sink = sink;
        this.lastFlight = lastFlight;
    }

    /** Opens the stream unless it is open or about to be. Cheap when it is. */
    void ensure(long revision) {
        if (current != null || !config.watch()) {
            return;
        }
        synchronized (this) {
            if (retry != null) {
                return;
            }
            if (position == 0) {
                begin(revision);
            }
        }
        open();
    }

    /** The NSDB is back: the stream need not wait for its turn. */
    void recovered() {
        synchronized (this) {
            cancelRetry();
            failuresInARow = 0;
        }
        if (sink.wanted() && config.watch()) {
            open();
        }
    }

    /** Whether a stream is open and has spoken. */
    boolean isLive() {
        Incoming now = current;
        return now != null && now.spoken;
    }

    /** The NSDB's revision up to which everything is known here; 0: nothing yet. */
    synchronized long position() {
        return position;
    }

    /**
     * Whether an answer may have missed a change: it reflects a revision from before the history followed here, by a call
     * that began before it.
     */
    synchronized boolean mayHaveMissed(long flight, long nsdbRevision) {
        return nsdbRevision > 0 && nsdbRevision < historyBegin && flight <= flightAtBegin;
    }

    void close() {
        Incoming last;
        synchronized (this) {
            closed = true;
            cancelRetry();
            last = current;
            current = null;
        }
        if (last != null) {
            last.cancel();
        }
    }

    private void open() {
        if (sink.away()) {
            return;
        }
        Incoming incoming;
        synchronized (this) {
            if (closed || current != null) {
                return;
            }
            incoming = new Incoming(position);
            current = incoming;
        }
        counters.watchStreams.increment();
        incoming.stream = client.watch(nsdb, incoming.after, incoming);
        if (current != incoming) {
            incoming.cancel();
            return;
        }
        // The first message is due at once; a connection that swallows everything is found out by that.
        watchSilence(incoming, config.callTimeout());
    }

    private void watchSilence(Incoming incoming, Duration limit) {
        incoming.silence = clockwork.after(limit, () -> checkSilence(incoming));
    }

    private void checkSilence(Incoming incoming) {
        if (current != incoming) {
            return;
        }
        if (!sink.wanted()) {
            synchronized (this) {
                current = null;
                position = 0;
            }
            incoming.cancel();
            return;
        }
        long quiet = clockwork.ticker().read() - incoming.heardAt;
        Duration allowed = incoming.spoken ? config.watchSilence() : config.callTimeout();
        if (quiet < allowed.toNanos()) {
            watchSilence(incoming, Duration.ofNanos(allowed.toNanos() - quiet));
            return;
        }
        incoming.cancel();
        sink.suspect();
        incoming.ended(new FailedLookup(
                Unresolved.Reason.TIMED_OUT,
                FedFsStatus.NSDB_DOWN,
                "no word on the watch stream for " + Duration.ofNanos(quiet).toSeconds() + " s"));
    }

    private synchronized void begin(long revision) {
        position = revision;
        historyBegin = revision;
        flightAtBegin = lastFlight.getAsLong();
    }

    private synchronized void cancelRetry() {
        if (retry != null) {
            retry.cancel(false);
            retry = null;
        }
    }

    private void retryAfter(Duration pause) {
        synchronized (this) {
            if (closed || retry != null) {
                return;
            }
            retry = clockwork.after(pause, () -> {
                synchronized (NsdbWatch.this) {
                    retry = null;
                }
                open();
            });
        }
    }

    /** 100 ms, then doubled up to the bound. */
    private synchronized Duration nextPause() {
        long pause = FIRST_RETRY.toNanos() << Math.min(failuresInARow, 10);
        failuresInARow++;
        return clockwork.jittered(
                Duration.ofNanos(Math.min(pause, config.watchRetryMax().toNanos())));
    }

    private final class Incoming implements WatchListener {
        private final long after;
        private final long openedAt = clockwork.ticker().read();
        private volatile long heardAt = openedAt;
        private volatile boolean spoken;
        private volatile Stream stream;
        private volatile Future<?> silence;

        Incoming(long after) {
            this.after = after;
        }

        @Override
        public void events(long revision, List<Changed> changes) {
            boolean wentBack = false;
            boolean resync = false;
            synchronized (NsdbWatch.this) {
                if (current != this) {
                    return;
                }
                heardAt = clockwork.ticker().read();
                if (!spoken) {
                    spoken = true;
                    wentBack = revision < after || historyLost;
                    historyLost = false;
                    resync = after == 0 || wentBack;
                }
                if (resync) {
                    begin(revision);
                } else {
                    position = Math.max(position, revision);
                }
            }
            if (resync) {
                counters.watchResyncs.increment();
                sink.resync(wentBack ? Long.MAX_VALUE : revision);
            }
            for (Changed change : changes) {
                counters.watchEvents.increment();
                sink.changed(new Fsn(nsdb, change.fsn()), change.revision(), change.deleted());
            }
        }

        @Override
        public void ended(FailedLookup why) {
            synchronized (NsdbWatch.this) {
                if (current != this) {
                    return;
                }
                current = null;
                if (clockwork.ticker().read() - openedAt > GOOD_LIFE.toNanos()) {
                    failuresInARow = 0;
                }
                if (why.status() == FedFsStatus.WATCH_TOO_OLD) {
                    position = 0;
                    historyLost = true;
                }
            }
            cancelSilence();
            if (why.status() == FedFsStatus.WATCH_TOO_OLD) {
                retryAfter(nextPause());
            } else if (why.status() == FedFsStatus.NOTSUPP
                    || why.reason() == Unresolved.Reason.DENIED
                    || why.reason() == Unresolved.Reason.UNTRUSTED) {
                retryAfter(REFUSED_RETRY);
            } else {
                if (!spoken) {
                    sink.suspect();
                }
                retryAfter(nextPause());
            }
        }

        private void cancel() {
            cancelSilence();
            Stream open = stream;
            if (open != null) {
                open.cancel();
            }
        }

        private void cancelSilence() {
            Future<?> waiting = silence;
            if (waiting != null) {
                waiting.cancel(false);
            }
        }
    }
}

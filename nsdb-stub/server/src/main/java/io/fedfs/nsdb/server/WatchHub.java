package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.History;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.WatchEvent;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells watchers what was committed. One thread serves all of them: it alone writes to their streams, and it keeps for each only
 * the revision it was told last. Events are read from the store's log when the stream can take them, so a slow watcher costs no
 * memory; one so slow that the log has moved past it is told to start again.
 */
final class WatchHub implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WatchHub.class);
    private static final int MOST_WATCHERS = 10_000;
    private static final int CHANGES_PER_EVENT = 2_000;

    private final NsdbStore store;
    private final ScheduledExecutorService loop;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private final ScheduledFuture<?> beats;
    private final AtomicBoolean roundWaits = new AtomicBoolean();

    /**
     * @param heartbeat a stream that has nothing to tell says so at least this often
     */
    WatchHub(NsdbStore store, Duration heartbeat) {
        this.store = store;
        this.loop = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "nsdb-watch");
            thread.setDaemon(true);
            return thread;
        });
        // Twice as often, because a stream that was told something since the last beat is passed over once.
        long beat = heartbeat.toNanos() / 2;
        this.beats = loop.scheduleAtFixedRate(() -> guarded(this::beat), beat, beat, TimeUnit.NANOSECONDS);
        store.onCommit(revision -> committed());
    }

    int watchers() {
        return watchers.size();
    }

    /** Serves a stream; called from the call that opens it. {@code after} as in WatchRequest.after_revision. */
    void watch(long after, ServerCallStreamObserver<WatchEvent> stream) {
        if (after < 0) {
            throw new NsdbException(FedFsStatus.INVAL, "after_revision", "after_revision must not be negative");
        }
        if (watchers.size() >= MOST_WATCHERS) {
            throw new NsdbException(FedFsStatus.DELAY, "the NSDB has " + MOST_WATCHERS + " watchers already");
        }
        Watcher watcher = new Watcher(stream);
        stream.setOnCancelHandler(() -> watchers.remove(watcher));
        // An interceptor may end it: when the policy no longer lets the caller watch.
        stream.setOnCloseHandler(() -> watchers.remove(watcher));
        stream.setOnReadyHandler(() -> submit(() -> advance(watcher, new HashMap<>())));
        watchers.add(watcher);
        if (!submit(() -> begin(watcher, after))) {
            watchers.remove(watcher);
            throw new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping");
        }
    }

    private void begin(Watcher watcher, long after) {
        watcher.told = after == 0 ? store.revision() : after;
        History history = store.changesAfter(watcher.told, 1);
        if (!history.complete()) {
            end(watcher, tooOld(after));
            return;
        }
        watcher.begun = true;
        watcher.stream.onNext(WatchEvent.newBuilder().setRevision(watcher.told).build());
        advance(watcher, new HashMap<>());
    }

    /** From the store's committing thread. Commits that come while a round waits are told in that round. */
    private void committed() {
        if (!watchers.isEmpty() && roundWaits.compareAndSet(false, true)) {
            submit(() -> {
                roundWaits.set(false);
                Map<Long, History> read = new HashMap<>();
                watchers.forEach(watcher -> advance(watcher, read));
            });
        }
    }

    /**
     * Tells a watcher what it has not heard, as far as its stream takes it.
     *
     * @param read what was read in this round, by the revision it begins after: most watchers are at the same one
     */
    private void advance(Watcher watcher, Map<Long, History> read) {
        try {
            while (watcher.begun && watcher.told < store.revision() && watcher.stream.isReady()) {
                History history =
                        read.computeIfAbsent(watcher.told, told -> store.changesAfter(told, CHANGES_PER_EVENT));
                if (!history.complete()) {
                    end(watcher, tooOld(watcher.told));
                    return;
                }
                WatchEvent.Builder event = WatchEvent.newBuilder().setRevision(history.upTo());
                history.changes().stream()
                        .filter(change -> change.kind() != Change.Kind.REFERENCE)
                        .forEach(change -> event.addChanges(Messages.change(change)));
                watcher.tell(event.build());
            }
        } catch (RuntimeException e) {
            end(watcher, e);
        }
    }

    private void beat() {
        for (Watcher watcher : watchers) {
            // A stream that is not ready has bytes under way; a heartbeat behind them would say nothing more.
            if (watcher.begun && !watcher.toldSinceBeat && watcher.stream.isReady()) {
                watcher.stream.onNext(
                        WatchEvent.newBuilder().setRevision(watcher.told).build());
            }
            watcher.toldSinceBeat = false;
        }
    }

    private void end(Watcher watcher, RuntimeException why) {
        watcher.begun = false;
        if (watchers.remove(watcher)) {
            watcher.stream.onError(why);
        }
    }

    private static NsdbException tooOld(long after) {
        return new NsdbException(
                FedFsStatus.WATCH_TOO_OLD,
                "after_revision",
                "what changed after revision " + after
                        + " is no longer known: resolve again and watch from the current revision");
    }

    private boolean submit(Runnable task) {
        try {
            loop.execute(() -> guarded(task));
            return true;
        } catch (RejectedExecutionException e) {
            // Only after close(), which has ended or will end every stream.
            return false;
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("serving watchers failed", e);
        }
    }

    /** Ends every stream; clients come back and find another NSDB process or none. */
    @Override
    public void close() {
        beats.cancel(false);
        submit(() -> watchers.forEach(
                watcher -> end(watcher, new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping"))));
        loop.shutdown();
        try {
            if (!loop.awaitTermination(2, TimeUnit.SECONDS)) {
                log.warn("streams were still being ended after 2 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One stream; the fields are the hub's thread's only. */
    private static final class Watcher {
        private final ServerCallStreamObserver<WatchEvent> stream;
        private boolean begun;
        private long told;
        private boolean toldSinceBeat;

        Watcher(ServerCallStreamObserver<WatchEvent> stream) {
            this.stream = stream;
        }

        void tell(WatchEvent event) {
            stream.onNext(event);
            told = event.getRevision();
            toldSinceBeat = true;
        }
    }
}

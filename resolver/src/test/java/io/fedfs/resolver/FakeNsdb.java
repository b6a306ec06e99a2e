package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An NSDB in memory: it answers at once, or not before it is let to, or is away. */
final class FakeNsdb implements NsdbClient {
    static final NsdbAddress ADDRESS = new NsdbAddress("localhost", 7532);

    record Held(Fsn fsn, CompletableFuture<Reply<Located>> reply) {}

    /** One watch stream as the server sees it. */
    static final class OpenWatch implements Stream {
        final long after;
        final WatchListener listener;
        volatile boolean cancelled;

        OpenWatch(long after, WatchListener listener) {
            this.after = after;
            this.listener = listener;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    final AtomicInteger resolves = new AtomicInteger();
    final AtomicInteger infos = new AtomicInteger();
    final List<OpenWatch> watches = new CopyOnWriteArrayList<>();
    final List<Held> held = new CopyOnWriteArrayList<>();
    final Map<String, Fsn> roots = new ConcurrentHashMap<>();
    private final Map<Fsn, Reply<Located>> answers = new ConcurrentHashMap<>();
    volatile FailedLookup trouble;
    volatile FailedLookup watchTrouble;
    volatile boolean holding;
    volatile boolean silentWatch;
    long revision = 10;
    volatile boolean closed;

    static Fsn fsn(int number) {
        return new Fsn(ADDRESS, new UUID(0x4000, number));
    }

    static Fsl fsl(int number, String path) {
        return new Fsl(
                new UUID(0x8000, number), "local", "host" + number, 0, path, "", Map.of(), true, false, 0, 0, 0, 0, 0);
    }

    void put(Fsn fsn, Duration ttl, Fsl... locations) {
        revision++;
        answers.put(fsn, new Ok<>(new Located(List.of(locations), ttl, false, revision, revision)));
    }

    void put(Fsn fsn, Reason reason, FedFsStatus status) {
        revision++;
        answers.put(fsn, new Failed<>(new FailedLookup(reason, status, "said so")));
    }

    /** Changes the record and tells it on the newest watch. */
    void change(Fsn fsn, Duration ttl, Fsl... locations) {
        put(fsn, ttl, locations);
        tell(fsn);
    }

    void tell(Fsn fsn) {
        lastWatch().listener.events(revision, List.of(new Changed(fsn.uuid(), revision, false)));
    }

    OpenWatch lastWatch() {
        return watches.get(watches.size() - 1);
    }

    void goAway() {
        trouble = new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_CONN, "connection refused");
    }

    void comeBack() {
        trouble = null;
    }

    /** Answers all calls held back so far, with what is on record now. */
    void release() {
        holding = false;
        List<Held> now = new ArrayList<>(held);
        held.clear();
        now.forEach(h -> h.reply().complete(answer(h.fsn())));
    }

    Reply<Located> answer(Fsn fsn) {
        if (trouble != null) {
            return new Failed<>(trouble);
        }
        Reply<Located> reply = answers.get(fsn);
        if (reply instanceof Ok<Located> ok) {
            Located l = ok.value();
            return new Ok<>(new Located(l.locations(), l.ttl(), l.immutable(), l.revision(), revision));
        }
        return reply != null
                ? reply
                : new Failed<>(new FailedLookup(Reason.NO_SUCH_FSN, FedFsStatus.NSDB_NOFSN, "no such fileset"));
    }

    @Override
    public CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout) {
        resolves.incrementAndGet();
        CompletableFuture<Reply<Located>> reply = new CompletableFuture<>();
        if (holding) {
            held.add(new Held(fsn, reply));
        } else {
            reply.complete(answer(fsn));
        }
        return reply;
    }

    @Override
    public CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout) {
        if (trouble != null) {
            return CompletableFuture.completedFuture(new Failed<>(trouble));
        }
        Fsn root = roots.get(name);
        return CompletableFuture.completedFuture(
                root != null
                        ? new Ok<>(root)
                        : new Failed<>(
                                new FailedLookup(Reason.NO_SUCH_FSN, FedFsStatus.NO_NAMESPACE, "no such namespace")));
    }

    @Override
    public CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout) {
        infos.incrementAndGet();
        return CompletableFuture.completedFuture(
                trouble != null ? new Failed<>(trouble) : new Ok<>(new Info("fake", revision)));
    }

    @Override
    public Stream watch(NsdbAddress nsdb, long afterRevision, WatchListener listener) {
        OpenWatch watch = new OpenWatch(afterRevision, listener);
        watches.add(watch);
        if (trouble != null) {
            listener.ended(trouble);
        } else if (watchTrouble != null) {
            listener.ended(watchTrouble);
        } else if (!silentWatch) {
            listener.events(afterRevision == 0 ? revision : afterRevision, List.of());
        }
        return watch;
    }

    final List<UseReport> reports = new CopyOnWriteArrayList<>();
    volatile FailedLookup reportTrouble;
    volatile boolean forgetful;

    @Override
    public CompletableFuture<Reply<Boolean>> report(NsdbAddress nsdb, UseReport report, Duration timeout) {
        reports.add(report);
        return CompletableFuture.completedFuture(
                reportTrouble != null ? new Failed<>(reportTrouble) : new Ok<>(!(forgetful && report.changesOnly())));
    }

    @Override
    public void close() {
        closed = true;
    }
}

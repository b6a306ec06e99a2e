package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Ok;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.NsdbClient.Use;
import io.fedfs.resolver.NsdbClient.UseReport;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Tells NSDBs which of their filesets are in use here, where, and which referral was acted on: what a migration waits for.
 * Only NSDBs whose watch is open are told: who does not hear of changes cannot have acted on them. Looked at every {@link
 * #LOOK}, and what has changed since is said, or that nothing has every {@link #AGAIN}. An NSDB that does not take reports is asked
 * again after {@link #REFUSED}.
 */
final class UseReports {
    static final Duration LOOK = Duration.ofSeconds(2);
    static final Duration AGAIN = Duration.ofSeconds(30);
    static final Duration REFUSED = Duration.ofMinutes(10);
    /** As many as an NSDB takes. */
    private static final int MOST = 10_000;

    private final NsdbClient client;
    private final Clockwork clockwork;
    private final Duration timeout;
    private final Function<NsdbAddress, Boolean> watched;
    private final Function<Fsn, Optional<Long>> actedOn;
    private final UUID id = UUID.randomUUID();
    private final Map<NsdbAddress, Told> told = new HashMap<>();
    private Future<?> next;
    private boolean closed;

    /** What an NSDB was told. One call to it is under way at a time. */
    private static final class Told {
        Map<UUID, Use> uses = Map.of();
        boolean known;
        boolean underWay;
        long notBefore;
    }

    UseReports(
            NsdbClient client,
            Clockwork clockwork,
            Duration timeout,
            Function<NsdbAddress, Boolean> watched,
            Function<Fsn, Optional<Long>> actedOn) {
        this.client = client;
        this.clockwork = clockwork;
        this.timeout = timeout;
        this.watched = watched;
        this.actedOn = actedOn;
    }

    /** Begins; called once. */
    void begin(String name, Supplier<Collection<InUse>> uses) {
        schedule(name, uses);
    }

    private synchronized void schedule(String name, Supplier<Collection<InUse>> uses) {
        if (!closed) {
            next = clockwork.after(LOOK, () -> {
                look(name, uses.get());
                schedule(name, uses);
            });
        }
    }

    synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel(false);
        }
    }

    private void look(String name, Collection<InUse> uses) {
        Map<NsdbAddress, Map<UUID, Use>> byNsdb = new HashMap<>();
        for (InUse use : uses) {
            byNsdb.computeIfAbsent(use.fsn().nsdb(), nsdb -> new HashMap<>())
                    .put(
                            use.fsn().uuid(),
                            new Use(
                                    use.fsn().uuid(),
                                    sorted(use.locations()),
                                    actedOn.apply(use.fsn()).orElse(0L)));
        }
        synchronized (this) {
            told.keySet().forEach(nsdb -> byNsdb.computeIfAbsent(nsdb, n -> new HashMap<>()));
        }
        byNsdb.forEach((nsdb, now) -> tell(nsdb, name, now.size() <= MOST ? now : firstOf(now)));
    }

    /** Always the same ones, as long as those are in use. */
    private static Map<UUID, Use> firstOf(Map<UUID, Use> uses) {
        return new TreeMap<>(uses)
                .values().stream().limit(MOST).collect(Collectors.toMap(Use::fsn, Function.identity()));
    }

    private static List<UUID> sorted(Set<UUID> locations) {
        return locations.size() <= 1
                ? List.copyOf(locations)
                : locations.stream()
                        .sorted(Comparator.comparing(UUID::toString))
                        .toList();
    }

    private void tell(NsdbAddress nsdb, String name, Map<UUID, Use> now) {
        Told last;
        UseReport report;
        synchronized (this) {
            last = told.get(nsdb);
            boolean nothing = last == null && now.isEmpty();
            if (closed || nothing || last != null && last.underWay || !watched.apply(nsdb)) {
                return;
            }
            if (last == null) {
                last = new Told();
                told.put(nsdb, last);
            }
            report = last.known
                    ? changes(name, last.uses, now)
                    : new UseReport(id, name, List.copyOf(now.values()), false, List.of());
            boolean news = !report.uses().isEmpty() || !report.gone().isEmpty();
            if (clockwork.ticker().read() < last.notBefore && !(last.known && news)) {
                return;
            }
            last.underWay = true;
        }
        Told telling = last;
        client.report(nsdb, report, timeout).thenAccept(reply -> heard(nsdb, telling, now, reply));
    }

    private UseReport changes(String name, Map<UUID, Use> before, Map<UUID, Use> now) {
        List<Use> uses = now.values().stream()
                .filter(use -> !use.equals(before.get(use.fsn())))
                .toList();
        List<UUID> gone =
                before.keySet().stream().filter(fsn -> !now.containsKey(fsn)).toList();
        return new UseReport(id, name, uses, true, gone);
    }

    private synchronized void heard(NsdbAddress nsdb, Told telling, Map<UUID, Use> said, Reply<Boolean> reply) {
        telling.underWay = false;
        telling.uses = said;
        telling.known = reply instanceof Ok<Boolean> ok && ok.value();
        boolean refused = reply instanceof NsdbClient.Failed<Boolean> failed && isRefusal(failed.failure());
        Duration pause = refused ? REFUSED : telling.known ? AGAIN : Duration.ZERO;
        telling.notBefore = clockwork.ticker().read() + pause.toNanos();
        if (telling.known && said.isEmpty()) {
            told.remove(nsdb);
        }
    }

    private static boolean isRefusal(Resolver.FailedLookup failure) {
        return failure.reason() == Unresolved.Reason.DENIED
                || failure.status() == io.fedfs.protocol.FedFsStatus.NOTSUPP;
    }
}

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

/**
 * Tells NSDBs which of their filesets are in use here, where, and which referral was acted on: what a migration waits for.
 * Only NSDBs whose watch is open are told: who does not hear of changes cannot have acted on them. Looked at every {@link
 * #LOOK}; what has not changed is said again in two words every {@link #AGAIN}. An NSDB that does not take reports is asked
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
        List<Use> uses = List.of();
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
        Map<NsdbAddress, TreeMap<UUID, Use>> byNsdb = new HashMap<>();
        for (InUse use : uses) {
            byNsdb.computeIfAbsent(use.fsn().nsdb(), nsdb -> new TreeMap<>())
                    .put(
                            use.fsn().uuid(),
                            new Use(
                                    use.fsn().uuid(),
                                    sorted(use.locations()),
                                    actedOn.apply(use.fsn()).orElse(0L)));
        }
        synchronized (this) {
            told.keySet().forEach(nsdb -> byNsdb.computeIfAbsent(nsdb, n -> new TreeMap<>()));
        }
        byNsdb.forEach((nsdb, now) ->
                tell(nsdb, name, now.values().stream().limit(MOST).toList()));
    }

    private static List<UUID> sorted(Set<UUID> locations) {
        return locations.stream().sorted(Comparator.comparing(UUID::toString)).toList();
    }

    private void tell(NsdbAddress nsdb, String name, List<Use> now) {
        Told last;
        boolean unchanged;
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
            unchanged = last.known && last.uses.equals(now);
            if (clockwork.ticker().read() < last.notBefore && (unchanged || !last.known)) {
                return;
            }
            last.underWay = true;
        }
        Told telling = last;
        boolean same = unchanged;
        client.report(nsdb, new UseReport(id, name, same ? List.of() : now, same), timeout)
                .thenAccept(reply -> heard(nsdb, telling, now, reply));
    }

    private synchronized void heard(NsdbAddress nsdb, Told telling, List<Use> said, Reply<Boolean> reply) {
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

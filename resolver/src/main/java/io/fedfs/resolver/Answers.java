package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Located;
import io.fedfs.resolver.NsdbClient.Reply;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known, and what is being asked.
 *
 * <p>An FSN has at most one flight that may still write its answer. Dropping an FSN detaches its flight: those who wait get
 * its answer, nobody else does, and it is not stored. That, and storing, happen inside one {@code flights.compute}, so an answer
 * from before a change can never be stored after the change was heard of.
 */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /** Is told of each answer that became the one in force, and of each flight that brought none. */
    interface Landing {
        /**
         * The flight was the one whose answer counts.
         *
         * @param flight its number; a flight with a higher one started later
         * @param nsdbRevision what the answer reflects; 0: not known
         */
        void landed(Fsn fsn, long flight, Resolution result, long nsdbRevision);
    }

    private static final class Flight extends CompletableFuture<Resolution> {
        private final long number;

        Flight(long number) {
            this.number = number;
        }
    }

    private final NsdbClient client;
    private final ResolverConfig config;
    private final Clockwork clockwork;
    private final Counters counters;
    private final Landing landing;
    private final Cache<Fsn, CachedAnswer> cache;
    private final ConcurrentMap<Fsn, Flight> flights = new ConcurrentHashMap<>();
    private final AtomicLong flightNumbers = new AtomicLong();

    Answers(NsdbClient client, ResolverConfig config, Clockwork clockwork, Counters counters, Landing landing) {
        this.client = client;
        this.config = config;
        this.clockwork = clockwork;
        this.counters = counters;
        this.landing = landing;
        this.cache = Caffeine.newBuilder()
                .maximumSize(config.cacheSize())
                .expireAfter(CachedAnswer.EXPIRY)
                .ticker(clockwork.ticker())
                // Upkeep is short; on the caller's thread the resolver needs no pool for it.
                .executor(Runnable::run)
                .build();
    }

    /** What is known, fresh or not; null: nothing. The hot path: allocates nothing. */
    CachedAnswer get(Fsn fsn) {
        return cache.getIfPresent(fsn);
    }

    /**
     * Asks the NSDB, or joins the call that is already under way.
     *
     * @param seen what the caller found too old; when something newer is there by now it is taken instead
     * @return completes with a resolution whose source is the NSDB, or with an {@link Unresolved} of any reason
     */
    CompletableFuture<Resolution> ask(Fsn fsn, CachedAnswer seen) {
        Flight mine = new Flight(flightNumbers.incrementAndGet());
        Flight other = flights.putIfAbsent(fsn, mine);
        if (other != null) {
            return other;
        }
        // The flight we missed by a moment has stored its answer before it left the map.
        CachedAnswer now = cache.getIfPresent(fsn);
        if (now != null && now != seen && now.isFresh(clockwork.ticker().read())) {
            flights.remove(fsn, mine);
            mine.complete(now.answer());
            return mine;
        }
        counters.resolveCalls.increment();
        try {
            var unused = client.resolve(fsn, config.callTimeout())
                    .whenComplete((reply, error) -> land(fsn, mine, reply, error));
        } catch (RuntimeException e) {
            land(fsn, mine, null, e);
        }
        return mine;
    }

    /** Whatever happens in it, the flight ends: many may be waiting. */
    private void land(Fsn fsn, Flight flight, Reply<Located> reply, Throwable error) {
        Resolution result = unexpected(fsn, error);
        try {
            if (reply instanceof NsdbClient.Ok<Located> ok) {
                result = referral(fsn, ok.value());
            } else if (reply instanceof NsdbClient.Failed<Located> failed) {
                Resolver.FailedLookup why = failed.failure();
                result = new Unresolved(fsn, why.reason(), why.status(), why.detail());
                counters.resolveFailures.increment();
            } else {
                LOG.error("unexpected failure while asking {} for {}", fsn.nsdb(), fsn, error);
            }
            long nsdbRevision =
                    reply instanceof NsdbClient.Ok<Located> ok ? ok.value().nsdbRevision() : 0;
            if (store(fsn, flight, result, nsdbRevision)) {
                landing.landed(fsn, flight.number, result, nsdbRevision);
            }
        } catch (RuntimeException e) {
            LOG.error("unexpected failure with the answer of {} for {}", fsn.nsdb(), fsn, e);
        } finally {
            flights.remove(fsn, flight);
            flight.complete(result);
        }
    }

    private Referral referral(Fsn fsn, Located located) {
        return new Referral(
                fsn,
                ReplicaOrder.forReaders(located.locations()),
                located.ttl(),
                located.immutable(),
                located.revision(),
                clockwork.clock().instant(),
                Referral.Source.NSDB,
                Optional.empty());
    }

    private static Unresolved unexpected(Fsn fsn, Throwable error) {
        return new Unresolved(
                fsn,
                Unresolved.Reason.BAD_ANSWER,
                FedFsStatus.SVRFAULT,
                "asking NSDB " + fsn.nsdb() + " failed unexpectedly: " + error);
    }

    /** Whether the flight was still the one whose answer counts. */
    private boolean store(Fsn fsn, Flight flight, Resolution result, long nsdbRevision) {
        boolean[] counts = new boolean[1];
        flights.compute(fsn, (key, current) -> {
            if (current != flight) {
                return current;
            }
            counts[0] = true;
            replace(key, flight.number, result, nsdbRevision);
            return null;
        });
        return counts[0];
    }

    private void replace(Fsn fsn, long flight, Resolution result, long nsdbRevision) {
        long now = clockwork.ticker().read();
        if (result instanceof Referral referral) {
            if (referral.ttl().isZero()) {
                cache.invalidate(fsn);
            } else {
                cache.put(fsn, CachedAnswer.of(referral, flight, nsdbRevision, now, config.staleGrace()));
            }
        } else if (result instanceof Unresolved why && why.reason().isTruth()) {
            cache.put(fsn, CachedAnswer.of(why, flight, now, config.negativeTtl()));
        }
    }

    /** Answers with this for a while, where nothing else is known. */
    void remember(Unresolved why, long flight, Duration ttl) {
        cache.asMap()
                .putIfAbsent(
                        why.fsn(),
                        CachedAnswer.of(why, flight, clockwork.ticker().read(), ttl));
    }

    /** Forgets the FSN and detaches its flight. Returns whether there was an answer. */
    boolean drop(Fsn fsn) {
        return dropBefore(fsn, Long.MAX_VALUE);
    }

    /**
     * Forgets what is known of the FSN unless it reflects the NSDB's revision given, and detaches its flight, whose answer may be
     * from before.
     *
     * @return whether something was dropped
     */
    boolean dropBefore(Fsn fsn, long revision) {
        boolean[] dropped = new boolean[1];
        flights.compute(fsn, (key, flight) -> {
            CachedAnswer known = cache.getIfPresent(key);
            if (known != null && known.nsdbRevision() >= revision) {
                return flight;
            }
            dropped[0] = known != null;
            cache.invalidate(key);
            return null;
        });
        return dropped[0];
    }

    /** As {@link #dropBefore} for everything of one NSDB. */
    void dropAllBefore(NsdbAddress nsdb, long revision) {
        for (Fsn fsn : cache.asMap().keySet()) {
            if (fsn.nsdb().equals(nsdb)) {
                dropBefore(fsn, revision);
            }
        }
        for (Fsn fsn : flights.keySet()) {
            if (fsn.nsdb().equals(nsdb)) {
                dropBefore(fsn, revision);
            }
        }
    }

    /** Forgets everything. Returns how many answers there were. */
    int dropAll() {
        int dropped = 0;
        for (Fsn fsn : cache.asMap().keySet()) {
            if (drop(fsn)) {
                dropped++;
            }
        }
        flights.clear();
        return dropped;
    }

    /** Whether anything of this NSDB is known. */
    boolean knowsAnyOf(NsdbAddress nsdb) {
        return cache.asMap().keySet().stream().anyMatch(fsn -> fsn.nsdb().equals(nsdb));
    }

    /** The number of the last flight that started. */
    long lastFlight() {
        return flightNumbers.get();
    }

    long size() {
        return cache.estimatedSize();
    }

    int inFlight() {
        return flights.size();
    }

    /** Lets everyone who waits go. */
    void close(Resolver.FailedLookup why) {
        flights.forEach((fsn, flight) -> {
            flights.remove(fsn, flight);
            flight.complete(new Unresolved(fsn, why.reason(), why.status(), why.detail()));
        });
    }
}

package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Which location this host should use, from what the NSDB says ({@link ReplicaOrder}) and what this host has met. The order is,
 * each point deciding only where those before it are equal:
 *
 * <ol>
 *   <li>one that failed comes after all that did not, until it has been left alone for the quiet period;
 *   <li>a draining one after all others;
 *   <li>rank, then order, of the column for reading or for writing;
 *   <li>a currency that is not known after one that is;
 *   <li>the one in use: as long as it is healthy there is no moving between equals;
 *   <li>measured latency, in steps of two, so that noise moves nobody; not measured is last;
 *   <li>UUID.
 * </ol>
 *
 * A reader is never taken back in time: a location that lags further behind than what was already seen of the fileset is left out
 * unless nothing else is there ({@code fls_currency}; RFC 7532, RFC 8881 section 11.17.1).
 *
 * <p>Safe for any number of threads. The state is bounded, and lost at a restart; it holds no resource.
 */
public final class Replicas {
    /** How long a failed location is left alone unless told otherwise. */
    public static final Duration QUIET_PERIOD = Duration.ofSeconds(30);

    private static final long MOST_REMEMBERED = 100_000;
    private static final Duration REMEMBERED = Duration.ofHours(6);
    private static final int NOT_MEASURED = 64;

    /** What this host has met at one location. failedAt: tick of the last failure; null: none since it last worked. */
    private record Met(long meanNanos, Long failedAt) {}

    /** What this host has of one fileset. seen: the newest state of the data it was shown. */
    private record Use(UUID inUse, Instant seen) {}

    private final Clock clock;
    private final Ticker ticker;
    private final Duration quietPeriod;
    private final Cache<UUID, Met> met;
    private final Cache<Fsn, Use> uses;

    public Replicas(Clock clock, Ticker ticker, Duration quietPeriod) {
        this.clock = clock;
        this.ticker = ticker;
        this.quietPeriod = quietPeriod;
        this.met = bounded(ticker);
        this.uses = bounded(ticker);
    }

    /** With the system's time and {@link #QUIET_PERIOD}. */
    public Replicas() {
        this(Clock.systemUTC(), Ticker.systemTicker(), QUIET_PERIOD);
    }

    /** The locations in the order a reader should try them; never empty. */
    public List<Fsl> forReading(Referral referral) {
        List<Fsl> notOlder = notOlderThanSeen(referral);
        return sorted(referral.fsn(), notOlder, ReplicaOrder.READERS);
    }

    /** The writable locations in the order a writer should try them; empty when there is none. */
    public List<Fsl> forWriting(Referral referral) {
        return sorted(referral.fsn(), ReplicaOrder.forWriters(referral.locations()), ReplicaOrder.WRITERS);
    }

    /** This location is now in use for the fileset: it is kept while it works, and its data count as seen. */
    public void attached(Fsn fsn, Fsl fsl) {
        Instant shows = clock.instant().minusSeconds(Math.max(0, fsl.currency()));
        uses.asMap().merge(fsn, new Use(fsl.uuid(), shows), (before, now) -> {
            boolean older = fsl.currency() < 0 || before.seen().isAfter(now.seen());
            return new Use(now.inUse(), older ? before.seen() : now.seen());
        });
    }

    /** A request to this location took so long and worked. */
    public void report(UUID fsl, Duration latency) {
        long nanos = Math.max(1, latency.toNanos());
        met.asMap().merge(fsl, new Met(nanos, null), (before, now) -> {
            long mean = before.meanNanos() == 0 ? nanos : before.meanNanos() + (nanos - before.meanNanos()) / 8;
            return new Met(Math.max(1, mean), null);
        });
    }

    /** A request to this location failed in a way that says the location, not the request, is at fault. */
    public void failed(UUID fsl) {
        long now = ticker.read();
        met.asMap().merge(fsl, new Met(0, now), (before, failure) -> new Met(before.meanNanos(), now));
    }

    /** Whether the location failed and its quiet period is not over. */
    public boolean isSuspect(UUID fsl) {
        Met known = met.getIfPresent(fsl);
        return known != null && known.failedAt() != null && ticker.read() - known.failedAt() < quietPeriod.toNanos();
    }

    /** The mean latency reported, if any. */
    public Optional<Duration> latency(UUID fsl) {
        Met known = met.getIfPresent(fsl);
        return known == null || known.meanNanos() == 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(known.meanNanos()));
    }

    private List<Fsl> notOlderThanSeen(Referral referral) {
        Use use = uses.getIfPresent(referral.fsn());
        if (use == null) {
            return referral.locations();
        }
        Instant now = clock.instant();
        List<Fsl> rest = referral.locations().stream()
                .filter(fsl -> fsl.uuid().equals(use.inUse())
                        || fsl.currency() < 0
                        || !now.minusSeconds(fsl.currency()).isBefore(use.seen()))
                .toList();
        return rest.isEmpty() ? referral.locations() : rest;
    }

    private List<Fsl> sorted(Fsn fsn, Collection<Fsl> locations, Comparator<Fsl> ranks) {
        if (locations.size() <= 1) {
            return List.copyOf(locations);
        }
        Use use = uses.getIfPresent(fsn);
        UUID inUse = use == null ? null : use.inUse();
        // Each location's state is read once: a comparison that changes while sorting would break the sort.
        record Candidate(Fsl fsl, boolean suspect, boolean other, int latencyStep) {}
        return locations.stream()
                .map(fsl ->
                        new Candidate(fsl, isSuspect(fsl.uuid()), !fsl.uuid().equals(inUse), latencyStep(fsl.uuid())))
                .sorted(Comparator.comparing(Candidate::suspect)
                        .thenComparing(c -> c.fsl().draining())
                        .thenComparing(Candidate::fsl, ranks)
                        .thenComparing(c -> c.fsl().currency() < 0)
                        .thenComparing(Candidate::other)
                        .thenComparing(Candidate::latencyStep)
                        .thenComparing(Candidate::fsl, ReplicaOrder.lastWord()))
                .map(Candidate::fsl)
                .toList();
    }

    private int latencyStep(UUID fsl) {
        Met known = met.getIfPresent(fsl);
        return known == null || known.meanNanos() == 0
                ? NOT_MEASURED
                : NOT_MEASURED - 1 - Long.numberOfLeadingZeros(known.meanNanos());
    }

    private static <K, V> Cache<K, V> bounded(Ticker ticker) {
        return Caffeine.newBuilder()
                .maximumSize(MOST_REMEMBERED)
                .expireAfterAccess(REMEMBERED)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }
}

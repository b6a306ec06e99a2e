package io.fedfs.resolver;

import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Where a fileset lives.
 *
 * @param locations usable FSLs, best for a reader first (see {@link ReplicaOrder}); never empty
 * @param ttl the FSN's TTL; zero: not cached beyond the calls that were waiting for it
 * @param immutable nothing in the fileset changes as long as its NSDB says so
 * @param revision highest NSDB revision of the FSN and its FSLs; a referral with a higher one is newer
 * @param fetchedAt when the NSDB said so
 * @param source where this answer was taken from
 * @param staleSince present when the TTL is over and the NSDB cannot be asked: since when
 */
public record Referral(
        Fsn fsn,
        List<Fsl> locations,
        Duration ttl,
        boolean immutable,
        long revision,
        Instant fetchedAt,
        Source source,
        Optional<Instant> staleSince)
        implements Resolution {

    /** Where an answer was taken from. */
    public enum Source {
        NSDB,
        CACHE,
        OFFLINE_COPY
    }

    public Referral {
        locations = List.copyOf(locations);
        if (locations.isEmpty()) {
            throw new IllegalArgumentException("a referral has at least one location: " + fsn);
        }
        if (ttl.isNegative()) {
            throw new IllegalArgumentException("negative TTL for " + fsn + ": " + ttl);
        }
    }

    /** The same answer, taken from somewhere else. */
    public Referral from(Source from) {
        return new Referral(fsn, locations, ttl, immutable, revision, fetchedAt, from, staleSince);
    }

    /** The same answer, marked stale. */
    public Referral staleSince(Instant since) {
        return new Referral(fsn, locations, ttl, immutable, revision, fetchedAt, source, Optional.of(since));
    }

    /**
     * The locations that are less out of date than one of them, by their currency (RFC 7532, {@code fls_currency}).
     *
     * @return none when that one is current, or not known to be out of date, or not among them
     */
    public List<Fsl> aheadOf(UUID fsl) {
        int lag = locations.stream()
                .filter(l -> l.uuid().equals(fsl))
                .mapToInt(Fsl::currency)
                .findFirst()
                .orElse(0);
        return locations.stream()
                .filter(l -> l.currency() >= 0 && l.currency() < lag)
                .toList();
    }

    /** The same answer with some of its locations only, at least one. */
    public Referral with(List<Fsl> some) {
        return new Referral(fsn, some, ttl, immutable, revision, fetchedAt, source, staleSince);
    }
}

package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Expiry;
import io.fedfs.protocol.Fsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One answer in the cache, with what a hit needs worked out beforehand. Times are ticks of the resolver's ticker.
 *
 * <p>A referral lives for its TTL (fresh) and the stale grace after it; a negative answer only while it is fresh.
 */
final class CachedAnswer {
    /** Far beyond any TTL (a century), and no sum of two overflows. */
    private static final long FOREVER = Long.MAX_VALUE / 4;

    /** Keeps each answer as long as it is of use. */
    static final Expiry<Fsn, CachedAnswer> EXPIRY = new Expiry<>() {
        @Override
        public long expireAfterCreate(Fsn fsn, CachedAnswer answer, long currentTime) {
            return answer.lifetime;
        }

        @Override
        public long expireAfterUpdate(Fsn fsn, CachedAnswer answer, long currentTime, long currentDuration) {
            return answer.lifetime;
        }

        @Override
        public long expireAfterRead(Fsn fsn, CachedAnswer answer, long currentTime, long currentDuration) {
            return currentDuration;
        }
    };

    private final Resolution answer;
    private final long flight;
    private final long nsdbRevision;
    private final long freshUntil;
    private final long refreshAt;
    private final long lifetime;
    private final AtomicBoolean refreshClaimed = new AtomicBoolean();

    private CachedAnswer(
            Resolution answer, long flight, long nsdbRevision, long now, long fresh, long untilRefresh, long grace) {
        this.answer = answer;
        this.flight = flight;
        this.nsdbRevision = nsdbRevision;
        this.freshUntil = now + fresh;
        this.refreshAt = now + untilRefresh;
        this.lifetime = fresh + grace;
    }

    /** A referral just fetched. Its refresh is due when four fifths of the TTL are over. */
    static CachedAnswer of(Referral fetched, long flight, long nsdbRevision, long now, Duration grace) {
        long fresh = nanos(fetched.ttl());
        return new CachedAnswer(
                fetched.from(Referral.Source.CACHE), flight, nsdbRevision, now, fresh, fresh / 5 * 4, nanos(grace));
    }

    /** A negative answer. */
    static CachedAnswer of(Unresolved why, long flight, long now, Duration ttl) {
        return new CachedAnswer(why, flight, 0, now, nanos(ttl), nanos(ttl), 0);
    }

    /** As it is served while fresh. */
    Resolution answer() {
        return answer;
    }

    /** The number of the call that brought it; later calls have higher ones. */
    long flight() {
        return flight;
    }

    /** The NSDB's revision that this answer reflects; 0: not known. */
    long nsdbRevision() {
        return nsdbRevision;
    }

    boolean isFresh(long now) {
        return now - freshUntil < 0;
    }

    /** True once, for the one who shall refresh it. */
    boolean claimRefresh(long now) {
        return now - refreshAt >= 0 && refreshClaimed.compareAndSet(false, true);
    }

    /** How long until its refresh is due; never negative. */
    Duration untilRefresh(long now) {
        return Duration.ofNanos(Math.max(0, refreshAt - now));
    }

    /** As it is served when the NSDB cannot be asked: marked stale once the TTL is over; a negative answer is not. */
    Optional<Referral> whileUnreachable(long now) {
        if (!(answer instanceof Referral referral)) {
            return Optional.empty();
        }
        if (isFresh(now)) {
            return Optional.of(referral);
        }
        Instant ended = referral.fetchedAt().plus(referral.ttl());
        return Optional.of(referral.staleSince(ended));
    }

    private static long nanos(Duration d) {
        try {
            return Math.min(FOREVER, d.toNanos());
        } catch (ArithmeticException e) {
            return FOREVER;
        }
    }
}

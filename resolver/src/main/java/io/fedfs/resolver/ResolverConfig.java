package io.fedfs.resolver;

import java.time.Duration;

/**
 * How long the resolver waits, keeps and retries (design, "Time and trouble"). Start from {@link #defaults()}.
 *
 * @param cacheSize answers kept in memory, positive and negative; 0: none
 * @param staleGrace how long past its TTL a referral is still served when its NSDB cannot be asked
 * @param crossingDeadline what a caller should give {@link Resolver#resolve} and everything after it together
 * @param callTimeout bound of one call to an NSDB; shorter than the crossing deadline, so that a crossing can still use what
 *     was known
 * @param negativeTtl how long "no such FSN", "invalidated", "no location" and "denied" are remembered
 * @param probeFirst first pause of the background probe of an NSDB that went away; grows by half each time
 * @param probeMax longest pause of the background probe
 * @param probeTimeout bound of one probe
 * @param watch whether to keep a watch stream to each NSDB in use
 * @param watchSilence a stream without a message for so long is lost (servers send a heartbeat every 10 s)
 * @param watchRetryMax longest pause before a lost stream is opened again
 */
public record ResolverConfig(
        long cacheSize,
        Duration staleGrace,
        Duration crossingDeadline,
        Duration callTimeout,
        Duration negativeTtl,
        Duration probeFirst,
        Duration probeMax,
        Duration probeTimeout,
        boolean watch,
        Duration watchSilence,
        Duration watchRetryMax) {

    public ResolverConfig {
        if (cacheSize < 0) {
            throw new IllegalArgumentException("cache size must not be negative: " + cacheSize);
        }
        notNegative("stale grace", staleGrace);
        positive("crossing deadline", crossingDeadline);
        positive("call timeout", callTimeout);
        notNegative("negative TTL", negativeTtl);
        positive("first probe pause", probeFirst);
        positive("longest probe pause", probeMax);
        positive("probe timeout", probeTimeout);
        positive("watch silence", watchSilence);
        positive("longest watch retry pause", watchRetryMax);
    }

    /** What a mount uses unless it is told otherwise. */
    public static ResolverConfig defaults() {
        return new ResolverConfig(
                100_000,
                Duration.ofHours(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(4),
                Duration.ofSeconds(10),
                Duration.ofMillis(250),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                true,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5));
    }

    /** For a command that asks once: nothing is kept, nothing is watched. */
    public static ResolverConfig oneShot() {
        return defaults().withCacheSize(0).withWatch(false);
    }

    public ResolverConfig withCacheSize(long answers) {
        return new ResolverConfig(
                answers,
                staleGrace,
                crossingDeadline,
                callTimeout,
                negativeTtl,
                probeFirst,
                probeMax,
                probeTimeout,
                watch,
                watchSilence,
                watchRetryMax);
    }

    public ResolverConfig withStaleGrace(Duration grace) {
        return new ResolverConfig(
                cacheSize,
                grace,
                crossingDeadline,
                callTimeout,
                negativeTtl,
                probeFirst,
                probeMax,
                probeTimeout,
                watch,
                watchSilence,
                watchRetryMax);
    }

    /** Sets the crossing deadline, and the call timeout to four fifths of it. */
    public ResolverConfig withCrossingDeadline(Duration deadline) {
        return new ResolverConfig(
                cacheSize,
                staleGrace,
                deadline,
                deadline.multipliedBy(4).dividedBy(5),
                negativeTtl,
                probeFirst,
                probeMax,
                probeTimeout,
                watch,
                watchSilence,
                watchRetryMax);
    }

    public ResolverConfig withNegativeTtl(Duration ttl) {
        return new ResolverConfig(
                cacheSize,
                staleGrace,
                crossingDeadline,
                callTimeout,
                ttl,
                probeFirst,
                probeMax,
                probeTimeout,
                watch,
                watchSilence,
                watchRetryMax);
    }

    public ResolverConfig withWatch(boolean on) {
        return new ResolverConfig(
                cacheSize,
                staleGrace,
                crossingDeadline,
                callTimeout,
                negativeTtl,
                probeFirst,
                probeMax,
                probeTimeout,
                on,
                watchSilence,
                watchRetryMax);
    }

    private static void positive(String what, Duration d) {
        if (d.isNegative() || d.isZero()) {
            throw new IllegalArgumentException(what + " must be longer than zero: " + d);
        }
    }

    private static void notNegative(String what, Duration d) {
        if (d.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative: " + d);
        }
    }
}

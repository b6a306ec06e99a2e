package io.fedfs.resolver;

import io.fedfs.protocol.NsdbAddress;
import java.util.concurrent.atomic.LongAdder;

/**
 * All that is known of one NSDB besides its answers: is it there, what does its watch say, what is to be asked in the background.
 *
 * @param refreshes what is due again
 * @param expected what somebody will probably ask for
 * @param resolves calls to {@code Resolve} that came back
 * @param failures those that brought no referral and no truth
 */
record NsdbLink(
        NsdbAddress nsdb,
        Breaker breaker,
        NsdbWatch watch,
        RefreshQueue refreshes,
        RefreshQueue expected,
        LongAdder resolves,
        LongAdder failures) {

    Resolver.NsdbReport report() {
        Breaker.Health health = breaker.health();
        String state =
                switch (health.state()) {
                    case UNKNOWN -> "unknown";
                    case UP -> "up";
                    case DOWN -> "down";
                };
        return new Resolver.NsdbReport(
                nsdb,
                state,
                health.since(),
                health.failure().map(Resolver.FailedLookup::detail).orElse(""),
                watch.isLive(),
                watch.position(),
                resolves.sum(),
                failures.sum());
    }

    void close() {
        breaker.close();
        watch.close();
        refreshes.clear();
        expected.clear();
    }
}

package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Info;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.Resolver.FailedLookup;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether one NSDB is there. After a call that could not reach it, nobody waits for it again: a probe in the background does,
 * with growing pauses, and closes the breaker when any answer comes. Only failures to reach open it; a refusal or "no such FSN"
 * is an answer.
 *
 * <p>The state is one immutable value, exchanged atomically: a reader needs no lock, and each change is logged once.
 */
final class Breaker {
    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    /** Who asked for it last may long be gone: then the probe rests until the next question. */
    private static final Duration INTEREST = Duration.ofMinutes(10);

    enum State {
        UNKNOWN,
        UP,
        DOWN
    }

    /** failure: why it is down. */
    record Health(State state, Instant since, Optional<FailedLookup> failure) {}

    private final NsdbAddress nsdb;
    private final NsdbClient client;
    private final ResolverConfig config;
    private final Clockwork clockwork;
    private final Counters counters;
    private final BooleanSupplier followed;
    private final Runnable recovered;
    private final AtomicReference<Health> health;
    private volatile long askedAt;
    private volatile Future<?> pause;
    private volatile boolean closed;

    /**
     * @param followed whether someone needs this NSDB even when nobody asks
     * @param recovered called after the breaker closed again
     */
    Breaker(
            NsdbAddress nsdb,
            NsdbClient client,
            ResolverConfig config,
            Clockwork clockwork,
            Counters counters,
            BooleanSupplier followed,
            Runnable recovered) {
        this.nsdb = nsdb;
        this.client = client;
        this.config = config;
        this.clockwork = clockwork;
        this.counters = counters;
        this.followed = followed;
        this.recovered = recovered;
        this.health = new AtomicReference<>(unknown());
        this.askedAt = clockwork.ticker().read();
    }

    Health health() {
        return health.get();
    }

    boolean isOpen() {
        return health.get().state() == State.DOWN;
    }

    /** Someone wants an answer of this NSDB. */
    void asked() {
        askedAt = clockwork.ticker().read();
    }

    /** Why nobody is asked now; only sensible while it is open. */
    FailedLookup refusal() {
        Health now = health.get();
        FailedLookup first = now.failure()
                .orElse(new FailedLookup(Unresolved.Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "no answer"));
        return new FailedLookup(
                Unresolved.Reason.NSDB_UNREACHABLE,
                first.reason() == Unresolved.Reason.TIMED_OUT ? FedFsStatus.NSDB_DOWN : first.status(),
                "NSDB " + nsdb + " cannot be reached since " + now.since() + " (" + first.detail()
                        + "); it is tried again in the background");
    }

    /** It answered, whatever it said. */
    void answered() {
        Health before = health.get();
        if (before.state() == State.UP) {
            return;
        }
        Instant now = clockwork.clock().instant();
        if (!health.compareAndSet(before, new Health(State.UP, now, Optional.empty()))) {
            return;
        }
        if (before.state() == State.DOWN) {
            cancelPause();
            LOG.info(
                    "NSDB {} answers again after {} s",
                    nsdb,
                    Duration.between(before.since(), now).toSeconds());
            recovered.run();
        }
    }

    /** A call did not reach it. */
    void failed(FailedLookup why) {
        Health before = health.get();
        if (closed || before.state() == State.DOWN) {
            return;
        }
        Health down = new Health(State.DOWN, clockwork.clock().instant(), Optional.of(why));
        if (health.compareAndSet(before, down)) {
            counters.breakerOpened.increment();
            LOG.warn("NSDB {} cannot be reached: {}", nsdb, why.detail());
            probeAfter(config.probeFirst(), down);
        }
    }

    /** Something looks wrong: find out, before anyone has to wait for it. */
    void check() {
        if (!closed && !isOpen()) {
            counters.probes.increment();
            var unused = client.info(nsdb, config.probeTimeout()).thenAccept(this::heard);
        }
    }

    /** Draws the conclusion from any reply. */
    void heard(Reply<?> reply) {
        if (reply instanceof NsdbClient.Failed<?> failed && !reachedIt(failed.failure())) {
            if (failed.failure().reason().isOutage()) {
                failed(failed.failure());
            }
        } else {
            answered();
        }
    }

    /** Forgets that it was away, so the next question tries. */
    void forget() {
        Health before = health.get();
        if (before.state() == State.DOWN && health.compareAndSet(before, unknown())) {
            cancelPause();
        }
    }

    void close() {
        closed = true;
        cancelPause();
    }

    private void probeAfter(Duration nextPause, Health down) {
        if (!closed) {
            pause = clockwork.after(clockwork.jittered(nextPause), () -> probe(nextPause, down));
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very outage, not one that looks the same
    private void probe(Duration lastPause, Health down) {
        if (closed || health.get() != down) {
            return;
        }
        long quiet = clockwork.ticker().read() - askedAt;
        if (quiet > INTEREST.toNanos() && !followed.getAsBoolean()) {
            health.compareAndSet(down, unknown());
            return;
        }
        counters.probes.increment();
        var unused = client.info(nsdb, config.probeTimeout()).thenAccept(reply -> probed(reply, lastPause, down));
    }

    @SuppressWarnings("ReferenceEquality")
    private void probed(Reply<Info> reply, Duration lastPause, Health down) {
        heard(reply);
        if (health.get() == down) {
            Duration longer = lastPause.multipliedBy(3).dividedBy(2);
            probeAfter(longer.compareTo(config.probeMax()) > 0 ? config.probeMax() : longer, down);
        }
    }

    private void cancelPause() {
        Future<?> waiting = pause;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }

    private Health unknown() {
        return new Health(State.UNKNOWN, clockwork.clock().instant(), Optional.empty());
    }

    /** An unusable configuration says nothing about the NSDB either way. */
    private static boolean reachedIt(FailedLookup failure) {
        return switch (failure.reason()) {
            case NO_SUCH_FSN, INVALIDATED, NO_LOCATION, DENIED, BAD_ANSWER -> true;
            case NSDB_UNREACHABLE, TIMED_OUT, UNTRUSTED -> false;
        };
    }
}

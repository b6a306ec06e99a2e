package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time and threads, given from outside so that tests turn the hands themselves.
 *
 * @param clock what people read: when something was fetched, since when it is stale
 * @param ticker what durations are measured with, nanoseconds
 * @param timer runs short work later; the work never blocks
 * @param executor runs the listeners, one after another
 * @param jitter 0.0 to 1.0 (exclusive), drawn for each retry pause so that many mounts do not come back at once
 */
public record Clockwork(Clock clock, Ticker ticker, Scheduler timer, Executor executor, DoubleSupplier jitter) {
    private static final Logger LOG = LoggerFactory.getLogger(Clockwork.class);

    /** Runs the work after the delay; cancelling the future is enough to forget it. */
    public Future<?> after(Duration delay, Runnable work) {
        return timer.schedule(Runnable::run, guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs the work on the listeners' thread. */
    void soon(Runnable work) {
        executor.execute(guarded(work));
    }

    /** The duration shortened by at most a fifth: never longer than asked, so bounds on it hold. */
    Duration jittered(Duration d) {
        return Duration.ofNanos((long) (d.toNanos() * (1 - 0.2 * jitter.getAsDouble())));
    }

    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.error("unexpected failure in background work", e);
            }
        };
    }
}

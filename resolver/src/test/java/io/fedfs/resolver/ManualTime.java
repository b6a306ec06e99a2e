package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until a test moves it; timers fire on the thread that does, in their order. */
public final class ManualTime {
    private record Due(long at, long number, FutureTask<?> task) {}

    public static final Instant START = Instant.parse("2026-11-22T08:00:00Z");

    private final AtomicLong nanos = new AtomicLong(1_000);
    private final PriorityQueue<Due> timers =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
    private long numbers;

    public Clockwork clockwork() {
        Scheduler scheduler = this::schedule;
        return new Clockwork(clock(), nanos::get, scheduler, Runnable::run, () -> 0.0);
    }

    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return START.plusNanos(nanos.get() - 1_000);
            }
        };
    }

    public long nanos() {
        return nanos.get();
    }

    public void advance(Duration by) {
        long end = nanos.get() + by.toNanos();
        while (true) {
            Due next;
            synchronized (timers) {
                next = timers.peek();
                if (next == null || next.at() > end) {
                    break;
                }
                timers.remove();
            }
            nanos.set(Math.max(nanos.get(), next.at()));
            next.task().run();
        }
        nanos.set(end);
    }

    private Future<?> schedule(Executor executor, Runnable command, long delay, TimeUnit unit) {
        FutureTask<?> task = new FutureTask<>(() -> executor.execute(command), null);
        synchronized (timers) {
            timers.add(new Due(nanos.get() + unit.toNanos(delay), numbers++, task));
        }
        return task;
    }
}

package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The resolver's own threads in production: one for timers, one for listeners, one for the disk. Each starts with its first
 * work and is a daemon, so a command that resolves once starts none. Work given after {@link #close()} is dropped.
 */
public final class ResolverThreads implements AutoCloseable {
    private static final long IDLE_SECONDS = 30;
    private static final RejectedExecutionHandler DROP = new ThreadPoolExecutor.DiscardPolicy();

    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, named("fedfs-resolver-timer"), DROP);
    private final ThreadPoolExecutor listeners = single("fedfs-resolver-notify");
    private final ThreadPoolExecutor disk = single("fedfs-resolver-disk");

    public ResolverThreads() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** The system's time with these threads. */
    public Clockwork clockwork() {
        return new Clockwork(
                Clock.systemUTC(),
                Ticker.systemTicker(),
                Scheduler.forScheduledExecutorService(timer),
                listeners,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Where files are written, so that a slow disk delays no listener and no probe. */
    public Executor disk() {
        return disk;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        listeners.shutdownNow();
        disk.shutdown();
    }

    private static ThreadPoolExecutor single(String name) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(name), DROP);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}

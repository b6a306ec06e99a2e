package io.fedfs.service;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads on which calls run. They come with the load; what waits for one is bounded by the transport. */
public final class CallThreads {
    private CallThreads() {}

    /** Four for each processor, 8 to 32. */
    public static int defaultNumber() {
        return Math.max(8, Math.min(32, 4 * Runtime.getRuntime().availableProcessors()));
    }

    /**
     * A pool of so many threads, named {@code NAME-call-N}, that end when there is nothing to do. What comes after its end runs
     * in the thread that brings it: a server says that it has ended before the last streams have heard of theirs.
     */
    public static ThreadPoolExecutor pool(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, name + "-call-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                (late, ended) -> late.run());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}

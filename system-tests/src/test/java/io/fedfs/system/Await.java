package io.fedfs.system;

import java.time.Duration;
import java.util.function.Supplier;

/** Waits for something that happens elsewhere. */
final class Await {
    private static final Duration SHORTEST = Duration.ofMillis(10);

    private Await() {}

    /**
     * Polls until the value is as expected; returns how long that took. Fails after the bound with the last value. Between two looks it waits as long as a
     * look takes: many start a program, and what is waited for needs the processors too.
     */
    static Duration until(Duration bound, Object expected, Supplier<?> value) {
        long start = System.nanoTime();
        while (true) {
            long looks = System.nanoTime();
            Object now = value.get();
            Duration look = Duration.ofNanos(System.nanoTime() - looks);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (expected.equals(now)) {
                return took;
            }
            if (took.compareTo(bound) > 0) {
                throw new AssertionError("after " + took + " still <" + now + ">, not <" + expected + ">");
            }
            pause(look.compareTo(SHORTEST) > 0 ? look : SHORTEST);
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}

package io.fedfs.system;

import java.time.Duration;
import java.util.function.Supplier;

/** Waits for something that happens elsewhere. */
final class Await {
    private Await() {}

    /** Polls until the value is as expected; returns how long that took. Fails after the bound with the last value. */
    static Duration until(Duration bound, Object expected, Supplier<?> value) {
        long start = System.nanoTime();
        while (true) {
            Object now = value.get();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (expected.equals(now)) {
                return took;
            }
            if (took.compareTo(bound) > 0) {
                throw new AssertionError("after " + took + " still <" + now + ">, not <" + expected + ">");
            }
            pause(Duration.ofMillis(10));
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

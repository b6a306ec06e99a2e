package io.fedfs.projection;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers some thousands of 64-bit keys that were added lately, without a lock: each has one place, where the next one that falls there takes
 * over. The keys are well mixed, so that two that are wanted apart do not meet in all their bits. 0 is not a key.
 */
final class RecentKeys {
    private static final int PLACES = 1 << 14;

    private final AtomicLongArray keys = new AtomicLongArray(PLACES);

    private static int place(long key) {
        return (int) (Realm.mix(key) >>> 50);
    }

    boolean has(long key) {
        return keys.get(place(key)) == key && key != 0;
    }

    void add(long key) {
        keys.lazySet(place(key), key);
    }
}

package io.fedfs.nsdb.store;

/**
 * Bounds of the embedded store.
 *
 * @param changeLog how many of the newest changes are kept for watchers
 * @param cacheBytes about how much heap cached filesets may take
 * @param waitingWrites writes beyond this many waiting ones are refused
 * @param readers most connections that read at a time
 */
public record StoreSettings(int changeLog, long cacheBytes, int waitingWrites, int readers) {
    /** 100,000 changes, a quarter of the heap, 10,000 waiting writes, 16 readers. */
    public static StoreSettings defaults() {
        return new StoreSettings(100_000, Runtime.getRuntime().maxMemory() / 4, 10_000, 16);
    }

    public StoreSettings withChangeLog(int changes) {
        return new StoreSettings(changes, cacheBytes, waitingWrites, readers);
    }
}

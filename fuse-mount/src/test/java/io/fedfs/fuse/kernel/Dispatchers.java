package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileSystem;

/** Dispatchers with what they need around them, but no thread. */
final class Dispatchers {
    private Dispatchers() {}

    static Dispatcher of(FileSystem fs, boolean setxattrExt, Interrupts interrupts, Counters counters) {
        LockWaiters locks = new LockWaiters();
        Watchdog watchdog = new Watchdog(interrupts, locks, fs, Long.MAX_VALUE);
        return new Dispatcher(fs, setxattrExt, interrupts, locks, watchdog, counters, false);
    }
}

package io.fedfs.posix;

import static io.fedfs.linux.Sys.F_OFD_GETLK;
import static io.fedfs.linux.Sys.F_OFD_SETLK;
import static io.fedfs.linux.Sys.F_OFD_SETLKW;
import static io.fedfs.linux.Sys.LOCK_NB;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.RDWR;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** fcntl(2) record locks (by process and by open file) and flock(2). */
final class LockCases {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int UNLOCK = 2;
    private static final int F_SETLK = 6;
    private static final int SH = 1;
    private static final int EX = 2;
    private static final int UN = 8;

    private LockCases() {}

    static Stream<Case> all() {
        return Stream.of(records(), whole()).flatMap(s -> s);
    }

    private static Stream<Case> records() {
        return Stream.of(
                both(
                        "0 EAGAIN",
                        "lock: a write lock keeps another writer out",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                lock(g, g.open("f", RDWR), WRITE, 0, 10), lock(g, g.open("f", RDWR), WRITE, 5, 10))),
                both(
                        "0 0",
                        "lock: ranges that do not meet",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                lock(g, g.open("f", RDWR), WRITE, 0, 5), lock(g, g.open("f", RDWR), WRITE, 5, 5))),
                both(
                        "0 0 EAGAIN",
                        "lock: readers share, a writer waits",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                lock(g, g.open("f", RDWR), READ, 0, 5),
                                lock(g, g.open("f", RDWR), READ, 0, 5),
                                lock(g, g.open("f", RDWR), WRITE, 0, 5))),
                both("EAGAIN 0", "lock: unlocked, it can be had", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDWR);
                    int b = g.open("f", RDWR);
                    must(lock(g, a, WRITE, 0, 0));
                    String held = Seen.render(lock(g, b, WRITE, 0, 0));
                    must(lock(g, a, UNLOCK, 0, 0));
                    return Seen.all(held, lock(g, b, WRITE, 0, 0));
                }),
                both("0", "lock: closing gives it up", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDWR);
                    must(lock(g, a, WRITE, 0, 0));
                    must(g.close(a));
                    return lock(g, g.open("f", RDWR), WRITE, 0, 0);
                }),
                both("EAGAIN 0 EAGAIN", "lock: a hole unlocked in the middle", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDWR);
                    int b = g.open("f", RDWR);
                    must(lock(g, a, WRITE, 0, 30));
                    must(lock(g, a, UNLOCK, 10, 10));
                    return Seen.all(lock(g, b, WRITE, 0, 5), lock(g, b, WRITE, 12, 5), lock(g, b, WRITE, 25, 5));
                }),
                both("1 3 4", "lock: F_GETLK names what is in the way", g -> g.makeFile("f"), g -> {
                    must(lock(g, g.open("f", RDWR), WRITE, 3, 4));
                    NativeBuffer query = flock(READ, 0, 100);
                    must(g.fcntl(g.open("f", RDWR), F_OFD_GETLK, query.address()));
                    return Seen.all(query.getShort(0), query.getLong(8), query.getLong(16));
                }),
                both("2", "lock: F_GETLK when nothing is", g -> g.makeFile("f"), g -> {
                    NativeBuffer query = flock(WRITE, 0, 100);
                    must(g.fcntl(g.open("f", RDWR), F_OFD_GETLK, query.address()));
                    return query.getShort(0);
                }),
                both(
                        "EBADF",
                        "lock: a write lock needs writing",
                        g -> g.makeFile("f"),
                        g -> lock(g, g.open("f", RDONLY), WRITE, 0, 1)),
                both(
                        "EBADF",
                        "lock: a read lock needs reading",
                        g -> g.makeFile("f"),
                        g -> lock(g, g.open("f", WRONLY), READ, 0, 1)),
                both("EAGAIN", "lock: a process's lock keeps an open file's lock out", g -> g.makeFile("f"), g -> {
                    must(g.fcntl(g.open("f", RDWR), F_SETLK, flock(WRITE, 0, 0).address()));
                    return lock(g, g.open("f", RDWR), WRITE, 0, 0);
                }),
                both(
                        "0",
                        "lock: a process loses its lock by closing any descriptor of the file",
                        g -> g.makeFile("f"),
                        g -> {
                            must(g.fcntl(
                                    g.open("f", RDWR),
                                    F_SETLK,
                                    flock(WRITE, 0, 0).address()));
                            must(g.close(g.open("f", RDONLY)));
                            return lock(g, g.open("f", RDWR), WRITE, 0, 0);
                        }),
                both("waits, then has it", "lock: F_SETLKW waits", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDWR);
                    int b = g.open("f", RDWR);
                    must(lock(g, a, WRITE, 0, 0));
                    CompletableFuture<Long> waiter = inBackground(() ->
                            g.asRoot().fcntl(b, F_OFD_SETLKW, flock(WRITE, 0, 0).address()));
                    return waited(waiter, () -> lock(g, a, UNLOCK, 0, 0));
                }));
    }

    private static Stream<Case> whole() {
        return Stream.of(
                both(
                        "0 EAGAIN",
                        "flock: exclusive keeps others out",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.flock(g.open("f", RDONLY), EX), g.flock(g.open("f", RDONLY), EX | LOCK_NB))),
                both(
                        "0 0 EAGAIN",
                        "flock: shared by two, not by a writer",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.flock(g.open("f", RDONLY), SH),
                                g.flock(g.open("f", RDONLY), SH),
                                g.flock(g.open("f", RDONLY), EX | LOCK_NB))),
                both("0 0 0", "flock: unlocked, it can be had", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDONLY);
                    return Seen.all(g.flock(a, EX), g.flock(a, UN), g.flock(g.open("f", RDONLY), EX | LOCK_NB));
                }),
                both("0", "flock: closing gives it up", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDONLY);
                    must(g.flock(a, EX));
                    must(g.close(a));
                    return g.flock(g.open("f", RDONLY), EX | LOCK_NB);
                }),
                both("0", "flock: closing gives it up, 300 times", g -> g.makeFile("f"), g -> {
                    // The kernel tells of the last close in the background; who comes next must not see that.
                    for (int i = 0; i < 300; i++) {
                        int a = g.open("f", RDONLY);
                        long taken = g.flock(a, EX | LOCK_NB);
                        if (taken != 0) {
                            return taken;
                        }
                        must(g.close(a));
                    }
                    return 0;
                }),
                both(
                        "EAGAIN 0",
                        "flock: held until the last copy of the descriptor is closed",
                        g -> g.makeFile("f"),
                        g -> {
                            int a = g.open("f", RDONLY);
                            int copy = g.dup(a);
                            must(g.flock(a, EX));
                            must(g.close(a));
                            String held = Seen.render(g.flock(g.open("f", RDONLY), EX | LOCK_NB));
                            must(g.close(copy));
                            // FUSE tells of the last close in the background (fuse_file_release in fs/fuse/file.c).
                            int other = g.open("f", RDONLY);
                            long free = g.flock(other, EX | LOCK_NB);
                            for (int tries = 0; free != 0 && tries < 100; tries++) {
                                Thread.sleep(10);
                                free = g.flock(other, EX | LOCK_NB);
                            }
                            return Seen.all(held, free);
                        }),
                both("0 0", "flock: from exclusive to shared", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDONLY);
                    must(g.flock(a, EX));
                    return Seen.all(g.flock(a, SH), g.flock(g.open("f", RDONLY), SH | LOCK_NB));
                }),
                both(
                        "0 0",
                        "flock: and record locks do not see each other",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.flock(g.open("f", RDWR), EX), lock(g, g.open("f", RDWR), WRITE, 0, 0))),
                both("0", "flock: on a directory", g -> g.makeDir("d"), g -> g.flock(g.open("d", RDONLY), EX)),
                both("waits, then has it", "flock: waits", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", RDONLY);
                    int b = g.open("f", RDONLY);
                    must(g.flock(a, EX));
                    CompletableFuture<Long> waiter =
                            inBackground(() -> g.asRoot().flock(b, EX));
                    return waited(waiter, () -> g.flock(a, UN));
                }));
    }

    private static long lock(Ground g, int fd, int type, long start, long length) {
        return g.fcntl(fd, F_OFD_SETLK, flock(type, start, length).address());
    }

    /** {@code struct flock}; l_pid has to be 0 for locks by open file. */
    private static NativeBuffer flock(int type, long start, long length) {
        NativeBuffer f = new NativeBuffer(32);
        f.putShort(0, (short) type);
        f.putLong(8, start);
        f.putLong(16, length);
        return f;
    }

    private static CompletableFuture<Long> inBackground(java.util.function.LongSupplier call) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        Thread waiter = new Thread(() -> result.complete(call.getAsLong()), "lock waiter");
        waiter.setDaemon(true);
        waiter.start();
        return result;
    }

    private static String waited(CompletableFuture<Long> waiter, java.util.function.LongSupplier release)
            throws Exception {
        Thread.sleep(100);
        if (waiter.isDone()) {
            return "did not wait: " + Seen.render(waiter.get());
        }
        must(release.getAsLong());
        return waiter.get(10, TimeUnit.SECONDS) == 0 ? "waits, then has it" : Seen.render(waiter.get());
    }
}

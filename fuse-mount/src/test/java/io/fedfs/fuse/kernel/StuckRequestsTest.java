package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.Errno;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A file server that does not answer: its requests are "flush", other's are "fsync". Real threads, a device of the test's own. */
final class StuckRequestsTest {
    private static final long LONG = 60;
    private static final int PLACES = 2;
    /** No thread has this id (pid_max is at most 4,194,304): its program counts as gone. */
    private static final int NO_THREAD = 1 << 23;

    private final FakeDevice device = new FakeDevice();
    private final ScriptedFileSystem fs = new ScriptedFileSystem(false);
    private final Interrupts interrupts = new Interrupts();
    private final LockWaiters locks = new LockWaiters();
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch server = new CountDownLatch(1);
    private final AtomicInteger arrived = new AtomicInteger();
    private final Bulkhead bulkhead = new Bulkhead(PLACES);
    private Watchdog watchdog;

    private Workers start(long timeoutNanos) {
        watchdog = new Watchdog(interrupts, locks, fs.fileSystem(), timeoutNanos);
        Dispatcher dispatcher =
                new Dispatcher(fs.fileSystem(), true, interrupts, locks, watchdog, new Counters(), false);
        Workers w = new Workers(() -> device, dispatcher, interrupts, 64, 0, gone::countDown);
        watchdog.serveBy(w);
        Thread t = new Thread(watchdog);
        t.setDaemon(true);
        t.start();
        fs.bulkhead = bulkhead;
        fs.on("lastKnown", (rq, args) -> -Errno.ENODATA);
        fs.on("flush", (rq, args) -> {
            arrived.incrementAndGet();
            return await(server);
        });
        w.start();
        return w;
    }

    @AfterEach
    void end() throws Exception {
        server.countDown();
        device.unmount();
        assertThat(gone.await(LONG, TimeUnit.SECONDS)).isTrue();
        watchdog.close();
    }

    private static long await(CountDownLatch latch) {
        try {
            return latch.await(LONG, TimeUnit.SECONDS) ? 0 : -Errno.EIO;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.EINTR;
        }
    }

    private static byte[] flush(long unique) {
        return Wire.request(Opcode.FLUSH, unique, 5).zeros(24).message();
    }

    /** Waits for what another thread is about to do, with a bound. */
    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the wait is over").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** The last answer is there before its thread has given its place back. */
    private void allPlacesAreGivenBack() {
        until(() -> bulkhead.underWay() == 0);
    }

    private byte[] reply() throws InterruptedException {
        return device.replies.poll(LONG, TimeUnit.SECONDS);
    }

    private static byte[] error(int errno, long unique) {
        return Wire.reply(-errno, unique).message();
    }

    @Test
    void requestsBeyondTheLimitWaitWithoutAThreadAndAreServedLater() throws Exception {
        Workers w = start(Long.MAX_VALUE);
        int requests = 40;
        for (int i = 1; i <= requests; i++) {
            device.send(flush(2L * i));
        }
        until(() -> bulkhead.waiting() >= requests - PLACES);
        until(() -> arrived.get() >= PLACES);
        assertThat(arrived).hasValue(PLACES);
        assertThat(w.count()).isLessThan(10);
        fs.bulkhead = null; // the next is for somebody else
        device.send(Wire.request(Opcode.FSYNC, 1000, 6).zeros(16).message());
        assertThat(reply()).isEqualTo(Wire.reply(0, 1000).message());
        server.countDown();
        for (int i = 0; i < requests; i++) {
            assertThat(reply()).hasSize(16);
        }
        assertThat(arrived).hasValue(requests);
        allPlacesAreGivenBack();
        assertThat(interrupts.parkedCount()).isZero();
    }

    @Test
    void aDyingProgramIsLetGoThoughItsThreadIsStuck() throws Exception {
        start(Long.MAX_VALUE);
        device.send(Wire.request(Opcode.FLUSH, 2, 5, NO_THREAD).zeros(24).message());
        until(() -> arrived.get() >= 1);
        device.send(Wire.request(Opcode.INTERRUPT, 3, 0).u64(2).message());
        assertThat(reply()).isEqualTo(error(Errno.EINTR, 2));
        assertThat(bulkhead.underWay()).as("the server still has it").isEqualTo(1);
        until(() -> watchdog.rescued() == 1);
        server.countDown();
        device.send(Wire.request(Opcode.FSYNC, 1000, 6).zeros(16).message());
        assertThat(reply())
                .as("nothing was answered twice")
                .isEqualTo(Wire.reply(0, 1000).message());
    }

    @Test
    void aProgramInLineIsLetGoAndNeverServed() throws Exception {
        start(Long.MAX_VALUE);
        for (int i = 1; i <= PLACES; i++) {
            device.send(flush(2L * i));
        }
        device.send(Wire.request(Opcode.FLUSH, 100, 5, NO_THREAD).zeros(24).message());
        until(() -> bulkhead.waiting() >= 1);
        device.send(Wire.request(Opcode.INTERRUPT, 101, 0).u64(100).message());
        assertThat(reply()).isEqualTo(error(Errno.EINTR, 100));
        server.countDown();
        assertThat(reply()).hasSize(16);
        assertThat(reply()).hasSize(16);
        assertThat(arrived).hasValue(PLACES);
    }

    @Test
    void whatTakesTooLongFailsAndWhatItGaveIsTakenBack() throws Exception {
        start(1_500_000_000L);
        AtomicBoolean forgotten = new AtomicBoolean();
        fs.on("lookup", (rq, args) -> {
            rq.entry.nodeid = 77;
            return await(server);
        });
        fs.on("forget", (rq, args) -> {
            forgotten.set((long) args[0] == 77);
            return 0;
        });
        device.send(Wire.request(Opcode.LOOKUP, 2, 1).name("x").message());
        assertThat(reply()).isEqualTo(error(Errno.ETIMEDOUT, 2));
        server.countDown();
        until(forgotten::get);
    }

    @Test
    void whatIsStuckIsMadeAgainWhereTheNodeIsNowAndTheFirstOutcomeTakenBack() throws Exception {
        start(Long.MAX_VALUE);
        AtomicInteger lookups = new AtomicInteger();
        AtomicInteger forgotten = new AtomicInteger();
        fs.on("lookup", (rq, args) -> {
            boolean first = lookups.incrementAndGet() == 1;
            rq.entry.nodeid = first ? 77 : 78;
            return first ? await(server) : 0;
        });
        fs.on("forget", (rq, args) -> {
            forgotten.set((int) (long) args[0]);
            return 0;
        });
        device.send(Wire.request(Opcode.LOOKUP, 2, 1).name("x").message());
        until(() -> lookups.get() >= 1);
        fs.bulkhead = new Bulkhead(PLACES);
        byte[] reply = reply();
        assertThat(reply).hasSizeGreaterThan(16);
        assertThat(reply[16]).isEqualTo((byte) 78);
        server.countDown();
        until(() -> forgotten.get() == 77);
        assertThat(lookups).hasValue(2);
        assertThat(device.replies).isEmpty();
        assertThat(interrupts.parkedCount()).isZero();
    }

    @Test
    void whatMayHaveChangedSomethingIsNotMadeAgain() throws Exception {
        start(1_500_000_000L);
        device.send(flush(2));
        until(() -> arrived.get() >= 1);
        fs.bulkhead = new Bulkhead(PLACES);
        assertThat(reply()).isEqualTo(error(Errno.ETIMEDOUT, 2));
        assertThat(arrived).hasValue(1);
    }

    @Test
    void attributesOfAStuckServersRootAreTheLastKnown() throws Exception {
        start(Long.MAX_VALUE);
        fs.on("getattr", (rq, args) -> await(server));
        fs.on("lastKnown", (rq, args) -> {
            rq.entry.attributes.ino = 4711;
            return 0;
        });
        device.send(Wire.request(Opcode.GETATTR, 2, 5).zeros(16).message());
        byte[] first = reply();
        assertThat(first).hasSize(16 + 104);
        until(bulkhead::isStuck);
        device.send(Wire.request(Opcode.GETATTR, 4, 5).zeros(16).message());
        assertThat(reply()).hasSize(16 + 104);
        device.send(Wire.request(Opcode.GETXATTR, 6, 5)
                .u32(10)
                .u32(0)
                .name("user.x")
                .message());
        assertThat(reply()).isEqualTo(error(Errno.ENODATA, 6));
        server.countDown();
        until(() -> !bulkhead.isStuck());
    }

    @Test
    void whoWaitsForALockHoldsNeitherAThreadNorAPlace() throws Exception {
        Workers w = start(Long.MAX_VALUE);
        AtomicBoolean free = new AtomicBoolean();
        fs.on("setlk", (rq, args) -> free.get() ? 0 : -Errno.EAGAIN);
        int waiters = 50;
        for (int i = 1; i <= waiters; i++) {
            device.send(Wire.request(Opcode.SETLKW, 2L * i, 5).zeros(48).message());
        }
        until(() -> interrupts.parkedCount() >= waiters);
        assertThat(w.count()).isLessThan(10);
        device.send(Wire.request(Opcode.INTERRUPT, 3, 0).u64(2).message());
        assertThat(reply()).isEqualTo(error(Errno.EINTR, 2));
        free.set(true);
        locks.released(5, System.nanoTime());
        watchdog.call();
        for (int i = 1; i < waiters; i++) {
            assertThat(reply()).hasSize(16);
        }
        assertThat(interrupts.parkedCount()).isZero();
        allPlacesAreGivenBack();
    }

    @Test
    void aReleaseIsAnsweredBeforeItsServerHasIt() throws Exception {
        start(Long.MAX_VALUE);
        AtomicBoolean released = new AtomicBoolean();
        fs.on("release", (rq, args) -> {
            await(server);
            released.set(true);
            return 0;
        });
        device.send(Wire.request(Opcode.RELEASE, 2, 5).zeros(24).message());
        assertThat(reply()).isEqualTo(Wire.reply(0, 2).message());
        assertThat(released).isFalse();
        server.countDown();
        until(released::get);
        assertThat(device.replies).isEmpty();
    }
}

package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.ScriptedFileSystem;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class WorkersTest {
    private static final long LONG = 60;

    private final FakeDevice device = new FakeDevice();
    private final ScriptedFileSystem fs = new ScriptedFileSystem(false);
    private final Interrupts interrupts = new Interrupts();
    private final AtomicInteger goneCount = new AtomicInteger();
    private final CountDownLatch gone = new CountDownLatch(1);

    private Workers start(int max) {
        return start(max, 0);
    }

    private Workers start(int max, long busyPollNanos) {
        Dispatcher dispatcher = Dispatchers.of(fs.fileSystem(), true, interrupts, new Counters());
        Workers w = new Workers(() -> device, dispatcher, interrupts, max, busyPollNanos, () -> {
            goneCount.incrementAndGet();
            gone.countDown();
        });
        w.start();
        return w;
    }

    private static byte[] flush(long unique) {
        return Wire.request(Opcode.FLUSH, unique, 5).zeros(24).message();
    }

    @Test
    void aSlowRequestDoesNotHoldUpTheNext() throws Exception {
        int slow = 12;
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(slow);
        fs.on("flush", (rq, args) -> {
            arrived.countDown();
            return await(release);
        });
        start(64);
        for (int i = 0; i < slow; i++) {
            device.send(flush(2L * i + 2));
        }
        assertThat(arrived.await(LONG, TimeUnit.SECONDS))
                .as("all are served at once")
                .isTrue();
        device.send(Wire.request(Opcode.STATFS, 1000, 1).message());
        assertThat(device.replies.poll(LONG, TimeUnit.SECONDS)).hasSize(16 + 80);
        release.countDown();
        device.unmount();
        assertThat(gone.await(LONG, TimeUnit.SECONDS)).isTrue();
        assertThat(goneCount).hasValue(1);
        assertThat(device.replies).hasSize(slow);
    }

    @Test
    void aThreadAsksForTheNextRequestWhereThatComesSoon() throws Exception {
        start(64, 500_000_000L);
        exchange(50);
        assertThat(device.readEagerly).as("read without sleeping").hasPositiveValue();
        end();
    }

    @Test
    void aThreadSleepsAtOnceWhereNothingIsToBeAsked() throws Exception {
        start(64);
        exchange(50);
        assertThat(device.readEagerly).hasValue(0);
        end();
    }

    /** So many requests of one program, each after the answer to the one before. */
    private void exchange(int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            device.send(Wire.request(Opcode.STATFS, 2L * i, 1).message());
            assertThat(device.replies.poll(LONG, TimeUnit.SECONDS)).hasSize(16 + 80);
        }
    }

    private void end() throws Exception {
        device.unmount();
        assertThat(gone.await(LONG, TimeUnit.SECONDS)).isTrue();
    }

    private static long await(CountDownLatch latch) {
        try {
            return latch.await(LONG, TimeUnit.SECONDS) ? 0 : -5;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -4;
        }
    }

    @Test
    void thereAreNeverMoreThreadsThanAllowed() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(3);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        fs.on("flush", (rq, args) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            arrived.countDown();
            await(release);
            now.decrementAndGet();
            return 0;
        });
        Workers w = start(3);
        for (int i = 0; i < 10; i++) {
            device.send(flush(2L * i + 2));
        }
        assertThat(arrived.await(LONG, TimeUnit.SECONDS)).isTrue();
        assertThat(w.count()).isEqualTo(3);
        release.countDown();
        for (int i = 0; i < 10; i++) {
            assertThat(device.replies.poll(LONG, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(most).hasValue(3);
        device.unmount();
        assertThat(gone.await(LONG, TimeUnit.SECONDS)).isTrue();
    }
}

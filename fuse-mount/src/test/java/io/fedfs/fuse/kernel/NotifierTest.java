package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.Errno;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class NotifierTest {
    private final FakeDevice device = new FakeDevice();

    private byte[] next() throws InterruptedException {
        return device.replies.poll(30, TimeUnit.SECONDS);
    }

    private static byte[] name(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static Wire entry(String name) {
        return Wire.reply(3, 0).u64(5).u32(name.length()).u32(0).name(name);
    }

    @Test
    void invalidationsAreWrittenInOrder() throws Exception {
        Notifier n = new Notifier(device, true, 100);
        n.start();
        n.invalidateEntry(5, name("old"));
        n.invalidateInode(6, true);
        n.invalidateInode(7, false);
        assertThat(next()).isEqualTo(entry("old").message());
        assertThat(next()).isEqualTo(Wire.reply(2, 0).u64(6).u64(0).u64(0).message());
        assertThat(next()).isEqualTo(Wire.reply(2, 0).u64(7).u64(-1).u64(0).message());
        n.close();
    }

    @Test
    void whenTheQueueOverflowsTheOldestGoAndTheEpochIsRaised() throws Exception {
        Notifier n = new Notifier(device, true, 2);
        n.invalidateEntry(5, name("a"));
        n.invalidateEntry(5, name("b"));
        n.invalidateEntry(5, name("c"));
        assertThat(n.dropped()).isEqualTo(1);
        n.start();
        assertThat(next()).isEqualTo(Wire.reply(8, 0).message());
        assertThat(next()).isEqualTo(entry("b").message());
        assertThat(next()).isEqualTo(entry("c").message());
        n.close();
    }

    @Test
    void aKernelWithoutEpochsIsNotSentAny() throws Exception {
        Notifier n = new Notifier(device, false, 1);
        n.invalidateEntry(5, name("a"));
        n.invalidateEntry(5, name("b"));
        n.start();
        assertThat(next()).isEqualTo(entry("b").message());
        n.close();
    }

    @Test
    void allNamesAreDeclaredOldAtOnceWhereTheKernelKnowsHow() throws Exception {
        Notifier n = new Notifier(device, true, 10);
        assertThat(n.invalidateAllEntries()).isTrue();
        assertThat(next()).as("without a thread").isEqualTo(Wire.reply(8, 0).message());
        Notifier old = new Notifier(device, false, 10);
        assertThat(old.invalidateAllEntries()).isFalse();
        assertThat(device.replies).isEmpty();
    }

    @Test
    void whoChangedSomethingCanWaitUntilTheKernelKnows() throws Exception {
        Notifier n = new Notifier(device, true, 10);
        n.invalidateEntry(5, name("a"));
        assertThat(n.awaitSent(Duration.ofMillis(10))).as("nobody sends").isFalse();
        n.start();
        assertThat(n.awaitSent(Duration.ofSeconds(30))).isTrue();
        assertThat(device.replies.poll()).isEqualTo(entry("a").message());
        n.close();
    }

    @Test
    void aNameThatTheKernelDoesNotKnowIsNoFailure() throws Exception {
        Notifier n = new Notifier(device, true, 10);
        device.writeError = -Errno.ENOENT;
        n.invalidateEntry(5, name("unknown"));
        n.start();
        while (n.sent() == 0) {
            Thread.onSpinWait();
        }
        device.writeError = 0;
        n.invalidateEntry(5, name("known"));
        assertThat(next()).isEqualTo(entry("known").message());
        n.close();
    }

    @Test
    void anInvalidationThatIsStuckDoesNotHoldUpTheOthers() throws Exception {
        java.util.concurrent.CountDownLatch stuck = new java.util.concurrent.CountDownLatch(1);
        java.util.concurrent.CountDownLatch free = new java.util.concurrent.CountDownLatch(1);
        Device blocking = new Device() {
            @Override
            public int read(io.fedfs.linux.NativeBuffer buffer, int offset, int capacity) {
                throw new UnsupportedOperationException();
            }

            @Override
            public int write(io.fedfs.linux.NativeBuffer buffer, int offset, int length) {
                if (buffer.getLong(offset + 16) == 6) {
                    stuck.countDown();
                    try {
                        free.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return device.write(buffer, offset, length);
            }

            @Override
            public void close() {}
        };
        Notifier n = new Notifier(blocking, true, 100);
        n.start();
        n.invalidateInode(6, false);
        n.invalidateInode(7, false);
        assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();
        n.relieve(System.nanoTime());
        assertThat(device.replies).as("too early for another thread").isEmpty();
        n.relieve(System.nanoTime() + TimeUnit.SECONDS.toNanos(2));
        assertThat(next()).isEqualTo(Wire.reply(2, 0).u64(7).u64(-1).u64(0).message());
        free.countDown();
        assertThat(next()).isEqualTo(Wire.reply(2, 0).u64(6).u64(-1).u64(0).message());
        n.close();
    }
}

package io.fedfs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class IoUringTest {
    private static final long LONG = 60_000_000_000L;
    private static final int ROUNDS = 20_000;

    private final NativeBuffer count = new NativeBuffer(8);
    private final NativeBuffer one = new NativeBuffer(8);
    private IoUring ring;
    private int event;

    @BeforeEach
    void open() throws Exception {
        ring = IoUring.open(2, 4);
        event = Sys.eventfd(0, Sys.EFD_CLOEXEC);
        one.putLong(0, 1);
    }

    @AfterEach
    void close() {
        ring.close();
        Sys.close(event);
    }

    private void signal() {
        assertThat(Sys.write(event, one.address(), 8)).isEqualTo(8);
    }

    @Test
    void aCompletionComesWithItsNumberAndResult() {
        signal();
        ring.read(event, count.address(), 8, 77);
        assertThat(ring.enter(1)).isEqualTo(1);
        assertThat(ring.next()).isTrue();
        assertThat(ring.userData()).isEqualTo(77);
        assertThat(ring.result()).isEqualTo(8);
        assertThat(count.getLong(0)).isEqualTo(1);
        assertThat(ring.next()).isFalse();
    }

    @Test
    void anotherThreadEndsTheWait() throws Exception {
        ring.read(event, count.address(), 8, 1);
        Thread other = new Thread(this::signal);
        other.start();
        int taken = ring.enter(1, LONG);
        other.join();
        assertThat(taken).isEqualTo(1);
        assertThat(ring.next()).isTrue();
    }

    @Test
    void aWaitEndsInTime() {
        assertThat(ring.enter(1, 1_000_000)).isEqualTo(-Errno.ETIME);
    }

    @Test
    void aCommandThatTheFileDoesNotKnowFails() {
        ring.command(event, 1, 0, 0, 1, 2, 3, 5);
        assertThat(ring.enter(1)).isEqualTo(1);
        assertThat(ring.next()).isTrue();
        assertThat(ring.userData()).isEqualTo(5);
        assertThat(ring.result()).isEqualTo(-Errno.EOPNOTSUPP);
    }

    @Test
    void aFullRingTakesNoMore() {
        ring.read(event, count.address(), 8, 1);
        ring.read(event, count.address(), 8, 2);
        assertThat(ring.room()).isZero();
        assertThatThrownBy(() -> ring.read(event, count.address(), 8, 3)).isInstanceOf(IllegalStateException.class);
    }

    private void round() {
        Sys.write(event, one.address(), 8);
        ring.read(event, count.address(), 8, 9);
        ring.enter(1);
        ring.next();
    }

    @Test
    void usingItAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < ROUNDS; i++) {
            round();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            round();
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ROUNDS);
    }
}

package io.fedfs.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class HeapReturnTest {
    private final AtomicLong nodes = new AtomicLong();
    private final AtomicInteger collections = new AtomicInteger();
    private final HeapReturn watched = new HeapReturn(nodes::get, collections::incrementAndGet);

    private int after(long... counts) {
        for (long count : counts) {
            nodes.set(count);
            watched.look();
        }
        return collections.get();
    }

    @Test
    void collectsOnceWhenMostOfManyNodesAreForgotten() {
        assertThat(after(0, 2_000_000, 1_000_000)).isZero();
        assertThat(after(400_000)).isOne();
        assertThat(after(400_000, 0, 0)).isEqualTo(2);
        assertThat(after(0, 100, 0)).isEqualTo(2);
    }

    @Test
    void leavesAFewNodesToTheCollectorItself() {
        assertThat(after(0, 150_000, 0, 150_000, 0)).isZero();
    }

    @Test
    void countsFromTheNextPeakOn() {
        assertThat(after(1_000_000, 0, 500_000)).isOne();
        assertThat(after(0)).isEqualTo(2);
    }
}

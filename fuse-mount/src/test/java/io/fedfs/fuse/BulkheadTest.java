package io.fedfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BulkheadTest {
    @Test
    void whoFindsItFullWaitsInLineAndGetsThePlaceOfWhoLeaves() {
        Bulkhead b = new Bulkhead(2);
        assertThat(b.tryEnter()).isTrue();
        assertThat(b.enterOrWait("second")).isTrue();
        assertThat(b.tryEnter()).isFalse();
        assertThat(b.enterOrWait("third")).isFalse();
        assertThat(b.enterOrWait("fourth")).isFalse();
        assertThat(b.underWay()).isEqualTo(2);
        assertThat(b.waiting()).isEqualTo(2);
        assertThat(b.leave()).isEqualTo("third");
        assertThat(b.underWay()).isEqualTo(2);
        assertThat(b.leave()).isEqualTo("fourth");
        assertThat(b.leave()).isNull();
        assertThat(b.leave()).isNull();
        assertThat(b.underWay()).isZero();
    }

    @Test
    void whoLeavesTheLineGetsNoPlace() {
        Bulkhead b = new Bulkhead(1);
        assertThat(b.tryEnter()).isTrue();
        assertThat(b.enterOrWait("impatient")).isFalse();
        assertThat(b.enterOrWait("patient")).isFalse();
        assertThat(b.remove("impatient")).isTrue();
        assertThat(b.remove("impatient")).isFalse();
        assertThat(b.leave()).isEqualTo("patient");
        assertThat(b.remove("patient")).isFalse();
    }

    @Test
    void withoutPlacesThereIsNone() {
        assertThatThrownBy(() -> new Bulkhead(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nobodyIsForgottenAndNeverAreTooManyInside() throws Exception {
        int threads = 8;
        int rounds = 20_000;
        Bulkhead b = new Bulkhead(3);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger served = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < rounds; i++) {
                    Object waiter = new Object();
                    boolean entered = b.enterOrWait(waiter);
                    // Who has the place serves; so does who is handed one.
                    while (entered) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        served.incrementAndGet();
                        inside.decrementAndGet();
                        entered = b.leave() != null;
                    }
                }
                done.countDown();
            });
            thread.setDaemon(true);
            thread.start();
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(served).hasValue(threads * rounds);
        assertThat(most.get()).isBetween(1, 3);
        assertThat(b.underWay()).isZero();
        assertThat(b.waiting()).isZero();
    }
}

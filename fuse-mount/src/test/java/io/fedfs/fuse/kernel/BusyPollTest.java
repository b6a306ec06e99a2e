package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BusyPollTest {
    private static final long MOMENT = 20_000;
    private static final long SOON = 15_000;
    private static final long LATE = 1_000_000;

    private final BusyPoll poll = new BusyPoll(MOMENT);

    private void sleep(int times, long nanos) {
        for (int i = 0; i < times; i++) {
            poll.slept(nanos);
        }
    }

    @Test
    void whatComesSoonAfterAnAnswerIsWorthAskingFor() {
        assertThat(poll.isWorthwhile()).as("before anything is known").isFalse();
        sleep(1, SOON);
        assertThat(poll.isWorthwhile()).isTrue();
    }

    @Test
    void whatComesLateIsNot() {
        sleep(1000, LATE);
        assertThat(poll.isWorthwhile()).isFalse();
        sleep(5, SOON);
        assertThat(poll.isWorthwhile()).as("once programs have become quicker").isTrue();
    }

    @Test
    void askingOftenInVainEndsIt() {
        sleep(1, SOON);
        for (int i = 0; i < 1000; i++) {
            poll.hit();
        }
        int vain = 0;
        while (poll.isWorthwhile()) {
            poll.missed();
            vain++;
        }
        assertThat(vain).isBetween(2, 4);
    }

    @Test
    void fourInFiveHaveToCome() {
        sleep(1, SOON);
        for (int i = 0; i < 1000; i++) {
            poll.hit();
            poll.hit();
            poll.hit();
            poll.hit();
            poll.hit();
            poll.missed();
            assertThat(poll.isWorthwhile()).as("after round %d", i).isTrue();
        }
        for (int i = 0; i < 1000 && poll.isWorthwhile(); i++) {
            poll.hit();
            poll.hit();
            poll.hit();
            poll.missed();
        }
        assertThat(poll.isWorthwhile()).isFalse();
    }

    @Test
    void aMomentOfNothingIsNeverWorthIt() {
        BusyPoll none = new BusyPoll(0);
        none.slept(1);
        assertThat(none.isWorthwhile()).isFalse();
    }
}

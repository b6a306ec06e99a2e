package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SignalsTest {
    @Test
    void signalsThatEndAProgramAreToldFromOthers() {
        String status = "SigPnd:\t%016x\nShdPnd:\t%016x\nSigBlk:\t%016x\nSigIgn:\t%016x\nSigCgt:\t%016x\n";
        long sigint = 1L << 1;
        long sigchld = 1L << 16;
        long sigkill = 1L << 8;
        assertThat(Signals.isDying(status.formatted(0, 0, 0, 0, 0))).isFalse();
        assertThat(Signals.isDying(status.formatted(0, sigint, 0, 0, 0))).isTrue();
        assertThat(Signals.isDying(status.formatted(sigint, 0, 0, 0, sigint))).isFalse();
        assertThat(Signals.isDying(status.formatted(sigint, 0, sigint, 0, 0))).isFalse();
        assertThat(Signals.isDying(status.formatted(0, sigchld, 0, 0, 0))).isFalse();
        assertThat(Signals.isDying(status.formatted(sigkill | sigint, 0, 0, 0, sigint)))
                .isTrue();
    }
}

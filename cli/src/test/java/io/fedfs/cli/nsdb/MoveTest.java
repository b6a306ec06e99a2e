package io.fedfs.cli.nsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Fsn;
import org.junit.jupiter.api.Test;

class MoveTest {
    private static final String FROM = "11111111-2222-4333-8444-555555555555";
    private static final String TO = "21111111-2222-4333-8444-555555555555";
    private static final Move MOVE = new Move(false, FROM, TO, 300, true, 1_000_000, 0);

    @Test
    void itIsReadAsItWasWritten() {
        for (Move move : new Move[] {MOVE, MOVE.switchedAt(1_200_000)}) {
            Fsn fsn = Fsn.newBuilder()
                    .addAnnotations(Annotation.newBuilder().setKey("other").setValue("x"))
                    .addAnnotations(move.annotation())
                    .build();
            assertThat(Move.of(fsn)).contains(move);
        }
        assertThat(Move.of(Fsn.getDefaultInstance())).isEmpty();
    }

    @Test
    void whatNoMoveWroteIsRefused() {
        String right = MOVE.annotation().getValue();
        for (String wrong : new String[] {
            "",
            "step=filling",
            right.replace("filling", "flying"),
            right.replace(TO, "there"),
            right.replace("300", "x")
        }) {
            assertThatThrownBy(() -> Move.parse(wrong))
                    .as(wrong)
                    .isInstanceOfSatisfying(
                            CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.MOVING));
        }
    }

    @Test
    void theOldPlaceIsKeptAsLongAsAnyCacheMayNameIt() {
        assertThat(MOVE.switchedAt(1_010_000).cachesOverMs(10))
                .as("answers from before the start live 300 s")
                .isEqualTo(1_300_000);
        assertThat(MOVE.switchedAt(1_400_000).cachesOverMs(10))
                .as("those from during the move 10 s")
                .isEqualTo(1_410_000);
        assertThat(new Move(true, FROM, TO, 2, true, 1_000_000, 1_400_000).cachesOverMs(10))
                .isEqualTo(1_402_000);
    }
}

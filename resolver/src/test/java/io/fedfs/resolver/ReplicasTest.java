package io.fedfs.resolver;

import static io.fedfs.resolver.FakeNsdb.fsn;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.Fsl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicasTest {
    private final ManualTime time = new ManualTime();
    private final Replicas replicas = new Replicas(time.clock(), time::nanos, Duration.ofSeconds(30));

    private static Fsl fsl(int number, int rank, int order) {
        return fsl(number, rank, order, false, 0);
    }

    private static Fsl fsl(int number, int rank, int order, boolean draining, int currency) {
        return new Fsl(
                new UUID(0, number), "local", "h", 0, "/p", "", Map.of(), false, draining, currency, rank, order, 0, 0);
    }

    private static Fsl writable(int number, int writeRank, int writeOrder, boolean draining) {
        return new Fsl(
                new UUID(0, number),
                "local",
                "h",
                0,
                "/p",
                "",
                Map.of(),
                true,
                draining,
                0,
                0,
                0,
                writeRank,
                writeOrder);
    }

    private static Referral referral(Fsl... locations) {
        return new Referral(
                fsn(1),
                ReplicaOrder.forReaders(List.of(locations)),
                Duration.ofMinutes(5),
                false,
                1,
                ManualTime.START,
                Referral.Source.NSDB,
                Optional.empty());
    }

    @Test
    void lowerRankThenLowerOrderThenUuid() {
        Fsl a = fsl(4, 0, 1);
        Fsl b = fsl(3, 0, 2);
        Fsl c = fsl(1, 1, 0);
        Fsl d = fsl(2, 1, 0);
        assertThat(ReplicaOrder.forReaders(List.of(d, c, b, a))).containsExactly(a, b, c, d);
        assertThat(replicas.forReading(referral(d, c, b, a))).containsExactly(a, b, c, d);
    }

    @Test
    void aheadIsWhatIsKnownToBeLessOutOfDate() {
        Fsl current = fsl(1, 0, 0, false, 0);
        Fsl minute = fsl(2, 0, 0, false, 60);
        Fsl hour = fsl(3, 0, 0, false, 3600);
        Fsl unknown = fsl(4, 0, 0, false, -1);
        Referral all = referral(current, minute, hour, unknown);
        assertThat(all.aheadOf(hour.uuid())).containsExactlyInAnyOrder(current, minute);
        assertThat(all.aheadOf(minute.uuid())).containsExactly(current);
        assertThat(all.aheadOf(current.uuid())).isEmpty();
        assertThat(all.aheadOf(unknown.uuid())).isEmpty();
        assertThat(all.aheadOf(new UUID(9, 9))).isEmpty();
    }

    @Test
    void rankIsUnsigned() {
        Fsl huge = fsl(1, -1, 0);
        Fsl small = fsl(2, 255, 0);
        assertThat(ReplicaOrder.forReaders(List.of(huge, small))).containsExactly(small, huge);
    }

    @Test
    void drainingIsTheLastResort() {
        Fsl draining = fsl(1, 0, 0, true, 0);
        Fsl other = fsl(2, 9, 9);
        assertThat(ReplicaOrder.forReaders(List.of(draining, other))).containsExactly(other, draining);
        assertThat(replicas.forReading(referral(draining, other))).containsExactly(other, draining);
    }

    @Test
    void writersGetOnlyWritableOnesByTheirOwnColumns() {
        Fsl readOnly = fsl(1, 0, 0);
        Fsl second = writable(2, 1, 0, false);
        Fsl first = writable(3, 0, 5, false);
        Fsl last = writable(4, 0, 0, true);
        Referral referral = referral(readOnly, second, first, last);
        assertThat(ReplicaOrder.forWriters(referral.locations())).containsExactly(first, second, last);
        assertThat(replicas.forWriting(referral)).containsExactly(first, second, last);
        assertThat(replicas.forWriting(referral(readOnly))).isEmpty();
    }

    @Test
    void failedLocationIsLastUntilItsQuietPeriodIsOver() {
        Fsl a = fsl(1, 0, 0);
        Fsl b = fsl(2, 1, 0);
        Fsl draining = fsl(3, 0, 0, true, 0);
        Referral referral = referral(a, b, draining);
        replicas.failed(a.uuid());
        assertThat(replicas.isSuspect(a.uuid())).isTrue();
        assertThat(replicas.forReading(referral)).containsExactly(b, draining, a);
        time.advance(Duration.ofSeconds(29));
        replicas.failed(a.uuid());
        time.advance(Duration.ofSeconds(29));
        assertThat(replicas.forReading(referral)).containsExactly(b, draining, a);
        time.advance(Duration.ofSeconds(1));
        assertThat(replicas.forReading(referral)).containsExactly(a, b, draining);
    }

    @Test
    void successEndsTheSuspicionAtOnce() {
        Fsl a = fsl(1, 0, 0);
        replicas.failed(a.uuid());
        replicas.report(a.uuid(), Duration.ofMillis(1));
        assertThat(replicas.isSuspect(a.uuid())).isFalse();
        assertThat(replicas.latency(a.uuid())).contains(Duration.ofMillis(1));
    }

    @Test
    void latencyDecidesAmongEqualsOnly() {
        Fsl slow = fsl(1, 0, 0);
        Fsl fast = fsl(2, 0, 0);
        Fsl unknown = fsl(3, 0, 0);
        Fsl otherRank = fsl(4, 1, 0);
        replicas.report(slow.uuid(), Duration.ofMillis(50));
        replicas.report(fast.uuid(), Duration.ofMillis(1));
        replicas.report(otherRank.uuid(), Duration.ofNanos(100));
        assertThat(replicas.forReading(referral(slow, fast, unknown, otherRank)))
                .containsExactly(fast, slow, unknown, otherRank);
    }

    @Test
    void smallDifferencesOfLatencyMoveNobody() {
        Fsl a = fsl(1, 0, 0);
        Fsl b = fsl(2, 0, 0);
        replicas.report(a.uuid(), Duration.ofMillis(1));
        replicas.report(b.uuid(), Duration.ofNanos(900_000));
        assertThat(replicas.forReading(referral(a, b))).containsExactly(a, b);
    }

    @Test
    void locationInUseIsKeptAgainstAFasterEqual() {
        Fsl used = fsl(2, 0, 0);
        Fsl faster = fsl(1, 0, 0);
        Referral referral = referral(used, faster);
        replicas.attached(referral.fsn(), used);
        replicas.report(used.uuid(), Duration.ofMillis(50));
        replicas.report(faster.uuid(), Duration.ofMillis(1));
        assertThat(replicas.forReading(referral)).containsExactly(used, faster);
        replicas.failed(used.uuid());
        assertThat(replicas.forReading(referral)).containsExactly(faster, used);
    }

    @Test
    void betterRankWinsOverTheLocationInUse() {
        Fsl used = fsl(2, 1, 0);
        Fsl better = fsl(1, 0, 0);
        Referral referral = referral(used, better);
        replicas.attached(referral.fsn(), used);
        assertThat(replicas.forReading(referral)).containsExactly(better, used);
    }

    @Test
    void readerIsNotTakenBackInTime() {
        Fsl current = fsl(2, 0, 0);
        Fsl lagging = fsl(1, 0, 0, false, 3600);
        Referral referral = referral(current, lagging);
        assertThat(replicas.forReading(referral)).containsExactly(lagging, current);
        replicas.attached(referral.fsn(), current);
        assertThat(replicas.forReading(referral)).containsExactly(current);
        replicas.failed(current.uuid());
        assertThat(replicas.forReading(referral)).containsExactly(current);
        // Once the copy has caught up with what was seen it may be used again.
        time.advance(Duration.ofMinutes(61));
        assertThat(replicas.forReading(referral)).containsExactly(current, lagging);
    }

    @Test
    void onlyLocationIsUsedHoweverOldItIs() {
        Fsl lagging = fsl(1, 0, 0, false, 3600);
        replicas.attached(fsn(1), fsl(2, 0, 0));
        assertThat(replicas.forReading(referral(lagging))).containsExactly(lagging);
    }

    @Test
    void unknownCurrencyComesAfterKnownAmongEquals() {
        Fsl unknown = fsl(1, 0, 0, false, -1);
        Fsl known = fsl(2, 0, 0, false, 10);
        assertThat(replicas.forReading(referral(unknown, known))).containsExactly(known, unknown);
        replicas.attached(fsn(1), known);
        replicas.attached(fsn(1), unknown);
        assertThat(replicas.forReading(referral(unknown, known))).containsExactly(known, unknown);
    }
}

package io.fedfs.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.NsdbClient.Use;
import io.fedfs.resolver.NsdbClient.UseReport;
import io.fedfs.resolver.Resolver.FailedLookup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UseReportsTest {
    private static final UUID HERE = new UUID(1, 1);
    private static final UUID THERE = new UUID(1, 2);

    private final FakeNsdb nsdb = new FakeNsdb();
    private final ManualTime time = new ManualTime();
    private final List<InUse> uses = new ArrayList<>();
    private boolean watched = true;
    private long revision = 5;
    private final UseReports reports = new UseReports(
            nsdb, time.clockwork(), Duration.ofSeconds(5), address -> watched, fsn -> Optional.of(revision));

    private void begin() {
        reports.begin("/mnt/fed", () -> List.copyOf(uses));
    }

    private void beginWith(int filesets) {
        for (int i = 1; i <= filesets; i++) {
            uses.add(new InUse(FakeNsdb.fsn(i), Set.of(HERE)));
        }
        begin();
        time.advance(UseReports.LOOK);
    }

    private UseReport last() {
        return nsdb.reports.get(nsdb.reports.size() - 1);
    }

    @Test
    void whatIsUsedIsToldOnceAndSaidAgainInTwoWords() {
        begin();
        time.advance(Duration.ofMinutes(5));
        assertThat(nsdb.reports).as("nothing is used").isEmpty();

        uses.add(new InUse(FakeNsdb.fsn(1), Set.of(HERE)));
        time.advance(UseReports.LOOK);
        assertThat(last().uses()).containsExactly(new Use(FakeNsdb.fsn(1).uuid(), List.of(HERE), 5));
        assertThat(last().name()).isEqualTo("/mnt/fed");
        time.advance(UseReports.AGAIN.minus(UseReports.LOOK));
        assertThat(nsdb.reports).hasSize(1);
        time.advance(UseReports.LOOK.multipliedBy(2));
        assertThat(nsdb.reports).hasSize(2);
        assertUnchanged();
        assertThat(last().client()).isEqualTo(nsdb.reports.get(0).client());
    }

    @Test
    void aChangeIsToldAtTheNextLook() {
        uses.add(new InUse(FakeNsdb.fsn(1), Set.of(HERE)));
        begin();
        time.advance(UseReports.LOOK);
        uses.set(0, new InUse(FakeNsdb.fsn(1), Set.of(HERE, THERE)));
        time.advance(UseReports.LOOK);
        assertThat(last().uses().get(0).locations()).containsExactly(HERE, THERE);
        revision = 9;
        time.advance(UseReports.LOOK);
        assertThat(last().uses().get(0).revision()).isEqualTo(9);
        uses.clear();
        time.advance(UseReports.LOOK);
        assertThat(last().uses()).as("left").isEmpty();
        assertThat(last().gone()).containsExactly(FakeNsdb.fsn(1).uuid());
        int said = nsdb.reports.size();
        time.advance(Duration.ofMinutes(5));
        assertThat(nsdb.reports).hasSize(said);
    }

    @Test
    void onlyChangesAreSaidToAnNsdbThatKnowsTheRest() {
        beginWith(100);
        assertThat(last().changesOnly()).isFalse();
        assertThat(last().uses()).hasSize(100);
        uses.remove(41);
        uses.set(7, new InUse(FakeNsdb.fsn(8), Set.of(THERE)));
        uses.add(new InUse(FakeNsdb.fsn(101), Set.of(HERE)));
        time.advance(UseReports.LOOK);
        assertThat(last().changesOnly()).isTrue();
        assertThat(last().gone()).containsExactly(FakeNsdb.fsn(42).uuid());
        assertThat(last().uses())
                .containsExactlyInAnyOrder(
                        new Use(FakeNsdb.fsn(8).uuid(), List.of(THERE), 5),
                        new Use(FakeNsdb.fsn(101).uuid(), List.of(HERE), 5));
        // What an NSDB did not take, it may have taken in part or not at all.
        nsdb.reportTrouble = new FailedLookup(Unresolved.Reason.TIMED_OUT, FedFsStatus.SVRFAULT, "no answer");
        uses.remove(0);
        time.advance(UseReports.LOOK);
        nsdb.reportTrouble = null;
        time.advance(UseReports.LOOK);
        assertThat(last().changesOnly()).isFalse();
        assertThat(last().uses()).hasSize(99);
    }

    @Test
    void moreThanAnNsdbTakesAreSaidInPart() {
        beginWith(10_050);
        assertThat(last().uses()).hasSize(10_000);
        int said = nsdb.reports.size();
        time.advance(UseReports.LOOK);
        assertThat(nsdb.reports).as("the same ones").hasSize(said);
    }

    private void assertUnchanged() {
        assertThat(last().changesOnly()).isTrue();
        assertThat(last().uses()).isEmpty();
        assertThat(last().gone()).isEmpty();
    }

    @Test
    void anNsdbThatHasForgottenIsToldAllOfIt() {
        uses.add(new InUse(FakeNsdb.fsn(1), Set.of(HERE)));
        begin();
        time.advance(UseReports.LOOK);
        nsdb.forgetful = true;
        time.advance(UseReports.AGAIN);
        assertUnchanged();
        time.advance(UseReports.LOOK);
        assertThat(last().changesOnly()).isFalse();
        assertThat(last().uses()).hasSize(1);
    }

    @Test
    void whoDoesNotHearOfChangesSaysNothing() {
        watched = false;
        uses.add(new InUse(FakeNsdb.fsn(1), Set.of(HERE)));
        begin();
        time.advance(Duration.ofMinutes(5));
        assertThat(nsdb.reports).isEmpty();
    }

    @Test
    void anNsdbThatTakesNoReportsIsNotBothered() {
        nsdb.reportTrouble = new FailedLookup(Unresolved.Reason.DENIED, FedFsStatus.ACCESS, "no");
        uses.add(new InUse(FakeNsdb.fsn(1), Set.of(HERE)));
        begin();
        time.advance(UseReports.REFUSED);
        assertThat(nsdb.reports).hasSize(1);
        nsdb.reportTrouble = null;
        time.advance(UseReports.LOOK.multipliedBy(2));
        assertThat(nsdb.reports).hasSize(2);
        reports.close();
        time.advance(Duration.ofMinutes(5));
        assertThat(nsdb.reports).hasSize(2);
    }
}

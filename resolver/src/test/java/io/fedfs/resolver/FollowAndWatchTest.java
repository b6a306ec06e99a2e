package io.fedfs.resolver;

import static io.fedfs.resolver.CachingResolverTest.referral;
import static io.fedfs.resolver.FakeNsdb.fsl;
import static io.fedfs.resolver.FakeNsdb.fsn;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsl;
import io.fedfs.resolver.NsdbClient.Changed;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Resolver.NsdbReport;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowAndWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final FailedLookup LOST =
            new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "connection reset");
    private static final FailedLookup TOO_OLD =
            new FailedLookup(Reason.BAD_ANSWER, FedFsStatus.WATCH_TOO_OLD, "too old");
    private static final FailedLookup NO_WATCH =
            new FailedLookup(Reason.BAD_ANSWER, FedFsStatus.NOTSUPP, "no such method");

    private final ManualTime time = new ManualTime();
    private final FakeNsdb nsdb = new FakeNsdb();
    private final CachingResolver resolver = new CachingResolver(
            ResolverConfig.defaults(),
            NsdbDirectory.ofDefaults(),
            nsdb,
            ReferralStore.none(),
            time.clockwork(),
            () -> {});
    private final List<Resolution> told = new ArrayList<>();

    @AfterEach
    void close() {
        resolver.close();
        assertThat(nsdb.watches).allMatch(w -> w.cancelled || w != nsdb.lastWatch());
    }

    private Resolver.Following follow(int number) {
        return resolver.follow(fsn(number), (fsn, now) -> told.add(now));
    }

    @Test
    void oneWatchIsOpenedFromTheFirstReferralsRevision() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), TTL, fsl(2, "/b"));
        long first = nsdb.revision;
        resolver.resolve(fsn(1), PATIENCE);
        resolver.resolve(fsn(2), PATIENCE);
        assertThat(nsdb.watches).singleElement().satisfies(w -> assertThat(w.after)
                .isEqualTo(first));
        assertThat(resolver.nsdbs()).singleElement().satisfies(r -> {
            assertThat(r.watching()).isTrue();
            assertThat(r.revision()).isEqualTo(first);
        });
    }

    @Test
    void negativeAnswerAloneOpensNoWatch() {
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.watches).isEmpty();
    }

    @Test
    void changeDropsACachedEntryThatNobodyFollows() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.change(fsn(1), TTL, fsl(2, "/b"));
        assertThat(resolver.cached(fsn(1))).isEmpty();
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).locations()).containsExactly(fsl(2, "/b"));
    }

    @Test
    void changeReachesTheListenerAtOnce() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.change(fsn(1), TTL, fsl(2, "/b"));
        assertThat(told)
                .singleElement()
                .satisfies(now -> assertThat(referral(now).locations()).containsExactly(fsl(2, "/b")));
        assertThat(nsdb.resolves).hasValue(2);
        assertThat(resolver.cached(fsn(1))).isPresent();
    }

    @Test
    void invalidationAndRevivalReachTheListener() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.put(fsn(1), Reason.INVALIDATED, FedFsStatus.FSN_INVALIDATED);
        nsdb.tell(fsn(1));
        nsdb.change(fsn(1), TTL, fsl(1, "/a"));
        assertThat(told).hasSize(2);
        assertThat(told.get(0)).isInstanceOfSatisfying(Unresolved.class, u -> assertThat(u.reason())
                .isEqualTo(Reason.INVALIDATED));
        assertThat(told.get(1)).isInstanceOf(Referral.class);
    }

    @Test
    void changedFlagIsAChange() {
        Fsl before = fsl(1, "/a");
        nsdb.put(fsn(1), TTL, before);
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        Fsl draining =
                new Fsl(before.uuid(), "local", "host1", 0, "/a", "", before.options(), true, true, 0, 0, 0, 0, 0);
        nsdb.change(fsn(1), TTL, draining);
        assertThat(told).hasSize(1);
    }

    @Test
    void changeThatLeavesTheLocationsAloneIsNotTold() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"), fsl(2, "/b"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.change(fsn(1), Duration.ofSeconds(30), fsl(2, "/b"), fsl(1, "/a"));
        assertThat(nsdb.resolves).hasValue(2);
        assertThat(told).isEmpty();
    }

    @Test
    void changeThatTheAnswerAlreadyReflectsCostsNoCall() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.tell(fsn(1));
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(resolver.cached(fsn(1))).isPresent();
    }

    @Test
    void answerThatWasOnItsWayWhenTheChangeCameIsNotStored() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), TTL, fsl(9, "/z"));
        resolver.resolve(fsn(2), PATIENCE);
        nsdb.holding = true;
        resolver.resolve(fsn(1), Duration.ZERO);
        nsdb.tell(fsn(1));
        nsdb.release();
        assertThat(resolver.cached(fsn(1))).isEmpty();
    }

    @Test
    void followingSomethingUnknownAsksForIt() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        follow(1);
        assertThat(resolver.cached(fsn(1))).isPresent();
        assertThat(told).isEmpty();
    }

    @Test
    void changeBetweenResolvingAndFollowingIsNotLost() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        Resolution acted = resolver.resolve(fsn(1), PATIENCE);
        nsdb.change(fsn(1), TTL, fsl(2, "/b"));
        resolver.follow(fsn(1), acted, (fsn, now) -> told.add(now));
        assertThat(told).hasSize(1);

        nsdb.change(fsn(1), TTL, fsl(3, "/c"));
        resolver.follow(fsn(1), acted, (fsn, now) -> told.add(now));
        assertThat(told).hasSize(3);
    }

    @Test
    void closedFollowingHearsNothing() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        Resolver.Following mine = follow(1);
        Resolver.Following other = follow(1);
        mine.close();
        mine.close();
        nsdb.change(fsn(1), TTL, fsl(2, "/b"));
        assertThat(told).hasSize(1);
        other.close();
        assertThat(resolver.counters()).containsEntry("followed", 0L);
        int calls = nsdb.resolves.get();
        time.advance(Duration.ofHours(1));
        assertThat(nsdb.resolves).hasValue(calls);
    }

    @Test
    void failingListenerDoesNotKeepTheOthersFromHearing() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        resolver.follow(fsn(1), (fsn, now) -> {
            throw new IllegalStateException("listener");
        });
        follow(1);
        nsdb.change(fsn(1), TTL, fsl(2, "/b"));
        assertThat(told).hasSize(1);
    }

    @Test
    void withoutAWatchAFollowedEntryIsAskedAgainByItsTtl() {
        nsdb.watchTrouble = NO_WATCH;
        nsdb.put(fsn(1), Duration.ofSeconds(20), fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.put(fsn(1), Duration.ofSeconds(20), fsl(2, "/b"));
        time.advance(Duration.ofSeconds(20));
        assertThat(told).hasSize(1);
        // An NSDB that has no watch is not bothered with attempts.
        assertThat(nsdb.watches).hasSize(1);
        time.advance(Duration.ofSeconds(61));
        assertThat(nsdb.watches.size()).isLessThanOrEqualTo(3);
    }

    @Test
    void followedEntryWithTtlZeroIsAskedNowAndThen() {
        nsdb.watchTrouble = NO_WATCH;
        nsdb.put(fsn(1), Duration.ZERO, fsl(1, "/a"));
        follow(1);
        nsdb.put(fsn(1), Duration.ZERO, fsl(2, "/b"));
        time.advance(Duration.ofSeconds(11));
        assertThat(told).hasSize(1);
        assertThat(nsdb.resolves.get()).isLessThanOrEqualTo(3);
    }

    @Test
    void tinyTtlsDoNotMakeAStorm() {
        nsdb.put(fsn(1), Duration.ofMillis(1), fsl(1, "/a"));
        follow(1);
        time.advance(Duration.ofSeconds(60));
        assertThat(nsdb.resolves.get()).isLessThanOrEqualTo(62);
    }

    @Test
    void lostStreamGoesOnWhereItWas() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.lastWatch().listener.events(25, List.of());
        nsdb.lastWatch().listener.ended(LOST);
        assertThat(resolver.nsdbs()).extracting(NsdbReport::watching).containsExactly(false);
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
        time.advance(Duration.ofSeconds(1));
        assertThat(nsdb.watches).hasSize(2);
        assertThat(nsdb.lastWatch().after).isEqualTo(25);
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void reconnectingSlowsDownAndIsBounded() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.watchTrouble = LOST;
        nsdb.lastWatch().listener.ended(LOST);
        time.advance(Duration.ofMinutes(1));
        assertThat(nsdb.watches.size()).isBetween(10, 30);
        nsdb.watchTrouble = null;
        time.advance(Duration.ofSeconds(5));
        assertThat(resolver.nsdbs()).extracting(NsdbReport::watching).containsExactly(true);
    }

    @Test
    void silentStreamIsTakenForLost() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        time.advance(Duration.ofSeconds(20));
        nsdb.lastWatch().listener.events(nsdb.revision, List.of());
        time.advance(Duration.ofSeconds(25));
        assertThat(nsdb.watches).hasSize(1);
        time.advance(Duration.ofSeconds(6));
        assertThat(nsdb.watches).hasSize(2);
        assertThat(nsdb.watches.get(0).cancelled).isTrue();
    }

    @Test
    void streamThatNeverSpeaksMakesTheNsdbSuspect() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.silentWatch = true;
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.goAway();
        time.advance(Duration.ofSeconds(5));
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("down");
    }

    @Test
    void lostNsdbIsNoticedByItsStreamBeforeAnyoneAsks() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.goAway();
        nsdb.lastWatch().listener.ended(LOST);
        time.advance(Duration.ofSeconds(1));
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("down");
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void recoveryReopensTheWatchAndRefreshesWhatIsFollowed() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.goAway();
        nsdb.lastWatch().listener.ended(LOST);
        time.advance(Duration.ofSeconds(10));
        nsdb.put(fsn(1), TTL, fsl(2, "/b"));
        nsdb.comeBack();
        time.advance(Duration.ofSeconds(3));
        assertThat(told).hasSize(1);
        assertThat(resolver.nsdbs()).singleElement().satisfies(r -> {
            assertThat(r.state()).isEqualTo("up");
            assertThat(r.watching()).isTrue();
        });
    }

    @Test
    void outageIsNotToldToListeners() {
        nsdb.put(fsn(1), Duration.ofSeconds(10), fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.goAway();
        time.advance(Duration.ofHours(3));
        nsdb.comeBack();
        time.advance(Duration.ofSeconds(10));
        assertThat(told).isEmpty();
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).staleSince()).isEmpty();
    }

    @Test
    void tooOldMeansEverythingIsAskedAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), TTL, fsl(2, "/b"));
        resolver.resolve(fsn(1), PATIENCE);
        resolver.resolve(fsn(2), PATIENCE);
        follow(1);
        nsdb.put(fsn(1), TTL, fsl(3, "/c"));
        nsdb.lastWatch().listener.ended(TOO_OLD);
        time.advance(Duration.ofSeconds(1));
        assertThat(nsdb.lastWatch().after).isZero();
        assertThat(told).hasSize(1);
        assertThat(resolver.cached(fsn(2))).isEmpty();
        assertThat(resolver.nsdbs().get(0).revision()).isEqualTo(nsdb.revision);
    }

    @Test
    void restoredNsdbThatRefusesTheRevisionIsAskedForEverythingAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), TTL, fsl(2, "/b"));
        resolver.resolve(fsn(1), PATIENCE);
        resolver.resolve(fsn(2), PATIENCE);
        follow(1);
        nsdb.revision = 2;
        nsdb.put(fsn(1), TTL, fsl(4, "/restored"));
        nsdb.lastWatch().listener.ended(TOO_OLD);
        time.advance(Duration.ofSeconds(1));
        assertThat(told).hasSize(1);
        assertThat(resolver.cached(fsn(2))).isEmpty();
    }

    @Test
    void nsdbThatWentBackInTimeIsAskedForEverythingAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.silentWatch = true;
        nsdb.lastWatch().listener.ended(LOST);
        time.advance(Duration.ofSeconds(1));
        nsdb.revision = 2;
        nsdb.put(fsn(1), TTL, fsl(4, "/restored"));
        nsdb.lastWatch().listener.events(nsdb.revision, List.of());
        assertThat(told).hasSize(1);
        assertThat(resolver.nsdbs().get(0).revision()).isEqualTo(nsdb.revision);
    }

    @Test
    void answerOfBeforeTheHistoryFollowedIsAskedForAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), TTL, fsl(2, "/b"));
        nsdb.holding = true;
        resolver.resolve(fsn(1), Duration.ZERO);
        FakeNsdb.Held slow = nsdb.held.get(0);
        NsdbClient.Reply<NsdbClient.Located> early = nsdb.answer(fsn(1));
        // The record changes, then another answer, newer than the change, opens the watch.
        nsdb.put(fsn(1), TTL, fsl(3, "/c"));
        nsdb.holding = false;
        resolver.resolve(fsn(2), PATIENCE);
        slow.reply().complete(early);
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).locations()).containsExactly(fsl(3, "/c"));
    }

    @Test
    void watchEndsWhenNothingOfTheNsdbIsHeld() {
        nsdb.put(fsn(1), Duration.ofSeconds(1), fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        for (int i = 0; i < 500; i++) {
            time.advance(Duration.ofSeconds(10));
            if (!nsdb.lastWatch().cancelled) {
                nsdb.lastWatch().listener.events(nsdb.revision, List.of());
            }
        }
        assertThat(nsdb.watches).hasSize(1);
        assertThat(nsdb.lastWatch().cancelled).isTrue();
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.watches).hasSize(2);
        assertThat(nsdb.lastWatch().after).isEqualTo(nsdb.revision);
    }

    @Test
    void manyChangesAtOnceAreAskedForAFewAtATime() {
        List<Changed> changes = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            nsdb.put(fsn(i), TTL, fsl(i, "/a"));
            resolver.resolve(fsn(i), PATIENCE);
            follow(i);
        }
        nsdb.revision++;
        for (int i = 0; i < 500; i++) {
            changes.add(new Changed(fsn(i).uuid(), nsdb.revision, false));
        }
        nsdb.holding = true;
        nsdb.lastWatch().listener.events(nsdb.revision, changes);
        assertThat(nsdb.held).hasSize(32);
        while (!nsdb.held.isEmpty()) {
            FakeNsdb.Held next = nsdb.held.remove(0);
            next.reply().complete(nsdb.answer(next.fsn()));
        }
        assertThat(nsdb.resolves).hasValue(1000);
    }

    @Test
    void flushOfAFollowedFilesetAsksAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        follow(1);
        nsdb.put(fsn(1), TTL, fsl(2, "/b"));
        assertThat(resolver.flush(fsn(1))).isTrue();
        assertThat(told).hasSize(1);
    }
}

package io.fedfs.resolver;

import static io.fedfs.resolver.FakeNsdb.ADDRESS;
import static io.fedfs.resolver.FakeNsdb.fsl;
import static io.fedfs.resolver.FakeNsdb.fsn;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.ExplainedStep;
import io.fedfs.resolver.Resolver.NsdbReport;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CachingResolverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration TTL = Duration.ofMinutes(5);

    private final ManualTime time = new ManualTime();
    private final FakeNsdb nsdb = new FakeNsdb();
    private CachingResolver resolver = resolver(ResolverConfig.defaults());

    private CachingResolver resolver(ResolverConfig config) {
        return new CachingResolver(
                config, NsdbDirectory.ofDefaults(), nsdb, ReferralStore.none(), time.clockwork(), () -> {});
    }

    @AfterEach
    void close() {
        resolver.close();
        assertThat(nsdb.closed).isTrue();
    }

    @Test
    void secondResolveIsServedFromTheCacheWithoutACall() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        Referral first = referral(resolver.resolve(fsn(1), PATIENCE));
        assertThat(first.source()).isEqualTo(Referral.Source.NSDB);
        assertThat(first.fetchedAt()).isEqualTo(ManualTime.START);

        Referral second = referral(resolver.resolve(fsn(1), PATIENCE));
        assertThat(second.source()).isEqualTo(Referral.Source.CACHE);
        assertThat(second.locations()).isEqualTo(first.locations());
        assertThat(second.staleSince()).isEmpty();
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isSameAs(second);
        assertThat(resolver.counters()).containsEntry("referral_hits", 2L).containsEntry("referral_misses", 1L);
    }

    @Test
    void twoHundredConcurrentCallersMakeOneCall() throws Exception {
        nsdb.put(fsn(1), Duration.ZERO, fsl(1, "/a"));
        nsdb.holding = true;
        int callers = 200;
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        try {
            CountDownLatch started = new CountDownLatch(callers);
            List<Future<Resolution>> results = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                results.add(pool.submit(() -> {
                    started.countDown();
                    return resolver.resolve(fsn(1), PATIENCE);
                }));
            }
            assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
            while (resolver.counters().get("referral_misses") < callers) {
                Thread.onSpinWait();
            }
            nsdb.release();
            for (Future<Resolution> result : results) {
                assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Referral.class);
            }
        } finally {
            pool.shutdownNow();
        }
        // A caller counts its miss just before it joins; with TTL 0 one that was held up there may ask again.
        assertThat(nsdb.resolves.get()).isBetween(1, 3);
    }

    @Test
    void callersThatOverlapACacheableCallNeverMakeASecondOne() throws Exception {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        int callers = 200;
        ExecutorService pool = Executors.newFixedThreadPool(callers);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Resolution>> results = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                results.add(pool.submit(() -> {
                    go.await();
                    return resolver.resolve(fsn(1), PATIENCE);
                }));
            }
            go.countDown();
            for (Future<Resolution> result : results) {
                assertThat(result.get(20, TimeUnit.SECONDS)).isInstanceOf(Referral.class);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void callersOwnDeadlineDoesNotEndTheSharedCall() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.holding = true;
        Unresolved late = unresolved(resolver.resolve(fsn(1), Duration.ofMillis(5)));
        assertThat(late.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(late.status()).isEqualTo(FedFsStatus.TIMEOUT);
        nsdb.release();
        assertThat(referral(resolver.resolve(fsn(1), Duration.ZERO)).source()).isEqualTo(Referral.Source.CACHE);
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void interruptEndsTheWaitAndStaysSet() {
        nsdb.holding = true;
        Thread.currentThread().interrupt();
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void ttlZeroIsNotCached() {
        nsdb.put(fsn(1), Duration.ZERO, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(resolver.cached(fsn(1))).isEmpty();
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(2);
        nsdb.goAway();
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
    }

    @Test
    void expiredReferralIsResolvedAgain() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.put(fsn(1), TTL, fsl(2, "/b"));
        time.advance(TTL);
        Referral now = referral(resolver.resolve(fsn(1), PATIENCE));
        assertThat(now.locations()).containsExactly(fsl(2, "/b"));
        assertThat(now.source()).isEqualTo(Referral.Source.NSDB);
        assertThat(nsdb.resolves).hasValue(2);
    }

    @Test
    void largestTtlAnNsdbCanGiveIsKept() {
        resolver.close();
        resolver = resolver(ResolverConfig.defaults().withWatch(false));
        nsdb.put(fsn(1), Duration.ofSeconds(0xffffffffL), fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofDays(365));
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).source()).isEqualTo(Referral.Source.CACHE);
    }

    @Test
    void usedEntryIsRefreshedAheadOfItsExpiryOnce() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofSeconds(239));
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(1);

        time.advance(Duration.ofSeconds(2));
        nsdb.holding = true;
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).source()).isEqualTo(Referral.Source.CACHE);
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(2);
        nsdb.release();

        time.advance(Duration.ofSeconds(200));
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).source()).isEqualTo(Referral.Source.CACHE);
        assertThat(nsdb.resolves).hasValue(2);
    }

    @Test
    void unusedEntryIsNotRefreshed() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofHours(2));
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void unknownFsnIsRememberedForTenSeconds() {
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NO_SUCH_FSN);
        time.advance(Duration.ofSeconds(9));
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).status()).isEqualTo(FedFsStatus.NSDB_NOFSN);
        assertThat(nsdb.resolves).hasValue(1);
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        time.advance(Duration.ofSeconds(2));
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Referral.class);
    }

    @Test
    void refusalsAreRememberedAndDoNotOpenTheBreaker() {
        nsdb.put(fsn(1), Reason.INVALIDATED, FedFsStatus.FSN_INVALIDATED);
        nsdb.put(fsn(2), Reason.NO_LOCATION, FedFsStatus.NSDB_NOFSL);
        nsdb.put(fsn(3), Reason.DENIED, FedFsStatus.ACCESS);
        for (int i = 1; i <= 3; i++) {
            resolver.resolve(fsn(i), PATIENCE);
            resolver.resolve(fsn(i), PATIENCE);
        }
        assertThat(nsdb.resolves).hasValue(3);
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
    }

    @Test
    void nonsenseIsRememberedForASecondAndDoesNotReplaceAReferral() {
        nsdb.put(fsn(1), Reason.BAD_ANSWER, FedFsStatus.NSDB_RESPONSE);
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(nsdb.resolves).hasValue(1);
        time.advance(Duration.ofSeconds(2));
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Referral.class);

        nsdb.put(fsn(1), Reason.BAD_ANSWER, FedFsStatus.NSDB_RESPONSE);
        time.advance(TTL);
        Referral stale = referral(resolver.resolve(fsn(1), PATIENCE));
        assertThat(stale.staleSince()).isPresent();
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
    }

    @Test
    void truthReplacesACachedReferral() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.put(fsn(1), Reason.INVALIDATED, FedFsStatus.FSN_INVALIDATED);
        time.advance(TTL);
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.INVALIDATED);
        nsdb.goAway();
        time.advance(Duration.ofSeconds(11));
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
    }

    @Test
    void expiredReferralIsServedStaleUntilTheGraceEnds() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.goAway();
        time.advance(TTL.plusSeconds(60));

        Referral stale = referral(resolver.resolve(fsn(1), PATIENCE));
        assertThat(stale.staleSince()).contains(ManualTime.START.plus(TTL));
        assertThat(stale.source()).isEqualTo(Referral.Source.CACHE);
        int calls = nsdb.resolves.get();
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).staleSince()).isPresent();
        assertThat(resolver.cached(fsn(1)).map(CachingResolverTest::referral))
                .hasValueSatisfying(r -> assertThat(r.staleSince()).isPresent());
        assertThat(nsdb.resolves).hasValue(calls);

        time.advance(Duration.ofMinutes(58));
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Referral.class);
        time.advance(Duration.ofMinutes(2));
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
    }

    @Test
    void freshReferralIsNotMarkedStaleDuringAnOutage() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.goAway();
        resolver.resolve(fsn(2), PATIENCE);
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).staleSince()).isEmpty();
    }

    @Test
    void slowNsdbIsOutrunByTheStaleReferralAtTheDeadline() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(TTL.plusSeconds(1));
        nsdb.holding = true;
        assertThat(referral(resolver.resolve(fsn(1), Duration.ofMillis(5))).staleSince())
                .isPresent();
    }

    @Test
    void breakerFailsFastWhileTheNsdbIsAway() {
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(1);
        for (int i = 2; i < 50; i++) {
            Unresolved why = unresolved(resolver.resolve(fsn(i), PATIENCE));
            assertThat(why.reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
            assertThat(why.status()).isEqualTo(FedFsStatus.NSDB_CONN);
            assertThat(why.detail()).contains("connection refused", ADDRESS.toString());
        }
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(resolver.counters()).containsEntry("breaker_opened", 1L).containsEntry("failed_fast", 48L);
        assertThat(resolver.nsdbs()).singleElement().satisfies(r -> {
            assertThat(r.state()).isEqualTo("down");
            assertThat(r.since()).isEqualTo(ManualTime.START);
        });
    }

    @Test
    void recoveryIsNoticedByTheProbeWithinItsBound() {
        resolver.close();
        resolver = resolver(ResolverConfig.defaults().withWatch(false));
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofMinutes(5));
        int probes = nsdb.infos.get();
        assertThat(probes).isBetween(50, 150);
        nsdb.comeBack();
        time.advance(Duration.ofSeconds(3));
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Referral.class);
        int after = nsdb.infos.get();
        time.advance(Duration.ofMinutes(5));
        assertThat(nsdb.infos).hasValue(after);
    }

    @Test
    void recoveryAfterAShortOutageIsNoticedWithinASecond() {
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofSeconds(2));
        nsdb.comeBack();
        time.advance(Duration.ofSeconds(1));
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
    }

    @Test
    void probeRestsWhenNobodyAsksAnyLonger() {
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(Duration.ofMinutes(11));
        int probes = nsdb.infos.get();
        time.advance(Duration.ofHours(1));
        assertThat(nsdb.infos).hasValue(probes);
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("unknown");
        nsdb.comeBack();
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NO_SUCH_FSN);
    }

    @Test
    void aTimedOutCallOpensTheBreaker() {
        nsdb.trouble = new Resolver.FailedLookup(Reason.TIMED_OUT, FedFsStatus.TIMEOUT, "late");
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(unresolved(resolver.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void flushDropsPositiveAndNegativeAnswers() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        resolver.resolve(fsn(2), PATIENCE);
        assertThat(resolver.flush(fsn(1))).isTrue();
        assertThat(resolver.flush(fsn(2))).isTrue();
        assertThat(resolver.flush(fsn(3))).isFalse();
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(3);
        resolver.resolve(fsn(2), PATIENCE);
        assertThat(resolver.flushAll()).isEqualTo(2);
        assertThat(resolver.cached(fsn(1))).isEmpty();
    }

    @Test
    void anAnswerOfBeforeAFlushIsNotStored() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.holding = true;
        resolver.resolve(fsn(1), Duration.ZERO);
        resolver.flush(fsn(1));
        nsdb.release();
        assertThat(resolver.cached(fsn(1))).isEmpty();
    }

    @Test
    void flushAllForgetsTheBreakers() {
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.comeBack();
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Unresolved.class);
        resolver.flushAll();
        assertThat(resolver.resolve(fsn(1), PATIENCE)).isInstanceOf(Referral.class);
    }

    @Test
    void untrustedNsdbIsNeverAsked() {
        Fsn elsewhere = new Fsn(new NsdbAddress("nsdb.example.org", 7532), fsn(1).uuid());
        Unresolved why = unresolved(resolver.resolve(elsewhere, PATIENCE));
        assertThat(why.reason()).isEqualTo(Reason.UNTRUSTED);
        assertThat(why.status()).isEqualTo(FedFsStatus.NSDB_PARAMS);
        assertThat(why.detail()).contains("plaintext: true");
        assertThat(nsdb.resolves).hasValue(0);
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("untrusted");
        assertThat(resolver.probe(elsewhere.nsdb(), PATIENCE).ok()).isFalse();
        assertThat(resolver.namespaceRoot(elsewhere.nsdb(), "", PATIENCE).failure())
                .hasValueSatisfying(f -> assertThat(f.reason()).isEqualTo(Reason.UNTRUSTED));
    }

    @Test
    void cacheIsBounded() {
        resolver.close();
        resolver = resolver(ResolverConfig.defaults().withCacheSize(10));
        for (int i = 0; i < 100; i++) {
            nsdb.put(fsn(i), TTL, fsl(i, "/a"));
            resolver.resolve(fsn(i), PATIENCE);
        }
        assertThat(resolver.counters().get("cached_answers")).isLessThanOrEqualTo(10);
    }

    @Test
    void namespaceRootIsAskedForEachTime() {
        nsdb.roots.put("home", fsn(7));
        assertThat(resolver.namespaceRoot(ADDRESS, "home", PATIENCE).root()).contains(fsn(7));
        nsdb.roots.put("home", fsn(8));
        assertThat(resolver.namespaceRoot(ADDRESS, "home", PATIENCE).root()).contains(fsn(8));
        assertThat(resolver.namespaceRoot(ADDRESS, "nowhere", PATIENCE).failure())
                .hasValueSatisfying(f -> assertThat(f.status()).isEqualTo(FedFsStatus.NO_NAMESPACE));
    }

    @Test
    void probeAsksNowAndClosesTheBreaker() {
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        assertThat(resolver.probe(ADDRESS, PATIENCE).ok()).isFalse();
        nsdb.comeBack();
        assertThat(resolver.probe(ADDRESS, PATIENCE).ok()).isTrue();
        assertThat(resolver.nsdbs()).extracting(NsdbReport::state).containsExactly("up");
    }

    @Test
    void explainTellsFourStepsPastTheCache() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"), fsl(2, "/b"));
        resolver.resolve(fsn(1), PATIENCE);
        List<ExplainedStep> steps = resolver.explain(fsn(1), PATIENCE);
        assertThat(nsdb.resolves).hasValue(2);
        assertThat(steps).hasSize(4).noneMatch(ExplainedStep::failed);
        assertThat(steps.get(0).found()).contains(fsn(1).uuid().toString(), "localhost:7532");
        assertThat(steps.get(1).found()).contains("plaintext to localhost:7532", "trusted by default", "version fake");
        assertThat(steps.get(2).found()).contains("2 locations", "TTL 300 s");
        assertThat(steps.get(2).source()).isEqualTo("nsdb");
        assertThat(steps.get(3).found()).contains("1. local host1:/a", "2. local host2:/b");
    }

    @Test
    void explainEndsWithTheStepThatFailed() {
        assertThat(resolver.explain(fsn(1), PATIENCE)).hasSize(3).last().satisfies(step -> {
            assertThat(step.failed()).isTrue();
            assertThat(step.found()).contains("FEDFS_ERR_NSDB_NOFSN");
        });
        Fsn elsewhere = new Fsn(new NsdbAddress("nsdb.example.org", 7532), fsn(1).uuid());
        assertThat(resolver.explain(elsewhere, PATIENCE)).hasSize(2).last().satisfies(step -> assertThat(step.failed())
                .isTrue());
    }

    @Test
    void explainDuringAnOutageSaysWhatIsUsedInstead() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.resolve(fsn(1), PATIENCE);
        time.advance(TTL.plusSeconds(1));
        nsdb.goAway();
        List<ExplainedStep> steps = resolver.explain(fsn(1), PATIENCE);
        assertThat(steps).hasSize(4);
        assertThat(steps.get(2).found()).contains("connection refused", "stale since");
        assertThat(steps.get(2).source()).isEqualTo("cache");
    }

    @Test
    void closeLetsWaitersGo() throws Exception {
        nsdb.holding = true;
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            Future<Resolution> waiting = pool.submit(() -> resolver.resolve(fsn(1), PATIENCE));
            while (nsdb.held.isEmpty()) {
                Thread.onSpinWait();
            }
            resolver.close();
            assertThat(unresolved(waiting.get(10, TimeUnit.SECONDS)).detail()).contains("closed");
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void clientThatThrowsDoesNotLeaveCallersWaiting() {
        resolver.close();
        FakeNsdb healthy = nsdb;
        NsdbClient broken = new FailingClient(healthy);
        resolver = new CachingResolver(
                ResolverConfig.defaults(),
                NsdbDirectory.ofDefaults(),
                broken,
                ReferralStore.none(),
                time.clockwork(),
                () -> {});
        Unresolved why = unresolved(resolver.resolve(fsn(1), PATIENCE));
        assertThat(why.reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(resolver.counters()).containsEntry("in_flight", 0L);
    }

    @Test
    void configuredTrustDecides() {
        NsdbDirectory strict = NsdbDirectory.parse("defaults: {trusted: false}", "test", Path.of("/"));
        CachingResolver careful = new CachingResolver(
                ResolverConfig.defaults(), strict, nsdb, ReferralStore.none(), time.clockwork(), () -> {});
        assertThat(unresolved(careful.resolve(fsn(1), PATIENCE)).reason()).isEqualTo(Reason.UNTRUSTED);
        careful.close();
    }

    @Test
    void staleSinceIsWhenTheTtlEnded() {
        nsdb.put(fsn(1), Duration.ofSeconds(10), fsl(1, "/a"));
        time.advance(Duration.ofSeconds(100));
        resolver.resolve(fsn(1), PATIENCE);
        nsdb.goAway();
        time.advance(Duration.ofSeconds(500));
        Instant expected = ManualTime.START.plusSeconds(110);
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).staleSince()).contains(expected);
    }

    static Referral referral(Resolution resolution) {
        assertThat(resolution).isInstanceOf(Referral.class);
        return (Referral) resolution;
    }

    static Unresolved unresolved(Resolution resolution) {
        assertThat(resolution).isInstanceOf(Unresolved.class);
        return (Unresolved) resolution;
    }

    @Test
    void whatIsExpectedIsAskedForOnceAndThereWhenItIsWanted() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        resolver.expect(fsn(1));
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(referral(resolver.resolve(fsn(1), PATIENCE)).source()).isEqualTo(Referral.Source.CACHE);
        resolver.expect(fsn(1));
        assertThat(nsdb.resolves).hasValue(1);
        assertThat(resolver.counters()).containsEntry("expected", 1L);
    }

    @Test
    void whoWantsWhatIsExpectedWaitsForThatCall() throws Exception {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.holding = true;
        resolver.expect(fsn(1));
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try {
            Future<Resolution> wanted = caller.submit(() -> resolver.resolve(fsn(1), PATIENCE));
            while (resolver.counters().get("referral_misses") < 1) {
                Thread.onSpinWait();
            }
            nsdb.release();
            assertThat(wanted.get(20, TimeUnit.SECONDS)).isInstanceOf(Referral.class);
        } finally {
            caller.shutdownNow();
        }
        assertThat(nsdb.resolves).hasValue(1);
    }

    @Test
    void anAnswerThatCameMeanwhileIsNotAskedForAgain() {
        int atOnce = 128;
        nsdb.holding = true;
        for (int i = 0; i <= atOnce; i++) {
            nsdb.put(fsn(i), TTL, fsl(1, "/a"));
            resolver.expect(fsn(i));
        }
        assertThat(nsdb.resolves).as("the last one waits").hasValue(atOnce);
        nsdb.holding = false;
        resolver.resolve(fsn(atOnce), PATIENCE);
        assertThat(nsdb.resolves).hasValue(atOnce + 1);
        nsdb.release();
        assertThat(nsdb.resolves).hasValue(atOnce + 1);
        assertThat(resolver.counters()).containsEntry("in_flight", 0L);
    }

    @Test
    void nothingIsExpectedOfAnNsdbThatIsNotAskedOrAway() {
        Fsn untrusted = new Fsn(NsdbAddress.parse("nsdb.example.org"), fsn(1).uuid());
        resolver.expect(untrusted);
        assertThat(nsdb.resolves).hasValue(0);
        nsdb.goAway();
        resolver.resolve(fsn(1), PATIENCE);
        int asked = nsdb.resolves.get();
        resolver.expect(fsn(2));
        assertThat(nsdb.resolves).hasValue(asked);
        assertThat(resolver.counters()).containsEntry("expected", 0L);
    }
}

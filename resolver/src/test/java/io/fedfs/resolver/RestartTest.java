package io.fedfs.resolver;

import static io.fedfs.resolver.CachingResolverTest.referral;
import static io.fedfs.resolver.FakeNsdb.ADDRESS;
import static io.fedfs.resolver.FakeNsdb.fsl;
import static io.fedfs.resolver.FakeNsdb.fsn;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.offline.OfflineCopy;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mount knows after a restart without network. */
class RestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration TTL = Duration.ofMinutes(5);

    @TempDir
    Path state;

    private final ManualTime time = new ManualTime();
    private final FakeNsdb nsdb = new FakeNsdb();

    private CachingResolver start() {
        Clockwork clockwork = time.clockwork();
        return new CachingResolver(
                ResolverConfig.defaults(),
                NsdbDirectory.ofDefaults(),
                nsdb,
                OfflineCopy.open(state, clockwork, Runnable::run),
                clockwork,
                () -> {});
    }

    private void firstRun() {
        nsdb.put(fsn(1), TTL, fsl(1, "/a"));
        nsdb.put(fsn(2), Duration.ZERO, fsl(2, "/b"));
        nsdb.roots.put("", fsn(1));
        try (CachingResolver first = start()) {
            first.namespaceRoot(ADDRESS, "", PATIENCE);
            first.resolve(fsn(1), PATIENCE);
            first.resolve(fsn(2), PATIENCE);
        }
    }

    @Test
    void referralsAndRootsOfTheLastRunAreUsedUntilTheNsdbAnswers() {
        firstRun();
        time.advance(Duration.ofDays(3));
        nsdb.goAway();
        try (CachingResolver second = start()) {
            assertThat(second.cached(fsn(1))).isEmpty();
            assertThat(second.namespaceRoot(ADDRESS, "", PATIENCE).root()).contains(fsn(1));
            Referral copy = referral(second.resolve(fsn(1), PATIENCE));
            assertThat(copy.source()).isEqualTo(Referral.Source.OFFLINE_COPY);
            assertThat(copy.staleSince()).contains(ManualTime.START.plus(TTL));
            assertThat(second.cached(fsn(1))).isPresent();
            assertThat(second.explain(fsn(1), PATIENCE).get(2).source()).isEqualTo("offline copy");
            // What was not to be cached was not kept either.
            assertThat(second.resolve(fsn(2), PATIENCE)).isInstanceOf(Unresolved.class);

            nsdb.comeBack();
            nsdb.put(fsn(1), TTL, fsl(3, "/c"));
            time.advance(Duration.ofSeconds(5));
            Referral now = referral(second.resolve(fsn(1), PATIENCE));
            assertThat(now.source()).isEqualTo(Referral.Source.NSDB);
            assertThat(now.locations()).containsExactly(fsl(3, "/c"));
        }
    }

    @Test
    void copyIsNotUsedWhileTheNsdbAnswers() {
        firstRun();
        try (CachingResolver second = start()) {
            assertThat(referral(second.resolve(fsn(1), PATIENCE)).source()).isEqualTo(Referral.Source.NSDB);
        }
    }

    @Test
    void whatTheNsdbTookBackIsNotOnDiskAnyLonger() {
        firstRun();
        nsdb.put(fsn(1), Reason.INVALIDATED, FedFsStatus.FSN_INVALIDATED);
        try (CachingResolver second = start()) {
            second.resolve(fsn(1), PATIENCE);
        }
        nsdb.goAway();
        try (CachingResolver third = start()) {
            assertThat(third.resolve(fsn(1), PATIENCE)).isInstanceOf(Unresolved.class);
        }
    }

    @Test
    void followedFilesetOfTheLastRunIsComparedWithWhatTheNsdbSaysLater() {
        firstRun();
        nsdb.goAway();
        try (CachingResolver second = start()) {
            Resolution copy = second.resolve(fsn(1), PATIENCE);
            int[] told = new int[1];
            second.follow(fsn(1), copy, (fsn, now) -> told[0]++);
            nsdb.comeBack();
            nsdb.put(fsn(1), TTL, fsl(3, "/c"));
            time.advance(Duration.ofSeconds(5));
            assertThat(told[0]).isEqualTo(1);
        }
    }

    @Test
    void flushForgetsTheCopyToo() {
        firstRun();
        nsdb.goAway();
        try (CachingResolver second = start()) {
            assertThat(second.flush(fsn(1))).isTrue();
            assertThat(second.resolve(fsn(1), PATIENCE)).isInstanceOf(Unresolved.class);
        }
    }
}

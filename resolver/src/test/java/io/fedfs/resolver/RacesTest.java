package io.fedfs.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads resolve, flush and follow while records change and the watch comes and goes. When all is quiet, what is cached
 * and what listeners were told last must be what the NSDB has.
 */
@Timeout(120)
class RacesTest {
    private static final int FILESETS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** An NSDB with a history, whose answers take a while, so that they are outdated now and then when they arrive. */
    private static final class RacingNsdb implements NsdbClient {
        private final ExecutorService network = Executors.newFixedThreadPool(3);
        private final List<Changed> history = new ArrayList<>();
        private final long[] versions = new long[FILESETS];
        private Open open;

        private record Open(WatchListener listener) implements Stream {
            @Override
            public void cancel() {}
        }

        synchronized void change(int fileset) {
            long revision = history.size() + 1L;
            versions[fileset] = revision;
            Changed change = new Changed(FakeNsdb.fsn(fileset).uuid(), revision, false);
            history.add(change);
            if (open != null) {
                open.listener().events(revision, List.of(change));
            }
        }

        synchronized Located current(int fileset) {
            return new Located(
                    List.of(FakeNsdb.fsl(1, "/v" + versions[fileset])),
                    Duration.ofDays(1),
                    false,
                    versions[fileset],
                    history.size());
        }

        synchronized void loseStream(FedFsStatus why) {
            if (open != null) {
                Open lost = open;
                open = null;
                lost.listener().ended(new FailedLookup(Reason.NSDB_UNREACHABLE, why, "lost"));
            }
        }

        @Override
        public CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout) {
            CompletableFuture<Reply<Located>> reply = new CompletableFuture<>();
            int fileset = (int) fsn.uuid().getLeastSignificantBits();
            network.execute(() -> {
                Located located = current(fileset);
                Thread.onSpinWait();
                reply.complete(new Ok<>(located));
            });
            return reply;
        }

        @Override
        public CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout) {
            return CompletableFuture.completedFuture(new Ok<>(new Info("racing", 1)));
        }

        @Override
        public Stream watch(NsdbAddress nsdb, long afterRevision, WatchListener listener) {
            Open stream = new Open(listener);
            network.execute(() -> {
                synchronized (this) {
                    open = stream;
                    int from = (int) (afterRevision == 0 ? history.size() : afterRevision);
                    listener.events(from, List.of());
                    listener.events(history.size(), List.copyOf(history.subList(from, history.size())));
                }
            });
            return stream;
        }

        @Override
        public void close() {
            network.shutdownNow();
        }
    }

    @Test
    void cacheAndListenersEndUpWithTheTruth() throws Exception {
        long seed = System.nanoTime();
        ManualTime time = new ManualTime();
        RacingNsdb nsdb = new RacingNsdb();
        Map<Fsn, Resolution> told = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(5);
        try (CachingResolver resolver = new CachingResolver(
                ResolverConfig.defaults(),
                NsdbDirectory.ofDefaults(),
                nsdb,
                ReferralStore.none(),
                time.clockwork(),
                () -> {})) {
            for (int i = 0; i < FILESETS; i++) {
                nsdb.change(i);
            }
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Random random = new Random(seed + t);
                work.add(pool.submit(() -> use(resolver, random)));
            }
            Random random = new Random(seed + 99);
            work.add(pool.submit(() -> trouble(nsdb, time, random)));
            for (int i = 0; i < FILESETS / 2; i++) {
                Fsn fsn = FakeNsdb.fsn(i);
                Resolution known = resolver.resolve(fsn, PATIENCE);
                told.put(fsn, known);
                resolver.follow(fsn, known, told::put);
            }
            for (Future<?> each : work) {
                each.get(100, TimeUnit.SECONDS);
            }
            settle(resolver, time);

            for (int i = 0; i < FILESETS; i++) {
                Fsn fsn = FakeNsdb.fsn(i);
                String truth = nsdb.current(i).locations().get(0).path();
                Resolution answer = resolver.resolve(fsn, PATIENCE);
                assertThat(path(answer)).as("fileset %s, seed %s", i, seed).isEqualTo(truth);
                if (told.containsKey(fsn)) {
                    assertThat(path(told.get(fsn)))
                            .as("told of %s, seed %s", i, seed)
                            .isEqualTo(truth);
                }
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static void use(Resolver resolver, Random random) {
        for (int i = 0; i < 4_000; i++) {
            Fsn fsn = FakeNsdb.fsn(random.nextInt(FILESETS));
            if (random.nextInt(20) == 0) {
                resolver.flush(fsn);
            } else if (random.nextInt(50) == 0) {
                resolver.follow(fsn, (f, now) -> {}).close();
            } else {
                assertThat(resolver.resolve(fsn, PATIENCE)).isInstanceOf(Referral.class);
            }
        }
    }

    private static void trouble(RacingNsdb nsdb, ManualTime time, Random random) {
        for (int i = 0; i < 4_000; i++) {
            nsdb.change(random.nextInt(FILESETS));
            if (random.nextInt(40) == 0) {
                nsdb.loseStream(random.nextBoolean() ? FedFsStatus.WATCH_TOO_OLD : FedFsStatus.NSDB_DOWN);
            }
            if (random.nextInt(10) == 0) {
                time.advance(Duration.ofMillis(200));
            }
            Thread.onSpinWait();
        }
    }

    /** The watch is back and nothing is under way. */
    private static void settle(CachingResolver resolver, ManualTime time) throws InterruptedException {
        int quiet = 0;
        while (quiet < 20) {
            boolean busy = resolver.counters().get("in_flight") > 0
                    || resolver.nsdbs().stream().noneMatch(Resolver.NsdbReport::watching);
            quiet = busy ? 0 : quiet + 1;
            time.advance(Duration.ofMillis(50));
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    private static String path(Resolution resolution) {
        return ((Referral) resolution).locations().get(0).path();
    }
}

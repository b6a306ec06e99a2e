package io.fedfs.nsdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {
    private static final int THREADS = 8;

    @TempDir
    Path directory;

    private TestNsdb nsdb;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        nsdb.close();
    }

    private <T> List<T> together(IntFunction<Callable<T>> work) throws InterruptedException, ExecutionException {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Callable<T> mine = work.apply(i);
            running.add(threads.submit(() -> {
                start.await(30, TimeUnit.SECONDS);
                return mine.call();
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> future : running) {
            results.add(future.get());
        }
        return results;
    }

    @Test
    void everyCreationHasARevisionOfItsOwn() throws Exception {
        int each = 50;
        List<List<Fsn>> made = together(i -> () -> {
            List<Fsn> mine = new ArrayList<>();
            for (int n = 0; n < each; n++) {
                mine.add(nsdb.newFsn());
            }
            return mine;
        });
        Set<Long> revisions = new HashSet<>();
        Set<String> uuids = new HashSet<>();
        made.forEach(list -> list.forEach(fsn -> {
            revisions.add(fsn.getRevision());
            uuids.add(fsn.getUuid());
        }));
        long last = nsdb.store.revision();
        assertThat(last).isEqualTo(Math.multiplyExact(THREADS, each));
        assertThat(uuids).hasSize(THREADS * each);
        assertThat(revisions).hasSize(THREADS * each).contains(1L, last);
        assertThat(nsdb.nsdb.getInfo(GetInfoRequest.getDefaultInstance()).getFsnCount())
                .isEqualTo(last);
    }

    @Test
    void ofWritersThatExpectTheSameRevisionExactlyOneWins() throws Exception {
        Fsn fsn = nsdb.newFsn();
        long expected = fsn.getRevision();
        for (int round = 0; round < 10; round++) {
            long revision = expected;
            List<FedFsStatus> outcomes =
                    together(i -> () -> outcome(() -> nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                            .setUuid(fsn.getUuid())
                            .setTtlSeconds(i)
                            .setExpectedRevision(revision)
                            .build())));
            assertThat(outcomes).containsOnlyOnce(FedFsStatus.OK);
            assertThat(outcomes)
                    .filteredOn(FedFsStatus.REVISION_MISMATCH::equals)
                    .hasSize(THREADS - 1);
            expected = nsdb.nsdb
                    .getFsn(GetFsnRequest.newBuilder().setUuid(fsn.getUuid()).build())
                    .getFsn()
                    .getRevision();
        }
    }

    @Test
    void ofCreatorsOfOneUuidExactlyOneWins() throws Exception {
        String uuid = UUID.randomUUID().toString();
        List<FedFsStatus> outcomes = together(i -> () -> outcome(() ->
                nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder().setUuid(uuid).build())));
        assertThat(outcomes).containsOnlyOnce(FedFsStatus.OK);
        assertThat(outcomes).filteredOn(FedFsStatus.EXIST::equals).hasSize(THREADS - 1);
    }

    @Test
    void noReadIsOlderThanAnAcknowledgedWrite() throws Exception {
        Fsn fsn = nsdb.newFsn();
        Fsl fsl = nsdb.newFsl(fsn, "/0");
        ResolveRequest resolve =
                ResolveRequest.newBuilder().setFsnUuid(fsn.getUuid()).build();
        List<Boolean> sound = together(i -> () -> {
            for (int n = 0; n < 100; n++) {
                long known = i == 0
                        ? nsdb.nsdb
                                .updateFsl(UpdateFslRequest.newBuilder()
                                        .setFsl(fsl.toBuilder().setExportPath("/" + n))
                                        .build())
                                .getRevision()
                        : nsdb.store.revision();
                var referral = nsdb.nsdb.resolve(resolve);
                if (referral.getNsdbRevision() < known || referral.getRevision() < known) {
                    return false;
                }
            }
            return true;
        });
        assertThat(sound).containsOnly(true);
    }

    private static FedFsStatus outcome(Runnable call) {
        try {
            call.run();
            return FedFsStatus.OK;
        } catch (StatusRuntimeException e) {
            return StatusTrailer.read(e).map(d -> FedFsStatus.of(d.getStatus())).orElse(FedFsStatus.SVRFAULT);
        }
    }
}

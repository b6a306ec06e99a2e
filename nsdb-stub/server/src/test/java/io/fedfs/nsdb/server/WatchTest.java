package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Change;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    private static final int PATIENCE_S = 30;

    @TempDir
    Path directory;

    /** A watcher that takes messages only when asked, so that flow control can be seen. */
    private static final class Watching implements ClientResponseObserver<WatchRequest, WatchEvent> {
        private final LinkedBlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile Throwable failure;
        private volatile ClientCallStreamObserver<WatchRequest> call;
        private final boolean automatic;

        Watching(TestNsdb nsdb, long after, boolean automatic) {
            this.automatic = automatic;
            nsdb.async.watch(WatchRequest.newBuilder().setAfterRevision(after).build(), this);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
            call = stream;
            if (!automatic) {
                stream.disableAutoRequestWithInitial(1);
            }
        }

        @Override
        public void onNext(WatchEvent event) {
            events.add(event);
        }

        @Override
        public void onError(Throwable t) {
            failure = t;
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            ended.countDown();
        }

        WatchEvent next() throws InterruptedException {
            WatchEvent event = events.poll(PATIENCE_S, TimeUnit.SECONDS);
            assertThat(event).as("an event").isNotNull();
            return event;
        }

        /** Changes until the stream has told everything up to this revision. */
        List<Change> upTo(long revision) throws InterruptedException {
            List<Change> changes = new ArrayList<>();
            WatchEvent event;
            do {
                event = next();
                changes.addAll(event.getChangesList());
            } while (event.getRevision() < revision);
            return changes;
        }

        void endsWith(FedFsStatus status) throws InterruptedException {
            assertThat(ended.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
            refused(status, () -> {
                throw failure;
            });
        }
    }

    @Test
    void streamBeginsWithAHeartbeatAndTellsEachKindOfChange() throws Exception {
        try (TestNsdb nsdb = new TestNsdb(directory)) {
            nsdb.newFsn();
            Watching watching = new Watching(nsdb, 0, true);
            WatchEvent first = watching.next();
            assertThat(first.getChangesList()).isEmpty();
            assertThat(first.getRevision()).isEqualTo(1);

            Fsn fsn = nsdb.newFsn();
            assertThat(watching.next()).isEqualTo(event(2, Change.Kind.KIND_FSN, fsn.getUuid()));
            nsdb.newFsl(fsn, "/a");
            assertThat(watching.next()).isEqualTo(event(3, Change.Kind.KIND_FSN, fsn.getUuid()));
            nsdb.nsdb.deleteFsn(DeleteFsnRequest.newBuilder()
                    .setUuid(fsn.getUuid())
                    .setWithFsls(true)
                    .build());
            assertThat(watching.next()).isEqualTo(event(4, Change.Kind.KIND_FSN_DELETED, fsn.getUuid()));
            nsdb.nsdb.createNamespace(CreateNamespaceRequest.newBuilder()
                    .setNamespace(Namespace.newBuilder().setName("lab").setRootFsn("nsdb://h/" + fsn.getUuid()))
                    .build());
            assertThat(watching.next()).isEqualTo(event(5, Change.Kind.KIND_NAMESPACE, "lab"));
            nsdb.nsdb.deleteNamespace(
                    DeleteNamespaceRequest.newBuilder().setName("lab").build());
            assertThat(watching.next()).isEqualTo(event(6, Change.Kind.KIND_NAMESPACE_DELETED, "lab"));
        }
    }

    private static WatchEvent event(long revision, Change.Kind kind, String key) {
        return WatchEvent.newBuilder()
                .setRevision(revision)
                .addChanges(Change.newBuilder().setKind(kind).setKey(key).setRevision(revision))
                .build();
    }

    @Test
    void watchResumesAfterARevisionEvenAcrossARestart() throws Exception {
        Fsn second;
        Fsn third;
        try (TestNsdb nsdb = new TestNsdb(directory)) {
            nsdb.newFsn();
            second = nsdb.newFsn();
            third = nsdb.newFsn();
        }
        try (TestNsdb nsdb = new TestNsdb(directory)) {
            Watching watching = new Watching(nsdb, 1, true);
            assertThat(watching.next().getRevision()).isEqualTo(1);
            assertThat(watching.upTo(3)).extracting(Change::getKey).containsExactly(second.getUuid(), third.getUuid());
        }
    }

    @Test
    void revisionOutsideTheLogIsTooOld() throws Exception {
        try (TestNsdb nsdb =
                new TestNsdb(directory, StoreSettings.defaults().withChangeLog(5), Duration.ofSeconds(10))) {
            for (int i = 0; i < 20; i++) {
                nsdb.newFsn();
            }
            new Watching(nsdb, 3, true).endsWith(FedFsStatus.WATCH_TOO_OLD);
            new Watching(nsdb, 21, true).endsWith(FedFsStatus.WATCH_TOO_OLD);
            assertThat(new Watching(nsdb, 16, true).upTo(20)).hasSize(4);
            new Watching(nsdb, -1, true).endsWith(FedFsStatus.INVAL);
        }
    }

    @Test
    void idleStreamIsToldThatItIsAlive() throws Exception {
        try (TestNsdb nsdb = new TestNsdb(directory, StoreSettings.defaults(), Duration.ofMillis(20))) {
            Watching watching = new Watching(nsdb, 0, true);
            for (int i = 0; i < 4; i++) {
                assertThat(watching.next().getChangesList()).isEmpty();
            }
        }
    }

    @Test
    void slowWatcherCostsNothingAndFallsOutOfTheLog() throws Exception {
        try (TestNsdb nsdb =
                new TestNsdb(directory, StoreSettings.defaults().withChangeLog(10), Duration.ofSeconds(10))) {
            Watching slow = new Watching(nsdb, 0, false);
            Watching quick = new Watching(nsdb, 0, true);
            slow.next();
            quick.next();
            for (int i = 1; i <= 200; i++) {
                nsdb.newFsn();
                quick.upTo(i);
            }
            assertThat(slow.events)
                    .as("nothing was sent that was not asked for")
                    .isEmpty();
            slow.call.request(100);
            slow.endsWith(FedFsStatus.WATCH_TOO_OLD);
        }
    }

    @Test
    void watchersAreCountedAndForgotten() throws Exception {
        try (TestNsdb nsdb = new TestNsdb(directory)) {
            Watching watching = new Watching(nsdb, 0, true);
            watching.next();
            assertThat(nsdb.nsdb.getInfo(GetInfoRequest.getDefaultInstance()).getWatcherCount())
                    .isEqualTo(1);
            watching.call.cancel("enough", null);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
            while (nsdb.server.watchers() > 0 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(nsdb.server.watchers()).isZero();
        }
    }

    @Test
    void stoppingServerEndsItsStreams() throws Exception {
        try (TestNsdb nsdb = new TestNsdb(directory)) {
            Watching watching = new Watching(nsdb, 0, true);
            watching.next();
            nsdb.server.close();
            watching.endsWith(FedFsStatus.NSDB_DOWN);
        }
    }
}

package io.fedfs.nsdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.StatusDetail;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A whole NSDB in this process: a real store in a directory, the real service, calls without a network. */
final class TestNsdb implements AutoCloseable {
    static final long T0 = 1_700_000_000_000L;

    final NsdbStore store;
    final NsdbServer server;
    final AtomicLong nowMs = new AtomicLong(T0);
    private final ManagedChannel channel;
    final NsdbGrpc.NsdbBlockingStub nsdb;
    final NsdbGrpc.NsdbStub async;

    TestNsdb(Path directory) {
        this(directory, StoreSettings.defaults(), Duration.ofSeconds(10));
    }

    TestNsdb(Path directory, StoreSettings settings, Duration heartbeat) {
        this.store = SqliteStore.open(directory, settings);
        String name = "nsdb-" + UUID.randomUUID();
        this.server = new NsdbServer(
                store,
                ServerSettings.defaults("test").withHeartbeat(heartbeat),
                InProcessServerBuilder.forName(name),
                clock(),
                Guard.NONE,
                List.of());
        server.start(new ListenAddress("127.0.0.1", 7532));
        this.channel = InProcessChannelBuilder.forName(name).build();
        this.nsdb = NsdbGrpc.newBlockingStub(channel);
        this.async = NsdbGrpc.newStub(channel);
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(nowMs.get());
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    Fsn newFsn() {
        return nsdb.createFsn(CreateFsnRequest.getDefaultInstance());
    }

    Fsl newFsl(Fsn fsn, String path) {
        return nsdb.addFsl(
                AddFslRequest.newBuilder().setFsl(local(fsn.getUuid(), path)).build());
    }

    static Fsl.Builder local(String fsn, String path) {
        return Fsl.newBuilder()
                .setFsnUuid(fsn)
                .setType("local")
                .setHost("files1.example.org")
                .setExportPath(path);
    }

    /** The call must be refused with this status, and its trailers must say so. */
    static StatusDetail refused(FedFsStatus status, ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure).as("the call should be refused").isNotNull();
        StatusDetail detail = StatusTrailer.read(failure).orElseThrow(() -> new AssertionError("no detail", failure));
        assertThat(FedFsStatus.of(detail.getStatus())).as(detail.getMessage()).isEqualTo(status);
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(StatusTrailer.code(status));
        assertThat(Status.fromThrowable(failure).getDescription()).contains(detail.getMessage());
        return detail;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        store.close();
    }
}

package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.ResolveRequest;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every call: counters, limits, and how failures leave. */
class ServiceTest {
    @TempDir
    Path directory;

    private TestNsdb nsdb;

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
    }

    @AfterEach
    void close() {
        nsdb.close();
    }

    private NsdbInfo info() {
        return nsdb.nsdb.getInfo(GetInfoRequest.getDefaultInstance());
    }

    @Test
    void infoCountsWhatIsThereAndEveryResolve() {
        NsdbInfo empty = info();
        assertThat(empty.getServerVersion()).isEqualTo("test");
        assertThat(empty.getStoreFormat()).isEqualTo(2);
        assertThat(empty.getRevision() + empty.getFsnCount() + empty.getFslCount() + empty.getResolveCount())
                .isZero();
        Fsn fsn = nsdb.newFsn();
        nsdb.newFsl(fsn, "/a");
        ResolveRequest resolve =
                ResolveRequest.newBuilder().setFsnUuid(fsn.getUuid()).build();
        nsdb.nsdb.resolve(resolve);
        nsdb.nsdb.resolve(resolve);
        refused(FedFsStatus.INVAL, () -> nsdb.nsdb.resolve(ResolveRequest.getDefaultInstance()));

        assertThat(info().getResolveCount()).isEqualTo(3);
        assertThat(info().getFsnCount()).isEqualTo(1);
        assertThat(info().getFslCount()).isEqualTo(1);
        assertThat(info().getRevision()).isEqualTo(2);
    }

    @Test
    void requestAboveTheLimitIsToldTheLimit() {
        CreateFsnRequest huge = CreateFsnRequest.newBuilder()
                .addAllDescriptions(Collections.nCopies(1_100, "d".repeat(4_000)))
                .build();
        assertThat(refused(FedFsStatus.INVAL, () -> nsdb.nsdb.createFsn(huge)).getMessage())
                .contains(String.valueOf(4 << 20));
    }

    @Test
    void callAfterTheStoreClosedSaysThatTheNsdbStops() {
        nsdb.store.close();
        refused(FedFsStatus.NSDB_DOWN, nsdb::newFsn);
        refused(
                FedFsStatus.NSDB_DOWN,
                () -> nsdb.nsdb.resolve(ResolveRequest.newBuilder()
                        .setFsnUuid("11111111-2222-4333-8444-555555555555")
                        .build()));
    }

    @Test
    void everyStatusHasAGrpcCodeOtherThanOk() {
        for (FedFsStatus status : FedFsStatus.values()) {
            assertThat(StatusTrailer.code(status) == Status.Code.OK).isEqualTo(status == FedFsStatus.OK);
        }
    }
}

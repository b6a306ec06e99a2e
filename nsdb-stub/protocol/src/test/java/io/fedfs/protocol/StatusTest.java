package io.fedfs.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.v1.StatusDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusTest {
    @Test
    void numbersAreThoseOfTheRfc() {
        assertThat(FedFsStatus.OK.number()).isZero();
        assertThat(FedFsStatus.EXIST.number()).isEqualTo(7);
        assertThat(FedFsStatus.INVAL.number()).isEqualTo(8);
        assertThat(FedFsStatus.SVRFAULT.number()).isEqualTo(15);
        assertThat(FedFsStatus.NSDB_NOFSN.number()).isEqualTo(24);
        assertThat(FedFsStatus.NSDB_NOFSL.number()).isEqualTo(25);
        assertThat(FedFsStatus.NSDB_PARAMS.number()).isEqualTo(28);
        assertThat(FedFsStatus.NO_CACHE_UPDATE.number()).isEqualTo(37);
        for (int number = 0; number <= 37; number++) {
            assertThat(FedFsStatus.of(number).number()).isEqualTo(number);
        }
    }

    @Test
    void eachNumberIsGivenOnceOursFrom100AndAllAreExitCodes() {
        Set<Integer> numbers = new HashSet<>();
        for (FedFsStatus status : FedFsStatus.values()) {
            assertThat(numbers.add(status.number())).as(status.name()).isTrue();
            assertThat(status.number()).isBetween(0, 125);
            assertThat(FedFsStatus.of(status.number())).isSameAs(status);
        }
        assertThat(FedFsStatus.REVISION_MISMATCH.number()).isEqualTo(100);
    }

    @Test
    void numberOfALaterVersionIsAServerFault() {
        assertThat(FedFsStatus.of(9999)).isEqualTo(FedFsStatus.SVRFAULT);
    }

    @Test
    void namesAreSpeltAsInTheRfc() {
        assertThat(FedFsStatus.OK.rfcName()).isEqualTo("FEDFS_OK");
        assertThat(FedFsStatus.NSDB_NOFSN.rfcName()).isEqualTo("FEDFS_ERR_NSDB_NOFSN");
    }

    @Test
    void detailTravelsInTheTrailers() {
        StatusDetail detail = StatusDetail.newBuilder()
                .setStatus(7)
                .setMessage("größer")
                .setField("uuid")
                .setOperationIndex(3)
                .build();
        Metadata trailers = new Metadata();
        StatusTrailer.put(trailers, StatusDetail.getDefaultInstance());
        StatusTrailer.put(trailers, detail);

        assertThat(StatusTrailer.read(trailers)).contains(detail);
        assertThat(StatusTrailer.read(new StatusRuntimeException(Status.ALREADY_EXISTS, trailers)))
                .contains(detail);
    }

    @Test
    void missingOrUnreadableDetailIsNone() {
        assertThat(StatusTrailer.read(new StatusRuntimeException(Status.UNAVAILABLE)))
                .isEmpty();
        assertThat(StatusTrailer.read(new IllegalStateException())).isEmpty();
        Metadata trailers = new Metadata();
        trailers.put(Metadata.Key.of("fedfs-status-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {-1, -1});
        assertThat(StatusTrailer.read(trailers)).isEmpty();
    }
}

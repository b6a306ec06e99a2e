package io.fedfs.protocol;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fedfs.v1.StatusDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Optional;

/**
 * The trailer in which every failed NSDB call carries its {@link StatusDetail}: the gRPC status says how the transport
 * fared, this one says what the federation means. Only classes that speak gRPC use it.
 */
public final class StatusTrailer {
    private static final Metadata.Key<byte[]> KEY =
            Metadata.Key.of("fedfs-status-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private StatusTrailer() {}

    /** Puts the detail in the trailers in place of any that is there. */
    public static void put(Metadata trailers, StatusDetail detail) {
        trailers.discardAll(KEY);
        trailers.put(KEY, detail.toByteArray());
    }

    /** The detail in these trailers; empty when there is none or it cannot be read ({@code trailers} may be null). */
    public static Optional<StatusDetail> read(Metadata trailers) {
        byte[] bytes = trailers == null ? null : trailers.get(KEY);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(StatusDetail.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            // An NSDB of another make may send what it likes; without a readable detail the gRPC status decides.
            return Optional.empty();
        }
    }

    /** The detail of a failed call, from what the gRPC stub threw; empty when the failure carries none. */
    public static Optional<StatusDetail> read(Throwable failure) {
        return read(Status.trailersFromThrowable(failure));
    }
}

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

    /** The gRPC code that goes with a status, for clients and tools that know only those. */
    public static Status.Code code(FedFsStatus status) {
        return switch (status) {
            case OK -> Status.Code.OK;
            case INVAL, BADNAME, BADCHAR, NAMETOOLONG, BADXDR -> Status.Code.INVALID_ARGUMENT;
            case NSDB_NOFSN, NO_FSL, NO_NAMESPACE -> Status.Code.NOT_FOUND;
            case EXIST -> Status.Code.ALREADY_EXISTS;
            case NSDB_NOFSL, FSN_INVALIDATED, FSN_HAS_FSLS, NAMESPACE_AMBIGUOUS, EXCLUSIVE, MOVING ->
                Status.Code.FAILED_PRECONDITION;
            case REVISION_MISMATCH -> Status.Code.ABORTED;
            case WATCH_TOO_OLD -> Status.Code.OUT_OF_RANGE;
            case ACCESS, PERM -> Status.Code.PERMISSION_DENIED;
            case NSDB_AUTH -> Status.Code.UNAUTHENTICATED;
            case DELAY, NOSPC -> Status.Code.RESOURCE_EXHAUSTED;
            case NSDB_DOWN -> Status.Code.UNAVAILABLE;
            case NOTSUPP -> Status.Code.UNIMPLEMENTED;
            case TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
            default -> Status.Code.INTERNAL;
        };
    }
}

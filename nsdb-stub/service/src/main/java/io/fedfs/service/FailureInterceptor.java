package io.fedfs.service;

import com.google.protobuf.MessageLite;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.StatusDetail;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes a gRPC status with a {@link StatusDetail} in its trailers. What the service did not
 * foresee becomes SVRFAULT and is logged with its stack; the client hears nothing of the inside.
 */
public final class FailureInterceptor implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(FailureInterceptor.class);

    private final String who;

    /** @param who serves, as a client is told when the service fails: {@code the NSDB} */
    public FailureInterceptor(String who) {
        this.who = who;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        MappingCall<Q, A> mapping = new MappingCall<>(call);
        ServerCall.Listener<Q> listener = next.startCall(mapping, headers);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                if (message instanceof MessageLite m && m.getSerializedSize() > Transport.MESSAGE_BYTES) {
                    mapping.fail(new ServiceException(
                            FedFsStatus.INVAL, "a request may have at most " + Transport.MESSAGE_BYTES + " bytes"));
                } else {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (mapping.closed) {
                    return;
                }
                try {
                    super.onHalfClose();
                } catch (RuntimeException e) {
                    mapping.fail(e);
                }
            }
        };
    }

    private final class MappingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private volatile boolean closed;

        MappingCall(ServerCall<Q, A> call) {
            super(call);
        }

        void fail(Throwable failure) {
            close(Status.UNKNOWN.withCause(failure), new Metadata());
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (closed) {
                return;
            }
            closed = true;
            if (status.isOk() || isCancelled()) {
                super.close(status, trailers);
                return;
            }
            ServiceException failure = known(status);
            StatusTrailer.put(trailers, failure.detail());
            super.close(
                    Status.fromCode(StatusTrailer.code(failure.status()))
                            .withDescription(failure.status().rfcName() + ": " + failure.getMessage()),
                    trailers);
        }

        private ServiceException known(Status status) {
            Throwable cause = status.getCause();
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            if (cause instanceof ServiceException e) {
                return e;
            }
            if (cause == null && status.getCode() == Status.Code.INTERNAL) {
                // gRPC's own verdict on a request that is not one: too many messages, none at all.
                return new ServiceException(FedFsStatus.BADXDR, String.valueOf(status.getDescription()));
            }
            log.error("{} failed: {}", getMethodDescriptor().getFullMethodName(), status.getCode(), cause);
            return new ServiceException(FedFsStatus.SVRFAULT, who + " failed; its log says why");
        }
    }
}

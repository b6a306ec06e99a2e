package io.fedfs.fileserver.service;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a stream no faster than its client takes it, so that what waits takes no memory. It asks again and again, because gRPC
 * tells of a client's readiness on the very thread that sends.
 */
final class Pace<T> {
    /** A client that takes nothing for so long is given up. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long PAUSE_NANOS = 1_000_000;

    private final ServerCallStreamObserver<T> call;

    Pace(ServerCallStreamObserver<T> call) {
        this.call = call;
    }

    /**
     * Sends one when the client is ready for it.
     *
     * @return false when the client is gone
     * @throws ServiceException TIMEOUT when it takes nothing any more
     */
    boolean send(T message) {
        long began = System.nanoTime();
        while (!call.isReady()) {
            if (isGone()) {
                return false;
            }
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new ServiceException(FedFsStatus.TIMEOUT, "the client does not take the list");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        call.onNext(message);
        return !isGone();
    }

    /** Nobody takes what is sent. */
    boolean isGone() {
        return Context.current().isCancelled();
    }
}

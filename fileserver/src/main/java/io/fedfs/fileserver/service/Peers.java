package io.fedfs.fileserver.service;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.grpc.NettyDialer;
import io.fedfs.resolver.grpc.NsdbChannels;
import io.fedfs.v1.FileServerGrpc;
import io.fedfs.v1.StatusDetail;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The agents of other file servers, found by the host name in an FSL, at the agents' port unless nsdbs.yaml says otherwise. */
final class Peers implements AutoCloseable {
    private final NettyDialer dialer = new NettyDialer();
    private final NsdbChannels channels;
    private final Duration timeout;

    /**
     * @param directory how file servers are reached
     * @param timeout bound of each call
     */
    Peers(NsdbDirectory directory, Duration timeout) {
        this.channels = new NsdbChannels(directory, dialer);
        this.timeout = timeout;
    }

    /** How a call ended. */
    record Outcome(FedFsStatus status, String message) {
        static final Outcome DONE = new Outcome(FedFsStatus.OK, "");
    }

    /** Makes one call of the agent at a host. */
    Outcome call(String host, Consumer<FileServerGrpc.FileServerBlockingStub> call) {
        try {
            NsdbAddress address = NsdbAddress.parse(host, NsdbAddress.SERVER_PORT);
            call.accept(FileServerGrpc.newBlockingStub(channels.to(address))
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS));
            return Outcome.DONE;
        } catch (NsdbConfigException | IllegalArgumentException e) {
            return new Outcome(FedFsStatus.NSDB_PARAMS, e.getMessage());
        } catch (StatusRuntimeException e) {
            Optional<StatusDetail> detail = StatusTrailer.read(e);
            return detail.isPresent()
                    ? new Outcome(
                            FedFsStatus.of(detail.get().getStatus()),
                            detail.get().getMessage())
                    : new Outcome(
                            FedFsStatus.SERVER_DOWN,
                            "the agent at " + host + " does not answer: "
                                    + e.getStatus().getCode());
        }
    }

    @Override
    public void close() {
        channels.close();
        dialer.close();
    }
}

package io.fedfs.service;

import io.fedfs.authority.tls.ServerTls;
import io.fedfs.authority.tls.TlsTrust;
import io.fedfs.protocol.FedFsStatus;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The network under the service, with its bounds. */
public final class Transport {
    /** What a request may have, and what gRPC clients take by default. */
    public static final int MESSAGE_BYTES = 4 << 20;

    /** Above the service's own limit, so that a request a little too large gets an answer that says so. */
    private static final int HARD_MESSAGE_BYTES = 2 * MESSAGE_BYTES;

    private static final int CALLS_PER_CONNECTION = 1_000;

    private Transport() {}

    /**
     * HTTP/2 on a TCP port. What waits for a thread is bounded by the calls that each connection may have open. Clients may ask
     * every 5 s whether the connection lives, without a call too; a client that is gone is noticed within a minute and
     * half, and its watch ends.
     *
     * @param refusals hears of client certificates that are not believed
     * @throws ServiceException INVAL with a message for the administrator when a TLS file cannot be used
     */
    public static ServerBuilder<?> tcp(ListenAddress listen, Optional<ServerTls> tls, TlsTrust.Refusals refusals) {
        NettyServerBuilder builder;
        try {
            builder = NettyServerBuilder.forAddress(listen.resolve(), ServerTls.credentials(tls, refusals));
        } catch (IOException | IllegalArgumentException e) {
            throw new ServiceException(FedFsStatus.INVAL, "cannot use the TLS files: " + e.getMessage(), e);
        }
        return builder.maxInboundMessageSize(HARD_MESSAGE_BYTES)
                .maxInboundMetadataSize(16 * 1024)
                .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(60, TimeUnit.SECONDS)
                .keepAliveTimeout(20, TimeUnit.SECONDS)
                .handshakeTimeout(10, TimeUnit.SECONDS);
    }
}

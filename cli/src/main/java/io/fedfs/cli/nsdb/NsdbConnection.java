package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A channel to one NSDB for the length of a command. */
public final class NsdbConnection implements AutoCloseable {
    /** A page of filesets with many locations each may pass gRPC's default of 4 MiB. */
    private static final int MAX_MESSAGE = 32 << 20;

    private final NsdbAddress address;
    private final Duration timeout;
    private final ManagedChannel channel;

    private NsdbConnection(NsdbAddress address, Duration timeout, ManagedChannel channel) {
        this.address = address;
        this.timeout = timeout;
        this.channel = channel;
    }

    /**
     * Prepares to speak to an NSDB; the first call connects.
     *
     * @param timeout bound of each call, connecting included
     */
    public static NsdbConnection open(NsdbAddress address, Duration timeout) {
        ChannelCredentials credentials =
                isLoopback(address.host()) ? InsecureChannelCredentials.create() : TlsChannelCredentials.create();
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(address.host(), address.port(), credentials)
                .maxInboundMessageSize(MAX_MESSAGE)
                .build();
        return new NsdbConnection(address, timeout, channel);
    }

    /** Whether a name can only mean this host. */
    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
    }

    /** Who is at the other end, as it was given. */
    public NsdbAddress address() {
        return address;
    }

    /** The name that FSNs of this NSDB carry: as its administrator set it, else the one it was reached by. */
    public NsdbAddress name() {
        String advertised =
                call(stub -> stub.getInfo(GetInfoRequest.getDefaultInstance())).getAdvertisedName();
        try {
            return advertised.isEmpty() ? address : NsdbAddress.parse(advertised);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    FedFsStatus.NSDB_RESPONSE,
                    "NSDB " + address + " calls itself what cannot be: " + e.getMessage(),
                    "",
                    e);
        }
    }

    /**
     * Makes one call.
     *
     * @throws CommandFailure when it fails
     */
    public <T> T call(Function<NsdbGrpc.NsdbBlockingStub, T> call) {
        try {
            return call.apply(
                    NsdbGrpc.newBlockingStub(channel).withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (StatusRuntimeException e) {
            throw NsdbFailures.of(address, timeout, e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.grpc.NettyDialer;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A channel to one NSDB for the length of a command, made with the parameters that mounts use for it too (nsdbs.yaml): what
 * an administrator can reach is then what clients can reach.
 */
public final class NsdbConnection implements AutoCloseable {
    private final NsdbAddress address;
    private final Duration timeout;
    private final NettyDialer dialer;
    private final ManagedChannel channel;

    private NsdbConnection(NsdbAddress address, Duration timeout, NettyDialer dialer, ManagedChannel channel) {
        this.address = address;
        this.timeout = timeout;
        this.dialer = dialer;
        this.channel = channel;
    }

    /**
     * Prepares to speak to an NSDB; the first call connects.
     *
     * @param timeout bound of each call, connecting included
     * @throws CommandFailure NSDB_PARAMS when the configuration says not to, or cannot be used
     */
    public static NsdbConnection open(NsdbDirectory directory, NsdbAddress address, Duration timeout) {
        directory.refusal(address).ifPresent(why -> {
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, why, "");
        });
        NettyDialer dialer = new NettyDialer();
        try {
            return new NsdbConnection(address, timeout, dialer, dialer.dial(directory.lookup(address)));
        } catch (NsdbConfigException e) {
            dialer.close();
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, e.getMessage(), "", e);
        }
    }

    /** Who is at the other end, as it was given. */
    public NsdbAddress address() {
        return address;
    }

    /**
     * The name that FSNs of this NSDB carry: the DNS name that it advertises, else the one it was reached by. An address that
     * it advertises is no better than what the administrator typed, and may even be the 0.0.0.0 it listens on.
     */
    public NsdbAddress name() {
        String advertised =
                call(stub -> stub.getInfo(GetInfoRequest.getDefaultInstance())).getAdvertisedName();
        if (advertised.isEmpty()) {
            return address;
        }
        try {
            NsdbAddress name = NsdbAddress.parse(advertised);
            return FsnNames.isLiteral(name.host()) ? address : name;
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
            throw CallFailures.ofNsdb(address).of(timeout, e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        dialer.close();
    }
}

package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.CallFailures;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.grpc.NettyDialer;
import io.fedfs.v1.FileServerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A channel to one file server's agent for the length of a command. */
final class ServerConnection implements AutoCloseable {
    private final NsdbAddress server;
    private final Duration timeout;
    private final NettyDialer dialer;
    private final ManagedChannel channel;

    private ServerConnection(NsdbAddress server, Duration timeout, NettyDialer dialer, ManagedChannel channel) {
        this.server = server;
        this.timeout = timeout;
        this.dialer = dialer;
        this.channel = channel;
    }

    /**
     * Prepares to speak to an agent; the first call connects.
     *
     * @param directory how NSDBs and file servers are reached
     * @param timeout bound of each call, connecting included
     * @throws CommandFailure NSDB_PARAMS when the configuration says not to, or cannot be used
     */
    static ServerConnection open(NsdbDirectory directory, NsdbAddress server, Duration timeout) {
        NsdbDirectory servers = directory.ofServers();
        servers.refusal(server).ifPresent(why -> {
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, why, "");
        });
        NettyDialer dialer = new NettyDialer();
        try {
            return new ServerConnection(server, timeout, dialer, dialer.dial(servers.lookup(server)));
        } catch (NsdbConfigException e) {
            dialer.close();
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, e.getMessage(), "", e);
        }
    }

    /**
     * Makes one call.
     *
     * @throws CommandFailure when it fails
     */
    <T> T call(Function<FileServerGrpc.FileServerBlockingStub, T> call) {
        try {
            return call.apply(FileServerGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /** What a failure means that came out of an answer read piece by piece. */
    CommandFailure failure(StatusRuntimeException e) {
        return CallFailures.ofServer(server).of(timeout, e);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        dialer.close();
    }
}

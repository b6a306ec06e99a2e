package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Calls of NSDBs that are neither cached nor repeated: for a program that changes records, such as the file server agent.
 * Safe for use by any number of threads; each waits for its own call, within a bound.
 */
public final class NsdbCaller implements AutoCloseable {
    private final NettyDialer dialer = new NettyDialer();
    private final NsdbChannels channels;

    /** @param directory how NSDBs are reached, and which may be asked at all */
    public NsdbCaller(NsdbDirectory directory) {
        this.channels = new NsdbChannels(directory, dialer);
    }

    /**
     * Makes one call and waits for its answer.
     *
     * @param timeout bound of the call, connecting included
     * @throws NsdbCallException when it fails
     */
    public <T> T call(NsdbAddress nsdb, Duration timeout, Function<NsdbGrpc.NsdbBlockingStub, T> call)
            throws NsdbCallException {
        try {
            return call.apply(NsdbGrpc.newBlockingStub(channels.to(nsdb))
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (NsdbConfigException e) {
            throw new NsdbCallException(FedFsStatus.NSDB_PARAMS, true, e.getMessage(), e);
        } catch (StatusRuntimeException e) {
            FailedLookup failure = StatusReader.read(nsdb, e);
            throw new NsdbCallException(failure.status(), StatusTrailer.read(e).isPresent(), failure.detail(), e);
        }
    }

    @Override
    public void close() {
        channels.close();
        dialer.close();
    }
}

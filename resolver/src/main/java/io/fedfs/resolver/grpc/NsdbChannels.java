package io.fedfs.resolver.grpc;

import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.config.NsdbParameters;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One channel per NSDB, opened when first wanted, with the parameters the configuration has for it.
 *
 * <p>A channel whose last connection attempt failed is replaced instead of waited for: gRPC would answer from that failure
 * until its own back-off ends, and the resolver has its own probe.
 */
public final class NsdbChannels implements AutoCloseable {

    /** Opens one channel. */
    @FunctionalInterface
    public interface Dialer {
        /**
         * Opens a channel without waiting for its connection.
         *
         * @throws NsdbConfigException when the parameters cannot be used, for instance a key file that is not readable
         */
        ManagedChannel dial(NsdbParameters parameters);
    }

    private final NsdbDirectory directory;
    private final Dialer dialer;
    private final Map<NsdbAddress, ManagedChannel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public NsdbChannels(NsdbDirectory directory, Dialer dialer) {
        this.directory = directory;
        this.dialer = dialer;
    }

    /**
     * The channel to this NSDB. Opening one does not wait for the connection.
     *
     * @throws NsdbConfigException when this NSDB must not be asked, or its parameters cannot be used
     */
    public ManagedChannel to(NsdbAddress nsdb) {
        ManagedChannel open = channels.get(nsdb);
        if (open != null && isSound(open)) {
            return open;
        }
        directory.refusal(nsdb).ifPresent(why -> {
            throw new NsdbConfigException(why);
        });
        ManagedChannel[] replaced = new ManagedChannel[1];
        ManagedChannel channel = channels.compute(nsdb, (key, before) -> {
            if (before != null && isSound(before)) {
                return before;
            }
            replaced[0] = before;
            return dialer.dial(directory.lookup(key));
        });
        if (replaced[0] != null) {
            replaced[0].shutdownNow();
        }
        if (closed) {
            channel.shutdownNow();
        }
        return channel;
    }

    /** The connection to this NSDB is in doubt: the next call makes a new one. Ends calls and streams on the old one. */
    public void discard(NsdbAddress nsdb) {
        ManagedChannel old = channels.remove(nsdb);
        if (old != null) {
            old.shutdownNow();
        }
    }

    @Override
    public void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    private boolean isSound(ManagedChannel channel) {
        return closed || channel.getState(false) != ConnectivityState.TRANSIENT_FAILURE;
    }
}

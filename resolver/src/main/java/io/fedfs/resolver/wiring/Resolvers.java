package io.fedfs.resolver.wiring;

import io.fedfs.resolver.CachingResolver;
import io.fedfs.resolver.Clockwork;
import io.fedfs.resolver.ReferralStore;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.ResolverThreads;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.grpc.GrpcNsdbClient;
import io.fedfs.resolver.grpc.NettyDialer;
import io.fedfs.resolver.grpc.NsdbChannels;
import io.fedfs.resolver.offline.OfflineCopy;
import java.nio.file.Path;

/** Resolvers as programs use them. Making one starts no thread and no connection; the first question does. */
public final class Resolvers {
    private Resolvers() {}

    /**
     * For a mount: cached, watching, with its last answers below the state directory.
     *
     * @param stateDirectory made when first written to; its copy is read here
     */
    public static Resolver forMount(ResolverConfig config, NsdbDirectory directory, Path stateDirectory) {
        ResolverThreads threads = new ResolverThreads();
        Clockwork clockwork = threads.clockwork();
        return resolver(
                config, directory, OfflineCopy.open(stateDirectory, clockwork, threads.disk()), clockwork, threads);
    }

    /** The same without a copy on disk; with {@link ResolverConfig#oneShot} for a command that asks once. */
    public static Resolver withoutState(ResolverConfig config, NsdbDirectory directory) {
        ResolverThreads threads = new ResolverThreads();
        return resolver(config, directory, ReferralStore.none(), threads.clockwork(), threads);
    }

    private static Resolver resolver(
            ResolverConfig config,
            NsdbDirectory directory,
            ReferralStore store,
            Clockwork clockwork,
            ResolverThreads threads) {
        NettyDialer dialer = new NettyDialer();
        GrpcNsdbClient client = new GrpcNsdbClient(
                new NsdbChannels(directory, dialer), dialer.io(), clockwork.ticker()::read, dialer::close);
        return new CachingResolver(config, directory, client, store, clockwork, threads::close);
    }
}

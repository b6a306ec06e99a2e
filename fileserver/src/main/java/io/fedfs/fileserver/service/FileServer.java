package io.fedfs.fileserver.service;

import io.fedfs.fileserver.config.ServerConfig;
import io.fedfs.fileserver.journal.Journal;
import io.fedfs.fileserver.place.Exports;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.wiring.Resolvers;
import io.fedfs.service.CallThreads;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.RunningServer;
import io.fedfs.v1.ServerInfo;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** An agent that listens: the service, health and reflection on one port. */
public final class FileServer implements AutoCloseable {
    /** Bound of one call of an NSDB; a promotion makes two at most. */
    private static final Duration NSDB_TIMEOUT = Duration.ofSeconds(5);

    /** Bound of one call of another agent. */
    private static final Duration PEER_TIMEOUT = Duration.ofSeconds(3);

    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Journal journal;
    private final Nsdbs nsdbs;
    private final Resolver resolver;
    private final Peers peers;
    private final References references;
    private final Unfinished unfinished;
    private final RunningServer server;

    /**
     * Puts the agent together, and begins to finish what was interrupted; {@link #start} makes it listen.
     *
     * @param version what GetServerInfo tells
     * @param hostName this host's own name
     * @param state the directory of the journal
     * @param directory how NSDBs are reached
     * @param guard who may call what
     * @param interceptors see every call with the status it ends with
     */
    public FileServer(
            String version,
            ServerConfig config,
            String hostName,
            Path state,
            NsdbDirectory directory,
            ServerBuilder<?> transport,
            Clock clock,
            Guard guard,
            List<ServerInterceptor> interceptors) {
        this.journal = Journal.open(state);
        this.nsdbs = new Nsdbs(directory, NSDB_TIMEOUT);
        this.resolver = Resolvers.withoutState(ResolverConfig.defaults(), directory);
        Exports exports = new Exports(config.exports());
        ThisServer here = ThisServer.of(config.name(), hostName);
        Promotions promotions = new Promotions(exports, here, nsdbs, journal, clock);
        this.references = new References(nsdbs);
        this.peers = new Peers(directory.ofServers(), PEER_TIMEOUT);
        Spreading spreading = new Spreading(here, nsdbs, peers, journal, clock);
        JunctionOperations junctions =
                new JunctionOperations(exports, nsdbs, resolver, spreading, references, NSDB_TIMEOUT);
        FileServerService service = new FileServerService(
                () -> ServerInfo.newBuilder()
                        .setServerVersion(version)
                        .setName(config.name())
                        .setExportCount(config.exports().size())
                        .setUnfinished(promotions.unfinished())
                        .build(),
                new ExportQueries(exports),
                new FilesetQueries(exports, here, nsdbs, promotions),
                promotions,
                junctions,
                spreading);
        this.server = new RunningServer(
                "the file server agent",
                service,
                transport,
                CallThreads.pool("fedfs-server", CallThreads.defaultNumber()),
                FileServerRules.of(config.name(), exports),
                guard,
                clock,
                interceptors,
                () -> {});
        this.unfinished = new Unfinished(
                journal, intent -> intent.hasSpread() ? junctions.resume(intent) : promotions.resume(intent), RETRY);
    }

    /**
     * Listens.
     *
     * @return the address with the port that was taken
     * @throws io.fedfs.service.ServiceException IO when the port cannot be had
     */
    public ListenAddress start(ListenAddress listen) {
        return server.start(listen);
    }

    /** Blocks until {@link #close} has ended everything. */
    public void awaitEnd() throws InterruptedException {
        server.awaitEnd();
    }

    /** Takes no more calls, lets the others finish, for 5 s at most. */
    @Override
    public void close() {
        server.close();
        unfinished.close();
        resolver.close();
        peers.close();
        references.close();
        nsdbs.close();
        journal.close();
    }
}

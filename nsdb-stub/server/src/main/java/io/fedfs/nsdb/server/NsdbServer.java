package io.fedfs.nsdb.server;

import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.service.CallThreads;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.RunningServer;
import io.fedfs.v1.NsdbInfo;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/** An NSDB that listens: the service, health and reflection on one port. The store is the caller's, also to close. */
public final class NsdbServer implements AutoCloseable {
    private final RunningServer server;
    private final NsdbService service;
    private final WatchHub hub;
    private volatile String name = "";

    /**
     * Puts the server together; {@link #start} makes it listen.
     *
     * @param transport where it listens
     * @param guard who may call what
     * @param interceptors see every call of the service with the status it ends with, the refused ones too
     * @throws NsdbException INVAL when the policy cannot be used
     */
    public NsdbServer(
            NsdbStore store,
            ServerSettings settings,
            ServerBuilder<?> transport,
            Clock clock,
            Guard guard,
            List<ServerInterceptor> interceptors) {
        ExecutorService calls = CallThreads.pool("nsdb", settings.threads());
        this.hub = new WatchHub(store, settings.heartbeat());
        this.service = new NsdbService(
                store,
                hub,
                calls,
                () -> NsdbInfo.newBuilder()
                        .setServerVersion(settings.version())
                        .setAdvertisedName(settings.advertised().orElse(name))
                        .build(),
                clock,
                UUID::randomUUID);
        this.server = new RunningServer(
                "the NSDB", service, transport, calls, NsdbRules.over(store), guard, clock, interceptors, hub::close);
    }

    /**
     * Listens.
     *
     * @param listen as the administrator wrote it; without an advertised name GetInfo tells this one with the real port
     * @return the same with the port that was taken
     * @throws io.fedfs.service.ServiceException IO when the port cannot be had
     */
    public ListenAddress start(ListenAddress listen) {
        ListenAddress actual = server.start(listen);
        boolean everywhere = listen.resolve().getAddress().isAnyLocalAddress();
        name = everywhere ? "" : actual.toString();
        return actual;
    }

    /** Resolve calls since the start. */
    public long resolves() {
        return service.resolves();
    }

    /** Open watch streams. */
    public int watchers() {
        return hub.watchers();
    }

    /** Blocks until {@link #close} has ended everything. */
    public void awaitEnd() throws InterruptedException {
        server.awaitEnd();
    }

    /** Takes no more calls, ends the watches, lets the other calls finish, for 5 s at most. */
    @Override
    public void close() {
        server.close();
    }
}

package io.fedfs.nsdb.server;

import io.fedfs.authority.AuthorityInterceptor;
import io.fedfs.authority.LivePolicy;
import io.fedfs.authority.Rules;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.yaml.YamlException;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An NSDB that listens: the service, health and reflection on one port. The store is the caller's, also to close. */
public final class NsdbServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NsdbServer.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final Server server;
    private final NsdbService service;
    private final WatchHub hub;
    private final HealthStatusManager health;
    private final LivePolicy policy;
    private final ThreadPoolExecutor calls;
    private final AtomicBoolean closed = new AtomicBoolean();
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
        Rules rules = NsdbRules.over(store);
        this.policy = policy(guard, rules);
        this.calls = pool(settings.threads());
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
        this.health = new HealthStatusManager();
        health.setStatus(NsdbGrpc.SERVICE_NAME, ServingStatus.SERVING);
        // The last in the list sees a call first, and its end last: those who count see what the client sees.
        List<ServerInterceptor> chain = new ArrayList<>();
        chain.add(new FailureInterceptor());
        chain.add(new AuthorityInterceptor(rules, policy, guard.audit(), clock, NsdbServer::meaning));
        chain.addAll(interceptors);
        this.server = transport
                .executor(calls)
                .addService(ServerInterceptors.intercept(service, chain))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .build();
    }

    private static LivePolicy policy(Guard guard, Rules rules) {
        try {
            return guard.policy()
                    .map(file -> LivePolicy.of(file, rules.operations()))
                    .orElseGet(LivePolicy::open);
        } catch (YamlException e) {
            throw new NsdbException(FedFsStatus.INVAL, e.getMessage(), e);
        }
    }

    private static FedFsStatus meaning(RuntimeException e) {
        return e instanceof NsdbException known ? known.status() : FedFsStatus.SVRFAULT;
    }

    /** Threads come with the load; what waits for one is bounded by the transport. */
    private static ThreadPoolExecutor pool(int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "nsdb-call-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Listens.
     *
     * @param listen as the administrator wrote it; without an advertised name GetInfo tells this one with the real port
     * @return the same with the port that was taken
     * @throws NsdbException IO when the port cannot be had
     */
    public ListenAddress start(ListenAddress listen) {
        try {
            server.start();
        } catch (IOException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new NsdbException(FedFsStatus.IO, "cannot listen on " + listen + ": " + reason.getMessage(), e);
        }
        ListenAddress actual = listen.withPort(server.getPort());
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
        server.awaitTermination();
    }

    /** Takes no more calls, ends the watches, lets the other calls finish, for 5 s at most. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        health.enterTerminalState();
        server.shutdown();
        hub.close();
        try {
            if (!server.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("calls were cut off that ran longer than {} s", STOP.toSeconds());
                server.shutdownNow();
                server.awaitTermination(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        calls.shutdown();
        policy.close();
    }
}

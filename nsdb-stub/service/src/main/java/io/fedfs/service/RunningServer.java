package io.fedfs.service;

import io.fedfs.authority.AuthorityInterceptor;
import io.fedfs.authority.LivePolicy;
import io.fedfs.authority.Rules;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.yaml.YamlException;
import io.grpc.BindableService;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One service that listens, with health and reflection on the same port. */
public final class RunningServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RunningServer.class);
    private static final Duration STOP = Duration.ofSeconds(5);

    private final Server server;
    private final HealthStatusManager health = new HealthStatusManager();
    private final ExecutorService calls;
    private final Runnable streams;
    private final LivePolicy policy;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Puts the server together; {@link #start} makes it listen.
     *
     * @param who serves, as clients are told of failures: {@code the NSDB}
     * @param transport where it listens
     * @param calls runs the calls; ended with the server
     * @param rules what each call is about; complete
     * @param guard who may call what; its audit log is the caller's, also to close
     * @param interceptors see every call of the service with the status it ends with
     * @param streams ends the streams that would never end by themselves, when the server is closed
     */
    public RunningServer(
            String who,
            BindableService service,
            ServerBuilder<?> transport,
            ExecutorService calls,
            Rules rules,
            Guard guard,
            Clock clock,
            List<ServerInterceptor> interceptors,
            Runnable streams) {
        this.calls = calls;
        this.streams = streams;
        this.policy = policy(guard, rules);
        var definition = service.bindService();
        health.setStatus(definition.getServiceDescriptor().getName(), ServingStatus.SERVING);
        // The last in the list sees a call first, and its end last: those who count see what the client sees.
        List<ServerInterceptor> chain = new ArrayList<>();
        chain.add(new FailureInterceptor(who));
        chain.add(new AuthorityInterceptor(rules, policy, guard.audit(), clock, RunningServer::meaning));
        chain.addAll(interceptors);
        this.server = transport
                .executor(calls)
                .addService(ServerInterceptors.intercept(definition, chain))
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
            throw new ServiceException(FedFsStatus.INVAL, e.getMessage(), e);
        }
    }

    private static FedFsStatus meaning(RuntimeException e) {
        return e instanceof ServiceException known ? known.status() : FedFsStatus.SVRFAULT;
    }

    /**
     * Listens.
     *
     * @param listen as the administrator wrote it
     * @return the same with the port that was taken
     * @throws ServiceException IO when the port cannot be had
     */
    public ListenAddress start(ListenAddress listen) {
        try {
            server.start();
        } catch (IOException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new ServiceException(FedFsStatus.IO, "cannot listen on " + listen + ": " + reason.getMessage(), e);
        }
        return listen.withPort(server.getPort());
    }

    /** Blocks until {@link #close} has ended everything. */
    public void awaitEnd() throws InterruptedException {
        server.awaitTermination();
    }

    /** Takes no more calls, ends the streams, lets the other calls finish, for 5 s at most. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        health.enterTerminalState();
        server.shutdown();
        streams.run();
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

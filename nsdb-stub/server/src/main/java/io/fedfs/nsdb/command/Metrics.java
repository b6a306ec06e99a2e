package io.fedfs.nsdb.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.server.NsdbServer;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ListenAddress;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Prometheus metrics over HTTP, for whoever may look on this machine: there is no TLS and no login, so it listens on loopback
 * only.
 */
final class Metrics implements AutoCloseable {
    private final ListenAddress listen;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final ConcurrentMap<CallKind, Timer> timers = new ConcurrentHashMap<>();
    private volatile HttpServer http;

    private record CallKind(String method, Status.Code code) {}

    Metrics(ListenAddress listen) {
        if (!listen.resolve().getAddress().isLoopbackAddress()) {
            throw new NsdbException(
                    FedFsStatus.INVAL, "--metrics listens on loopback addresses only, and " + listen + " is none");
        }
        this.listen = listen;
    }

    /** Times every call of the service, by method and gRPC code. A watch counts when it ends. */
    ServerInterceptor calls() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                long began = System.nanoTime();
                return next.startCall(
                        new SimpleForwardingServerCall<>(call) {
                            @Override
                            public void close(Status status, Metadata trailers) {
                                super.close(status, trailers);
                                timer(getMethodDescriptor().getBareMethodName(), status.getCode())
                                        .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                            }
                        },
                        headers);
            }
        };
    }

    private Timer timer(String method, Status.Code code) {
        return timers.computeIfAbsent(new CallKind(method, code), kind -> Timer.builder("fedfs.nsdb.calls")
                .description("Calls served, by method and gRPC status")
                .tag("method", method)
                .tag("code", code.name())
                .register(registry));
    }

    /**
     * Serves what is counted.
     *
     * @throws NsdbException IO when the port cannot be had
     */
    void start(NsdbStore store, NsdbServer server) {
        Gauge.builder("fedfs.nsdb.revision", store, s -> s.info().revision()).register(registry);
        Gauge.builder("fedfs.nsdb.fsns", store, s -> s.info().fsns()).register(registry);
        Gauge.builder("fedfs.nsdb.fsls", store, s -> s.info().fsls()).register(registry);
        Gauge.builder("fedfs.nsdb.watchers", server, NsdbServer::watchers).register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        try {
            InetSocketAddress address = listen.resolve();
            HttpServer serving = HttpServer.create(address, 16);
            serving.createContext("/metrics", this::answer);
            serving.start();
            http = serving;
        } catch (IOException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot serve metrics on " + listen + ": " + e.getMessage(), e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, text.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(text);
        }
    }

    /** Where it serves, for tests with port 0. */
    int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        if (http != null) {
            http.stop(0);
        }
        collections.close();
        registry.close();
    }
}

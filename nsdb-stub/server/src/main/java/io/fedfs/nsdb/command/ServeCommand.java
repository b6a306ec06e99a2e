package io.fedfs.nsdb.command;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.server.NsdbServer;
import io.fedfs.nsdb.server.ServerSettings;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.ListenOptions;
import io.fedfs.service.Version;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fedfs-nsdb serve}: the daemon, in the foreground. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves a store until it is told to stop (SIGTERM, SIGINT). Prints one line on stdout once it answers;",
            "logs to stderr."
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The store; made if it is not there.")
    private Path data;

    @Mixin
    private ListenOptions listening;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description = "The name that FSNs of this NSDB carry, if clients reach it under another one.")
    private String advertise;

    @Option(
            names = "--heartbeat",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "A watcher hears something at least this often. Default: ${DEFAULT-VALUE}.")
    private int heartbeatSeconds;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Serve Prometheus metrics over HTTP there, at /metrics; loopback only.")
    private String metrics;

    @Override
    public Integer call() throws Exception {
        ListenAddress address = listening.address(NsdbAddress.DEFAULT_PORT);
        Guard guard = listening.guard(Clock.systemUTC());
        ServerBuilder<?> transport = listening.transport(address, NsdbGrpc.SERVICE_NAME, guard.audit());
        ServerSettings settings = ServerSettings.defaults(Version.text())
                .withHeartbeat(heartbeat())
                .withAdvertised(advertised());
        Optional<Metrics> measured =
                metrics == null ? Optional.empty() : Optional.of(new Metrics(ListenAddress.parse(metrics)));
        List<ServerInterceptor> interceptors =
                measured.<List<ServerInterceptor>>map(m -> List.of(m.calls())).orElse(List.of());

        NsdbStore store = SqliteStore.open(data, StoreSettings.defaults());
        NsdbServer server;
        ListenAddress actual;
        try {
            server = new NsdbServer(store, settings, transport, Clock.systemUTC(), guard, interceptors);
            actual = server.start(address);
            measured.ifPresent(m -> m.start(store, server));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(measured, server, store, guard), "nsdb-stop"));
        spec.commandLine()
                .getOut()
                .println("fedfs-nsdb: serving nsdb://" + actual + " data=" + data.toAbsolutePath() + " revision="
                        + store.revision());
        spec.commandLine().getOut().flush();
        log.info("serving nsdb://{} from {}{}", actual, data.toAbsolutePath(), listening.hasTls() ? " with TLS" : "");
        server.awaitEnd();
        return FedFsStatus.OK.number();
    }

    private static void stop(Optional<Metrics> metrics, NsdbServer server, NsdbStore store, Guard guard) {
        log.info("stopping");
        metrics.ifPresent(Metrics::close);
        server.close();
        store.close();
        guard.audit().close();
        log.info("stopped");
    }

    private Duration heartbeat() {
        if (heartbeatSeconds < 1 || heartbeatSeconds > 3600) {
            throw new NsdbException(FedFsStatus.INVAL, "--heartbeat must be 1 to 3600 seconds");
        }
        return Duration.ofSeconds(heartbeatSeconds);
    }

    private Optional<String> advertised() {
        try {
            return Optional.ofNullable(advertise)
                    .map(text -> NsdbAddress.parse(text).toString());
        } catch (IllegalArgumentException e) {
            throw new NsdbException(FedFsStatus.INVAL, "--advertise: " + e.getMessage());
        }
    }
}

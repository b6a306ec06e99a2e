package io.fedfs.nsdb.command;

import io.fedfs.authority.AuditLog;
import io.fedfs.authority.tls.ServerTls;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.server.Guard;
import io.fedfs.nsdb.server.ListenAddress;
import io.fedfs.nsdb.server.NsdbServer;
import io.fedfs.nsdb.server.ServerSettings;
import io.fedfs.nsdb.server.Transport;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
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

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:" + NsdbAddress.DEFAULT_PORT,
            description = "Where to listen; port 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private String listen;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            description = "The name that FSNs of this NSDB carry, if clients reach it under another one.")
    private String advertise;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain (PEM): serve with TLS.")
    private Path tlsCertificates;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key (PEM, PKCS #8).")
    private Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Authorities (PEM) of clients' certificates. Without --policy only who shows one is served.")
    private Path tlsClientCa;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "Who may do what (YAML, read again when it changes). Without it everybody who gets a connection"
                            + " may do everything.")
    private Path policy;

    @Option(
            names = "--audit",
            paramLabel = "FILE",
            description = "Append every change and every refusal to this file, a JSON object a line.")
    private Path audit;

    @Option(
            names = "--allow-plaintext",
            description = "Listen without TLS on an address that other machines reach. Loopback needs no leave.")
    private boolean allowPlaintext;

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
        ListenAddress address = ListenAddress.parse(listen);
        Optional<ServerTls> tls = tls();
        refuseOpenPlaintext(address, tls);
        ServerSettings settings = ServerSettings.defaults(Version.text())
                .withHeartbeat(heartbeat())
                .withAdvertised(advertised());
        Optional<Metrics> measured =
                metrics == null ? Optional.empty() : Optional.of(new Metrics(ListenAddress.parse(metrics)));
        List<ServerInterceptor> interceptors =
                measured.<List<ServerInterceptor>>map(m -> List.of(m.calls())).orElse(List.of());

        warnOfOpenDoors(address, tls);
        AuditLog written = audit();
        Guard guard = new Guard(Optional.ofNullable(policy), written);
        NsdbStore store = SqliteStore.open(data, StoreSettings.defaults());
        NsdbServer server;
        ListenAddress actual;
        try {
            server = new NsdbServer(
                    store,
                    settings,
                    Transport.tcp(address, tls, (subject, from, why) -> refused(written, subject, from, why)),
                    Clock.systemUTC(),
                    guard,
                    interceptors);
            actual = server.start(address);
            measured.ifPresent(m -> m.start(store, server));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(measured, server, store, written), "nsdb-stop"));
        spec.commandLine()
                .getOut()
                .println("fedfs-nsdb: serving nsdb://" + actual + " data=" + data.toAbsolutePath() + " revision="
                        + store.revision());
        spec.commandLine().getOut().flush();
        log.info("serving nsdb://{} from {}{}", actual, data.toAbsolutePath(), tls.isPresent() ? " with TLS" : "");
        server.awaitEnd();
        return FedFsStatus.OK.number();
    }

    private static void stop(Optional<Metrics> metrics, NsdbServer server, NsdbStore store, AuditLog audit) {
        log.info("stopping");
        metrics.ifPresent(Metrics::close);
        server.close();
        store.close();
        audit.close();
        log.info("stopped");
    }

    private Optional<ServerTls> tls() {
        if (tlsCertificates == null && tlsKey == null && tlsClientCa == null) {
            return Optional.empty();
        }
        if (tlsCertificates == null || tlsKey == null) {
            throw new NsdbException(FedFsStatus.INVAL, "TLS needs both --tls-cert and --tls-key");
        }
        return Optional.of(new ServerTls(tlsCertificates, tlsKey, Optional.ofNullable(tlsClientCa), policy == null));
    }

    private void refuseOpenPlaintext(ListenAddress address, Optional<ServerTls> tls) {
        boolean loopback = address.resolve().getAddress().isLoopbackAddress();
        if (tls.isEmpty() && !loopback && !allowPlaintext) {
            throw new NsdbException(
                    FedFsStatus.INVAL,
                    "other machines reach " + address + ": give --tls-cert and --tls-key, or --allow-plaintext if you"
                            + " mean it");
        }
    }

    /** Said once, where it is likely not to be meant. */
    private void warnOfOpenDoors(ListenAddress address, Optional<ServerTls> tls) {
        boolean loopback = address.resolve().getAddress().isLoopbackAddress();
        if (policy == null && !loopback) {
            log.warn("there is no --policy: whoever gets a connection may change everything");
        } else if (policy != null && tls.flatMap(ServerTls::clientCa).isEmpty()) {
            log.warn(
                    "there is a --policy but no --tls-client-ca: nobody can say who he is, only what it grants to anyone holds");
        }
    }

    private AuditLog audit() {
        try {
            return audit == null ? AuditLog.none() : AuditLog.to(audit, Clock.systemUTC());
        } catch (IOException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot write the audit log " + audit + ": " + e, e);
        }
    }

    private static void refused(AuditLog audit, String subject, String from, String why) {
        log.warn("a certificate of {} was refused: {}", subject, why);
        audit.refusedConnection(NsdbGrpc.SERVICE_NAME, subject, from, why);
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

package io.fedfs.fileserver.command;

import io.fedfs.fileserver.config.ServerConfig;
import io.fedfs.fileserver.service.FileServer;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.ListenOptions;
import io.fedfs.service.ServiceException;
import io.fedfs.service.Version;
import io.fedfs.v1.FileServerGrpc;
import io.grpc.ServerBuilder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fedfs-server serve}: the daemon, in the foreground. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves until it is told to stop (SIGTERM, SIGINT). Prints one line on stdout once it answers; logs to",
            "stderr."
        })
final class ServeCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/fedfs/server.yaml",
            description = "What is exported. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = "/var/lib/fedfs/server",
            description = "What is being done, so that a crash leaves nothing half done; made if it is not there."
                    + " Default: ${DEFAULT-VALUE}.")
    private Path state;

    @Option(
            names = "--nsdbs",
            paramLabel = "FILE",
            description = "How NSDBs are reached (TLS, trust). Default: the variable FEDFS_NSDBS, else"
                    + " /etc/fedfs/nsdbs.yaml if it is there.")
    private Path nsdbs;

    @Mixin
    private ListenOptions listening;

    @Override
    public Integer call() throws Exception {
        String hostName = HostName.read();
        ServerConfig exported = ServerConfig.read(config, hostName);
        NsdbDirectory directory = directory();
        ListenAddress address = listening.address(NsdbAddress.SERVER_PORT);
        Guard guard = listening.guard(Clock.systemUTC());
        ServerBuilder<?> transport = listening.transport(address, FileServerGrpc.SERVICE_NAME, guard.audit());
        FileServer server = new FileServer(
                Version.text(), exported, hostName, state, directory, transport, Clock.systemUTC(), guard, List.of());
        ListenAddress actual;
        try {
            actual = server.start(address);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, guard), "fedfs-server-stop"));
        spec.commandLine()
                .getOut()
                .println("fedfs-server: serving " + exported.exports().size() + " exports of " + exported.name()
                        + " on " + actual);
        spec.commandLine().getOut().flush();
        log.info(
                "serving {} exports of {} on {}{}",
                exported.exports().size(),
                exported.name(),
                actual,
                listening.hasTls() ? " with TLS" : "");
        server.awaitEnd();
        return FedFsStatus.OK.number();
    }

    private static void stop(FileServer server, Guard guard) {
        log.info("stopping");
        server.close();
        guard.audit().close();
        log.info("stopped");
    }

    private NsdbDirectory directory() {
        String variable = System.getenv("FEDFS_NSDBS");
        try {
            if (nsdbs != null) {
                return NsdbDirectory.read(nsdbs);
            }
            return variable == null || variable.isEmpty()
                    ? NsdbDirectory.readDefault()
                    : NsdbDirectory.read(Path.of(variable));
        } catch (NsdbConfigException e) {
            throw new ServiceException(FedFsStatus.NSDB_PARAMS, e.getMessage(), e);
        }
    }
}

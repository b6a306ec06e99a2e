package io.fedfs.fileserver.command;

import io.fedfs.fileserver.config.ConfigException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.service.ServiceException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.logging.LogManager;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code fedfs-server}. */
@Command(
        name = "fedfs-server",
        description = {
            "The agent of a file server: tells what it exports and which filesets they are, makes filesets and",
            "junctions there, for administrators elsewhere (fedfs server, fedfs link).",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ServeCommand.class, CheckCommand.class},
        footer = {
            "",
            "To try it:  printf 'exports:\\n  - path: /srv/data\\n' > server.yaml",
            "            fedfs-server serve --config server.yaml --state ./state",
            "Exit codes: 0 done, 8 a mistake on the command line or in the configuration, 9 state directory or port",
            "            unusable, 28 nsdbs.yaml unusable, 34 state directory in use by another agent."
        })
public final class FedfsServer implements Runnable {
    private static final String LOGBACK = "logback.configurationFile";

    @Spec
    private CommandSpec spec;

    private FedfsServer() {}

    public static void main(String[] arguments) {
        // Before the first logger: other programs of this project have their own configuration on the same class path.
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "io/fedfs/fileserver/command/logback.xml");
        }
        LogManager.getLogManager().reset();
        SLF4JBridgeHandler.install();
        Charset charset = Charset.defaultCharset();
        System.exit(
                run(new PrintWriter(System.out, true, charset), new PrintWriter(System.err, true, charset), arguments));
    }

    /** Runs a command and gives its exit code; nothing is thrown. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new FedfsServer())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(FedfsServer::misuse)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command.getErr()))
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what to do? serve or check");
    }

    private static int misuse(ParameterException e, String[] arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("fedfs-server: " + e.getMessage());
        err.println("Try \"" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help\".");
        return FedFsStatus.INVAL.number();
    }

    private static int failed(Exception e, PrintWriter err) {
        if (e instanceof ConfigException config) {
            config.problems().forEach(problem -> err.println("fedfs-server: " + problem));
            return FedFsStatus.INVAL.number();
        }
        if (e instanceof NsdbConfigException) {
            err.println("fedfs-server: " + e.getMessage());
            return FedFsStatus.NSDB_PARAMS.number();
        }
        if (e instanceof ServiceException refused) {
            err.println("fedfs-server: " + e.getMessage());
            return refused.status().number();
        }
        err.println("fedfs-server: unexpected failure, please report it:");
        e.printStackTrace(err);
        return FedFsStatus.SVRFAULT.number();
    }
}

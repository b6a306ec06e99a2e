package io.fedfs.nsdb.command;

import io.fedfs.protocol.FedFsStatus;
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

/** The command {@code fedfs-nsdb}. */
@Command(
        name = "fedfs-nsdb",
        description = {
            "The namespace database (NSDB) of a federation: which filesets exist and where each of them lives.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ServeCommand.class, BackupCommand.class, RestoreCommand.class, CheckCommand.class},
        footer = {
            "",
            "To try it:  fedfs-nsdb serve --data /var/lib/fedfs/nsdb --listen 127.0.0.1:7532",
            "Exit codes: 0 done, 8 a mistake on the command line, 9 store, disk or port unusable,",
            "            16 store of a newer version, 34 store in use by another process."
        })
public final class FedfsNsdb implements Runnable {
    private static final String LOGBACK = "logback.configurationFile";

    @Spec
    private CommandSpec spec;

    private FedfsNsdb() {}

    public static void main(String[] arguments) {
        // Before the first logger: other programs of this project have their own configuration on the same class path.
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "io/fedfs/nsdb/command/logback.xml");
        }
        LogManager.getLogManager().reset();
        SLF4JBridgeHandler.install();
        Charset charset = Charset.defaultCharset();
        System.exit(
                run(new PrintWriter(System.out, true, charset), new PrintWriter(System.err, true, charset), arguments));
    }

    /** Runs a command and gives its exit code; nothing is thrown. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new FedfsNsdb())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(FedfsNsdb::misuse)
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command.getErr()))
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what to do? serve, backup, restore or check");
    }

    private static int misuse(ParameterException e, String[] arguments) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("fedfs-nsdb: " + e.getMessage());
        err.println("Try \"" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help\".");
        return FedFsStatus.INVAL.number();
    }

    private static int failed(Exception e, PrintWriter err) {
        if (e instanceof ServiceException) {
            err.println("fedfs-nsdb: " + e.getMessage());
        } else {
            err.println("fedfs-nsdb: unexpected failure, please report it:");
            e.printStackTrace(err);
        }
        return exitCode(e);
    }

    private static int exitCode(Throwable e) {
        return e instanceof ServiceException known ? known.status().number() : FedFsStatus.SVRFAULT.number();
    }
}

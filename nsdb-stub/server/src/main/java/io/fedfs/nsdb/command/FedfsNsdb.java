package io.fedfs.nsdb.command;

import io.fedfs.service.CommandFrame;
import io.fedfs.service.Version;
import java.io.PrintWriter;
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
    @Spec
    private CommandSpec spec;

    private FedfsNsdb() {}

    public static void main(String[] arguments) {
        CommandFrame.main(new FedfsNsdb(), arguments);
    }

    /** Runs a command and gives its exit code; nothing is thrown. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return CommandFrame.run(new FedfsNsdb(), out, err, arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what to do? serve, backup, restore or check");
    }
}

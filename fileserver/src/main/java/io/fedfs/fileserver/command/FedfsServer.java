package io.fedfs.fileserver.command;

import io.fedfs.service.CommandFrame;
import io.fedfs.service.Version;
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
    @Spec
    private CommandSpec spec;

    private FedfsServer() {}

    public static void main(String[] arguments) {
        CommandFrame.main(new FedfsServer(), arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what to do? serve or check");
    }
}

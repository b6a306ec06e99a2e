package io.fedfs.cli;

import io.fedfs.cli.local.DaosCommands;
import io.fedfs.cli.local.JunctionCommands;
import io.fedfs.cli.mount.MountCommands;
import io.fedfs.cli.nsdb.AuditCommand;
import io.fedfs.cli.nsdb.DiscoverCommand;
import io.fedfs.cli.nsdb.FilesetCommands;
import io.fedfs.cli.nsdb.FslCommands;
import io.fedfs.cli.nsdb.FsnCommands;
import io.fedfs.cli.nsdb.NamespaceCommands;
import io.fedfs.cli.nsdb.ReferenceRecorder;
import io.fedfs.cli.nsdb.ResolveCommand;
import io.fedfs.cli.pki.PkiCommands;
import io.fedfs.cli.server.LinkCommands;
import io.fedfs.cli.server.PendingAtServers;
import io.fedfs.cli.server.ReplicaCommands;
import io.fedfs.cli.server.ServerCommands;
import io.fedfs.cli.terminal.ProductVersion;
import io.fedfs.cli.terminal.Terminal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Which commands there are. Building a command's model loads its classes, so only the one named first on the command line is
 * built; help, completion and a misspelt name need them all.
 */
final class CommandTree {
    private final Terminal terminal;
    private final Map<String, Function<Terminal, CommandLine>> commands = new LinkedHashMap<>();

    CommandTree(Terminal terminal) {
        this.terminal = terminal;
        commands.put("fileset", FilesetCommands::commands);
        commands.put("fsn", FsnCommands::commands);
        commands.put("fsl", FslCommands::commands);
        commands.put("namespace", NamespaceCommands::commands);
        commands.put("resolve", t -> new CommandLine(new ResolveCommand(t)));
        commands.put("audit", t -> new CommandLine(new AuditCommand(t)));
        commands.put("discover", t -> new CommandLine(new DiscoverCommand(t)));
        commands.put("junction", t -> JunctionCommands.commands(t, () -> new ReferenceRecorder(t)));
        commands.put("server", ServerCommands::commands);
        commands.put("replica", ReplicaCommands::commands);
        commands.put("link", LinkCommands::link);
        commands.put("unlink", LinkCommands::unlink);
        commands.put("daos", DaosCommands::commands);
        commands.put("where", MountCommands::where);
        commands.put("explain", MountCommands::explain);
        commands.put("status", MountCommands::status);
        commands.put("check", t -> MountCommands.check(t, new PendingAtServers(t)));
        commands.put("flush", MountCommands::flush);
        commands.put("tune", MountCommands::tune);
        commands.put("pki", PkiCommands::commands);
        commands.put("completion", t -> new CommandLine(new CompletionCommand(t, () -> new CommandTree(t).all())));
    }

    /** The part of the tree that this command line needs. */
    CommandLine build(String... args) {
        Function<Terminal, CommandLine> only = args.length == 0 ? null : commands.get(args[0]);
        if (only == null) {
            return all();
        }
        CommandLine root = new CommandLine(new Root());
        root.addSubcommand(args[0], args[0].equals("resolve") && nameAPath(args) ? pathSteps() : only.apply(terminal));
        return root;
    }

    /** A path in a mount is resolved by the mount: the same seven steps, of which it alone knows the first and the last. */
    private CommandLine pathSteps() {
        return MountCommands.explain(terminal);
    }

    /** Whether an argument is written as a path: it has a slash, and is no FSN, no option, and not the file of one. */
    private static boolean nameAPath(String... args) {
        for (int i = 1; i < args.length; i++) {
            String word = args[i];
            boolean ofOption = word.startsWith("-") || args[i - 1].equals("--nsdbs");
            if (!ofOption && (word.contains("/") || word.startsWith(".")) && !word.contains("://")) {
                return true;
            }
        }
        return false;
    }

    /** The whole tree. */
    CommandLine all() {
        CommandLine root = new CommandLine(new Root());
        commands.forEach((name, make) -> root.addSubcommand(name, make.apply(terminal)));
        return root;
    }

    /** No command was given. */
    static final class NothingAsked extends ParameterException {
        private static final long serialVersionUID = 1L;

        NothingAsked(CommandLine root) {
            super(root, "no command was given");
        }
    }

    @Command(
            name = "fedfs",
            mixinStandardHelpOptions = true,
            versionProvider = ProductVersion.class,
            synopsisSubcommandLabel = "COMMAND",
            description = {
                "One directory tree over many file servers: name filesets, link them by junctions, see where data lives.",
                ""
            },
            footerHeading = "%n",
            footer = {
                "A first fileset:   fedfs fileset create --nsdb localhost:7532 --path /srv/data",
                "Mount it:          fedfs-mount FSN /mnt/fed",
                "Link another one:  fedfs link /srv/data/other FSN",
                "Where is it?       fedfs where /mnt/fed/other",
                "",
                "Exit codes are the status numbers of RFC 7533 (0 done, 8 wrong arguments, 24 no such FSN), ours from 100.",
                "Environment: FEDFS_NSDB (default of --nsdb), FEDFS_DEBUG=1 (show stack traces)."
            })
    static final class Root implements Runnable {
        @Spec
        private CommandLine.Model.CommandSpec spec;

        @Override
        public void run() {
            throw new NothingAsked(spec.commandLine());
        }
    }
}

package io.fedfs.cli;

import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Json;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code fedfs}: parses, runs, and ends with the number of a {@link FedFsStatus}. */
public final class Fedfs {
    private static final String DEBUG = "FEDFS_DEBUG";

    private final Terminal terminal;

    public Fedfs(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] args) {
        System.exit(new Fedfs(Terminal.ofProcess()).run(args));
    }

    /** Runs one command line and returns its exit code. */
    public int run(String... args) {
        CommandLine root = new CommandTree(terminal).build(args);
        settle(root);
        try {
            return root.execute(args);
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    private void settle(CommandLine root) {
        root.setOut(terminal.out())
                .setErr(terminal.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, args) -> usage(e))
                .setExecutionExceptionHandler(this::failed);
    }

    private int usage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        if (command.getParent() == null && e instanceof CommandTree.NothingAsked) {
            command.usage(terminal.err());
            return FedFsStatus.INVAL.number();
        }
        String what = e.getMessage().lines().findFirst().orElse("wrong arguments");
        String hint = "";
        if (e instanceof UnmatchedArgumentException unmatched) {
            hint = String.join(" or ", unmatched.getSuggestions());
        }
        terminal.note(what + (hint.isEmpty() ? "" : "; did you mean " + hint + "?") + "; see "
                + command.getCommandSpec().qualifiedName() + " --help");
        debug(e);
        return FedFsStatus.INVAL.number();
    }

    private int failed(Exception e, CommandLine command, ParseResult parsed) {
        Failure failure = Failure.of(e);
        if (command.getCommand() instanceof FedfsCommand asked && asked.json()) {
            try (Json json = new Json(terminal.out())) {
                json.document(FedfsCommand.failureDocument(failure.status(), failure.message()));
            }
        }
        terminal.note(failure.message());
        debug(e);
        return failure.status().number();
    }

    private void debug(Exception e) {
        if (terminal.variable(DEBUG) != null) {
            e.printStackTrace(terminal.err());
        }
    }
}

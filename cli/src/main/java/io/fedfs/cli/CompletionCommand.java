package io.fedfs.cli;

import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import java.util.Map;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fedfs completion bash}: what makes the shell complete commands and options. */
@Command(
        name = "completion",
        description = "Print the script that makes a shell complete fedfs: source <(fedfs completion bash)")
final class CompletionCommand extends FedfsCommand {
    enum Shell {
        bash,
        zsh
    }

    private final Supplier<CommandLine> tree;

    @Parameters(index = "0", paramLabel = "bash|zsh", description = "The shell.")
    private Shell shell;

    CompletionCommand(Terminal terminal, Supplier<CommandLine> tree) {
        super(terminal);
        this.tree = tree;
    }

    @Override
    protected FedFsStatus run() {
        // One script serves both: picocli's begins by switching zsh to bash completion.
        String script = AutoComplete.bash("fedfs", tree.get());
        print(
                Map.of("shell", shell.name(), "script", script),
                () -> terminal().out().print(script));
        return FedFsStatus.OK;
    }
}

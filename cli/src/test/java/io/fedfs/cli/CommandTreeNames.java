package io.fedfs.cli;

import io.fedfs.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** The commands that do something, by the words that name them. */
final class CommandTreeNames {
    private CommandTreeNames() {}

    static List<List<String>> leaves() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        List<List<String>> found = new ArrayList<>();
        collect(new CommandTree(new Terminal(nowhere, nowhere, Map.of(), Path.of("/"))).all(), List.of(), found);
        return found;
    }

    private static void collect(CommandLine command, List<String> words, List<List<String>> found) {
        if (command.getSubcommands().isEmpty()) {
            found.add(words);
        }
        command.getSubcommands().forEach((name, sub) -> {
            List<String> longer = new ArrayList<>(words);
            longer.add(name);
            collect(sub, longer, found);
        });
    }
}

package io.fedfs.nsdb.command;

import io.fedfs.nsdb.store.StoreCheck;
import io.fedfs.protocol.FedFsStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fedfs-nsdb check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Looks a store over and says what it holds and what is wrong with it. The daemon may be running.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The store.")
    private Path data;

    @Override
    public Integer call() {
        StoreCheck found = StoreCheck.ofDirectory(data);
        PrintWriter out = spec.commandLine().getOut();
        out.println(data + ": format " + found.format() + ", revision " + found.revision() + ", changes known after "
                + found.changesAfter());
        out.println(data + ": " + contents(found));
        found.problems().forEach(problem -> out.println(data + ": WRONG: " + problem));
        out.println(data + (found.problems().isEmpty() ? ": sound" : ": damaged, restore a backup"));
        return found.problems().isEmpty() ? FedFsStatus.OK.number() : FedFsStatus.IO.number();
    }

    static String contents(StoreCheck found) {
        return found.fsns() + " FSNs (" + found.invalidFsns() + " invalidated), " + found.fsls() + " locations, "
                + found.namespaces() + " namespaces";
    }
}

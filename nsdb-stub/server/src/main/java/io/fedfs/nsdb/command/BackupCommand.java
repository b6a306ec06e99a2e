package io.fedfs.nsdb.command;

import io.fedfs.nsdb.store.StoreBackup;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fedfs-nsdb backup}. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Writes the whole store, as of one moment, to FILE. The daemon may be running.")
final class BackupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The store.")
    private Path data;

    @Parameters(paramLabel = "FILE", description = "The backup; replaced, when it is there, by a whole new one.")
    private Path file;

    @Override
    public void run() {
        StoreBackup.backup(data, file);
        spec.commandLine().getOut().println("fedfs-nsdb: backed up " + data + " to " + file);
    }
}

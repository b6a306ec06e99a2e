package io.fedfs.nsdb.command;

import io.fedfs.nsdb.store.StoreBackup;
import io.fedfs.nsdb.store.StoreCheck;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fedfs-nsdb restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Verifies a backup and puts it in DIR. No daemon may be serving DIR. Clients that knew the lost store",
            "are told to ask again for what they hold."
        })
final class RestoreCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Where to; made if it is not there.")
    private Path data;

    @Option(names = "--force", description = "Replace the store that is there.")
    private boolean force;

    @Override
    public void run() {
        StoreCheck restored = StoreBackup.restore(file, data, force);
        spec.commandLine()
                .getOut()
                .println("fedfs-nsdb: restored " + file + " to " + data + ": " + CheckCommand.contents(restored));
    }
}

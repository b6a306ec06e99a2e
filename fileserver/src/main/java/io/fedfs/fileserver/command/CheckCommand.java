package io.fedfs.fileserver.command;

import io.fedfs.fileserver.config.Export;
import io.fedfs.fileserver.config.ServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fedfs-server check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Reads a configuration and says what is wrong with it, or what it exports. Changes nothing.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration.")
    private Path file;

    @Override
    public Integer call() throws Exception {
        ServerConfig config = ServerConfig.read(file, HostName.read());
        for (Export export : config.exports()) {
            String missing = Files.isDirectory(export.localPath()) ? "" : "  (not a directory now)";
            spec.commandLine()
                    .getOut()
                    .println(config.name() + ":" + export.exportPath() + "  " + export.localPath() + missing);
        }
        return 0;
    }
}

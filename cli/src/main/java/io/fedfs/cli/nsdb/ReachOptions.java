package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How NSDBs and file servers are reached by a command, and how long it waits for them. */
public final class ReachOptions {
    private final Terminal terminal;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to wait for an answer. Default: ${DEFAULT-VALUE}.")
    private int timeout;

    @Option(
            names = "--nsdbs",
            paramLabel = "FILE",
            description = "How NSDBs and file servers are reached (TLS, trust). Default: the variable FEDFS_NSDBS, else"
                    + " /etc/fedfs/nsdbs.yaml if it is there.")
    private Path parameters;

    public ReachOptions(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Bound of one call. */
    public Duration timeout() {
        if (timeout < 1) {
            throw new CommandFailure(FedFsStatus.INVAL, "--timeout must be at least 1 second: " + timeout, "");
        }
        return Duration.ofSeconds(timeout);
    }

    /** How NSDBs are reached. */
    public NsdbDirectory directory() {
        return directory(terminal, Optional.ofNullable(parameters));
    }

    /**
     * How NSDBs and file servers are reached.
     *
     * @param parameters the file that says it; empty: that of the variable, else the default one
     * @throws CommandFailure NSDB_PARAMS when it cannot be read
     */
    public static NsdbDirectory directory(Terminal terminal, Optional<Path> parameters) {
        Optional<Path> file = parameters.or(
                () -> Optional.ofNullable(terminal.variable("FEDFS_NSDBS")).map(Path::of));
        try {
            return file.map(f -> NsdbDirectory.read(terminal.directory().resolve(f)))
                    .orElseGet(NsdbDirectory::readDefault);
        } catch (NsdbConfigException e) {
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, e.getMessage(), "", e);
        }
    }
}

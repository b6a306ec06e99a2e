package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import java.nio.file.Path;
import java.time.Duration;
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
        String variable = terminal.variable("FEDFS_NSDBS");
        try {
            if (parameters == null && variable == null) {
                return NsdbDirectory.readDefault();
            }
            Path file = parameters != null ? parameters : Path.of(variable);
            return NsdbDirectory.read(terminal.directory().resolve(file));
        } catch (NsdbConfigException e) {
            throw new CommandFailure(FedFsStatus.NSDB_PARAMS, e.getMessage(), "", e);
        }
    }
}

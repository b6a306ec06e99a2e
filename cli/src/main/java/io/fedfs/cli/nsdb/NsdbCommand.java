package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that speaks to one NSDB. */
abstract class NsdbCommand extends FedfsCommand {
    @Mixin
    private final NsdbOption nsdb;

    @Mixin
    private final ReachOptions reach;

    NsdbCommand(Terminal terminal) {
        super(terminal);
        nsdb = new NsdbOption(terminal);
        reach = new ReachOptions(terminal);
    }

    /** The NSDB to connect to. */
    abstract NsdbConnection connect();

    abstract FedFsStatus run(NsdbConnection connection) throws Exception;

    @Override
    protected final FedFsStatus run() throws Exception {
        try (NsdbConnection connection = connect()) {
            return run(connection);
        }
    }

    final NsdbOption nsdb() {
        return nsdb;
    }

    final NsdbConnection connect(NsdbAddress address) {
        return NsdbConnection.open(directory(), address, timeout());
    }

    final Duration timeout() {
        return reach.timeout();
    }

    /** How NSDBs are reached. */
    final NsdbDirectory directory() {
        return reach.directory();
    }

    static UUID uuid(String text) {
        try {
            return Fsn.parseUuid(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }

    /** One that speaks to the NSDB named by {@code --nsdb}. */
    abstract static class OfNsdb extends NsdbCommand {
        OfNsdb(Terminal terminal) {
            super(terminal);
        }

        @Override
        NsdbConnection connect() {
            return connect(nsdb().address());
        }
    }

    /** One about an FSN, spoken to the NSDB in its name. */
    abstract static class OfFsn extends NsdbCommand {
        @Parameters(
                index = "0",
                paramLabel = "FSN",
                description = "The fileset's name: nsdb://host[:port]/uuid, or with --nsdb its UUID alone.")
        private String fsn;

        OfFsn(Terminal terminal) {
            super(terminal);
        }

        @Override
        NsdbConnection connect() {
            return connect(fsn().nsdb());
        }

        final Fsn fsn() {
            return nsdb().fsn(fsn);
        }

        final String fsnUuid() {
            return fsn().uuid().toString();
        }
    }

    /** One about an FSL of an FSN. */
    abstract static class OfFsl extends OfFsn {
        @Parameters(index = "1", paramLabel = "FSL", description = "The location's UUID (fedfs fsl list FSN).")
        private String fsl;

        OfFsl(Terminal terminal) {
            super(terminal);
        }

        final String fslUuid() {
            return uuid(fsl).toString();
        }
    }

    /** {@code --expected-revision}. */
    static final class Expected {
        @Option(
                names = "--expected-revision",
                paramLabel = "N",
                defaultValue = "0",
                description = "Refuse (status 100) unless the record still has this revision.")
        private long revision;

        long revision() {
            return revision;
        }
    }
}

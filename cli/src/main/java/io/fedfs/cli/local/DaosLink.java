package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.file.Path;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs daos link}. */
@Command(
        name = "link",
        description = "Make an entry for a container: a directory for a POSIX one, an empty file for other types."
                + " DAOS itself is not asked.")
final class DaosLink extends FedfsCommand {
    /** Which attribute is written. */
    enum As {
        uns,
        foreign
    }

    @Parameters(index = "0", paramLabel = "PATH", description = "The entry; its name must be free.")
    private Path path;

    @Parameters(index = "1", paramLabel = "POOL/CONTAINER", description = "The two UUIDs.")
    private String container;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "POSIX",
            description = "POSIX (default), HDF5, PYTHON, SPARK, DATABASE, ROOT, SEISMIC or METEO.")
    private String type;

    @Option(
            names = "--as",
            paramLabel = "uns|foreign",
            defaultValue = "uns",
            description =
                    "uns (default): user.daos, as DAOS writes it on file systems other than Lustre. foreign: trusted.lmv"
                            + " or trusted.lov, as Lustre keeps it; on Lustre itself use lfs.")
    private As as;

    DaosLink(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected FedFsStatus run() throws Exception {
        Path at = Underneath.require(terminal().directory().resolve(path).normalize());
        DaosEntry entry = entry();
        DaosEntries.create(at, entry);
        print(DaosCommands.document(at, entry), DaosCommands.text(at, entry));
        return FedFsStatus.OK;
    }

    private DaosEntry entry() {
        int slash = container.indexOf('/');
        if (slash < 0) {
            throw new CommandFailure(FedFsStatus.INVAL, "\"" + container + "\" is not POOL/CONTAINER", "");
        }
        UUID pool;
        UUID cont;
        try {
            pool = Fsn.parseUuid(container.substring(0, slash));
            cont = Fsn.parseUuid(container.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    FedFsStatus.INVAL, e.getMessage(), "labels can be renamed, so entries name UUIDs", e);
        }
        try {
            return as == As.foreign ? DaosEntry.ofForeign(pool, cont, type) : DaosEntry.ofUserDaos(pool, cont, type);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "fedfs daos link --help lists them", e);
        }
    }
}

package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.junction.daos.DaosLookup;
import io.fedfs.junction.daos.Generation;
import io.fedfs.junction.daos.Origin;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs daos …}: entries that stand for DAOS containers. */
@Command(
        name = "daos",
        mixinStandardHelpOptions = true,
        description = "Entries that stand for DAOS containers; a mount with -o daos=PREFIX shows them as links.")
public final class DaosCommands {
    private static final String POSIX = "POSIX";

    private DaosCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new DaosCommands())
                .addSubcommand(new Link(terminal))
                .addSubcommand(new Show(terminal));
    }

    private static Map<String, Object> document(Path path, DaosEntry entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", path.toString());
        document.put("pool", entry.pool().toString());
        document.put("container", entry.container().toString());
        document.put("type", entry.type());
        document.put("attribute", entry.origin().attribute());
        document.put("generation", entry.generation().name());
        return document;
    }

    private static String text(Path path, DaosEntry entry) {
        return "%s is the %s container %s/%s (%s)"
                .formatted(
                        path,
                        entry.type(),
                        entry.pool(),
                        entry.container(),
                        entry.origin().attribute());
    }

    @Command(
            name = "link",
            description = "Make an entry for a container: a directory for a POSIX one, an empty file for other types."
                    + " DAOS itself is not asked.")
    static final class Link extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "PATH", description = "The entry; its name must be free.")
        private Path path;

        @Parameters(index = "1", paramLabel = "POOL/CONTAINER", description = "The two UUIDs.")
        private String container;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                defaultValue = POSIX,
                description = "POSIX (default), HDF5, PYTHON, SPARK, DATABASE, ROOT, SEISMIC or METEO.")
        private String type;

        @Option(
                names = "--foreign",
                description = "Write the Lustre foreign attribute (trusted.lmv or trusted.lov), not user.daos.")
        private boolean foreign;

        Link(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path at = Underneath.require(terminal().directory().resolve(path).normalize());
            DaosEntry entry = entry();
            DaosEntries.create(at, entry);
            print(document(at, entry), text(at, entry));
            return FedFsStatus.OK;
        }

        private DaosEntry entry() {
            int slash = container.indexOf('/');
            if (slash < 0) {
                throw new CommandFailure(FedFsStatus.INVAL, "\"" + container + "\" is not POOL/CONTAINER", "");
            }
            String kind = type.toUpperCase(Locale.ROOT);
            Origin origin = !foreign ? Origin.USER_DAOS : kind.equals(POSIX) ? Origin.TRUSTED_LMV : Origin.TRUSTED_LOV;
            try {
                return new DaosEntry(
                        Fsn.parseUuid(container.substring(0, slash)),
                        Fsn.parseUuid(container.substring(slash + 1)),
                        kind,
                        foreign ? Generation.C : Generation.B,
                        origin);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
            }
        }
    }

    @Command(name = "show", description = "Show which container an entry stands for.")
    static final class Show extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "PATH", description = "The entry, in its own file system.")
        private Path path;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path at = terminal().directory().resolve(path).normalize();
            int mode = (Integer) Files.getAttribute(at, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            DaosLookup lookup = DaosEntries.read(at, mode, false);
            if (lookup instanceof DaosLookup.Found found) {
                print(document(at, found.entry()), text(at, found.entry()));
                return FedFsStatus.OK;
            }
            if (lookup instanceof DaosLookup.Malformed malformed) {
                throw new CommandFailure(FedFsStatus.BADXDR, at + " is malformed: " + malformed.fault(), "");
            }
            throw new CommandFailure(FedFsStatus.NOTJUNCT, at + " stands for no DAOS container", "");
        }
    }
}

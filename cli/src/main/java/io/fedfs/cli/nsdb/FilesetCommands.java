package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fedfs fileset …}: a directory becomes a fileset. */
@Command(
        name = "fileset",
        mixinStandardHelpOptions = true,
        description = "Make a directory a fileset, and see whether one is.")
public final class FilesetCommands {
    private FilesetCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new FilesetCommands())
                .addSubcommand(new Create(terminal))
                .addSubcommand(new MoveCommand(terminal))
                .addSubcommand(new Show(terminal))
                .addSubcommand(new Unmark(terminal));
    }

    @Command(
            name = "create",
            description = {
                "Make a directory a fileset: a name (FSN), its first location (FSL) and the marker on the directory.",
                "All or nothing. Prints the FSN, alone."
            })
    static final class Create extends NsdbCommand.OfNsdb {
        @Mixin
        private FsnSettings settings;

        @Mixin
        private PlaceOptions options;

        Create(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) throws Exception {
            Place place = options.place(ThisHost.of(terminal()));
            NsdbAddress name = nsdb.name();
            FsnNames.advise(terminal(), name);
            NewFileset fileset = NewFileset.of(name, settings, options.record(place));
            if (options.marked(place)) {
                Marking.check(place.path(), fileset.fsn());
            }
            fileset.register(nsdb);
            if (options.marked(place)) {
                mark(nsdb, fileset, place.path());
            }
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", fileset.fsn().toString());
            document.put("uuid", fileset.fsn().uuid().toString());
            document.put("fsl_uuid", fileset.fslUuid());
            document.put("host", place.host());
            document.put("path", place.path().toString());
            document.put("marked", options.marked(place));
            document.put("revision", fileset.revision());
            print(document, fileset.fsn().toString());
            return FedFsStatus.OK;
        }

        private void mark(NsdbConnection nsdb, NewFileset fileset, Path directory) {
            try {
                Marking.of(directory, fileset.fsn());
            } catch (CommandFailure e) {
                fileset.unregister(nsdb, terminal());
                throw e;
            }
        }
    }

    @Command(name = "show", description = "Show which fileset a directory is, by its marker. Asks no NSDB.")
    static final class Show extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "The fileset's root directory.")
        private Path directory;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path path = terminal().directory().resolve(directory);
            Optional<Fsn> found = FilesetMarker.read(path, true);
            Fsn fsn = found.orElseThrow(() -> new CommandFailure(
                    FedFsStatus.NSDB_NOFSN, path + " is not marked as a fileset", "fedfs fileset create makes it one"));
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("path", path.toString());
            document.put("fsn", fsn.toString());
            print(document, fsn.toString());
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "unmark",
            description = "Remove the marker from a directory that is no fileset any more. The NSDB is not told.")
    static final class Unmark extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "The directory.")
        private Path directory;

        Unmark(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path path = terminal().directory().resolve(directory).toRealPath();
            boolean removed = FilesetMarker.remove(path);
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("path", path.toString());
            document.put("removed", removed);
            print(document, path + (removed ? " is no longer marked" : " had no marker"));
            return FedFsStatus.OK;
        }
    }
}

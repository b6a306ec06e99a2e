package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.References;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.Junctions;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs junction …}: directories that stand for filesets. */
@Command(
        name = "junction",
        mixinStandardHelpOptions = true,
        description = "Junctions: directories, in one fileset, that stand for another fileset.")
public final class JunctionCommands {
    private static final String NO_RECORD = "Do not tell the NSDB of it. Else the junction is on record as a reference"
            + " (fedfs fsn refs), when it is inside of a fileset.";

    private JunctionCommands() {}

    /**
     * The group with its commands.
     *
     * @param references hears of what is made and removed; asked for only then
     */
    public static CommandLine commands(Terminal terminal, Supplier<References> references) {
        return new CommandLine(new JunctionCommands())
                .addSubcommand(new Create(terminal, references))
                .addSubcommand(new Delete(terminal, references))
                .addSubcommand(new Show(terminal))
                .addSubcommand(new ListBelow(terminal))
                .addSubcommand(new Annotate(terminal));
    }

    private static Map<String, Object> document(Path path, Junction junction) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", path.toString());
        document.put("fsn", junction.fsn().toString());
        document.put("trusted", junction.inTrustedNamespace());
        document.put("saved_mode", junction.savedMode() < 0 ? null : "%04o".formatted(junction.savedMode()));
        document.put("annotations", junction.annotations());
        return document;
    }

    /** One about a directory. */
    abstract static class OfPath extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "PATH", description = "The directory, in the fileset's own file system.")
        private Path path;

        OfPath(Terminal terminal) {
            super(terminal);
        }

        final Path path() throws IOException {
            return Underneath.require(terminal().directory().resolve(path).normalize());
        }

        final Junction found(Path path) throws Exception {
            if (!Junctions.isJunction(path)) {
                throw new CommandFailure(FedFsStatus.NOTJUNCT, path + " is not a junction", "");
            }
            return Junctions.read(path, false)
                    .orElseThrow(() ->
                            new CommandFailure(FedFsStatus.DELAY, path + " is just being changed", "look at it again"));
        }
    }

    @Command(
            name = "create",
            description = "Make a directory a junction to a fileset. It is created if missing; what is in it is hidden"
                    + " until the junction is deleted.")
    static final class Create extends OfPath {
        @Parameters(
                index = "1",
                paramLabel = "FSN",
                description =
                        "The fileset: nsdb://host[:port]/uuid, or with --nsdb its UUID alone. It need not exist yet.")
        private String fsn;

        @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation; repeatable.")
        private List<String> annotations = List.of();

        @Mixin
        private final NsdbOption nsdb;

        @Option(names = "--no-record", description = NO_RECORD)
        private boolean noRecord;

        private final Supplier<References> references;

        Create(Terminal terminal, Supplier<References> references) {
            super(terminal);
            this.references = references;
            nsdb = new NsdbOption(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Fsn target = nsdb.fsn(fsn);
            Path at = path();
            Junctions.create(at, target, KeyValues.parse(annotations));
            if (!noRecord) {
                references.get().made(at, target);
            }
            print(document(at, found(at)), at + " leads to " + target);
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "delete",
            description = "Make a junction an ordinary directory again. The fileset and its other junctions stay.")
    static final class Delete extends OfPath {
        @Option(names = "--no-record", description = NO_RECORD)
        private boolean noRecord;

        private final Supplier<References> references;

        Delete(Terminal terminal, Supplier<References> references) {
            super(terminal);
            this.references = references;
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path at = path();
            Optional<Fsn> target = noRecord ? Optional.empty() : target(at);
            Junctions.delete(at);
            target.ifPresent(fsn -> references.get().removed(at, fsn));
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("path", at.toString());
            document.put("deleted", true);
            print(document, at + " is an ordinary directory again");
            return FedFsStatus.OK;
        }
    }

    /** Where a junction leads; empty when there is none, or none that can be read. */
    public static Optional<Fsn> target(Path at) throws IOException {
        try {
            return Junctions.recognise(at, false).map(Junction::fsn);
        } catch (JunctionFormatException e) {
            // Deleting it says what is wrong with it.
            return Optional.empty();
        }
    }

    @Command(name = "show", description = "Show where a junction leads.")
    static final class Show extends OfPath {
        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Path at = path();
            Junction junction = found(at);
            print(document(at, junction), () -> {
                terminal().line(at + " leads to " + junction.fsn());
                if (!junction.inTrustedNamespace()) {
                    terminal().line("  in user.junction.nfs: mounts follow it only to NSDBs that they trust");
                }
                junction.annotations().forEach((key, value) -> terminal().line("  annotation  " + key + " = " + value));
            });
            return FedFsStatus.OK;
        }
    }

    @Command(name = "list", description = "List the junctions at and below a directory.")
    static final class ListBelow extends OfPath {
        ListBelow(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Map<Path, Junction> found = new LinkedHashMap<>();
            for (Path path : Junctions.list(path())) {
                // One deleted since the walk is no longer of interest.
                Junctions.read(path, false).ifPresent(junction -> found.put(path, junction));
            }
            List<Map<String, Object>> documents = new ArrayList<>();
            found.forEach((path, junction) -> documents.add(document(path, junction)));
            print(
                    Map.of("junctions", documents),
                    () -> found.forEach((path, junction) -> terminal().line(path + "  " + junction.fsn())));
            return FedFsStatus.OK;
        }
    }

    @Command(name = "annotate", description = "Set or remove a junction's annotations (KEY=VALUE).")
    static final class Annotate extends OfPath {
        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an annotation; repeatable.")
        private List<String> set = List.of();

        @Option(names = "--remove", paramLabel = "KEY", description = "Remove an annotation; repeatable.")
        private List<String> remove = List.of();

        Annotate(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            if (set.isEmpty() && remove.isEmpty()) {
                throw new CommandFailure(
                        FedFsStatus.INVAL, "nothing to annotate", "give --set KEY=VALUE or --remove KEY");
            }
            Path at = path();
            Junctions.annotate(at, KeyValues.parse(set), remove);
            Junction junction = found(at);
            print(document(path(), junction), () -> junction.annotations()
                    .forEach((key, value) -> terminal().line(key + " = " + value)));
            return FedFsStatus.OK;
        }
    }
}

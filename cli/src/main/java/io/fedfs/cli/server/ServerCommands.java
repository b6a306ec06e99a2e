package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.FslSettings;
import io.fedfs.cli.nsdb.FsnNames;
import io.fedfs.cli.nsdb.FsnSettings;
import io.fedfs.cli.nsdb.NsdbDocuments;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.TextTable;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.DemoteRequest;
import io.fedfs.v1.DemoteResponse;
import io.fedfs.v1.Export;
import io.fedfs.v1.FileSystemAttributes;
import io.fedfs.v1.FilesetAt;
import io.fedfs.v1.FilesetAt.Registration;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetAttributesRequest;
import io.fedfs.v1.GetServerInfoRequest;
import io.fedfs.v1.ListExportsRequest;
import io.fedfs.v1.ListPendingRequest;
import io.fedfs.v1.LookupFsnRequest;
import io.fedfs.v1.PendingChange;
import io.fedfs.v1.PromoteRequest;
import io.fedfs.v1.PromoteResponse;
import io.fedfs.v1.ServerInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fedfs server …}: what a file server exports, and its directories as filesets. */
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        description =
                "File servers: what they export, which filesets that is, and making filesets and junctions there.")
public final class ServerCommands {
    private ServerCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new ServerCommands())
                .addSubcommand(new Info(terminal))
                .addSubcommand(new Exports(terminal))
                .addSubcommand(new Attributes(terminal))
                .addSubcommand(new FsnAt(terminal))
                .addSubcommand(new Promote(terminal))
                .addSubcommand(new Demote(terminal))
                .addSubcommand(new Pending(terminal))
                .addSubcommand(ServerJunctionCommands.commands(terminal));
    }

    @Command(
            name = "info",
            description = "Ask whether a file server's agent answers, and whether it has work unfinished.")
    static final class Info extends ServerCommand.OfServer {
        Info(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection) {
            ServerInfo info = connection.call(stub -> stub.getServerInfo(GetServerInfoRequest.getDefaultInstance()));
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", info.getName());
            document.put("server_version", info.getServerVersion());
            document.put("export_count", info.getExportCount());
            document.put("unfinished", info.getUnfinished());
            print(
                    document,
                    info.getName() + "  version " + info.getServerVersion() + ", " + info.getExportCount() + " exports"
                            + (info.getUnfinished() == 0 ? "" : ", " + info.getUnfinished() + " changes unfinished"));
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "pending",
            description = "List the changes of junctions made at a file server that other replicas lack.")
    static final class Pending extends ServerCommand.OfServer {
        Pending(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection) {
            List<PendingChange> changes = connection
                    .call(stub -> stub.listPending(ListPendingRequest.getDefaultInstance()))
                    .getChangesList();
            print(
                    Map.of("pending", ServerDocuments.pending(changes)),
                    () -> changes.forEach(c -> terminal().line(ServerDocuments.text(c))));
            return FedFsStatus.OK;
        }
    }

    @Command(name = "exports", description = "List what a file server exports, and which filesets that is.")
    static final class Exports extends ServerCommand.OfServer {
        Exports(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection) {
            List<Export> exports = connection
                    .call(stub -> stub.listExports(ListExportsRequest.getDefaultInstance()))
                    .getExportsList();
            print(
                    Map.of(
                            "exports",
                            exports.stream().map(ServerDocuments::export).toList()),
                    () -> TextTable.print(
                            terminal(),
                            "",
                            List.of("EXPORT", "DIRECTORY", "VOLUME", "ACCESS", "PROTOCOLS", "FILESET"),
                            exports.stream().map(Exports::row).toList()));
            return FedFsStatus.OK;
        }

        private static List<String> row(Export e) {
            return List.of(
                    e.getExportPath(),
                    e.getLocalPath(),
                    e.getVolume().isEmpty() ? "-" : e.getVolume(),
                    e.getWritable() ? "read-write" : "read-only",
                    String.join(
                            ",",
                            e.getProtocolsList().stream().map(p -> p.getType()).toList()),
                    !e.getTrouble().isEmpty() ? e.getTrouble() : e.getFsn().isEmpty() ? "-" : e.getFsn());
        }
    }

    @Command(
            name = "attributes",
            description = "Show the file system underneath a path: size, limits, how clients mount it.")
    static final class Attributes extends ServerCommand.OfPlace {
        Attributes(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            FileSystemAttributes attributes = connection.call(stub -> stub.getAttributes(
                    GetAttributesRequest.newBuilder().setPath(place.path()).build()));
            print(ServerDocuments.attributes(attributes), () -> {
                terminal().line(place + " in the export " + attributes.getExportPath());
                ServerDocuments.print(terminal(), attributes);
            });
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "fsn",
            description = "Ask a file server which fileset holds a path, by the marker on its disk. Prints the FSN.")
    static final class FsnAt extends ServerCommand.OfPlace {
        @Option(
                names = "--verify",
                description = "Let the server ask the NSDB whether this place is one of the fileset's locations.")
        private boolean verify;

        FsnAt(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            FilesetAt fileset = connection.call(stub -> stub.lookupFsn(LookupFsnRequest.newBuilder()
                    .setPath(place.path())
                    .setVerify(verify)
                    .build()));
            print(ServerDocuments.fileset(fileset), () -> {
                terminal().line(fileset.getFsn());
                if (!fileset.getPathInside().isEmpty()) {
                    terminal().note("its root is " + place.shown(fileset.getFilesetPath()));
                }
                advise(fileset);
            });
            return FedFsStatus.OK;
        }

        private void advise(FilesetAt fileset) {
            String word = doubt(fileset.getRegistration());
            if (verify && !word.isEmpty()) {
                terminal().note(word);
            }
            if (fileset.getUnfinished()) {
                terminal().note("a promotion or demotion of it is unfinished");
            }
        }
    }

    /** What the NSDB's record says against a marker; empty when it says nothing. */
    static String doubt(Registration registration) {
        return switch (registration) {
            case REGISTRATION_ELSEWHERE -> "the NSDB has other locations of this fileset, and not this place";
            case REGISTRATION_NO_SUCH_FSN -> "the NSDB has no such fileset";
            case REGISTRATION_UNKNOWN -> "the NSDB could not be asked by the file server";
            case REGISTRATION_HERE, REGISTRATION_NOT_ASKED, REGISTRATION_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }

    /** How a new location is to be reached and used. */
    static final class LocationOptions {
        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "How clients reach it, of the export's protocols. Default: the first.")
        private String type = "";

        @Option(names = "--read-only", description = "Clients must not write there.")
        private boolean readOnly;

        @Mixin
        private FslSettings settings;

        String type() {
            return type;
        }

        boolean readOnly() {
            return readOnly;
        }

        Fsl fsl() {
            Fsl.Builder fsl = Fsl.newBuilder();
            settings.applyTo(fsl);
            return fsl.build();
        }
    }

    @Command(
            name = "promote",
            description = {
                "Make a directory of a file server a fileset: a name (FSN), its first location (FSL) and the marker on disk.",
                "All or nothing. Prints the FSN, alone."
            })
    static final class Promote extends ServerCommand.OfPlace {
        @Mixin
        private final NsdbOption nsdb;

        @Mixin
        private FsnSettings fsn;

        @Mixin
        private LocationOptions location;

        Promote(Terminal terminal) {
            super(terminal);
            nsdb = new NsdbOption(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            NsdbAddress name = nsdb.address();
            FsnNames.advise(terminal(), name);
            PromoteRequest request = PromoteRequest.newBuilder()
                    .setPath(place.path())
                    .setNsdb(name.toString())
                    .setFsn(fsn.request())
                    .setType(location.type())
                    .setFsl(location.fsl())
                    .setReadOnly(location.readOnly())
                    .build();
            PromoteResponse done = connection.call(stub -> stub.promote(request));
            print(document(name, done), done.getFsn());
            return FedFsStatus.OK;
        }
    }

    /** A new location as a document. */
    static Map<String, Object> document(NsdbAddress nsdb, PromoteResponse done) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", done.getFsn());
        document.put("fsl_uuid", done.getFsl().getUuid());
        document.put("revision", done.getRevision());
        document.put("fsl", NsdbDocuments.fsl(nsdb, done.getFsl()));
        return document;
    }

    @Command(
            name = "demote",
            description = "A fileset's directory is an ordinary one again: location and marker go, the data stays.")
    static final class Demote extends ServerCommand.OfPlace {
        @Option(names = "--delete-fsn", description = "Delete the FSN too; refused while it has other locations.")
        private boolean deleteFsn;

        Demote(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            DemoteResponse done = connection.call(stub -> stub.demote(DemoteRequest.newBuilder()
                    .setPath(place.path())
                    .setDeleteFsn(deleteFsn)
                    .build()));
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", done.getFsn());
            document.put("fsls_deleted", done.getFslsDeleted());
            document.put("fsn_deleted", done.getFsnDeleted());
            print(document, place + " is no longer the fileset " + done.getFsn());
            return FedFsStatus.OK;
        }
    }
}

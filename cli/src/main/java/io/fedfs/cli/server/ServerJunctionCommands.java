package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.Annotations;
import io.fedfs.cli.nsdb.NsdbDocuments;
import io.fedfs.cli.nsdb.NsdbText;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.cli.terminal.Listing;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AnnotateJunctionRequest;
import io.fedfs.v1.CreateJunctionRequest;
import io.fedfs.v1.DeleteJunctionRequest;
import io.fedfs.v1.DeleteJunctionResponse;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.JunctionLookup;
import io.fedfs.v1.ListJunctionsRequest;
import io.fedfs.v1.LookupJunctionRequest;
import io.fedfs.v1.ResolveMode;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs server junction …}: junctions on a file server. */
@Command(
        name = "junction",
        mixinStandardHelpOptions = true,
        description = "Junctions in the directories of a file server.")
final class ServerJunctionCommands {
    private static final String LATER = "; it is tried again until it has it (fedfs server pending)";

    private ServerJunctionCommands() {}

    static CommandLine commands(Terminal terminal) {
        return new CommandLine(new ServerJunctionCommands())
                .addSubcommand(new Create(terminal))
                .addSubcommand(new Delete(terminal))
                .addSubcommand(new Show(terminal))
                .addSubcommand(new ListBelow(terminal))
                .addSubcommand(new Annotate(terminal));
    }

    @Command(
            name = "create",
            description =
                    "Make a directory a junction to a fileset; durable when it is done. It is created if missing.")
    static final class Create extends ServerCommand.OfPlace {
        @Parameters(
                index = "1",
                paramLabel = "FSN",
                description = "The fileset: nsdb://host[:port]/uuid, or with --nsdb its UUID alone.")
        private String fsn;

        @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation; repeatable.")
        private List<String> annotations = List.of();

        @Mixin
        private final NsdbOption nsdb;

        Create(Terminal terminal) {
            super(terminal);
            nsdb = new NsdbOption(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            JunctionAt made = create(terminal(), connection, place, nsdb.fsn(fsn), KeyValues.parse(annotations));
            print(ServerDocuments.junction(made), place.shown(made.getPath()) + " leads to " + made.getFsn());
            return FedFsStatus.OK;
        }
    }

    /** Makes a junction; replicas that lack it are told beside the result. */
    static JunctionAt create(
            Terminal terminal,
            ServerConnection connection,
            ServerPlace place,
            Fsn fsn,
            Map<String, String> annotations) {
        CreateJunctionRequest request = CreateJunctionRequest.newBuilder()
                .setPath(place.path())
                .setFsn(fsn.toString())
                .addAllAnnotations(Annotations.of(annotations))
                .build();
        JunctionAt made = connection.call(stub -> stub.createJunction(request));
        made.getPendingList().forEach(change -> terminal.note(ServerDocuments.text(change) + LATER));
        return made;
    }

    @Command(name = "delete", description = "Make a junction an ordinary directory again; durable when it is done.")
    static final class Delete extends ServerCommand.OfPlace {
        Delete(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            print(delete(terminal(), connection, place), place + " is an ordinary directory again");
            return FedFsStatus.OK;
        }
    }

    /** Deletes a junction; replicas that still have it are told beside the result. */
    static Map<String, Object> delete(Terminal terminal, ServerConnection connection, ServerPlace place) {
        DeleteJunctionResponse done = connection.call(stub -> stub.deleteJunction(
                DeleteJunctionRequest.newBuilder().setPath(place.path()).build()));
        done.getPendingList().forEach(change -> terminal.note(ServerDocuments.text(change) + LATER));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", place.path());
        document.put("fsn", done.getFsn());
        document.put("deleted", true);
        document.put("pending", ServerDocuments.pending(done.getPendingList()));
        return document;
    }

    @Command(name = "show", description = "Show where a junction leads, and with --resolve where that is.")
    static final class Show extends ServerCommand.OfPlace {
        private enum Mode {
            NONE,
            CACHE,
            NSDB
        }

        @Option(
                names = "--resolve",
                paramLabel = "none|cache|nsdb",
                defaultValue = "none",
                description = "Tell the locations too: what the agent has cached, or what the NSDB says now."
                        + " Default: ${DEFAULT-VALUE}.")
        private Mode mode;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            LookupJunctionRequest request = LookupJunctionRequest.newBuilder()
                    .setPath(place.path())
                    .setResolve(
                            switch (mode) {
                                case NONE -> ResolveMode.RESOLVE_NONE;
                                case CACHE -> ResolveMode.RESOLVE_CACHE;
                                case NSDB -> ResolveMode.RESOLVE_NSDB;
                            })
                    .build();
            JunctionLookup found = connection.call(stub -> stub.lookupJunction(request));
            Fsn fsn = fsn(found);
            Map<String, Object> document = ServerDocuments.junction(found.getJunction());
            document.put("source", found.getSource());
            document.put(
                    "locations",
                    found.getFslsList().stream()
                            .map(fsl -> NsdbDocuments.fsl(fsn.nsdb(), fsl))
                            .toList());
            print(document, () -> {
                terminal().line(place + " leads to " + fsn);
                found.getJunction().getAnnotationsList().forEach(a -> terminal()
                        .line("  annotation  " + a.getKey() + " = " + a.getValue()));
                NsdbText.locations(terminal(), found.getFslsList());
            });
            return FedFsStatus.OK;
        }

        private static Fsn fsn(JunctionLookup found) {
            try {
                return Fsn.parse(found.getJunction().getFsn());
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        FedFsStatus.NSDB_RESPONSE, "the file server tells what cannot be: " + e.getMessage(), "", e);
            }
        }
    }

    @Command(name = "list", description = "List the junctions at and below a path.")
    static final class ListBelow extends ServerCommand.OfPlace {
        ListBelow(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            Iterator<JunctionAt> found = connection.call(stub -> stub.listJunctions(
                    ListJunctionsRequest.newBuilder().setPath(place.path()).build()));
            try (Listing listing = new Listing(terminal(), json(), "junctions")) {
                while (found.hasNext()) {
                    JunctionAt junction = found.next();
                    if (!listing.add(
                            () -> ServerDocuments.junction(junction),
                            () -> place.shown(junction.getPath()) + "  " + junction.getFsn())) {
                        break;
                    }
                }
            } catch (StatusRuntimeException e) {
                throw connection.failure(e);
            }
            return FedFsStatus.OK;
        }
    }

    @Command(name = "annotate", description = "Set or remove a junction's annotations (KEY=VALUE).")
    static final class Annotate extends ServerCommand.OfPlace {
        @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set an annotation; repeatable.")
        private List<String> set = List.of();

        @Option(names = "--remove", paramLabel = "KEY", description = "Remove an annotation; repeatable.")
        private List<String> remove = List.of();

        Annotate(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            if (set.isEmpty() && remove.isEmpty()) {
                throw new CommandFailure(
                        FedFsStatus.INVAL, "nothing to annotate", "give --set KEY=VALUE or --remove KEY");
            }
            AnnotateJunctionRequest request = AnnotateJunctionRequest.newBuilder()
                    .setPath(place.path())
                    .addAllSet(Annotations.of(KeyValues.parse(set)))
                    .addAllRemoveKeys(remove)
                    .build();
            JunctionAt now = connection.call(stub -> stub.annotateJunction(request));
            print(ServerDocuments.junction(now), () -> now.getAnnotationsList()
                    .forEach(a -> terminal().line(a.getKey() + " = " + a.getValue())));
            return FedFsStatus.OK;
        }
    }
}

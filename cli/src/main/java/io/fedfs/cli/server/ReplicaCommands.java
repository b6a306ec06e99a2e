package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.NsdbConnection;
import io.fedfs.cli.nsdb.NsdbDocuments;
import io.fedfs.cli.nsdb.NsdbText;
import io.fedfs.cli.server.ServerCommands.LocationOptions;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AddReplicaRequest;
import io.fedfs.v1.DemoteRequest;
import io.fedfs.v1.DemoteResponse;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.LookupFsnRequest;
import io.fedfs.v1.PromoteResponse;
import io.fedfs.v1.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs replica …}: a fileset at several file servers (R12). */
@Command(
        name = "replica",
        mixinStandardHelpOptions = true,
        description = "A fileset at several file servers. No data is copied: that is the administrator's.")
public final class ReplicaCommands {
    private ReplicaCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new ReplicaCommands())
                .addSubcommand(new Add(terminal))
                .addSubcommand(new Remove(terminal))
                .addSubcommand(new ListAll(terminal));
    }

    @Command(
            name = "add",
            description =
                    "Make a directory of a file server another location of a fileset, marker and record, all or nothing.")
    static final class Add extends ServerCommand {
        @Parameters(index = "0", paramLabel = "FSN", description = "The fileset, or with --nsdb its UUID alone.")
        private String fsn;

        @Parameters(index = "1", paramLabel = "SERVER:PATH", description = "The directory with the fileset's data.")
        private String place;

        @Mixin
        private final NsdbOption nsdb;

        @Mixin
        private LocationOptions location;

        Add(Terminal terminal) {
            super(terminal);
            nsdb = new NsdbOption(terminal);
        }

        @Override
        protected FedFsStatus run() {
            Fsn fileset = nsdb.fsn(fsn);
            ServerPlace at = ServerPlace.parse(place);
            AddReplicaRequest request = AddReplicaRequest.newBuilder()
                    .setPath(at.path())
                    .setFsn(fileset.toString())
                    .setType(location.type())
                    .setFsl(location.fsl())
                    .setReadOnly(location.readOnly())
                    .build();
            try (ServerConnection connection = connect(at.server())) {
                PromoteResponse done = connection.call(stub -> stub.addReplica(request));
                print(
                        ServerCommands.document(fileset.nsdb(), done),
                        done.getFsl().getUuid());
            }
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "remove",
            description =
                    "A directory is no longer a location of its fileset; the data stays. Refused for the last one.")
    static final class Remove extends ServerCommand.OfPlace {
        @Option(names = "--last", description = "Remove it although the fileset has no other location.")
        private boolean last;

        Remove(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(ServerConnection connection, ServerPlace place) {
            if (!last) {
                refuseLast(connection, place);
            }
            DemoteResponse done = connection.call(stub ->
                    stub.demote(DemoteRequest.newBuilder().setPath(place.path()).build()));
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", done.getFsn());
            document.put("fsls_deleted", done.getFslsDeleted());
            print(document, place + " is no longer a replica of " + done.getFsn());
            return FedFsStatus.OK;
        }

        private void refuseLast(ServerConnection connection, ServerPlace place) {
            Fsn fsn = Fsn.parse(connection
                    .call(stub -> stub.lookupFsn(
                            LookupFsnRequest.newBuilder().setPath(place.path()).build()))
                    .getFsn());
            long valid = locations(reach(), fsn).stream()
                    .filter(fsl -> fsl.getState().getState() != State.STATE_INVALID)
                    .count();
            if (valid < 2) {
                throw new CommandFailure(
                        FedFsStatus.INVAL,
                        place + " is the only location of " + fsn,
                        "--last removes it all the same, and so does fedfs server demote");
            }
        }
    }

    private static List<Fsl> locations(io.fedfs.cli.nsdb.ReachOptions reach, Fsn fsn) {
        try (NsdbConnection nsdb = NsdbConnection.open(reach.directory(), fsn.nsdb(), reach.timeout())) {
            return nsdb.call(stub -> stub.getFsn(GetFsnRequest.newBuilder()
                            .setUuid(fsn.uuid().toString())
                            .build()))
                    .getFslsList();
        }
    }

    @Command(name = "list", description = "List a fileset's locations, the invalid ones too, best first.")
    static final class ListAll extends ServerCommand {
        @Parameters(index = "0", paramLabel = "FSN", description = "The fileset, or with --nsdb its UUID alone.")
        private String fsn;

        @Mixin
        private final NsdbOption nsdb;

        ListAll(Terminal terminal) {
            super(terminal);
            nsdb = new NsdbOption(terminal);
        }

        @Override
        protected FedFsStatus run() {
            Fsn fileset = nsdb.fsn(fsn);
            List<Fsl> found = locations(reach(), fileset);
            print(
                    Map.of(
                            "replicas",
                            found.stream()
                                    .map(fsl -> NsdbDocuments.fsl(fileset.nsdb(), fsl))
                                    .toList()),
                    () -> NsdbText.locations(terminal(), found));
            return FedFsStatus.OK;
        }
    }
}

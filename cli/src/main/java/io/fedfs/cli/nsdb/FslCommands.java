package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Listing;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FslKey;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ListFslsRequest;
import io.fedfs.v1.ListFslsResponse;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.UpdateFslRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs fsl …}: the locations of filesets. */
@Command(
        name = "fsl",
        mixinStandardHelpOptions = true,
        description = "The locations of filesets: add, look at, change, switch off and on.")
public final class FslCommands {
    private static final int PAGE = 200;

    private FslCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new FslCommands())
                .addSubcommand(new Add(terminal))
                .addSubcommand(new ListAll(terminal))
                .addSubcommand(new Update(terminal))
                .addSubcommand(new Invalidate(terminal))
                .addSubcommand(new Revive(terminal))
                .addSubcommand(new Delete(terminal))
                .addSubcommand(new Annotate(terminal));
    }

    @Command(
            name = "add",
            description = "Add a place where the fileset lives: the first one, or a replica. Prints the FSL's UUID."
                    + " No data is copied.")
    static final class Add extends NsdbCommand.OfFsn {
        @Option(names = "--uuid", paramLabel = "UUID", description = "The FSL's UUID. Default: a new random one.")
        private String uuid;

        @Mixin
        private PlaceOptions options;

        Add(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) throws Exception {
            Place place = options.place(ThisHost.of(terminal()));
            Fsl.Builder fsl = options.record(place).setFsnUuid(fsnUuid());
            if (uuid != null) {
                fsl.setUuid(uuid(uuid).toString());
            }
            Marking marking = options.marked(place) ? Marking.of(place.path(), fsn()) : Marking.none();
            Fsl made;
            try {
                made = nsdb.call(stub ->
                        stub.addFsl(AddFslRequest.newBuilder().setFsl(fsl).build()));
            } catch (CommandFailure e) {
                marking.undo(terminal());
                throw e;
            }
            print(NsdbDocuments.fsl(fsn().nsdb(), made), made.getUuid());
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "list",
            description = "List the locations of one fileset, or of a whole NSDB by host and path (what lives there?).")
    static final class ListAll extends NsdbCommand {
        @Parameters(index = "0", arity = "0..1", paramLabel = "FSN", description = "Only this fileset's.")
        private String fsn;

        @Option(names = "--host", paramLabel = "NAME", defaultValue = "", description = "Only those on this host.")
        private String host;

        @Option(names = "--path", paramLabel = "DIR", defaultValue = "", description = "Only those of this export.")
        private String path;

        ListAll(Terminal terminal) {
            super(terminal);
        }

        @Override
        NsdbConnection connect() {
            return connect(fsn == null ? nsdb().address() : nsdb().fsn(fsn).nsdb());
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            return fsn == null ? ofNsdb(nsdb) : ofFileset(nsdb);
        }

        private FedFsStatus ofFileset(NsdbConnection nsdb) {
            Fsn named = nsdb().fsn(fsn);
            String uuid = named.uuid().toString();
            FsnWithFsls found = nsdb.call(
                    stub -> stub.getFsn(GetFsnRequest.newBuilder().setUuid(uuid).build()));
            List<Fsl> fsls = found.getFslsList().stream()
                    .filter(fsl -> host.isEmpty() || host.equalsIgnoreCase(fsl.getHost()))
                    .filter(fsl -> path.isEmpty() || path.equals(fsl.getExportPath()))
                    .toList();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put(
                    "fsls",
                    fsls.stream()
                            .map(fsl -> NsdbDocuments.fsl(named.nsdb(), fsl))
                            .toList());
            print(document, () -> NsdbText.locations(terminal(), fsls));
            return FedFsStatus.OK;
        }

        private FedFsStatus ofNsdb(NsdbConnection nsdb) {
            ListFslsRequest.Builder request =
                    ListFslsRequest.newBuilder().setPageSize(PAGE).setHost(host).setExportPath(path);
            NsdbAddress name = nsdb.name();
            ListFslsResponse page = nsdb.call(stub -> stub.listFsls(request.build()));
            try (Listing listing = new Listing(terminal(), json(), "fsls")) {
                while (true) {
                    for (Fsl record : page.getFslsList()) {
                        if (!listing.add(() -> NsdbDocuments.fsl(name, record), () -> NsdbText.row(name, record))) {
                            return FedFsStatus.OK;
                        }
                    }
                    if (page.getNextPageToken().isEmpty()) {
                        return FedFsStatus.OK;
                    }
                    request.setPageToken(page.getNextPageToken());
                    page = nsdb.call(stub -> stub.listFsls(request.build()));
                }
            }
        }
    }

    @Command(name = "update", description = "Change a location. What is not given stays as it is.")
    static final class Update extends NsdbCommand.OfFsl {
        @Option(names = "--host", paramLabel = "NAME", description = "The file server.")
        private String host;

        @Option(names = "--path", paramLabel = "DIR", description = "The exported directory, absolute.")
        private String path;

        @Option(names = "--type", paramLabel = "TYPE", description = "How clients reach it.")
        private String type;

        @Option(
                names = "--read-only",
                negatable = true,
                fallbackValue = "true",
                description = "Clients must not (--no-read-only: may) write there.")
        private Boolean readOnly;

        @Mixin
        private FslSettings settings;

        @Mixin
        private NsdbCommand.Expected expected;

        Update(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            FsnWithFsls fileset = nsdb.call(stub ->
                    stub.getFsn(GetFsnRequest.newBuilder().setUuid(fsnUuid()).build()));
            Fsl before = fileset.getFslsList().stream()
                    .filter(fsl -> fsl.getUuid().equals(fslUuid()))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailure(
                            FedFsStatus.NO_FSL, fsn() + " has no FSL " + fslUuid(), "see fedfs fsl list " + fsn()));
            Fsl.Builder after = before.toBuilder();
            if (host != null) {
                after.setHost(host);
            }
            if (path != null) {
                after.setExportPath(path);
            }
            if (type != null) {
                after.setType(type);
            }
            if (readOnly != null) {
                after.setWritable(!readOnly);
            }
            settings.applyTo(after);
            long unless = expected.revision() == 0 ? before.getRevision() : expected.revision();
            Fsl now = nsdb.call(stub -> stub.updateFsl(UpdateFslRequest.newBuilder()
                    .setFsl(after)
                    .setExpectedRevision(unless)
                    .build()));
            print(
                    NsdbDocuments.fsl(fsn().nsdb(), now),
                    now.getUuid() + " is " + NsdbText.place(now) + ", revision " + now.getRevision());
            return FedFsStatus.OK;
        }
    }

    /** Switching off and on differ in the state asked for. */
    abstract static class SetState extends NsdbCommand.OfFsl {
        private final State state;

        @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why; kept with the record.")
        private String reason;

        @Mixin
        private NsdbCommand.Expected expected;

        SetState(Terminal terminal, State state) {
            super(terminal);
            this.state = state;
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            Fsl now = nsdb.call(stub -> stub.setFslState(SetFslStateRequest.newBuilder()
                    .setFsnUuid(fsnUuid())
                    .setFslUuid(fslUuid())
                    .setState(state)
                    .setReason(reason)
                    .setExpectedRevision(expected.revision())
                    .build()));
            print(
                    NsdbDocuments.fsl(fsn().nsdb(), now),
                    NsdbText.place(now) + " is " + NsdbText.state(now.getState()) + ", revision " + now.getRevision());
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "invalidate",
            description = "Switch a location off: its record stays, but no client is told of it until it is revived.")
    static final class Invalidate extends SetState {
        Invalidate(Terminal terminal) {
            super(terminal, State.STATE_INVALID);
        }
    }

    @Command(name = "revive", description = "Switch an invalidated location on again.")
    static final class Revive extends SetState {
        Revive(Terminal terminal) {
            super(terminal, State.STATE_VALID);
        }
    }

    @Command(name = "delete", description = "Delete a location's record. The data there stays.")
    static final class Delete extends NsdbCommand.OfFsl {
        @Mixin
        private NsdbCommand.Expected expected;

        Delete(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            long revision = nsdb.call(stub -> stub.deleteFsl(DeleteFslRequest.newBuilder()
                            .setFsnUuid(fsnUuid())
                            .setFslUuid(fslUuid())
                            .setExpectedRevision(expected.revision())
                            .build()))
                    .getRevision();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", fsn().toString());
            document.put("uuid", fslUuid());
            document.put("deleted", true);
            document.put("revision", revision);
            print(document, "FSL " + fslUuid() + " deleted, revision " + revision);
            return FedFsStatus.OK;
        }
    }

    @Command(name = "annotate", description = "Set or remove a location's annotations (KEY=VALUE).")
    static final class Annotate extends NsdbCommand.OfFsl {
        @Mixin
        private Annotations annotations;

        @Mixin
        private NsdbCommand.Expected expected;

        Annotate(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", fsn().toString());
            document.put("uuid", fslUuid());
            FslKey key = FslKey.newBuilder()
                    .setFsnUuid(fsnUuid())
                    .setFslUuid(fslUuid())
                    .build();
            annotations.apply(nsdb, request -> request.setFsl(key).setExpectedRevision(expected.revision()), document);
            print(document, () -> Annotations.print(terminal(), document));
            return FedFsStatus.OK;
        }
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Listing;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.UpdateFsnRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fedfs fsn …}: the names of filesets. */
@Command(
        name = "fsn",
        mixinStandardHelpOptions = true,
        description = "The names of filesets in an NSDB: make, look at, change, switch off and on.")
public final class FsnCommands {
    private static final int PAGE = 200;

    private FsnCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new FsnCommands())
                .addSubcommand(new Create(terminal))
                .addSubcommand(new Show(terminal))
                .addSubcommand(new ListAll(terminal))
                .addSubcommand(new Update(terminal))
                .addSubcommand(new Invalidate(terminal))
                .addSubcommand(new Revive(terminal))
                .addSubcommand(new Delete(terminal))
                .addSubcommand(new Annotate(terminal))
                .addSubcommand(new RefsCommand(terminal));
    }

    @Command(
            name = "create",
            description = "Make a name for a fileset that has no location yet. Prints the FSN, alone.")
    static final class Create extends NsdbCommand.OfNsdb {
        @Mixin
        private FsnSettings settings;

        Create(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            CreateFsnRequest request = settings.request();
            NsdbAddress name = nsdb.name();
            FsnNames.advise(terminal(), name);
            Fsn made = nsdb.call(stub -> stub.createFsn(request));
            print(NsdbDocuments.fsn(name, made), NsdbText.name(name, made.getUuid()));
            return FedFsStatus.OK;
        }
    }

    @Command(name = "show", description = "Show one FSN with all its locations.")
    static final class Show extends NsdbCommand.OfFsn {
        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            FsnWithFsls found = nsdb.call(stub ->
                    stub.getFsn(GetFsnRequest.newBuilder().setUuid(fsnUuid()).build()));
            print(NsdbDocuments.fileset(fsn().nsdb(), found), () -> NsdbText.fileset(terminal(), fsn().nsdb(), found));
            return FedFsStatus.OK;
        }
    }

    @Command(name = "list", description = "List the FSNs of an NSDB: name, state, TTL, locations.")
    static final class ListAll extends NsdbCommand.OfNsdb {
        enum WhichState {
            valid,
            invalid
        }

        @Option(names = "--state", paramLabel = "valid|invalid", description = "Only those in this state.")
        private WhichState state;

        @Option(
                names = "--annotation",
                paramLabel = "KEY[=VALUE]",
                description = "Only those that carry this annotation.")
        private String annotation;

        ListAll(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            ListFsnsRequest.Builder request = ListFsnsRequest.newBuilder().setPageSize(PAGE);
            if (state != null) {
                request.setState(state == WhichState.valid ? State.STATE_VALID : State.STATE_INVALID);
            }
            if (annotation != null) {
                int equals = annotation.indexOf('=');
                request.setAnnotationKey(equals < 0 ? annotation : annotation.substring(0, equals))
                        .setAnnotationValue(equals < 0 ? "" : annotation.substring(equals + 1));
            }
            NsdbAddress name = nsdb.name();
            // The first page is asked for before anything is printed: a failure then leaves no half document.
            ListFsnsResponse page = nsdb.call(stub -> stub.listFsns(request.build()));
            try (Listing listing = new Listing(terminal(), json(), "fsns")) {
                while (true) {
                    for (FsnWithFsls record : page.getFsnsList()) {
                        if (!listing.add(() -> NsdbDocuments.fileset(name, record), () -> NsdbText.row(name, record))) {
                            return FedFsStatus.OK;
                        }
                    }
                    if (page.getNextPageToken().isEmpty()) {
                        return FedFsStatus.OK;
                    }
                    request.setPageToken(page.getNextPageToken());
                    page = nsdb.call(stub -> stub.listFsns(request.build()));
                }
            }
        }
    }

    @Command(name = "update", description = "Change an FSN's TTL or descriptions.")
    static final class Update extends NsdbCommand.OfFsn {
        @Option(names = "--ttl", paramLabel = "SECONDS", description = FsnSettings.TTL)
        private Long ttl;

        @Option(
                names = "--description",
                paramLabel = "TEXT",
                description = "A description; repeatable. All earlier ones are replaced.")
        private List<String> descriptions;

        @Mixin
        private NsdbCommand.Expected expected;

        Update(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            UpdateFsnRequest.Builder request =
                    UpdateFsnRequest.newBuilder().setUuid(fsnUuid()).setExpectedRevision(expected.revision());
            if (ttl != null) {
                request.setTtlSeconds(FsnSettings.seconds(ttl));
            }
            if (descriptions != null) {
                request.setSetDescriptions(true).addAllDescriptions(descriptions);
            }
            Fsn now = nsdb.call(stub -> stub.updateFsn(request.build()));
            print(NsdbDocuments.fsn(fsn().nsdb(), now), fsn() + " updated, revision " + now.getRevision());
            return FedFsStatus.OK;
        }
    }

    /** Switching off and on differ in the state asked for. */
    abstract static class SetState extends NsdbCommand.OfFsn {
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
            SetFsnStateRequest request = SetFsnStateRequest.newBuilder()
                    .setUuid(fsnUuid())
                    .setState(state)
                    .setReason(reason)
                    .setExpectedRevision(expected.revision())
                    .build();
            Fsn now = nsdb.call(stub -> stub.setFsnState(request));
            print(
                    NsdbDocuments.fsn(fsn().nsdb(), now),
                    fsn() + " is " + NsdbText.state(now.getState()) + ", revision " + now.getRevision());
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "invalidate",
            description = "Switch an FSN off: its record stays, but no one is told its locations until it is revived.")
    static final class Invalidate extends SetState {
        Invalidate(Terminal terminal) {
            super(terminal, State.STATE_INVALID);
        }
    }

    @Command(name = "revive", description = "Switch an invalidated FSN on again.")
    static final class Revive extends SetState {
        Revive(Terminal terminal) {
            super(terminal, State.STATE_VALID);
        }
    }

    @Command(
            name = "delete",
            description = "Delete an FSN for good. Junctions that name it will dangle; invalidate can be undone.")
    static final class Delete extends NsdbCommand.OfFsn {
        @Option(names = "--with-fsls", description = "Delete its locations as well; else an FSN with FSLs is refused.")
        private boolean withFsls;

        @Mixin
        private NsdbCommand.Expected expected;

        Delete(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            DeleteFsnRequest request = DeleteFsnRequest.newBuilder()
                    .setUuid(fsnUuid())
                    .setWithFsls(withFsls)
                    .setExpectedRevision(expected.revision())
                    .build();
            long revision = nsdb.call(stub -> stub.deleteFsn(request)).getRevision();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("fsn", fsn().toString());
            document.put("deleted", true);
            document.put("revision", revision);
            print(document, fsn() + " deleted, revision " + revision);
            return FedFsStatus.OK;
        }
    }

    @Command(name = "annotate", description = "Set or remove an FSN's annotations (KEY=VALUE).")
    static final class Annotate extends NsdbCommand.OfFsn {
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
            annotations.apply(
                    nsdb, request -> request.setFsnUuid(fsnUuid()).setExpectedRevision(expected.revision()), document);
            print(document, () -> Annotations.print(terminal(), document));
            return FedFsStatus.OK;
        }
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.ClientOfFileset;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ListClientsRequest;
import io.fedfs.v1.ListClientsResponse;
import io.fedfs.v1.Operation;
import io.fedfs.v1.Reference;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code fedfs fileset move}: the mapping's side of a migration (requirements R10, R11); the data is copied by whatever the
 * administrator likes. Each step is one transaction that also writes down how far the move is ({@link Move}), and refuses when
 * somebody else went on in between; so a step that was interrupted is done again by the same command.
 */
@Command(
        name = "move",
        description = {
            "Move a fileset to another place, while it is in use. Say --start, copy the data, say --finish.",
            "--start registers the new place, not to be used yet, and shortens the TTL. --finish puts it in force in one",
            "transaction, waits until clients have left the old place and no cache can name it, and retires it.",
            "A step that was interrupted is gone on with by the same command."
        })
final class MoveCommand extends NsdbCommand.OfFsn {
    /** The TTL while a move is under way, seconds. */
    static final long SHORT_TTL = 10;

    private static final long LOOK_MS = 500;

    @ArgGroup(multiplicity = "1")
    private Step step;

    private static final class Step {
        @Option(names = "--dry-run", description = "Say what would be done, who points there and who uses it.")
        private boolean dryRun;

        @Option(names = "--start", description = "Register the new place and write the marker, if it is here.")
        private boolean start;

        @Option(names = "--finish", description = "Put the new place in force, wait, and retire the old one.")
        private boolean finish;

        @Option(names = "--abort", description = "Take it back. After the switch only with --force.")
        private boolean abort;
    }

    @Option(names = "--from", paramLabel = "FSL", description = "The location to leave. Default: the only one.")
    private String from;

    @Option(names = "--to", paramLabel = "DIR", description = "The new directory (with --dry-run or --start).")
    private String to;

    @Option(names = "--to-host", paramLabel = "NAME", description = "The file server that has it. Default: this host.")
    private String toHost;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long --finish waits for clients and caches. Default: ${DEFAULT-VALUE}.")
    private int wait;

    @Option(
            names = "--force",
            description = "With --finish: retire the old place though clients use it. With --abort: also after the"
                    + " switch; what was written at the new place stays there.")
    private boolean force;

    MoveCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    FedFsStatus run(NsdbConnection nsdb) throws InterruptedException {
        FsnWithFsls fileset = fileset(nsdb);
        Optional<Move> move = Move.of(fileset.getFsn());
        if (step.dryRun) {
            return plan(nsdb, fileset, move);
        }
        if (step.start) {
            return start(nsdb, fileset, move);
        }
        Move under = move.orElseThrow(() -> new CommandFailure(
                FedFsStatus.MOVING, fsn() + " is not being moved", "fedfs fileset move --start begins it"));
        return step.finish ? finish(nsdb, fileset, under) : abort(nsdb, fileset, under);
    }

    private FsnWithFsls fileset(NsdbConnection nsdb) {
        return nsdb.call(stub ->
                stub.getFsn(GetFsnRequest.newBuilder().setUuid(fsnUuid()).build()));
    }

    // ---- the plan

    private FedFsStatus plan(NsdbConnection nsdb, FsnWithFsls fileset, Optional<Move> move) {
        Fsl old = move.map(m -> fsl(fileset, m.from())).orElseGet(() -> source(fileset));
        List<Reference> references = new ArrayList<>();
        ReferencesOf.each(nsdb, fsnUuid(), references::add);
        List<ClientOfFileset> clients = clients(nsdb);
        Map<String, Object> document = document(fileset, move);
        document.put("from", NsdbDocuments.fsl(fsn().nsdb(), old));
        document.put("to", to == null ? null : placeTo().path().toString());
        document.put(
                "references", references.stream().map(ReferencesOf::document).toList());
        document.put("clients", clients.stream().map(MoveCommand::document).toList());
        print(document, () -> {
            terminal()
                    .line(fsn()
                            + move.map(m -> m.switched() ? ", switched, not retired yet" : ", started")
                                    .orElse(""));
            terminal().line("  from    " + NsdbText.place(old) + "  (" + old.getUuid() + ")");
            if (to != null) {
                Place place = placeTo();
                terminal().line("  to      " + place.host() + ":" + place.path());
            }
            terminal().line("  TTL     " + ttl(fileset.getFsn()) + " s, " + SHORT_TTL + " s during the move");
            terminal().line("  junctions on record that lead there and go on to: " + references.size());
            references.forEach(r -> terminal().line("    " + r.getFromFsn() + "  " + r.getPath()));
            terminal().line("  clients that use it now, as far as they say: " + clients.size());
            clients.forEach(c -> terminal().line("    " + text(c)));
            terminal()
                    .line(
                            "  steps   --start; copy the data; --finish: switch, wait for the clients and one TTL, retire");
        });
        return FedFsStatus.OK;
    }

    private Map<String, Object> document(FsnWithFsls fileset, Optional<Move> move) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fsn().toString());
        document.put(
                "step", move.map(m -> m.switched() ? "switched" : "started").orElse("none"));
        document.put("ttl_seconds", ttl(fileset.getFsn()));
        return document;
    }

    private static Map<String, Object> document(ClientOfFileset client) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("id", client.getClient().getId());
        document.put("host", client.getClient().getHost());
        document.put("name", client.getClient().getName());
        document.put("principal", client.getClient().getPrincipal());
        document.put("address", client.getClient().getAddress());
        document.put("fsl_uuids", List.copyOf(client.getAttached().getFslUuidsList()));
        document.put("revision", client.getAttached().getRevision());
        return document;
    }

    private static String text(ClientOfFileset client) {
        return client.getClient().getHost() + ":" + client.getClient().getName() + "  from "
                + client.getClient().getAddress() + ", " + client.getClient().getPrincipal();
    }

    // ---- start

    private FedFsStatus start(NsdbConnection nsdb, FsnWithFsls fileset, Optional<Move> under) {
        Place place = placeTo();
        if (under.isPresent()) {
            Fsl target = fsl(fileset, under.get().to());
            if (target.getExportPath().equals(place.path().toString())
                    && target.getHost().equalsIgnoreCase(place.host())) {
                marked(target, place);
                return tell("started already", fileset(nsdb));
            }
            throw new CommandFailure(
                    FedFsStatus.MOVING,
                    fsn() + " is being moved to " + target.getHost() + ":" + target.getExportPath() + " already",
                    "--finish or --abort that first");
        }
        Fsl old = source(fileset);
        Fsl target = old.toBuilder()
                .setUuid(UUID.randomUUID().toString())
                .setHost(place.host())
                .setExportPath(place.path().toString())
                .clearPathInside()
                .clearVolume()
                .setDraining(false)
                .clearAnnotations()
                .build();
        Move move = new Move(
                false,
                old.getUuid(),
                target.getUuid(),
                ttl(fileset.getFsn()),
                old.getWritable(),
                System.currentTimeMillis(),
                0);
        Marking marking = marked(target, place);
        try {
            transact(
                    nsdb,
                    annotate(fileset.getFsn(), Optional.of(move)),
                    Operation.newBuilder()
                            .setAddFsl(AddFslRequest.newBuilder().setFsl(target))
                            .build(),
                    state(target.getUuid(), false, "being filled by a move"),
                    ttl(Math.min(move.ttl(), SHORT_TTL)));
        } catch (CommandFailure e) {
            marking.undo(terminal());
            throw e;
        }
        return tell("started; copy the data, then --finish", fileset(nsdb));
    }

    /** The new directory is marked before anything refers to it, when it can be seen from here. */
    private Marking marked(Fsl target, Place place) {
        return target.getType().equals(PlaceOptions.LOCAL) && place.existsHere()
                ? Marking.of(place.path(), fsn())
                : Marking.none();
    }

    private Place placeTo() {
        if (to == null) {
            throw new CommandFailure(FedFsStatus.INVAL, "where to? --to is missing", "give --to DIR [--to-host NAME]");
        }
        return Place.of(to, toHost, ThisHost.of(terminal()));
    }

    private Fsl source(FsnWithFsls fileset) {
        List<Fsl> usable = fileset.getFslsList().stream()
                .filter(f -> f.getState().getState() == State.STATE_VALID)
                .toList();
        if (from != null) {
            return fsl(fileset, uuid(from).toString());
        }
        if (usable.size() != 1) {
            throw new CommandFailure(
                    FedFsStatus.INVAL,
                    fsn() + " has " + usable.size() + " usable locations",
                    "say which to leave: --from FSL (fedfs fsl list " + fsn() + ")");
        }
        return usable.get(0);
    }

    private Fsl fsl(FsnWithFsls fileset, String uuid) {
        return fileset.getFslsList().stream()
                .filter(f -> f.getUuid().equals(uuid))
                .findAny()
                .orElseThrow(() -> new CommandFailure(
                        FedFsStatus.NO_FSL, fsn() + " has no location " + uuid, "see fedfs fsl list"));
    }

    // ---- finish

    private FedFsStatus finish(NsdbConnection nsdb, FsnWithFsls fileset, Move begun) throws InterruptedException {
        Move move = begun;
        if (!move.switched()) {
            move = move.switchedAt(System.currentTimeMillis());
            Fsl old = fsl(fileset, move.from());
            Fsl target = fsl(fileset, move.to());
            transact(
                    nsdb,
                    annotate(fileset.getFsn(), Optional.of(move)),
                    state(target.getUuid(), true, "moved here"),
                    update(target.toBuilder().setWritable(move.writable()).build()),
                    update(old.toBuilder().setWritable(false).setDraining(true).build()));
            terminal()
                    .note("switched: new users of " + fsn() + " go to " + target.getHost() + ":"
                            + target.getExportPath());
        }
        await(nsdb, move);
        FsnWithFsls now = fileset(nsdb);
        transact(
                nsdb,
                annotate(now.getFsn(), Optional.empty()),
                state(move.from(), false, "moved away"),
                ttl(move.ttl()));
        return tell("moved", fileset(nsdb));
    }

    private void await(NsdbConnection nsdb, Move move) throws InterruptedException {
        long end = System.currentTimeMillis() + 1000L * wait;
        List<String> told = List.of();
        while (true) {
            List<String> behind = clients(nsdb).stream()
                    .filter(c -> c.getAttached().getFslUuidsList().contains(move.from()))
                    .map(MoveCommand::text)
                    .toList();
            long left = move.cachesOverMs(SHORT_TTL) - System.currentTimeMillis();
            if ((behind.isEmpty() || force) && left <= 0) {
                return;
            }
            if (!behind.equals(told)) {
                behind.forEach(client -> terminal().note("still at the old place: " + client));
                terminal().err().flush();
                told = behind;
            }
            if (System.currentTimeMillis() >= end) {
                throw new CommandFailure(
                        FedFsStatus.TIMEOUT,
                        "the new place is in force, the old one not retired: "
                                + (behind.isEmpty()
                                        ? "caches may name it for another " + (left + 999) / 1000 + " s"
                                        : behind.size() + " clients still use it"),
                        "--finish again goes on waiting");
            }
            Thread.sleep(Math.min(LOOK_MS, Math.max(1, end - System.currentTimeMillis())));
        }
    }

    private List<ClientOfFileset> clients(NsdbConnection nsdb) {
        List<ClientOfFileset> clients = new ArrayList<>();
        ListClientsRequest.Builder request =
                ListClientsRequest.newBuilder().setFsnUuid(fsnUuid()).setPageSize(500);
        do {
            ListClientsResponse page = nsdb.call(stub -> stub.listClients(request.build()));
            clients.addAll(page.getClientsList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return clients;
    }

    // ---- abort

    private FedFsStatus abort(NsdbConnection nsdb, FsnWithFsls fileset, Move move) {
        if (!move.switched()) {
            transact(
                    nsdb,
                    annotate(fileset.getFsn(), Optional.empty()),
                    Operation.newBuilder()
                            .setDeleteFsl(DeleteFslRequest.newBuilder()
                                    .setFsnUuid(fsnUuid())
                                    .setFslUuid(move.to()))
                            .build(),
                    ttl(move.ttl()));
            return tell("aborted; the new directory is as it was filled", fileset(nsdb));
        }
        if (!force) {
            throw new CommandFailure(
                    FedFsStatus.MOVING,
                    "the new place is in force, and programs may have written there",
                    "--abort --force goes back all the same; copy back what is needed first");
        }
        Fsl old = fsl(fileset, move.from());
        transact(
                nsdb,
                annotate(fileset.getFsn(), Optional.empty()),
                update(old.toBuilder()
                        .setWritable(move.writable())
                        .setDraining(false)
                        .build()),
                state(move.from(), true, "the move away was aborted"),
                state(move.to(), false, "the move here was aborted"),
                ttl(move.ttl()));
        return tell("went back; the new location is invalidated and kept", fileset(nsdb));
    }

    // ---- the transactions

    /** Writes down the step, or that there is none any more, unless the FSN has changed since it was read. */
    private Operation annotate(Fsn read, Optional<Move> move) {
        AnnotateRequest.Builder request =
                AnnotateRequest.newBuilder().setFsnUuid(fsnUuid()).setExpectedRevision(read.getRevision());
        move.ifPresentOrElse(m -> request.addSet(m.annotation()), () -> request.addRemoveKeys(Move.ANNOTATION));
        return Operation.newBuilder().setAnnotate(request).build();
    }

    private Operation state(String fsl, boolean valid, String reason) {
        return Operation.newBuilder()
                .setSetFslState(SetFslStateRequest.newBuilder()
                        .setFsnUuid(fsnUuid())
                        .setFslUuid(fsl)
                        .setState(valid ? State.STATE_VALID : State.STATE_INVALID)
                        .setReason(reason))
                .build();
    }

    private static Operation update(Fsl fsl) {
        return Operation.newBuilder()
                .setUpdateFsl(UpdateFslRequest.newBuilder().setFsl(fsl))
                .build();
    }

    private Operation ttl(long seconds) {
        return Operation.newBuilder()
                .setUpdateFsn(UpdateFsnRequest.newBuilder().setUuid(fsnUuid()).setTtlSeconds((int) seconds))
                .build();
    }

    private static void transact(NsdbConnection nsdb, Operation... operations) {
        TransactRequest request = TransactRequest.newBuilder()
                .addAllOperations(List.of(operations))
                .build();
        nsdb.call(stub -> stub.transact(request));
    }

    private static long ttl(Fsn fsn) {
        return Integer.toUnsignedLong(fsn.getTtlSeconds());
    }

    private FedFsStatus tell(String what, FsnWithFsls now) {
        Map<String, Object> document = document(now, Move.of(now.getFsn()));
        document.put("done", what);
        document.put(
                "locations",
                now.getFslsList().stream()
                        .map(f -> NsdbDocuments.fsl(fsn().nsdb(), f))
                        .toList());
        print(document, fsn() + ": " + what);
        return FedFsStatus.OK;
    }
}

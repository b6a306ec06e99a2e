package io.fedfs.fileserver.service;

import io.fedfs.fileserver.journal.Journal;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.fileserver.place.HeldDirectory.Root;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Replica;
import io.fedfs.server.v1.Spread;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateJunctionRequest;
import io.fedfs.v1.DeleteJunctionRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.PendingChange;
import io.fedfs.v1.State;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A junction made or deleted here is made or deleted in the fileset's other writable replicas (R3b), by their agents. The change
 * is in the journal before it is made; a replica whose agent cannot be reached stays there, and is tried again until it has
 * the change. What another agent did on its own is not overruled: a junction in the way that leads elsewhere stays, and the
 * change stays pending, with the reason. Until then the NSDB has it marked as lacking junctions ({@link LackingMarks}).
 */
final class Spreading {
    private static final Logger log = LoggerFactory.getLogger(Spreading.class);

    /** How long a call waits for the replicas all together; the others are pending then. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final ThisServer server;
    private final Nsdbs nsdbs;
    private final Peers peers;
    private final Journal journal;
    private final Clock clock;
    private final LackingMarks marks;

    Spreading(ThisServer server, Nsdbs nsdbs, Peers peers, Journal journal, Clock clock) {
        this.server = server;
        this.nsdbs = nsdbs;
        this.peers = peers;
        this.journal = journal;
        this.clock = clock;
        this.marks = new LackingMarks(server.name(), nsdbs, journal);
    }

    /** Makes a change here; false when it is no longer what is wanted here. */
    @FunctionalInterface
    interface Local {
        boolean apply(Intent intent);
    }

    /**
     * Writes down a change that is about to be made here.
     *
     * @param parent the directory of the junction
     * @param target where it will lead; empty: it will be deleted
     * @param led where the junction leads that is there now
     * @return empty when there is no other replica to tell
     */
    Optional<Intent> plan(
            Located where,
            HeldDirectory parent,
            Optional<Fsn> target,
            Optional<Fsn> led,
            List<Annotation> annotations) {
        Optional<Root> fileset = parent.fileset();
        if (fileset.isEmpty()) {
            return Optional.empty();
        }
        int depth = fileset.get().depth();
        Fsn fsn = fileset.get().marker().fsn();
        if (!nsdbs.mayAsk(fsn.nsdb(), fileset.get().marker().inTrustedNamespace())) {
            return Optional.empty();
        }
        Spread.Builder spread = Spread.newBuilder()
                .setPathInside(String.join(
                        "/", where.inside().subList(depth, where.inside().size())))
                .setTarget(target.map(Fsn::toString).orElse(""))
                .addAllAnnotations(annotations);
        try {
            List<Replica> others = others(fsn, rootOf(where, depth), spread.getPathInside());
            if (others.isEmpty() && earlier(fsn, spread.getPathInside()).isEmpty()) {
                return Optional.empty();
            }
            spread.setReplicasKnown(true).addAllReplicas(others);
        } catch (NsdbCallException e) {
            log.info("the replicas of {} are not known yet: {}", fsn, e.getMessage());
        }
        spread.addAllReplaces(replaced(fsn, spread.getPathInside()));
        led.ifPresent(before -> spread.addReplaces(before.toString()));
        Intent intent =
                Plan.intent(where, fsn, clock.millis()).setSpread(spread).build();
        journal.write(intent);
        return Optional.of(intent);
    }

    private static Located rootOf(Located where, int depth) {
        return new Located(where.export(), where.inside().subList(0, depth));
    }

    private List<Replica> others(Fsn fsn, Located root, String pathInside) throws NsdbCallException {
        List<Replica> others = new ArrayList<>();
        Optional<FsnWithFsls> records = nsdbs.find(fsn);
        for (Fsl fsl : records.map(FsnWithFsls::getFslsList).orElse(List.of())) {
            boolean wanted = fsl.getWritable() && fsl.getState().getState() != State.STATE_INVALID;
            if (wanted && !server.isAt(fsl, root)) {
                others.add(Replica.newBuilder()
                        .setHost(fsl.getHost())
                        .setFslUuid(fsl.getUuid())
                        .setPath(joined(joined(fsl.getExportPath(), fsl.getPathInside()), pathInside))
                        .build());
            }
        }
        return others;
    }

    private static String joined(String path, String below) {
        return below.isEmpty() ? path : path.endsWith("/") ? path + below : path + "/" + below;
    }

    /** Changes of the same junction that some replica has not seen. */
    private List<Intent> earlier(Fsn fsn, String pathInside) {
        return journal.all().stream()
                .filter(i -> i.hasSpread()
                        && i.getFsn().equals(fsn.toString())
                        && i.getSpread().getPathInside().equals(pathInside))
                .toList();
    }

    /** What a replica may still have because an earlier change has not reached it. */
    private Set<String> replaced(Fsn fsn, String pathInside) {
        Set<String> targets = new LinkedHashSet<>();
        for (Intent intent : earlier(fsn, pathInside)) {
            targets.addAll(intent.getSpread().getReplacesList());
            if (!intent.getSpread().getTarget().isEmpty()) {
                targets.add(intent.getSpread().getTarget());
            }
        }
        return targets;
    }

    /** The change was not made here, so it is made nowhere. */
    void forget(Intent intent) {
        journal.remove(intent);
    }

    /**
     * What is here now is something else, and nobody is told of this change any more. The replicas that the NSDB takes for lacking it are not kept waiting.
     */
    void drop(Intent intent) {
        settle(known(intent, List.of()));
    }

    private static Intent known(Intent intent, List<Replica> replicas) {
        return intent.toBuilder()
                .setSpread(intent.getSpread().toBuilder()
                        .setReplicasKnown(true)
                        .clearReplicas()
                        .addAllReplicas(replicas))
                .build();
    }

    /**
     * The change was made here: tells the replicas, and what an earlier change of this junction still had to tell is void.
     *
     * @return who has not got it yet
     */
    List<PendingChange> spread(Intent intent) {
        Intent rest = push(applied(intent));
        List<Intent> before = earlier(
                        Fsn.parse(intent.getFsn()), intent.getSpread().getPathInside())
                .stream()
                .filter(old -> !old.getId().equals(intent.getId()))
                .toList();
        Set<String> marked = new LinkedHashSet<>(rest.getSpread().getMarkedList());
        before.forEach(old -> marked.addAll(old.getSpread().getMarkedList()));
        rest = withMarked(rest, marked);
        if (!marked.isEmpty()) {
            journal.write(rest); // before those go that have it on record
        }
        before.forEach(journal::remove);
        rest = settle(rest);
        return pending(rest);
    }

    private static Intent applied(Intent intent) {
        return intent.toBuilder()
                .setSpread(intent.getSpread().toBuilder().setApplied(true))
                .build();
    }

    /** Writes down what is left of a change, if anything is, and has the NSDB know who lacks it. */
    private Intent settle(Intent rest) {
        if (isDone(rest)) {
            journal.remove(rest);
            return rest;
        }
        // Before it is looked who else lacks something: of two changes that end at once, the later one sees the other's
        // end.
        write(rest);
        Intent told = withMarked(rest, marks.update(rest));
        if (isDone(told)) {
            journal.remove(told);
        } else {
            write(told);
        }
        return told;
    }

    private static boolean isDone(Intent intent) {
        Spread s = intent.getSpread();
        return s.getReplicasKnown() && s.getReplicasCount() == 0 && s.getMarkedCount() == 0;
    }

    private void write(Intent intent) {
        if (!journal.all().contains(intent)) {
            journal.write(intent);
        }
    }

    private static Intent withMarked(Intent intent, Set<String> marked) {
        return intent.toBuilder()
                .setSpread(intent.getSpread().toBuilder().clearMarked().addAllMarked(marked))
                .build();
    }

    /** Tries every replica that lacks the change; gives what is left, with the reasons. */
    private Intent push(Intent intent) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        List<Replica> left = new ArrayList<>();
        for (Replica replica : intent.getSpread().getReplicasList()) {
            if (System.nanoTime() > until) {
                left.add(replica);
                continue;
            }
            Peers.Outcome outcome = tell(intent.getSpread(), replica);
            if (outcome.status() == FedFsStatus.OK) {
                log.info("{}:{} has the change of {} too", replica.getHost(), replica.getPath(), intent.getPath());
            } else {
                left.add(replica.toBuilder().setTrouble(outcome.message()).build());
            }
        }
        return intent.toBuilder()
                .setSpread(intent.getSpread().toBuilder().clearReplicas().addAllReplicas(left))
                .build();
    }

    private Peers.Outcome tell(Spread spread, Replica replica) {
        if (spread.getTarget().isEmpty()) {
            Peers.Outcome outcome = peers.call(
                    replica.getHost(),
                    stub -> stub.deleteJunction(DeleteJunctionRequest.newBuilder()
                            .setPath(replica.getPath())
                            .setLocalOnly(true)
                            .addAllReplaces(spread.getReplacesList())
                            .build()));
            // There is none to delete.
            return outcome.status() == FedFsStatus.NOTJUNCT ? Peers.Outcome.DONE : outcome;
        }
        return peers.call(
                replica.getHost(),
                stub -> stub.createJunction(CreateJunctionRequest.newBuilder()
                        .setPath(replica.getPath())
                        .setFsn(spread.getTarget())
                        .addAllAnnotations(spread.getAnnotationsList())
                        .setLocalOnly(true)
                        .addAllReplaces(spread.getReplacesList())
                        .build()));
    }

    /**
     * Goes on with a change that some replica has not got.
     *
     * @param where the junction here
     * @param depth how deep in its export the fileset's root is; negative: nobody knows any more
     * @param local makes the change here, for one that a crash interrupted before that
     * @return why it is not done; empty when it is
     */
    String resume(Intent intent, Located where, int depth, Local local) {
        if (!journal.all().contains(intent)) {
            return "";
        }
        if (depth < 0 || !local.apply(intent)) {
            log.warn("the change of {} is no longer what is there, and is not told to its replicas", intent.getPath());
            drop(intent);
            return "";
        }
        Intent now = applied(intent);
        if (!now.getSpread().getReplicasKnown()) {
            try {
                now = known(
                        now,
                        others(
                                Fsn.parse(intent.getFsn()),
                                rootOf(where, depth),
                                now.getSpread().getPathInside()));
            } catch (NsdbCallException e) {
                return e.getMessage();
            }
        }
        Intent rest = settle(push(now));
        List<PendingChange> pending = pending(rest);
        if (pending.isEmpty()) {
            return rest.getSpread().getMarkedCount() == 0 ? "" : "the NSDB takes a replica for lacking it that has it";
        }
        return pending.get(0).getHost() + " lacks it: " + pending.get(0).getTrouble();
    }

    /** All changes that some replica has not got. */
    List<PendingChange> pending() {
        return journal.all().stream()
                .filter(Intent::hasSpread)
                .flatMap(i -> pending(i).stream())
                .toList();
    }

    private static List<PendingChange> pending(Intent intent) {
        Spread spread = intent.getSpread();
        PendingChange.Builder change = PendingChange.newBuilder()
                .setFileset(intent.getFsn())
                .setPathInside(spread.getPathInside())
                .setFsn(spread.getTarget())
                .setSinceMs(intent.getBeganMs());
        if (!spread.getReplicasKnown()) {
            return List.of(change.setTrouble("the NSDB could not be asked for the replicas")
                    .build());
        }
        return spread.getReplicasList().stream()
                .map(r -> change.setHost(r.getHost())
                        .setPath(r.getPath())
                        .setFslUuid(r.getFslUuid())
                        .setTrouble(r.getTrouble())
                        .build())
                .toList();
    }
}

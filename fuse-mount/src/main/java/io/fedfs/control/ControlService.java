package io.fedfs.control;

import com.google.protobuf.ByteString;
import io.fedfs.attach.Attacher;
import io.fedfs.control.v1.CheckRequest;
import io.fedfs.control.v1.CheckResponse;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.control.v1.CrossedFileset;
import io.fedfs.control.v1.ExplainRequest;
import io.fedfs.control.v1.ExplainResponse;
import io.fedfs.control.v1.ExplainStep;
import io.fedfs.control.v1.FilesetStatus;
import io.fedfs.control.v1.FlushRequest;
import io.fedfs.control.v1.FlushResponse;
import io.fedfs.control.v1.FslCheck;
import io.fedfs.control.v1.Location;
import io.fedfs.control.v1.NsdbCheck;
import io.fedfs.control.v1.NsdbStatus;
import io.fedfs.control.v1.StatusResponse;
import io.fedfs.control.v1.TuneRequest;
import io.fedfs.control.v1.TuneResponse;
import io.fedfs.control.v1.WhereRequest;
import io.fedfs.control.v1.WhereResponse;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.projection.Projection;
import io.fedfs.projection.Tree;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the control requests of one mount. */
public final class ControlService {
    private static final Duration DEFAULT_CHECK = Duration.ofSeconds(10);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(60);
    /** How many probes of a check run at once. */
    private static final int PROBES = 16;

    /** How long file servers may take to answer about a path. */
    private static final Duration WALK = Duration.ofSeconds(1);

    private static final int WALKS = 32;
    /** How long a command waits until the kernel knows of what it changed. */
    private static final Duration TOLD = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(ControlService.class);

    private final MountFacts facts;
    /** Walks that may get stuck at a file server. */
    private final Executor walks =
            new ThreadPoolExecutor(0, WALKS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread t = new Thread(task, "fedfs-walk");
                t.setDaemon(true);
                return t;
            });

    private final Projection projection;
    private final Resolver resolver;
    private final Attacher attacher;
    private final DaosSettings daos;
    private final Kernel kernel;
    private final Supplier<Map<String, Long>> sessionCounters;

    /**
     * What does not change while mounted.
     *
     * @param owner the user who mounted: he and root may change things; and nobody else may ask anything when he is not root, because
     *     his daemon looks with his rights, whoever asks
     */
    public record MountFacts(
            String root,
            String mountPoint,
            String engine,
            String version,
            long startedMillis,
            int owner,
            Duration deadline,
            Map<String, String> options) {}

    public ControlService(
            MountFacts facts,
            Projection projection,
            Resolver resolver,
            Attacher attacher,
            DaosSettings daos,
            Kernel kernel,
            Supplier<Map<String, Long>> sessionCounters) {
        this.facts = facts;
        this.projection = projection;
        this.resolver = resolver;
        this.attacher = attacher;
        this.daos = daos;
        this.kernel = kernel;
        this.sessionCounters = sessionCounters;
    }

    /** How long the way to a path may take: junctions are crossed on it. */
    private Duration walkBound() {
        return facts.deadline.plus(WALK);
    }

    /** A request that is answered with a status instead of a result. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final FedFsStatus status;

        Refused(FedFsStatus status, String message) {
            super(message);
            this.status = status;
        }
    }

    ControlResponse answer(ControlRequest request, Peer peer) {
        ControlResponse.Builder answer = ControlResponse.newBuilder();
        try {
            if (facts.owner != 0) {
                mustOwn(peer);
            }
            switch (request.getRequestCase()) {
                case WHERE -> answer.setWhere(where(request.getWhere(), peer));
                case FLUSH -> answer.setFlush(flush(request.getFlush(), peer));
                case STATUS -> answer.setStatusReport(status());
                case CHECK -> answer.setCheck(check(request.getCheck()));
                case EXPLAIN -> answer.setExplain(explain(request.getExplain(), peer));
                case TUNE -> answer.setTune(tune(request.getTune(), peer));
                case REQUEST_NOT_SET ->
                    throw new Refused(
                            FedFsStatus.NOTSUPP,
                            "the mount's daemon is older than this command and does not know the request");
            }
        } catch (Refused e) {
            answer.setStatus(e.status.number()).setMessage(e.getMessage());
        }
        return answer.build();
    }

    private void mustOwn(Peer peer) throws Refused {
        if (peer.uid() != 0 && peer.uid() != facts.owner) {
            throw new Refused(FedFsStatus.PERM, "only root and the user who mounted may ask this of the mount");
        }
    }

    private Tree.Located locate(byte[] path, Peer peer) throws Refused {
        try {
            return projection.tree().locate(path, peer.uid(), peer.gid(), walkBound(), walks);
        } catch (ErrnoException e) {
            FedFsStatus status =
                    switch (e.errno()) {
                        case Errno.EACCES -> FedFsStatus.ACCESS;
                        case Errno.ENOENT, Errno.ENOTDIR -> FedFsStatus.INVAL;
                        case Errno.ELOOP -> FedFsStatus.LOOP;
                        case Errno.EXDEV -> FedFsStatus.NOTLOCAL;
                        default -> FedFsStatus.IO;
                    };
            throw new Refused(status, e.getMessage());
        } catch (FsException e) {
            throw new Refused(status(e.error()), Tree.describe(e));
        }
    }

    private static FedFsStatus status(FsError error) {
        return switch (error) {
            case NO_SUCH_FILESET -> FedFsStatus.NSDB_NOFSN;
            case NSDB_UNREACHABLE -> FedFsStatus.NSDB_DOWN;
            case NO_LOCATION_ATTACHES -> FedFsStatus.NOT_ATTACHABLE;
            case TIMED_OUT -> FedFsStatus.TIMEOUT;
            case DENIED -> FedFsStatus.ACCESS;
            case TOO_MANY_CROSSINGS -> FedFsStatus.LOOP;
            default -> FedFsStatus.IO;
        };
    }

    // ---------------------------------------------------------------- where

    private WhereResponse where(WhereRequest request, Peer peer) throws Refused {
        Tree.Located located = locate(request.getPath().toByteArray(), peer);
        Tree.Crossed last = located.crossed().get(located.crossed().size() - 1);
        WhereResponse.Builder w = WhereResponse.newBuilder()
                .setFsn(last.fsn().toString())
                .setFilesetMountPath(ByteString.copyFrom(last.mountPath()))
                .setPathInFileset(ByteString.copyFrom(located.inside()))
                .setAttached(attached(last))
                .setUnverified(located.unverified());
        located.link().ifPresent(target -> w.setSymlinkTarget(ByteString.copyFrom(target)));
        for (Tree.Crossed c : located.crossed()) {
            w.addCrossed(CrossedFileset.newBuilder()
                    .setFsn(c.fsn().toString())
                    .setMountPath(ByteString.copyFrom(c.mountPath()))
                    .setAttached(attached(c)));
        }
        if (last.isContainer()) {
            return w.addLocations(attached(last)).setSource("container").build();
        }
        Resolution now = resolver.resolve(last.fsn(), facts.deadline);
        if (now instanceof Referral r) {
            w.setTtlSeconds((int) r.ttl().toSeconds())
                    .setReferralRevision(r.revision())
                    .setSource(source(r))
                    .setStaleSinceMs(
                            r.staleSince().map(java.time.Instant::toEpochMilli).orElse(0L));
            for (Fsl fsl : r.locations()) {
                boolean isAttached = fsl.uuid().equals(last.attached().uuid());
                w.addLocations(isAttached ? attached(last) : location(fsl, false));
            }
        } else {
            w.addLocations(attached(last));
        }
        return w.build();
    }

    private static String source(Referral r) {
        return switch (r.source()) {
            case NSDB -> "nsdb";
            case CACHE -> "cache";
            case OFFLINE_COPY -> "offline copy";
        };
    }

    private Location attached(Tree.Crossed fileset) {
        Location l = location(fileset.attached(), true);
        return fileset.hungFor().isZero()
                ? l
                : l.toBuilder()
                        .setHealth("hung")
                        .setDetail("no answer for " + fileset.hungFor().toSeconds() + " s")
                        .build();
    }

    private Location location(Fsl fsl, boolean attached) {
        Location.Builder l = Location.newBuilder()
                .setFslUuid(fsl.uuid().toString())
                .setType(fsl.type())
                .setHost(fsl.host())
                .setPath(fsl.path())
                .setWritable(fsl.writable())
                .setDraining(fsl.draining())
                .setAttached(attached)
                .setReadRank(fsl.readRank())
                .setReadOrder(fsl.readOrder());
        Optional<Attacher.Health> health = attacher.health(fsl.uuid());
        l.setHealth(health.map(h -> h.up() ? "up" : "down").orElse(attached ? "up" : "unknown"));
        health.ifPresent(h -> l.setDetail(h.detail()));
        return l.build();
    }

    // ---------------------------------------------------------------- flush

    private FlushResponse flush(FlushRequest request, Peer peer) throws Refused {
        mustOwn(peer);
        int dropped;
        switch (request.getTargetCase()) {
            case ALL -> {
                dropped = resolver.flushAll();
                projection.tree().letGo(fsn -> true);
            }
            case FSN -> dropped = flush(parse(request.getFsn()));
            case PATH -> {
                List<Tree.Crossed> crossed =
                        locate(request.getPath().toByteArray(), peer).crossed();
                dropped = flush(crossed.get(crossed.size() - 1).fsn());
            }
            default -> throw new Refused(FedFsStatus.INVAL, "flush what: a path, an FSN, or all");
        }
        awaitInvalidations();
        return FlushResponse.newBuilder().setReferralsDropped(dropped).build();
    }

    private int flush(Fsn fsn) {
        boolean was = resolver.flush(fsn);
        projection.tree().letGo(fsn::equals);
        return was ? 1 : 0;
    }

    private static Fsn parse(String fsn) throws Refused {
        try {
            return Fsn.parse(fsn);
        } catch (IllegalArgumentException e) {
            throw new Refused(FedFsStatus.INVAL, e.getMessage());
        }
    }

    // ---------------------------------------------------------------- status and check

    private StatusResponse status() {
        StatusResponse.Builder s = StatusResponse.newBuilder()
                .setRoot(facts.root)
                .setMountPoint(facts.mountPoint)
                .setEngine(facts.engine)
                .setTransport(kernel.transport())
                .setVersion(facts.version)
                .setPid(ProcessHandle.current().pid())
                .setStartedMs(facts.startedMillis)
                .addAllKernelFeatures(kernel.features())
                .putAllOptions(facts.options)
                .putAllOptions(daos.shown())
                .putAllCounters(projection.counters())
                .putAllCounters(resolver.counters())
                .putAllCounters(attacher.counters())
                .putAllCounters(sessionCounters.get());
        for (Tree.Held held : projection.tree().held()) {
            Tree.Crossed c = held.fileset();
            FilesetStatus.Builder f = FilesetStatus.newBuilder()
                    .setInodes(held.inodes())
                    .setOpenFiles(held.openFiles())
                    .setFsn(c.fsn().toString())
                    .setMountPath(ByteString.copyFrom(c.mountPath()))
                    .setAttached(attached(c))
                    .setRequests(held.requests())
                    .setRequestsWaiting(held.waiting())
                    .setHungMs(c.hungFor().toMillis());
            if (!c.hungFor().isZero()) {
                s.addWarnings(c.attached().host() + ":" + c.attached().path() + " has not answered for "
                        + c.hungFor().toSeconds() + " s; " + (held.requests() + held.waiting()) + " requests wait");
            }
            if (resolver.cached(c.fsn()).orElse(null) instanceof Referral r) {
                f.setStaleSinceMs(
                        r.staleSince().map(java.time.Instant::toEpochMilli).orElse(0L));
            }
            s.addFilesets(f);
        }
        for (Resolver.NsdbReport n : resolver.nsdbs()) {
            s.addNsdbs(NsdbStatus.newBuilder()
                    .setAddress(n.address().toString())
                    .setState(n.state())
                    .setSinceMs(n.since().toEpochMilli())
                    .setDetail(n.detail())
                    .setWatching(n.watching())
                    .setRevision(n.revision())
                    .setResolves(n.resolves())
                    .setFailures(n.failures()));
            if (n.state().equals("down")) {
                s.addWarnings("NSDB " + n.address() + " is down since " + n.since() + ": " + n.detail());
            }
        }
        return s.build();
    }

    private CheckResponse check(CheckRequest request) {
        Duration timeout = request.getTimeoutMs() <= 0 ? DEFAULT_CHECK : Duration.ofMillis(request.getTimeoutMs());
        Duration bound = timeout.compareTo(LONGEST_CHECK) > 0 ? LONGEST_CHECK : timeout;
        Set<NsdbAddress> nsdbs = new LinkedHashSet<>();
        Set<Fsn> fsns = new LinkedHashSet<>();
        Map<Fsn, Fsl> containers = new LinkedHashMap<>();
        for (Tree.Crossed c : projection.tree().attached()) {
            if (c.isContainer()) {
                containers.put(c.fsn(), c.attached());
            } else {
                fsns.add(c.fsn());
                nsdbs.add(c.fsn().nsdb());
            }
        }
        resolver.nsdbs().forEach(n -> nsdbs.add(n.address()));

        ExecutorService pool = Executors.newFixedThreadPool(PROBES, task -> {
            Thread t = new Thread(task, "fedfs-check");
            t.setDaemon(true);
            return t;
        });
        try {
            List<Future<NsdbCheck>> asked = new ArrayList<>();
            for (NsdbAddress nsdb : nsdbs) {
                asked.add(pool.submit(() -> checkNsdb(nsdb, bound)));
            }
            Map<String, Future<FslCheck>> tried = new LinkedHashMap<>();
            for (Fsn fsn : fsns) {
                if (resolver.cached(fsn).orElse(null) instanceof Referral r) {
                    for (Fsl fsl : r.locations()) {
                        Callable<FslCheck> probe = () -> checkFsl(fsn, fsl, bound);
                        tried.put(fsn + " " + fsl.uuid(), pool.submit(probe));
                    }
                }
            }
            containers.forEach((fsn, fsl) -> tried.put(fsn.toString(), pool.submit(() -> checkFsl(fsn, fsl, bound))));
            long end = System.nanoTime() + bound.toNanos() + TimeUnit.SECONDS.toNanos(1);
            CheckResponse.Builder c = CheckResponse.newBuilder();
            asked.forEach(f -> await(f, end).ifPresent(c::addNsdbs));
            tried.values().forEach(f -> await(f, end).ifPresent(c::addFsls));
            return c.build();
        } finally {
            pool.shutdownNow();
        }
    }

    private NsdbCheck checkNsdb(NsdbAddress nsdb, Duration bound) {
        Resolver.NsdbProbe p = resolver.probe(nsdb, bound);
        return NsdbCheck.newBuilder()
                .setAddress(nsdb.toString())
                .setOk(p.ok())
                .setDetail(p.detail())
                .setMicros(p.took().toNanos() / 1000)
                .build();
    }

    private FslCheck checkFsl(Fsn fsn, Fsl fsl, Duration bound) {
        long began = System.nanoTime();
        Attacher.Health h = attacher.probe(fsn, fsl, bound);
        return FslCheck.newBuilder()
                .setFsn(fsn.toString())
                .setLocation(location(fsl, false).toBuilder()
                        .setHealth(h.up() ? "up" : "down")
                        .setDetail(h.detail()))
                .setOk(h.up())
                .setDetail(h.detail())
                .setMicros((System.nanoTime() - began) / 1000)
                .build();
    }

    private static <T> Optional<T> await(Future<T> future, long end) {
        try {
            return Optional.of(future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            future.cancel(true);
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    // ---------------------------------------------------------------- explain

    /** The seven steps of the draft's second worked example (section 3.2), for the innermost junction of a path. */
    private ExplainResponse explain(ExplainRequest request, Peer peer) throws Refused {
        byte[] path = request.getPath().toByteArray();
        ExplainResponse.Builder e = ExplainResponse.newBuilder();
        long began = System.nanoTime();
        Tree.Reached junction;
        try {
            junction = projection.tree().reach(path, peer.uid(), peer.gid(), walkBound(), walks);
        } catch (ErrnoException failure) {
            return e.addSteps(step(1, "walk the path to its junction", failure.getMessage(), "mount", began, true))
                    .build();
        }
        boolean root = junction.mountPath().length == 0;
        String place = root ? "the mount's root" : "the junction at /" + Name.printable(junction.mountPath());
        e.addSteps(step(1, "walk the path to its junction", place, "mount", began, false));
        e.addSteps(step(
                2,
                "read the junction's key",
                junction.fsn().toString(),
                root ? "mount" : "disk",
                System.nanoTime(),
                false));
        int number = 3;
        List<Resolver.ExplainedStep> resolving =
                junction.isContainer() ? List.of() : resolver.explain(junction.fsn(), facts.deadline);
        for (Resolver.ExplainedStep s : resolving) {
            e.addSteps(ExplainStep.newBuilder()
                    .setNumber(number++)
                    .setTitle(s.title())
                    .setFound(s.found())
                    .setSource(s.source())
                    .setMicros(s.took().toNanos() / 1000)
                    .setFailed(s.failed()));
        }
        long attaching = System.nanoTime();
        String title = "go to the location";
        if (junction.trouble().isPresent()) {
            return e.addSteps(
                            step(number, title, Tree.describe(junction.trouble().get()), "mount", attaching, true))
                    .build();
        }
        Fsl fsl = junction.attached().orElseThrow();
        Attacher.Health h = attacher.probe(junction.fsn(), fsl, facts.deadline);
        String where = fsl.host() + ":" + fsl.path();
        String found = h.up() ? "attached at " + where : where + ": " + h.detail();
        return e.addSteps(step(number, title, found, "mount", attaching, !h.up()))
                .build();
    }

    private static ExplainStep step(int number, String title, String found, String source, long began, boolean failed) {
        return ExplainStep.newBuilder()
                .setNumber(number)
                .setTitle(title)
                .setFound(found)
                .setSource(source)
                .setMicros((System.nanoTime() - began) / 1000)
                .setFailed(failed)
                .build();
    }

    // ---------------------------------------------------------------- tune

    private TuneResponse tune(TuneRequest request, Peer peer) throws Refused {
        mustOwn(peer);
        try {
            boolean others = daos.change(request.getSettingsMap());
            if (request.getSettingsCount() > 0) {
                projection.tree().foreignLinksChanged(kernel, others);
                awaitInvalidations();
            }
        } catch (IllegalArgumentException e) {
            throw new Refused(FedFsStatus.INVAL, e.getMessage());
        } catch (IOException e) {
            throw new Refused(
                    FedFsStatus.IO,
                    "nothing is changed, since it cannot be kept for the next start: " + e.getMessage());
        }
        return TuneResponse.newBuilder().putAllSettings(daos.shown()).build();
    }

    /** So that who looks when the command has returned sees what it changed. */
    private void awaitInvalidations() {
        if (!kernel.awaitInvalidations(TOLD)) {
            LOG.warn("the kernel has not been told of everything that a command changed; the rest follows");
        }
    }
}

package io.fedfs.attach;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Replicas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes locations reachable on this host. See the package comment. Safe for use by many threads. */
public final class Attacher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attacher.class);
    /** Attempts that may hang at once; more are refused as timed out, since a thread cannot be taken back from the kernel. */
    private static final int MAX_ATTEMPTS = 64;

    private final Replicas replicas;
    private final Map<String, FslType> types = new HashMap<>();
    private final ExecutorService attempts =
            new ThreadPoolExecutor(0, MAX_ATTEMPTS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread t = new Thread(task, "fedfs-attach");
                t.setDaemon(true);
                return t;
            });

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "fedfs-health");
        t.setDaemon(true);
        return t;
    });

    private final HealthProbes probes;
    private final Duration interval;
    private final Duration idle;
    private final AtomicLong attachedInAll = new AtomicLong();
    private final AtomicLong failedInAll = new AtomicLong();
    private final AtomicLong nanosInAll = new AtomicLong();
    private volatile Watcher watcher = new Watcher() {
        @Override
        public void down(Attachment attachment, Trouble trouble) {}

        @Override
        public void looked() {}
    };

    private final int requestsPerFileset;
    private final AtomicInteger nextId = new AtomicInteger(1);
    private final Object lock = new Object();
    /** What is attached and of use, by place. Guarded by {@link #lock}, like the three below. */
    private final Map<Place, Attachment> attached = new HashMap<>();
    /** What is attached, of use or not. */
    private final Set<Attachment> all = new LinkedHashSet<>();

    private final Map<Place, CompletableFuture<Attachment>> underWay = new HashMap<>();
    private final Map<UUID, Health> health = new HashMap<>();

    /** What makes two attachments the same one: the fileset and the whole record of where it is. */
    private record Place(Fsn fsn, UUID fsl, String type, String host, String path) {
        static Place of(Fsn fsn, Fsl fsl) {
            return new Place(fsn, fsl.uuid(), fsl.type(), fsl.host(), fsl.path());
        }
    }

    /** How long an attempt keeps its own share for those who waited for it. */
    private static final long FRESH_NANOS = 10_000_000_000L;

    /** What was attached just now. */
    private record Fresh(Attachment attachment, long untilNanos) {}

    /** The oldest first; those that are due are given back together. */
    private final Queue<Fresh> fresh = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean sweeping = new AtomicBoolean();

    /**
     * What is known of an FSL.
     *
     * @param sinceNanos when it became up or down, {@link System#nanoTime}
     */
    public record Health(boolean up, String detail, long sinceNanos) {}

    /** Only locations of this host, whose health is not looked after. */
    public Attacher(List<FslType> types, Replicas replicas, int requestsPerFileset) {
        this(types, replicas, requestsPerFileset, AttachConfig.NONE);
    }

    /** @param requestsPerFileset how many requests may be under way at one location; the others wait */
    public Attacher(List<FslType> types, Replicas replicas, int requestsPerFileset, AttachConfig config) {
        this.replicas = replicas;
        this.requestsPerFileset = requestsPerFileset;
        this.interval = config.probeInterval();
        this.idle = config.idle();
        for (FslType type : types) {
            this.types.put(type.name(), type);
        }
        this.probes =
                new HealthProbes(attempts, config.probeBound(), System::nanoTime, HealthProbes::ask, this::probed);
    }

    /** Who uses what is attached. Must not block. */
    public interface Watcher {
        /** An attachment is of no use. Told again and again for as long as that lasts. */
        void down(Attachment attachment, Trouble trouble);

        /** Another look is over. */
        void looked();
    }

    /** How long what was mounted is kept when nobody uses it. */
    public Duration idle() {
        return idle;
    }

    /** Begins to look after the health of what is attached. */
    public void watch(Watcher user) {
        this.watcher = user;
        clock.scheduleWithFixedDelay(this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void look() {
        try {
            List<Attachment> remote = new ArrayList<>();
            synchronized (lock) {
                for (Attachment a : all) {
                    if (!a.server().isEmpty()) {
                        a.share();
                        remote.add(a);
                    }
                }
            }
            probes.look(remote, this::release);
            watcher.looked();
        } catch (RuntimeException e) {
            LOG.error("looking after the health of locations failed", e);
        }
    }

    private void probed(Attachment attachment, Trouble trouble) {
        boolean news = attachment.trouble(trouble);
        note(attachment.fsl(), trouble == null ? null : trouble.what());
        if (news) {
            LOG.warn(
                    "{}:{} of {} {}",
                    attachment.fsl().host(),
                    attachment.fsl().path(),
                    attachment.fsn(),
                    trouble == null ? "answers again" : "does not answer: " + trouble.what());
        }
        if (trouble != null) {
            if (news || trouble.silent()) {
                // One that is dead for good says nothing of whether its server is back.
                replicas.failed(attachment.fsl().uuid());
            }
            watcher.down(attachment, trouble);
        }
    }

    private void note(Fsl fsl, String trouble) {
        synchronized (lock) {
            Health before = health.get(fsl.uuid());
            boolean up = trouble == null;
            long since = before != null && before.up() == up ? before.sinceNanos() : System.nanoTime();
            health.put(fsl.uuid(), new Health(up, up ? "" : trouble, since));
        }
    }

    /** A request met an error there that says that the location, not the file, is at fault. */
    public void failed(Attachment attachment, Trouble trouble) {
        attachment.trouble(trouble);
        note(attachment.fsl(), trouble.what());
        replicas.failed(attachment.fsl().uuid());
    }

    /**
     * Attaches the first location of a referral that can be, in the order of {@link Replicas}.
     *
     * @param timeout bound of the whole attempt; each location gets its share of what is left
     * @param interrupted asked now and then while waiting: true ends the wait
     * @throws AttachException naming every location tried and its trouble
     */
    public Attachment attachAny(Referral referral, Duration timeout, BooleanSupplier interrupted)
            throws AttachException {
        long end = System.nanoTime() + timeout.toNanos();
        List<Fsl> order = writableFirstAmongEquals(replicas.forReading(referral));
        List<String> troubles = new ArrayList<>();
        AttachException.Kind kind = AttachException.Kind.REFUSED;
        for (int i = 0; i < order.size(); i++) {
            Fsl fsl = order.get(i);
            long began = System.nanoTime();
            try {
                Attachment attachment = attach(referral.fsn(), fsl, (end - began) / (order.size() - i), interrupted);
                replicas.report(fsl.uuid(), Duration.ofNanos(System.nanoTime() - began));
                replicas.attached(referral.fsn(), fsl);
                return attachment;
            } catch (AttachException e) {
                replicas.failed(fsl.uuid());
                troubles.add(fsl.host() + ":" + fsl.path() + ": " + e.getMessage());
                if (e.kind() != AttachException.Kind.REFUSED && kind != AttachException.Kind.DOWN) {
                    kind = e.kind();
                }
            }
        }
        throw new AttachException(kind, String.join("; ", troubles));
    }

    /** A crossing serves readers and writers alike, so of locations that the NSDB ranks equal a writable one is better. */
    private List<Fsl> writableFirstAmongEquals(List<Fsl> order) {
        Fsl first = order.get(0);
        if (first.writable()) {
            return order;
        }
        for (Fsl fsl : order) {
            if (fsl.writable()
                    && fsl.readRank() == first.readRank()
                    && fsl.readOrder() == first.readOrder()
                    && fsl.draining() == first.draining()
                    && !replicas.isSuspect(fsl.uuid())) {
                List<Fsl> better = new ArrayList<>(order);
                better.remove(fsl);
                better.add(0, fsl);
                return better;
            }
        }
        return order;
    }

    /** The location that would be tried first. */
    public Fsl preferred(Referral referral) {
        return writableFirstAmongEquals(replicas.forReading(referral)).get(0);
    }

    /** Whether a location failed not long ago. */
    public boolean isSuspect(Fsl fsl) {
        return replicas.isSuspect(fsl.uuid());
    }

    /** Asks a location's root what no cache of this host answers: 0 or a negated errno. May never return. */
    public static int ask(Attachment attachment) {
        return HealthProbes.ask(attachment);
    }

    /** One share more of what the caller has one of. */
    public void share(Attachment attachment) {
        synchronized (lock) {
            attachment.share();
        }
    }

    private Attachment attach(Fsn fsn, Fsl fsl, long nanos, BooleanSupplier interrupted) throws AttachException {
        Place place = Place.of(fsn, fsl);
        long end = System.nanoTime() + nanos;
        do {
            Attachment attached = attachOnce(place, fsl, end - System.nanoTime(), interrupted);
            if (attached != null) {
                return attached;
            }
            // It was let go of before this thread, which waited for it, came by.
        } while (end - System.nanoTime() > 0);
        throw new AttachException(AttachException.Kind.DOWN, "was detached again at once");
    }

    private Attachment attachOnce(Place place, Fsl fsl, long nanos, BooleanSupplier interrupted)
            throws AttachException {
        CompletableFuture<Attachment> attempt;
        boolean mine = false;
        synchronized (lock) {
            Attachment there = attached.get(place);
            if (there != null && there.trouble() == null) {
                there.share();
                return there;
            }
            attempt = underWay.get(place);
            if (attempt == null) {
                attempt = new CompletableFuture<>();
                underWay.put(place, attempt);
                mine = true;
            }
        }
        if (mine && !attachAtOnce(place, fsl, attempt)) {
            begin(place, fsl, attempt);
        }
        await(attempt, fsl, nanos, interrupted);
        synchronized (lock) {
            Attachment there = attached.get(place);
            if (there != null) {
                there.share();
            }
            return there;
        }
    }

    /** How a location's root is opened; may take any time. */
    private interface Opening {
        Reached reach() throws AttachException;
    }

    /**
     * Attaches on this thread what cannot hold it up: handing it to another thread and waiting for that costs more than attaching.
     *
     * @return false when it may; nothing was done then
     */
    private boolean attachAtOnce(Place place, Fsl fsl, CompletableFuture<Attachment> attempt) {
        FslType type = types.get(fsl.type());
        Optional<Reached> reached;
        try {
            reached = type == null ? Optional.empty() : type.reachAtOnce(fsl);
        } catch (RuntimeException e) {
            // The attempt has been announced, and is to end for all who wait for it.
            LOG.warn("{} is attached by another thread, since this one failed", fsl, e);
            return false;
        }
        reached.ifPresent(root -> attempt(place, fsl, attempt, () -> root));
        return reached.isPresent();
    }

    private void begin(Place place, Fsl fsl, CompletableFuture<Attachment> attempt) {
        try {
            attempts.execute(() -> attempt(place, fsl, attempt, () -> reach(fsl)));
        } catch (RejectedExecutionException e) {
            synchronized (lock) {
                underWay.remove(place);
            }
            attempt.completeExceptionally(new AttachException(
                    AttachException.Kind.TIMED_OUT, MAX_ATTEMPTS + " attempts at other locations hang already"));
        }
    }

    private void attempt(Place place, Fsl fsl, CompletableFuture<Attachment> attempt, Opening opening) {
        long began = System.nanoTime();
        try {
            Attachment a = open(place.fsn, fsl, opening.reach());
            nanosInAll.addAndGet(System.nanoTime() - began);
            attachedInAll.incrementAndGet();
            note(fsl, null);
            synchronized (lock) {
                // The attempt's own share; given back by whoever releases last, see release().
                attached.put(place, a);
                all.add(a);
                underWay.remove(place);
            }
            attempt.complete(a);
            // Waiters take their shares within moments; a location nobody came for is not kept open.
            fresh.add(new Fresh(a, System.nanoTime() + FRESH_NANOS));
            sweepLater();
        } catch (AttachException | RuntimeException e) {
            String detail = e.getMessage() == null ? e.toString() : e.getMessage();
            failedInAll.incrementAndGet();
            note(fsl, detail);
            synchronized (lock) {
                underWay.remove(place);
            }
            if (e instanceof RuntimeException) {
                LOG.error("attaching {} failed unexpectedly", fsl, e);
            }
            attempt.completeExceptionally(e);
        }
    }

    private void sweepLater() {
        if (sweeping.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(FRESH_NANOS, TimeUnit.NANOSECONDS).execute(this::sweep);
        }
    }

    private void sweep() {
        giveBackUntil(System.nanoTime());
        sweeping.set(false);
        if (!fresh.isEmpty()) {
            sweepLater();
        }
    }

    /** Closes at once what is only kept because it was attached a moment ago: its descriptors are wanted. */
    public void giveBackUnused() {
        giveBackUntil(System.nanoTime() + FRESH_NANOS);
    }

    private void giveBackUntil(long nanos) {
        for (Fresh f = fresh.peek(); f != null && f.untilNanos - nanos <= 0; f = fresh.peek()) {
            if (!fresh.remove(f) || !giveBack(f.attachment)) {
                continue;
            }
            if (f.attachment.isLocal() && !f.attachment.isMounted()) {
                f.attachment.close();
            } else {
                // Closing may wait for a dead server or for unmounting, and the others are not to wait with it.
                Thread t = new Thread(f.attachment::close, "fedfs-attach-close");
                t.setDaemon(true);
                t.start();
            }
        }
    }

    private static void await(CompletableFuture<Attachment> attempt, Fsl fsl, long nanos, BooleanSupplier interrupted)
            throws AttachException {
        long end = System.nanoTime() + nanos;
        while (true) {
            long left = Math.min(end - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50));
            try {
                attempt.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                if (interrupted.getAsBoolean()) {
                    throw new AttachException(AttachException.Kind.TIMED_OUT, "interrupted");
                }
                if (System.nanoTime() >= end) {
                    throw new AttachException(
                            AttachException.Kind.TIMED_OUT,
                            "no answer from " + fsl.host() + ":" + fsl.path() + " within " + nanos / 1_000_000 + " ms");
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AttachException a) {
                    throw new AttachException(a.kind(), a.getMessage());
                }
                throw new AttachException(AttachException.Kind.DOWN, String.valueOf(e.getCause()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AttachException(AttachException.Kind.TIMED_OUT, "interrupted");
            }
        }
    }

    private Reached reach(Fsl fsl) throws AttachException {
        FslType type = types.get(fsl.type());
        if (type == null) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "FSL type \"" + fsl.type() + "\" is not offered by this mount (it has: "
                            + String.join(", ", types.keySet()) + ")");
        }
        return type.reach(fsl);
    }

    /** Takes what was reached over: it is closed when it is not what it should be. */
    private Attachment open(Fsn fsn, Fsl fsl, Reached reached) throws AttachException {
        int fd = reached.rootFd();
        try {
            checkMarker(fsn, fd);
            NativeBuffer b = new NativeBuffer(Statx.SIZE + 8);
            long empty = b.putCString(Statx.SIZE, new byte[0]);
            int r = Sys.statx(fd, empty, Sys.AT_EMPTY_PATH, Statx.WANTED, b.address());
            if (r < 0) {
                throw new AttachException(AttachException.Kind.DOWN, "statx: " + io.fedfs.linux.Errno.message(-r));
            }
            int device = Statx.dev(b, 0);
            r = Sys.fstatfs(fd, b.address());
            return new Attachment(
                    nextId.getAndIncrement(),
                    fsn,
                    fsl,
                    reached,
                    device,
                    r < 0 ? 0 : b.getLong(0),
                    new Bulkhead(requestsPerFileset));
        } catch (AttachException | RuntimeException e) {
            reached.close();
            throw e;
        }
    }

    /** A directory that says it is another fileset is refused (requirement R1c); one without a marker is taken at its word. */
    private static void checkMarker(Fsn fsn, int fd) throws AttachException {
        Optional<Fsn> marker;
        try {
            marker = FilesetMarker.read(Xattrs.ofDescriptor(fd), true);
        } catch (java.io.IOException | io.fedfs.junction.JunctionFormatException | RuntimeException e) {
            throw new AttachException(
                    AttachException.Kind.REFUSED, "its fileset marker cannot be read: " + e.getMessage());
        }
        if (marker.isPresent() && !marker.get().equals(fsn)) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "by its marker the directory is another fileset, " + marker.get() + ", not " + fsn);
        }
    }

    /** Gives a share back. */
    public void release(Attachment attachment) {
        if (giveBack(attachment)) {
            attachment.close();
        }
    }

    /** True when it was the last share: the caller closes it. */
    private boolean giveBack(Attachment attachment) {
        synchronized (lock) {
            boolean last = attachment.unshare();
            if (last) {
                attached.remove(Place.of(attachment.fsn(), attachment.fsl()), attachment);
                all.remove(attachment);
            }
            return last;
        }
    }

    /** What is attached now, also what only open files still hold. */
    public List<Attachment> attachments() {
        synchronized (lock) {
            return List.copyOf(all);
        }
    }

    /** How many {@link #attachments} there are. */
    public int attachedNow() {
        synchronized (lock) {
            return all.size();
        }
    }

    /** What is known of a location without asking it. */
    public Optional<Health> health(UUID fsl) {
        synchronized (lock) {
            return Optional.ofNullable(health.get(fsl));
        }
    }

    /** Opens a location anew and lets it go again; returns when the outcome is known, or after the timeout. */
    public Health probe(Fsn fsn, Fsl fsl, Duration timeout) {
        CompletableFuture<Void> attempt = new CompletableFuture<>();
        try {
            attempts.execute(() -> {
                try {
                    open(fsn, fsl, reach(fsl)).close();
                    attempt.complete(null);
                } catch (AttachException | RuntimeException e) {
                    attempt.completeExceptionally(e);
                }
            });
            attempt.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return new Health(true, "", System.nanoTime());
        } catch (ExecutionException e) {
            return new Health(false, e.getCause().getMessage(), System.nanoTime());
        } catch (TimeoutException | RejectedExecutionException e) {
            return new Health(false, "no answer within " + timeout.toMillis() + " ms", System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Health(false, "interrupted", System.nanoTime());
        }
    }

    /** Monotonic counters by name, for {@code fedfs status}. */
    public Map<String, Long> counters() {
        int down = 0;
        synchronized (lock) {
            for (Attachment a : all) {
                down += a.trouble() == null ? 0 : 1;
            }
        }
        return Map.of(
                "attaches", attachedInAll.get(),
                "attaches_failed", failedInAll.get(),
                "attach_micros", TimeUnit.NANOSECONDS.toMicros(nanosInAll.get()),
                "probes", probes.asked(),
                "probes_failed", probes.unanswered(),
                "locations_down", (long) down);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        attempts.shutdownNow();
        types.values().forEach(FslType::end);
    }
}

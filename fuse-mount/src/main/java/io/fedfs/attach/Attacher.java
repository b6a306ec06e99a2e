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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final int requestsPerFileset;
    private final AtomicInteger nextId = new AtomicInteger(1);
    private final Object lock = new Object();
    /** What is attached, by place. Guarded by {@link #lock}, like the two below. */
    private final Map<Place, Attachment> attached = new HashMap<>();

    private final Map<Place, CompletableFuture<Attachment>> underWay = new HashMap<>();
    private final Map<UUID, Health> health = new HashMap<>();

    /** What makes two attachments the same one: the fileset and the whole record of where it is. */
    private record Place(Fsn fsn, UUID fsl, String type, String host, String path) {}

    /** Outcome of the last attempt at an FSL. */
    public record Health(boolean up, String detail, long sinceNanos) {}

    /** @param requestsPerFileset how many requests may be under way at one location; the others wait */
    public Attacher(List<FslType> types, Replicas replicas, int requestsPerFileset) {
        this.replicas = replicas;
        this.requestsPerFileset = requestsPerFileset;
        for (FslType type : types) {
            this.types.put(type.name(), type);
        }
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

    private Attachment attach(Fsn fsn, Fsl fsl, long nanos, BooleanSupplier interrupted) throws AttachException {
        Place place = new Place(fsn, fsl.uuid(), fsl.type(), fsl.host(), fsl.path());
        CompletableFuture<Attachment> attempt;
        boolean mine = false;
        synchronized (lock) {
            Attachment there = attached.get(place);
            if (there != null) {
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
        if (mine) {
            begin(place, fsl, attempt);
        }
        await(attempt, fsl, nanos, interrupted);
        synchronized (lock) {
            Attachment there = attached.get(place);
            if (there == null) {
                throw new AttachException(AttachException.Kind.DOWN, "was detached again at once");
            }
            there.share();
            return there;
        }
    }

    private void begin(Place place, Fsl fsl, CompletableFuture<Attachment> attempt) {
        try {
            attempts.execute(() -> {
                try {
                    Attachment a = open(place.fsn, fsl);
                    synchronized (lock) {
                        // The attempt's own share; given back by whoever releases last, see release().
                        attached.put(place, a);
                        underWay.remove(place);
                        health.put(fsl.uuid(), new Health(true, "", System.nanoTime()));
                    }
                    attempt.complete(a);
                    // Waiters take their shares within moments; a location nobody came for is not kept open.
                    CompletableFuture.delayedExecutor(10, TimeUnit.SECONDS).execute(() -> release(a));
                } catch (AttachException | RuntimeException e) {
                    String detail = e.getMessage() == null ? e.toString() : e.getMessage();
                    synchronized (lock) {
                        underWay.remove(place);
                        health.put(fsl.uuid(), new Health(false, detail, System.nanoTime()));
                    }
                    if (e instanceof RuntimeException) {
                        LOG.error("attaching {} failed unexpectedly", fsl, e);
                    }
                    attempt.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            synchronized (lock) {
                underWay.remove(place);
            }
            attempt.completeExceptionally(new AttachException(
                    AttachException.Kind.TIMED_OUT, MAX_ATTEMPTS + " attempts at other locations hang already"));
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

    private Attachment open(Fsn fsn, Fsl fsl) throws AttachException {
        FslType type = types.get(fsl.type());
        if (type == null) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "FSL type \"" + fsl.type() + "\" is not offered by this mount (it has: "
                            + String.join(", ", types.keySet()) + ")");
        }
        Reached reached = type.reach(fsl);
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
        boolean last;
        synchronized (lock) {
            last = attachment.unshare();
            if (last) {
                attached.values().remove(attachment);
            }
        }
        if (last) {
            attachment.close();
        }
    }

    /** What is attached now, also what only open files still hold. */
    public List<Attachment> attachments() {
        synchronized (lock) {
            return List.copyOf(attached.values());
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
                    open(fsn, fsl).close();
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

    @Override
    public void close() {
        attempts.shutdownNow();
        types.values().forEach(FslType::end);
    }
}

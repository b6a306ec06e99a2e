package io.fedfs.projection;

import io.fedfs.attach.AttachException;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.Attachment;
import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Request;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.Unresolved;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens junctions, and closes the way through them when the NSDB says that the fileset lives elsewhere. Whoever comes while a junction
 * is being opened waits for that opening; everybody waits no longer than the crossing deadline, and not after being interrupted.
 */
final class Crossings {
    private static final Logger LOG = LoggerFactory.getLogger(Crossings.class);

    /** Nothing says that the kernel forgets anything: somebody may be everywhere. */
    private static final long MOST_WAITED_FOR_ROOM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long ROOM_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Resolver resolver;
    private final Attacher attacher;
    private final Options options;
    private final InodeTable inodes;
    private final ForeignLinks foreignLinks;
    /** Which NSDBs are followed from a junction that any user could have written. */
    private final Predicate<Fsn> trustedFromUsers;
    /** Makes the calling thread act as the daemon. */
    private final Consumer<Request> asDaemon;

    private final ReadAhead readAhead;
    private final Shortage shortage;

    /** Realms have odd scopes, attachments even ones. */
    private final AtomicInteger nextRealm = new AtomicInteger(1);

    private final AtomicLong crossed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong retired = new AtomicLong();

    /** Guards the map; never held while calling out. */
    private final Object lock = new Object();
    /** The open junctions of each fileset, and the resolver's following of it. */
    private final Map<Fsn, Followed> followed = new HashMap<>();

    /** The realms of each attachment in use. Guarded by the lock; the lists are read without it. */
    private final Map<Attachment, List<Realm>> realms = new HashMap<>();

    private volatile Kernel kernel;
    private volatile Supplier<Set<Realm>> withOpenFiles = Set::of;

    private static final class Followed {
        final Set<Inode> points = new HashSet<>();
        Resolver.Following following;
    }

    Crossings(
            Resolver resolver,
            Attacher attacher,
            Options options,
            InodeTable inodes,
            ForeignLinks foreignLinks,
            Predicate<Fsn> trustedFromUsers,
            ReadAhead readAhead,
            Consumer<Request> asDaemon) {
        this.resolver = resolver;
        this.attacher = attacher;
        this.options = options;
        this.inodes = inodes;
        this.foreignLinks = foreignLinks;
        this.trustedFromUsers = trustedFromUsers;
        this.readAhead = readAhead;
        this.shortage = new Shortage(options.openFiles());
        this.asDaemon = asDaemon;
    }

    /** Lets go of what was mounted and nobody has used for a while. */
    void letGoOfIdle() {
        Set<Realm> inUse = null;
        for (Inode inode : open()) {
            JunctionPoint point = inode.point();
            Realm realm = point.target;
            if (realm == null || !realm.attachment.isMounted() || inode.id() == InodeTable.ROOT_ID) {
                continue;
            }
            if (inUse == null) {
                inUse = withOpenFiles.get();
            }
            Bulkhead requests = realm.attachment.bulkhead();
            int left = requests.left();
            long now = System.nanoTime();
            if (point.usedAt == 0 || left != point.leftWhenUsed || requests.underWay() > 0 || inUse.contains(realm)) {
                point.leftWhenUsed = left;
                point.usedAt = now;
            } else if (now - point.usedAt > attacher.idle().toNanos()) {
                letGoOfUnused(inode, realm);
            }
        }
    }

    /**
     * A program may have its working directory there, which only the kernel knows: it is asked to forget what nobody uses, and when it has
     * forgotten the junction, the realm goes.
     */
    private void letGoOfUnused(Inode junction, Realm realm) {
        LOG.debug("{} has not been used for a while", realm.fsn());
        if (junction.idle) {
            retire(junction);
            return;
        }
        prune(Set.of(realm));
    }

    /**
     * What was left while a program was on its way into it is remembered by the kernel for nobody: a name that was looked up below a directory that
     * has no name any more goes with the next shortage of memory only. It is to go now, so that the location is given back.
     */
    void letGoOfLeft() {
        Set<Realm> left;
        synchronized (lock) {
            left = realms.values().stream()
                    .flatMap(List::stream)
                    .filter(realm -> realm.left)
                    .collect(Collectors.toSet());
        }
        if (!left.isEmpty()) {
            prune(left);
        }
    }

    /** Asks the kernel to forget what nobody uses there, and forgets what is remembered here. */
    private void prune(Set<Realm> unused) {
        inodes.forgetIdleIn(unused);
        List<Inode> held = new ArrayList<>();
        inodes.forEach(inode -> {
            Realm realm = inode.countsFor();
            if (realm != null && unused.contains(realm) && !inode.idle && inode.id() != InodeTable.ROOT_ID) {
                held.add(inode);
            }
        });
        held.sort(Comparator.comparingInt(Crossings::depth).reversed());
        if (kernel.canPrune()) {
            kernel.prune(held.stream().mapToLong(Inode::id).toArray());
        } else {
            // Older kernels forget a name whoever uses it; where a realm was left it is no way to anywhere.
            for (Inode inode : held) {
                Realm realm = inode.countsFor();
                if (realm == null || !realm.left) {
                    continue;
                }
                Inode parent = inode.parent();
                byte[] name = inode.name();
                if (parent != null && name != null) {
                    kernel.invalidateEntry(parent.id(), name);
                }
            }
        }
    }

    private static int depth(Inode inode) {
        int depth = 0;
        for (Inode i = inode; i != null; i = i.parent()) {
            depth++;
        }
        return depth;
    }

    /**
     * @param withOpenFiles tells the realms that have some
     * @param otherDescriptors how many are open beside those of attached locations
     */
    void begin(Kernel kernel, Supplier<Set<Realm>> withOpenFiles, IntSupplier otherDescriptors) {
        this.kernel = kernel;
        this.withOpenFiles = withOpenFiles;
        shortage.begin(otherDescriptors);
    }

    Map<String, Long> counters() {
        return Map.of("crossings", crossed.get(), "crossings_failed", failed.get(), "junctions_retired", retired.get());
    }

    /** The realm behind a junction's inode, opened if it is not yet. */
    Realm enter(Request rq, Inode inode) {
        JunctionPoint point = inode.point();
        Realm target = point.target;
        return target != null ? target : open(rq, inode, point);
    }

    private Realm open(Request rq, Inode inode, JunctionPoint point) {
        long end = System.nanoTime() + options.crossingDeadline().toNanos();
        CompletableFuture<Realm> mine = new CompletableFuture<>();
        CompletableFuture<Realm> other = point.opening.compareAndExchange(null, mine);
        if (other != null) {
            return await(rq, other, end, point.fsn);
        }
        try {
            Realm realm = point.target;
            if (realm == null) {
                realm = cross(rq, inode, point, end);
            }
            mine.complete(realm);
            return realm;
        } catch (RuntimeException e) {
            failed.incrementAndGet();
            // One who was interrupted must not make the others fail.
            mine.completeExceptionally(e);
            throw e;
        } finally {
            point.opening.set(null);
        }
    }

    private Realm await(Request rq, CompletableFuture<Realm> opening, long end, Fsn fsn) {
        while (true) {
            try {
                return opening.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (rq.interrupted()) {
                    throw new FsException(FsError.INTERRUPTED, "interrupted while " + fsn + " was being attached");
                }
                if (System.nanoTime() > end) {
                    throw new FsException(FsError.TIMED_OUT, "no answer about " + fsn + " within the deadline");
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof FsException f) {
                    throw f.error() == FsError.INTERRUPTED ? new FsException(FsError.TIMED_OUT, f.getMessage()) : f;
                }
                throw new IllegalStateException("crossing into " + fsn, e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FsException(FsError.INTERRUPTED, "the mount is ending");
            }
        }
    }

    private Realm cross(Request rq, Inode inode, JunctionPoint point, long end) {
        Realm outer = inode.id() == InodeTable.ROOT_ID ? null : inode.realm;
        int depth = outer == null ? 0 : outer.depth + 1;
        if (depth > Options.MAX_DEPTH) {
            throw new FsException(
                    FsError.TOO_MANY_CROSSINGS, "more than " + Options.MAX_DEPTH + " junctions on one path");
        }
        if (!point.trusted && !trustedFromUsers.test(point.fsn)) {
            throw new FsException(
                    FsError.DENIED,
                    "a junction that a user wrote names " + point.fsn
                            + ", whose NSDB this mount's configuration does not list as trusted");
        }
        // Threads that the resolver and the attacher start have the credentials of the one that starts them.
        asDaemon.accept(rq);
        Inode directory = outer == null || point.container ? null : inode.parent();
        if (directory != null && options.readAhead()) {
            readAhead.crossing(
                    rq, directory, point.fsn, resolver.cached(point.fsn).isPresent());
        }
        // Followed before it is resolved, so that no change falls between the two.
        follow(inode, point);
        boolean done = false;
        try {
            Referral referral = point.container
                    ? Containers.referral(point.fsn, foreignLinks.settings().prefix())
                    : resolve(point.fsn, end);
            makeRoom(rq, end);
            Attachment attachment = attach(rq, referral, point.container, end);
            Realm realm = realm(attachment, inode, depth);
            note(realm, referral);
            realm.secondChoice =
                    !referral.locations().get(0).uuid().equals(attachment.fsl().uuid());
            point.target = realm;
            if (outer != null) {
                outer.opened(inode);
                if (outer.immutable && inode.parent() != null) {
                    // Its inode number in the listing is another one now.
                    kernel.invalidateInode(inode.parent().id(), true);
                }
            }
            crossed.incrementAndGet();
            done = true;
            if (point.retired) {
                LOG.debug("{} moved while it was being attached", point.fsn);
            }
            if (!rq.doubtsAttributes) {
                // Before the answer, so that no GETATTR that follows it is taken for older than this (fs/fuse/inode.c,
                // fuse_change_attributes_i compares versions). An answer to a GETATTR tells the new attributes itself.
                kernel.invalidateAttributes(inode.id());
            }
            return realm;
        } finally {
            if (!done) {
                unfollow(inode, point.fsn);
            }
        }
    }

    /**
     * Before descriptors are used up, the quarter of the open junctions that was opened first is closed where nobody is inside. The kernel forgets in the
     * background: who comes when nearly none is left waits for that, for a moment.
     */
    private void makeRoom(Request rq, long end) {
        long until = Math.min(end, System.nanoTime() + MOST_WAITED_FOR_ROOM_NANOS);
        Shortage.State state = shortage.state(attacher.attachedNow());
        while (state != Shortage.State.NONE) {
            if (shortage.isTurn()) {
                letGoOfOldest();
            }
            boolean ends = rq.interrupted() || Thread.currentThread().isInterrupted() || System.nanoTime() - until > 0;
            if (state == Shortage.State.NEAR || ends) {
                return;
            }
            LockSupport.parkNanos(ROOM_LOOK_NANOS);
            state = shortage.state(attacher.attachedNow());
        }
    }

    private void letGoOfOldest() {
        record Opened(Inode point, int realm) {}
        List<Opened> opened = new ArrayList<>();
        for (Inode point : open()) {
            Realm realm = point.point().target;
            if (realm != null && point.id() != InodeTable.ROOT_ID) {
                opened.add(new Opened(point, realm.id));
            }
        }
        opened.sort(Comparator.comparingInt(Opened::realm));
        List<Inode> oldest = opened.subList(0, (opened.size() + 3) / 4).stream()
                .map(Opened::point)
                .toList();
        LOG.debug("descriptors are running short: letting go of {} junctions", oldest.size());
        attacher.giveBackUnused();
        letGo(oldest);
    }

    private Referral resolve(Fsn fsn, long end) {
        Resolution answer = resolver.resolve(fsn, Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        if (answer instanceof Referral referral) {
            return referral;
        }
        throw failure((Unresolved) answer);
    }

    /** What the program sees of a fileset that could not be resolved. */
    static FsException failure(Unresolved u) {
        FsError error =
                switch (u.reason()) {
                    case NO_SUCH_FSN, INVALIDATED, NO_LOCATION -> FsError.NO_SUCH_FILESET;
                    case NSDB_UNREACHABLE -> FsError.NSDB_UNREACHABLE;
                    case TIMED_OUT -> FsError.TIMED_OUT;
                    case DENIED, UNTRUSTED -> FsError.DENIED;
                    case BAD_ANSWER -> FsError.NSDB_UNREACHABLE;
                };
        return new FsException(error, u.detail());
    }

    private Attachment attach(Request rq, Referral referral, boolean container, long end) {
        try {
            return attacher.attachAny(
                    referral, Duration.ofNanos(Math.max(1, end - System.nanoTime())), rq::interrupted);
        } catch (AttachException e) {
            if (rq.interrupted()) {
                throw new FsException(FsError.INTERRUPTED, e.getMessage());
            }
            LOG.warn("{} cannot be attached: {}", referral.fsn(), e.getMessage());
            throw new FsException(failure(e.kind(), container), e.getMessage());
        }
    }

    /** A container has one location, so what is wrong with that is what the program is told. */
    private static FsError failure(AttachException.Kind kind, boolean container) {
        return switch (kind) {
            case TIMED_OUT -> FsError.TIMED_OUT;
            case MISSING -> container ? FsError.NO_SUCH_FILESET : FsError.NO_LOCATION_ATTACHES;
            case REFUSED -> container ? FsError.DENIED : FsError.NO_LOCATION_ATTACHES;
            case DOWN -> FsError.NO_LOCATION_ATTACHES;
        };
    }

    private Realm realm(Attachment attachment, Inode point, int depth) {
        boolean readOnly = options.readOnly() || !attachment.fsl().writable();
        int id = 2 * nextRealm.getAndIncrement() + 1;
        synchronized (lock) {
            List<Realm> siblings = realms.computeIfAbsent(attachment, a -> new CopyOnWriteArrayList<>());
            Realm realm = new Realm(id, 2 * attachment.id(), attachment, siblings, point, depth, readOnly);
            realm.left = point.realm != null && point.realm.left;
            siblings.add(realm);
            return realm;
        }
    }

    /**
     * Notes what a referral says of a realm's fileset: whether it changes, and what can be done when its location fails.
     *
     * @return whether it was immutable and is not any more, so that the kernel has to forget what it kept
     */
    private boolean note(Realm realm, Referral referral) {
        boolean changesAgain = realm.immutable && !referral.immutable();
        realm.immutable = referral.immutable();
        realm.replicated = referral.locations().size() > 1;
        realm.behind = !referral.aheadOf(realm.attachment.fsl().uuid()).isEmpty();
        realm.guarded = realm.replicated
                && switch (options.failover()) {
                    case OFF -> false;
                    case REMOTE -> !realm.attachment.isLocal();
                    case ALL -> true;
                };
        return changesAgain;
    }

    /**
     * A realm goes on at another location, whose share it takes over.
     *
     * @param referral what is known of the fileset; null: nothing
     */
    void exchange(Realm realm, Attachment to, Carried carried, Referral referral) {
        int id = 2 * nextRealm.getAndIncrement() + 1;
        synchronized (lock) {
            leaveSiblings(realm);
            List<Realm> siblings = realms.computeIfAbsent(to, a -> new CopyOnWriteArrayList<>());
            realm.exchange(
                    id, to, siblings, carried, options.readOnly() || !to.fsl().writable());
            siblings.add(realm);
        }
        if (referral != null && note(realm, referral)) {
            forgetWhatWasKept(Set.of(realm));
        }
    }

    /** The way to the DAOS container that is attached there, which no NSDB knows; null when it is a fileset. */
    Referral containerReferral(Attachment attachment) {
        return realmsOf(attachment).stream()
                .map(realm -> realm.point.point())
                .filter(point -> point.container)
                .findFirst()
                .map(point ->
                        Containers.referral(point.fsn, foreignLinks.settings().prefix()))
                .orElse(null);
    }

    /** Whether a realm is there. */
    boolean isUsed(Attachment attachment) {
        synchronized (lock) {
            return realms.containsKey(attachment);
        }
    }

    /** The realms there, those that were left too. */
    List<Realm> realmsOf(Attachment attachment) {
        synchronized (lock) {
            return List.copyOf(realms.getOrDefault(attachment, List.of()));
        }
    }

    /** Where realms are. */
    List<Attachment> attachments() {
        synchronized (lock) {
            return List.copyOf(realms.keySet());
        }
    }

    private void leaveSiblings(Realm realm) {
        realm.siblings.remove(realm);
        if (realm.siblings.isEmpty()) {
            realms.remove(realm.attachment);
        }
    }

    private void follow(Inode inode, JunctionPoint point) {
        Fsn fsn = point.fsn;
        boolean first;
        synchronized (lock) {
            Followed f = followed.get(fsn);
            first = f == null;
            if (first) {
                f = new Followed();
                followed.put(fsn, f);
            }
            f.points.add(inode);
        }
        // No NSDB knows of containers.
        if (first && !point.container) {
            Resolver.Following following = resolver.follow(fsn, this::changed);
            synchronized (lock) {
                Followed f = followed.get(fsn);
                if (f != null && f.following == null) {
                    f.following = following;
                    following = null;
                }
            }
            if (following != null) {
                following.close();
            }
        }
    }

    private void unfollow(Inode point, Fsn fsn) {
        Resolver.Following following = null;
        synchronized (lock) {
            Followed f = followed.get(fsn);
            if (f == null || !f.points.remove(point) || !f.points.isEmpty()) {
                return;
            }
            followed.remove(fsn);
            following = f.following;
        }
        if (following != null) {
            following.close();
        }
    }

    /** The resolver says that a fileset's referral is another one now. */
    private void changed(Fsn fsn, Resolution now) {
        if (now instanceof Unresolved u && !isVerdict(u.reason())) {
            return;
        }
        List<Inode> points;
        synchronized (lock) {
            Followed f = followed.get(fsn);
            points = f == null ? List.of() : new ArrayList<>(f.points);
        }
        List<Inode> gone = new ArrayList<>();
        Set<Realm> changeable = new HashSet<>();
        for (Inode point : points) {
            Realm realm = point.point().target;
            if (realm == null) {
                continue;
            }
            Fsl still = now instanceof Referral r ? stillThere(r, realm.attachment.fsl()) : null;
            if (still == null) {
                gone.add(point);
            } else {
                realm.readOnly = options.readOnly() || !still.writable();
                if (note(realm, (Referral) now)) {
                    changeable.add(realm);
                }
            }
        }
        forgetWhatWasKept(changeable);
        retire(gone);
    }

    /** Whether an answer says that the fileset is not to be used any more, rather than that nobody could say. */
    private static boolean isVerdict(Unresolved.Reason reason) {
        return switch (reason) {
            case NO_SUCH_FSN, INVALIDATED, NO_LOCATION, DENIED, UNTRUSTED -> true;
            case NSDB_UNREACHABLE, TIMED_OUT, BAD_ANSWER -> false;
        };
    }

    /** The location in the new referral that is the attached one, unless it is draining and another is not. */
    private static Fsl stillThere(Referral referral, Fsl attached) {
        Fsl same = null;
        boolean better = false;
        for (Fsl fsl : referral.locations()) {
            if (fsl.uuid().equals(attached.uuid())
                    && fsl.type().equals(attached.type())
                    && fsl.host().equals(attached.host())
                    && fsl.path().equals(attached.path())) {
                same = fsl;
            } else if (!fsl.draining()) {
                better = true;
            }
        }
        return same != null && same.draining() && better ? null : same;
    }

    /**
     * Makes the kernel look the junction's name up again; who is below the old node stays there. What was remembered only for file handles
     * leaves, so that the old location is released with its last user.
     */
    void retire(Inode inode) {
        retire(List.of(inode));
    }

    private void retire(Collection<Inode> junctions) {
        Set<Realm> left = new HashSet<>();
        Set<Realm> kept = new HashSet<>();
        for (Inode inode : junctions) {
            Realm realm = close(inode);
            if (realm != null) {
                left.add(realm);
                if (realm.immutable && inode.id() == InodeTable.ROOT_ID) {
                    kept.add(realm);
                }
            }
        }
        leave(left);
        forgetWhatWasKept(kept);
    }

    /** Makes the next one who comes by a junction open it anew; returns the realm that was behind it, if any. */
    private Realm close(Inode inode) {
        JunctionPoint point = inode.point();
        if (inode.id() == InodeTable.ROOT_ID) {
            // The root keeps its number: it is closed, and opened again by the next operation.
            Realm old = point.target;
            point.target = null;
            if (old != null) {
                LOG.info(
                        "root fileset {} left {}:{}",
                        old.fsn(),
                        old.attachment.fsl().host(),
                        old.attachment.fsl().path());
            }
            kernel.invalidateInode(inode.id(), true);
            return old;
        }
        if (point.retired) {
            return null;
        }
        point.retired = true;
        inode.realm.closed(inode);
        retired.incrementAndGet();
        Inode parent = inode.parent();
        byte[] name = inode.name();
        inodes.retire(inode);
        if (parent != null && name != null) {
            kernel.invalidateEntry(parent.id(), name);
        }
        return point.target;
    }

    /**
     * Closes junctions as soon as nobody is inside, so that the next one to come resolves and attaches anew. Who is inside goes on, with the node
     * that everybody else has too, until the resolver says that the fileset lives elsewhere: two nodes for one directory would not see each
     * other's locks. A session that cannot tell the kernel has no such nodes, and closes it at once.
     */
    void letGo(Collection<Inode> junctions) {
        Set<Realm> kept = new HashSet<>();
        Set<Realm> realms = new HashSet<>();
        List<Inode> closing = new ArrayList<>();
        for (Inode junction : junctions) {
            Realm realm = junction.point().target;
            if (realm == null) {
                continue;
            }
            if (realm.immutable) {
                // Also where the junction's node stays, as the mount's root does and one that is in use.
                kept.add(realm);
            }
            if (junction.id() != InodeTable.ROOT_ID) {
                realms.add(realm);
                closing.add(junction);
            }
        }
        forgetWhatWasKept(kept);
        if (!kernel.hasInvalidation()) {
            retire(closing);
            return;
        }
        closing.forEach(junction -> junction.point().lettingGo = true);
        inodes.forgetIdleIn(realms);
        for (Inode junction : closing) {
            Inode parent = junction.parent();
            byte[] name = junction.name();
            inodes.forgetIdle(junction);
            if (parent != null && name != null) {
                kernel.invalidateEntry(parent.id(), name);
            }
        }
    }

    /**
     * Some realms, and those reached through them, are for those only who are inside already. Their directories get other nodes for everybody else, so
     * what the kernel remembers of the old ones is not to be used any more.
     */
    private void leave(Set<Realm> realms) {
        if (realms.isEmpty()) {
            return;
        }
        realms.forEach(realm -> realm.left = true);
        for (Inode point : open()) {
            Realm inner = point.point().target;
            if (inner != null && inner.isWithin(realms)) {
                inner.left = true;
            }
        }
        inodes.forgetIdleIn(realms);
        inodes.forEach(inode -> {
            Realm of = inode.isDirectory() ? inode.countsFor() : null;
            if (of != null && of.isWithin(realms)) {
                kernel.invalidateInode(inode.id(), false);
            }
        });
    }

    /** The kernel forgot a junction's inode. */
    void dispose(Inode inode) {
        JunctionPoint point = inode.point();
        unfollow(inode, point.fsn);
        Realm realm = point.target;
        if (realm != null) {
            if (inode.realm != null) {
                inode.realm.closed(inode);
            }
            release(realm);
        }
    }

    private void release(Realm realm) {
        Attachment last;
        synchronized (lock) {
            leaveSiblings(realm);
            last = realm.attachment;
        }
        attacher.release(last);
    }

    /** Tells the kernel not to use the attributes of a node that it remembers. */
    void invalidate(Inode inode) {
        kernel.invalidateAttributes(inode.id());
    }

    /** Whether the kernel can be told that names which it takes for missing may be there. */
    boolean canForgetAbsence() {
        return kernel.canInvalidateAllEntries();
    }

    /** The kernel kept names, attributes and listings of immutable filesets for long, and is to ask for them again. */
    private void forgetWhatWasKept(Set<Realm> realms) {
        if (realms.isEmpty()) {
            return;
        }
        boolean all = kernel.invalidateAllEntries();
        inodes.forEach(inode -> {
            Realm of = inode.countsFor();
            if (of != null && realms.contains(of)) {
                kernel.invalidateInode(inode.id(), inode.isDirectory());
            }
            Inode parent = all || inode.realm == null || !realms.contains(inode.realm) ? null : inode.parent();
            byte[] name = inode.name();
            if (parent != null && name != null) {
                kernel.invalidateEntry(parent.id(), name);
            }
        });
    }

    /** The junctions that are open now, the root among them. */
    List<Inode> open() {
        synchronized (lock) {
            return followed.values().stream()
                    .flatMap(f -> f.points.stream())
                    .filter(p -> p.point().target != null)
                    .toList();
        }
    }
}

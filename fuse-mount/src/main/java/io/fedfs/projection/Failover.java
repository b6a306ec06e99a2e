package io.fedfs.projection;

import io.fedfs.attach.AttachException;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.Attachment;
import io.fedfs.attach.Trouble;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolver;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves a location that is of no use for another one of the fileset, or for the same one attached anew; and goes back to the one that the NSDB
 * prefers when that has been well for a while. Nodes stay what they are ({@link Carried}), open files and directories go on where they can
 * ({@link HandleCarrier}).
 *
 * <p>That a location is of no use is said by an operation's errno, or by a probe that fails or is not answered. A location that merely is silent is left
 * only for another one: whoever waits for it may yet be served. Moves from one attachment are made by one thread, others wait for it.
 */
final class Failover implements Attacher.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Failover.class);
    private static final int THREADS = 8;
    private static final int MAX_DEPTH = 4096;
    /** How long after an exchange an error may be one of the old location. */
    private static final long RECENT = TimeUnit.SECONDS.toNanos(10);

    private final Resolver resolver;
    private final Attacher attacher;
    private final Options options;
    private final InodeTable inodes;
    private final Descriptors descriptors;
    private final OpenFiles files;
    private final Crossings crossings;
    private final Consumer<Request> asDaemon;

    private final Executor threads =
            new ThreadPoolExecutor(0, THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread t = new Thread(task, "fedfs-failover");
                t.setDaemon(true);
                return t;
            });

    private final ConcurrentMap<Attachment, CompletableFuture<Boolean>> moving = new ConcurrentHashMap<>();
    /** Attachments that realms have left; operations and open files may still use them. */
    private final List<Left> left = new CopyOnWriteArrayList<>();

    private final AtomicLong failovers = new AtomicLong();
    private final AtomicLong failbacks = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private record Left(Attachment attachment, long since) {}

    Failover(
            Resolver resolver,
            Attacher attacher,
            Options options,
            InodeTable inodes,
            Descriptors descriptors,
            OpenFiles files,
            Crossings crossings,
            Consumer<Request> asDaemon) {
        this.resolver = resolver;
        this.attacher = attacher;
        this.options = options;
        this.inodes = inodes;
        this.descriptors = descriptors;
        this.files = files;
        this.crossings = crossings;
        this.asDaemon = asDaemon;
    }

    Map<String, Long> counters() {
        return Map.of("failovers", failovers.get(), "failbacks", failbacks.get(), "failovers_failed", failed.get());
    }

    /** Whether an operation's result says that the location, rather than the file, may be at fault. */
    static boolean isTrouble(long result) {
        if (result >= 0) {
            return false;
        }
        return switch ((int) -result) {
            case Errno.EIO,
                    Errno.ESTALE,
                    Errno.ENODEV,
                    Errno.ENOTCONN,
                    Errno.ECONNABORTED,
                    Errno.ETIMEDOUT,
                    Errno.EHOSTDOWN,
                    Errno.EHOSTUNREACH -> true;
            default -> false;
        };
    }

    /**
     * An operation of a node has failed with an errno that {@link #isTrouble}. Whether it should be tried once more, because its fileset is
     * at another location now.
     *
     * @param open the open file that it was made through; null for none
     */
    boolean recovers(Request rq, Inode inode, OpenFile open, long result) {
        Realm realm = inode == null ? null : inode.countsFor();
        if (realm == null) {
            return false;
        }
        Attachment now = realm.attachment;
        Attachment at = open == null ? now : open.at;
        if (at.trouble() == null) {
            if (!isOfNoUse(realm, at, (int) -result)) {
                return realm.exchangedAt != 0 && System.nanoTime() - realm.exchangedAt < RECENT;
            }
            attacher.failed(at, Trouble.of((int) -result));
        }
        if (now != at) {
            return true;
        }
        // Threads that are started from here have the credentials of this one.
        asDaemon.accept(rq);
        return move(at, false, rq::interrupted);
    }

    /** An error that every file can have by itself counts when the fileset's root has it too, or when another location could do better. */
    private boolean isOfNoUse(Realm realm, Attachment at, int errno) {
        if (errno == Errno.EIO && realm.replicated) {
            return hasOther(at);
        }
        return isTrouble(Attacher.ask(at));
    }

    private boolean hasOther(Attachment at) {
        Referral referral = known(at.fsn());
        return referral != null
                && referral.locations().stream()
                        .anyMatch(fsl -> !fsl.uuid().equals(at.fsl().uuid()) && !attacher.isSuspect(fsl));
    }

    private Referral known(Fsn fsn) {
        return resolver.cached(fsn).orElse(null) instanceof Referral r ? r : null;
    }

    /**
     * A name was not found in a directory. Whether it should be looked up once more, because the fileset is now at a location that lags less behind, where a
     * junction has that name. Costs nothing where the location in use does not lag.
     */
    boolean findsJunction(Request rq, Inode directory, Name name) {
        Realm realm = directory == null ? null : directory.countsFor();
        if (realm == null || !realm.behind) {
            return false;
        }
        Attachment from = realm.attachment;
        Referral known = known(from.fsn());
        Referral newer =
                known == null ? null : with(known, known.aheadOf(from.fsl().uuid()));
        byte[] path = path(realm, directory, name);
        if (newer == null || path == null) {
            return false;
        }
        asDaemon.accept(rq);
        try {
            Attachment to = attacher.attachAny(newer, options.crossingDeadline(), rq::interrupted);
            if (!isJunction(to, path)) {
                attacher.release(to);
                return false;
            }
            LOG.info(
                    "{} has a junction that {}:{} lacks",
                    to.fsl().path(),
                    from.fsl().host(),
                    from.fsl().path());
            exchange(from, to);
            return true;
        } catch (AttachException e) {
            LOG.debug("{}: {}", from.fsn(), e.getMessage());
            return false;
        }
    }

    /** From a fileset's root to a name, relative; null when the directory is not found in it any more. */
    private static byte[] path(Realm realm, Inode directory, Name name) {
        Deque<byte[]> names = new ArrayDeque<>(List.of(name.bytes()));
        for (Inode i = directory; i != realm.point; i = i.parent()) {
            byte[] its = i == null ? null : i.name();
            if (its == null || names.size() > MAX_DEPTH) {
                return null;
            }
            names.addFirst(its);
        }
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        names.forEach(each -> {
            if (path.size() > 0) {
                path.write('/');
            }
            path.writeBytes(each);
        });
        return path.toByteArray();
    }

    private static boolean isJunction(Attachment at, byte[] path) {
        NativeBuffer b = new NativeBuffer(Statx.SIZE + path.length + 1);
        int r = Sys.statx(
                at.rootFd(),
                b.putCString(Statx.SIZE, path),
                Sys.AT_SYMLINK_NOFOLLOW | Sys.AT_NO_AUTOMOUNT,
                Statx.WANTED,
                b.address());
        return r == 0 && Junctions.modeMarks(Statx.mode(b, 0));
    }

    @Override
    public void down(Attachment attachment, Trouble trouble) {
        if (crossings.isUsed(attachment)) {
            begin(() -> move(attachment, trouble.silent(), () -> false));
        }
    }

    private void begin(Runnable task) {
        try {
            threads.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("moving a fileset to another location failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("so many moves are under way; this one is tried again later");
        }
    }

    /** Moves the realms of an attachment; who comes while that is under way waits for it. Returns whether they were moved. */
    private boolean move(Attachment from, boolean onlyToOthers, BooleanSupplier interrupted) {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> other = moving.putIfAbsent(from, mine);
        if (other != null) {
            return await(other, interrupted);
        }
        boolean moved = false;
        try {
            moved = crossings.isUsed(from) && moveNow(from, onlyToOthers, interrupted);
            return moved;
        } finally {
            moving.remove(from, mine);
            mine.complete(moved);
        }
    }

    private boolean await(CompletableFuture<Boolean> other, BooleanSupplier interrupted) {
        long end = System.nanoTime() + options.crossingDeadline().toNanos();
        while (System.nanoTime() < end && !interrupted.getAsBoolean()) {
            try {
                return other.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue;
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private boolean moveNow(Attachment from, boolean onlyToOthers, BooleanSupplier interrupted) {
        Duration bound = options.crossingDeadline();
        Referral container = crossings.containerReferral(from);
        Referral referral = container != null ? container : known(from.fsn());
        if (referral == null && resolver.resolve(from.fsn(), bound) instanceof Referral r) {
            referral = r;
        }
        if (referral != null && onlyToOthers) {
            referral = without(referral, from.fsl());
        }
        if (referral == null) {
            return false;
        }
        try {
            Attachment to = attacher.attachAny(referral, bound, interrupted);
            failovers.incrementAndGet();
            exchange(from, to);
            return true;
        } catch (AttachException e) {
            failed.incrementAndGet();
            LOG.warn("{} has no location that can be used: {}", from.fsn(), e.getMessage());
            return false;
        }
    }

    private static Referral without(Referral referral, Fsl fsl) {
        return with(
                referral,
                referral.locations().stream()
                        .filter(l -> !l.uuid().equals(fsl.uuid()))
                        .toList());
    }

    /** The same with some of its locations only; null when there is none. */
    private static Referral with(Referral referral, List<Fsl> some) {
        return some.isEmpty() ? null : referral.with(some);
    }

    /** @param to with one share, which is used up */
    private void exchange(Attachment from, Attachment to) {
        int moved = 0;
        if (to != from) {
            for (Realm realm : crossings.realmsOf(from)) {
                attacher.share(to);
                exchange(realm, to);
                left.add(new Left(from, System.nanoTime()));
                moved++;
            }
        }
        attacher.release(to);
        if (moved > 0) {
            LOG.warn(
                    "{} goes on at {}:{}, no longer at {}:{}",
                    to.fsn(),
                    to.fsl().host(),
                    to.fsl().path(),
                    from.fsl().host(),
                    from.fsl().path());
        }
    }

    private void exchange(Realm realm, Attachment to) {
        Carried carried = new Carried(inodes);
        List<Inode> inside = new ArrayList<>();
        inodes.forEach(inode -> {
            if (inode.realm == realm) {
                inside.add(inode);
                carried.expect(inode);
            }
        });
        crossings.exchange(realm, to, carried, known(to.fsn()));
        inside.forEach(descriptors::abandon);
        crossings.invalidate(realm.point);
    }

    @Override
    public void looked() {
        descriptors.closeAbandoned();
        crossings.letGoOfIdle();
        crossings.letGoOfLeft();
        releaseLeft();
        for (Attachment attachment : crossings.attachments()) {
            Referral referral = known(attachment.fsn());
            if (referral != null && isSecondChoice(attachment) && isBetterElsewhere(referral, attachment)) {
                begin(() -> goBack(attachment, referral));
            }
        }
    }

    /**
     * Whether a realm is there only because another location had failed, and nobody writes there: what is written after the move must not be older
     * than what a file that stayed open still writes.
     */
    private boolean isSecondChoice(Attachment attachment) {
        return crossings.realmsOf(attachment).stream().anyMatch(r -> r.secondChoice)
                && files.nobodyWritesAt(attachment);
    }

    private boolean isBetterElsewhere(Referral referral, Attachment attachment) {
        if (referral.locations().size() < 2 || moving.containsKey(attachment)) {
            return false;
        }
        Fsl best = attacher.preferred(referral);
        return !best.uuid().equals(attachment.fsl().uuid()) && !attacher.isSuspect(best);
    }

    /** Back to the location that the NSDB prefers, which has been left alone for the quiet period. */
    private void goBack(Attachment from, Referral referral) {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        if (moving.putIfAbsent(from, mine) != null) {
            return;
        }
        try {
            Attachment to = attacher.attachAny(referral, options.crossingDeadline(), () -> false);
            if (!to.fsl().uuid().equals(from.fsl().uuid()) && to.trouble() == null) {
                failbacks.incrementAndGet();
                exchange(from, to);
            } else {
                attacher.release(to);
            }
        } catch (AttachException e) {
            LOG.debug("{}: {}", from.fsn(), e.getMessage());
        } finally {
            moving.remove(from, mine);
            mine.complete(true);
        }
    }

    /** Gives back what was left, when no request is under way there and no file is open there. */
    private void releaseLeft() {
        long now = System.nanoTime();
        for (Left l : left) {
            boolean used = l.attachment.bulkhead().underWay() > 0 || now - l.since < RECENT;
            if (!used && files.noneIsAt(l.attachment) && left.remove(l)) {
                attacher.release(l.attachment);
            }
        }
    }
}

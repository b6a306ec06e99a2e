package io.fedfs.resolver.offline;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Clockwork;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.ReferralStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ReferralStore} in one file. See the package comment. */
public final class OfflineCopy implements ReferralStore {
    /** The file's name below the state directory. */
    public static final String FILE = "referrals";

    private static final Logger LOG = LoggerFactory.getLogger(OfflineCopy.class);

    private static final int MOST_REFERRALS = 10_000;
    private static final int MOST_ROOTS = 100;
    /** A change is on disk after this: one write for all that came in between. */
    private static final Duration AFTER_CHANGE = Duration.ofSeconds(2);
    /** A mere confirmation, which only moves the time of the answer, can wait. */
    private static final Duration AFTER_CONFIRMATION = Duration.ofMinutes(5);
    /** Older than this, a referral says more about the past than about where data are. */
    private static final Duration OLDEST = Duration.ofDays(90);

    private record Kept(Referral referral, boolean ofEarlierRun) {}

    private record RootKey(NsdbAddress nsdb, String namespace) {}

    private final CopyFile file;
    private final Clockwork clockwork;
    private final Executor disk;
    // Guarded by this, as everything below.
    private final Map<Fsn, Kept> referrals = new LinkedHashMap<>();
    private final Map<RootKey, Fsn> roots = new LinkedHashMap<>();
    private Future<?> timer;
    private boolean soon;
    private boolean dirty;
    private boolean closed;

    private OfflineCopy(CopyFile file, Clockwork clockwork, Executor disk) {
        this.file = file;
        this.clockwork = clockwork;
        this.disk = disk;
    }

    /**
     * Opens the copy in a state directory, which need not exist yet. A file that cannot be used is logged and ignored.
     *
     * @param disk runs the writes
     */
    public static OfflineCopy open(Path stateDirectory, Clockwork clockwork, Executor disk) {
        OfflineCopy copy = new OfflineCopy(new CopyFile(stateDirectory.resolve(FILE)), clockwork, disk);
        copy.load();
        return copy;
    }

    @Override
    public synchronized Optional<Referral> earlier(Fsn fsn) {
        Kept kept = referrals.get(fsn);
        if (kept == null || !kept.ofEarlierRun()) {
            return Optional.empty();
        }
        Instant now = clockwork.clock().instant();
        Referral referral = kept.referral();
        // A clock that was set back must not make the copy look fresh.
        Instant ended =
                referral.fetchedAt().isAfter(now) ? now : referral.fetchedAt().plus(referral.ttl());
        return Optional.of(ended.isAfter(now) ? referral : referral.staleSince(ended));
    }

    @Override
    public synchronized void keep(Referral referral) {
        Kept before = referrals.remove(referral.fsn());
        referrals.put(referral.fsn(), new Kept(referral, false));
        trim(referrals, MOST_REFERRALS);
        boolean confirmed = before != null
                && before.referral().locations().equals(referral.locations())
                && before.referral().ttl().equals(referral.ttl());
        changed(!confirmed);
    }

    @Override
    public synchronized void forget(Fsn fsn) {
        if (referrals.remove(fsn) != null) {
            changed(true);
        }
    }

    @Override
    public synchronized void forgetAll() {
        if (!referrals.isEmpty()) {
            referrals.clear();
            changed(true);
        }
    }

    @Override
    public synchronized Optional<Fsn> root(NsdbAddress nsdb, String namespace) {
        return Optional.ofNullable(roots.get(new RootKey(nsdb, namespace)));
    }

    @Override
    public synchronized void keepRoot(NsdbAddress nsdb, String namespace, Fsn root) {
        if (!root.equals(roots.put(new RootKey(nsdb, namespace), root))) {
            trim(roots, MOST_ROOTS);
            changed(true);
        }
    }

    @Override
    public synchronized void forgetRoot(NsdbAddress nsdb, String namespace) {
        if (roots.remove(new RootKey(nsdb, namespace)) != null) {
            changed(true);
        }
    }

    @Override
    public synchronized int size() {
        return referrals.size();
    }

    /** Writes what is not yet on disk, on the caller's thread. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (timer != null) {
                timer.cancel(false);
            }
        }
        write();
    }

    private void changed(boolean content) {
        dirty = true;
        if (closed || (timer != null && (soon || !content))) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        soon = content;
        timer = clockwork.after(content ? AFTER_CHANGE : AFTER_CONFIRMATION, () -> disk.execute(this::write));
    }

    private void write() {
        synchronized (file) {
            io.fedfs.offline.v1.OfflineCopy.Builder copy = io.fedfs.offline.v1.OfflineCopy.newBuilder();
            synchronized (this) {
                timer = null;
                if (!dirty) {
                    return;
                }
                dirty = false;
                referrals.values().forEach(kept -> copy.addReferrals(CopyMessages.message(kept.referral())));
                roots.forEach((key, root) -> copy.addRoots(CopyMessages.message(key.nsdb(), key.namespace(), root)));
            }
            try {
                file.write(copy.build());
            } catch (IOException e) {
                LOG.warn("cannot write the copy of referrals {}: {}", file.path(), e.toString());
            }
        }
    }

    private void load() {
        try {
            Optional<io.fedfs.offline.v1.OfflineCopy> found = file.read();
            if (found.isEmpty()) {
                return;
            }
            Instant oldest = clockwork.clock().instant().minus(OLDEST);
            found.get().getReferralsList().forEach(m -> {
                Referral referral = CopyMessages.referral(m);
                if (referral.fetchedAt().isAfter(oldest)) {
                    referrals.put(referral.fsn(), new Kept(referral, true));
                }
            });
            found.get()
                    .getRootsList()
                    .forEach(m -> roots.put(
                            new RootKey(NsdbAddress.parse(m.getNsdb()), m.getNamespace()), Fsn.parse(m.getRootFsn())));
            trim(referrals, MOST_REFERRALS);
            trim(roots, MOST_ROOTS);
        } catch (IOException | IllegalArgumentException e) {
            referrals.clear();
            roots.clear();
            LOG.warn("the copy of referrals {} is not used: {}", file.path(), e.getMessage());
        }
    }

    /** The eldest go first. */
    private static void trim(Map<?, ?> map, int most) {
        var eldest = map.keySet().iterator();
        while (map.size() > most) {
            eldest.next();
            eldest.remove();
        }
    }
}

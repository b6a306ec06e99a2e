package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who wants to know about which fileset, what they were told last, and when each followed FSN is to be asked again.
 *
 * <p>Only truth is told ({@link Unresolved.Reason#isTruth}): that an NSDB is away changes nothing about where its filesets are.
 */
final class Followers {
    private static final Logger LOG = LoggerFactory.getLogger(Followers.class);

    /** An NSDB that hands out tiny TTLs is not asked more often than this on nobody's behalf. */
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

    private final Clockwork clockwork;
    private final Counters counters;
    private final Consumer<Fsn> due;
    private final ConcurrentMap<Fsn, Followed> followed = new ConcurrentHashMap<>();

    /** @param due called when a followed FSN is to be asked again */
    Followers(Clockwork clockwork, Counters counters, Consumer<Fsn> due) {
        this.clockwork = clockwork;
        this.counters = counters;
        this.due = due;
    }

    /** @param known what the listener knows already; null: the first answer is not news */
    Resolver.Following add(Fsn fsn, Resolution known, Resolver.Listener listener) {
        Listening mine = new Listening(listener, known);
        followed.compute(fsn, (key, before) -> {
            Followed entry = before == null ? new Followed() : before;
            entry.add(mine);
            return entry;
        });
        return () -> followed.computeIfPresent(fsn, (key, entry) -> {
            if (!entry.remove(mine)) {
                return entry;
            }
            entry.forgetTimer();
            return null;
        });
    }

    boolean isFollowed(Fsn fsn) {
        return followed.containsKey(fsn);
    }

    boolean anyOf(NsdbAddress nsdb) {
        return followed.keySet().stream().anyMatch(fsn -> fsn.nsdb().equals(nsdb));
    }

    List<Fsn> of(NsdbAddress nsdb) {
        return followed.keySet().stream().filter(fsn -> fsn.nsdb().equals(nsdb)).toList();
    }

    List<Fsn> all() {
        return List.copyOf(followed.keySet());
    }

    int size() {
        return followed.size();
    }

    /**
     * The NSDB said something about the FSN: tells those to whom it is news.
     *
     * @param flight number of the call; an answer of an earlier call than the last one told is old
     */
    void answered(Fsn fsn, long flight, Resolution truth) {
        Followed entry = followed.get(fsn);
        if (entry == null) {
            return;
        }
        // Handed over under the lock: what is decided later is also told later.
        synchronized (entry) {
            for (Listening each : entry.news(flight, truth)) {
                counters.changesTold.increment();
                clockwork.soon(() -> tell(each.listener, fsn, truth));
            }
        }
    }

    /** Asks again after the pause, instead of whenever it was to be. */
    void askAgainAfter(Fsn fsn, Duration pause) {
        Followed entry = followed.get(fsn);
        if (entry != null) {
            Duration bounded = pause.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause;
            entry.timer(clockwork.after(bounded, () -> due.accept(fsn)));
        }
    }

    void close() {
        followed.values().forEach(Followed::forgetTimer);
        followed.clear();
    }

    private static void tell(Resolver.Listener listener, Fsn fsn, Resolution truth) {
        try {
            listener.changed(fsn, truth);
        } catch (RuntimeException e) {
            LOG.error("a listener failed on the change of {}", fsn, e);
        }
    }

    /** Whether a program would see the same: the same FSLs with the same flags, or the same reason for none. */
    private static boolean same(Resolution a, Resolution b) {
        if (a instanceof Referral x && b instanceof Referral y) {
            return x.locations().equals(y.locations()) && x.immutable() == y.immutable();
        }
        return a instanceof Unresolved x && b instanceof Unresolved y && x.reason() == y.reason();
    }

    /** One who follows, and what it knows; null: nothing yet. */
    private static final class Listening {
        private final Resolver.Listener listener;
        private Resolution told;

        Listening(Resolver.Listener listener, Resolution told) {
            this.listener = listener;
            this.told = told;
        }
    }

    private static final class Followed {
        private final List<Listening> all = new ArrayList<>();
        private long lastFlight = -1;
        private Future<?> timer;

        synchronized void add(Listening listening) {
            all.add(listening);
        }

        /** Returns whether nobody is left. */
        synchronized boolean remove(Listening listening) {
            all.remove(listening);
            return all.isEmpty();
        }

        synchronized List<Listening> news(long flight, Resolution truth) {
            if (flight < lastFlight) {
                return List.of();
            }
            lastFlight = flight;
            List<Listening> toTell = new ArrayList<>();
            for (Listening each : all) {
                if (each.told != null && !same(each.told, truth)) {
                    toTell.add(each);
                }
                each.told = truth;
            }
            return toTell;
        }

        synchronized void timer(Future<?> next) {
            forgetTimer();
            timer = next;
        }

        synchronized void forgetTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}

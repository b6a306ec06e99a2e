package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Resolver.NsdbReport;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** The NSDBs spoken to, and those that must not be. Puts what an NSDB's watch and breaker say into effect. */
final class NsdbLinks {
    /** After a recovery or a resync thousands are due, and the NSDB has users to serve as well. */
    private static final int REFRESHED_AT_ONCE = 32;
    /** Somebody is about to wait for these, each for as long as one takes that is asked for late. */
    private static final int EXPECTED_AT_ONCE = 128;

    /** Refused addresses come from junctions that anyone may have written; only some are worth showing. */
    private static final int MOST_REFUSED = 64;

    private final ResolverConfig config;
    private final NsdbDirectory directory;
    private final NsdbClient client;
    private final ReferralStore store;
    private final Clockwork clockwork;
    private final Counters counters;
    private final Answers answers;
    private final Followers followers;
    private final ConcurrentMap<NsdbAddress, NsdbLink> links = new ConcurrentHashMap<>();
    private final ConcurrentMap<NsdbAddress, Instant> refused = new ConcurrentHashMap<>();
    private volatile boolean closed;

    NsdbLinks(
            ResolverConfig config,
            NsdbDirectory directory,
            NsdbClient client,
            ReferralStore store,
            Clockwork clockwork,
            Counters counters,
            Answers answers,
            Followers followers) {
        this.config = config;
        this.directory = directory;
        this.client = client;
        this.store = store;
        this.clockwork = clockwork;
        this.counters = counters;
        this.answers = answers;
        this.followers = followers;
    }

    /** Why this NSDB is not asked, whatever its state; empty when it may be. */
    Optional<FailedLookup> refusal(NsdbAddress nsdb) {
        if (closed) {
            return Optional.of(Failures.closed());
        }
        Optional<String> why = directory.refusal(nsdb);
        if (why.isPresent() && refused.size() < MOST_REFUSED) {
            refused.putIfAbsent(nsdb, clockwork.clock().instant());
        }
        return why.map(Failures::untrusted);
    }

    NsdbLink to(NsdbAddress nsdb) {
        NsdbLink link = links.get(nsdb);
        return link != null ? link : links.computeIfAbsent(nsdb, this::make);
    }

    /** Asks in the background, unless nobody would answer: then the recovery does it for all that are followed. */
    void refresh(Fsn fsn) {
        if (refusal(fsn.nsdb()).isPresent()) {
            return;
        }
        NsdbLink link = to(fsn.nsdb());
        if (!link.breaker().isOpen()) {
            counters.refreshes.increment();
            link.refreshes().add(fsn);
        }
    }

    /** Asks in the background for what is not known, if somebody would answer. */
    void expect(Fsn fsn) {
        if (refusal(fsn.nsdb()).isPresent()) {
            return;
        }
        NsdbLink link = to(fsn.nsdb());
        if (!link.breaker().isOpen()) {
            counters.expected.increment();
            link.expected().add(fsn);
        }
    }

    /** Sees to it that changes of this NSDB are heard of, from the revision on; 0: from now on. */
    void watch(NsdbAddress nsdb, long revision) {
        if (!closed) {
            to(nsdb).watch().ensure(revision);
        }
    }

    void forgetBreakers() {
        links.values().forEach(link -> link.breaker().forget());
    }

    long down() {
        return links.values().stream().filter(link -> link.breaker().isOpen()).count();
    }

    List<NsdbReport> reports() {
        List<NsdbReport> reports = new ArrayList<>();
        links.values().forEach(link -> reports.add(link.report()));
        refused.forEach((nsdb, since) -> reports.add(
                new NsdbReport(nsdb, "untrusted", since, directory.refusal(nsdb).orElse(""), false, 0, 0, 0)));
        reports.sort(Comparator.comparing(report -> report.address().toString()));
        return List.copyOf(reports);
    }

    void close() {
        closed = true;
        links.values().forEach(NsdbLink::close);
    }

    private NsdbLink make(NsdbAddress nsdb) {
        Breaker breaker = new Breaker(
                nsdb, client, config, clockwork, counters, () -> followers.anyOf(nsdb), () -> recovered(nsdb));
        NsdbWatch watch = new NsdbWatch(
                nsdb, client, config, clockwork, counters, new WatchNews(nsdb, breaker), answers::lastFlight);
        RefreshQueue refreshes = new RefreshQueue(
                REFRESHED_AT_ONCE,
                fsn -> breaker.isOpen()
                        ? CompletableFuture.completedFuture(Failures.unresolved(fsn, breaker.refusal()))
                        : answers.ask(fsn, answers.get(fsn)));
        RefreshQueue expected = new RefreshQueue(EXPECTED_AT_ONCE, fsn -> {
            CachedAnswer known = answers.get(fsn);
            if (known != null && known.isFresh(clockwork.ticker().read())) {
                return CompletableFuture.completedFuture(known.answer());
            }
            return breaker.isOpen()
                    ? CompletableFuture.completedFuture(Failures.unresolved(fsn, breaker.refusal()))
                    : answers.ask(fsn, known);
        });
        return new NsdbLink(nsdb, breaker, watch, refreshes, expected, new LongAdder(), new LongAdder());
    }

    private void recovered(NsdbAddress nsdb) {
        to(nsdb).watch().recovered();
        followers.of(nsdb).forEach(this::refresh);
    }

    /** What the watch of one NSDB says, put into effect. */
    private final class WatchNews implements NsdbWatch.Sink {
        private final NsdbAddress nsdb;
        private final Breaker breaker;

        WatchNews(NsdbAddress nsdb, Breaker breaker) {
            this.nsdb = nsdb;
            this.breaker = breaker;
        }

        @Override
        public void changed(Fsn fsn, long revision, boolean deleted) {
            CachedAnswer known = answers.get(fsn);
            if (known != null && known.nsdbRevision() >= revision) {
                return;
            }
            answers.dropBefore(fsn, revision);
            if (deleted) {
                store.forget(fsn);
            }
            if (followers.isFollowed(fsn)) {
                refresh(fsn);
            }
        }

        @Override
        public void resync(long revision) {
            answers.dropAllBefore(nsdb, revision);
            for (Fsn fsn : followers.of(nsdb)) {
                if (answers.get(fsn) == null) {
                    refresh(fsn);
                }
            }
        }

        @Override
        public void suspect() {
            breaker.check();
        }

        @Override
        public boolean wanted() {
            return followers.anyOf(nsdb) || answers.knowsAnyOf(nsdb);
        }

        @Override
        public boolean away() {
            return breaker.isOpen();
        }
    }
}

package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Info;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * The resolver: puts the cache, the NSDBs' breakers and watches, the followers and the copy on disk together. The package comment says
 * how a question goes through them. It starts no thread and opens no connection before the first question.
 */
public final class CachingResolver implements Resolver {
    /** Refused addresses come from junctions that anyone may have written; only some are worth showing. */
    private static final int MOST_REFUSED = 64;

    /** Nonsense is remembered only so long that a busy directory does not become a storm of calls. */
    private static final Duration BAD_ANSWER_TTL = Duration.ofSeconds(1);

    private final ResolverConfig config;
    private final NsdbDirectory directory;
    private final NsdbClient client;
    private final ReferralStore store;
    private final Clockwork clockwork;
    private final Runnable onClose;
    private final Counters counters = new Counters();
    private final Answers answers;
    private final Followers followers;
    private final ConcurrentMap<NsdbAddress, NsdbLink> links = new ConcurrentHashMap<>();
    private final ConcurrentMap<NsdbAddress, Instant> refused = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * @param client makes the calls; closed with the resolver
     * @param store the copy on disk; closed with the resolver
     * @param onClose what else ends with the resolver, for instance its threads
     */
    public CachingResolver(
            ResolverConfig config,
            NsdbDirectory directory,
            NsdbClient client,
            ReferralStore store,
            Clockwork clockwork,
            Runnable onClose) {
        this.config = config;
        this.directory = directory;
        this.client = client;
        this.store = store;
        this.clockwork = clockwork;
        this.onClose = onClose;
        this.answers = new Answers(client, config, clockwork, counters, this::landed);
        this.followers = new Followers(clockwork, counters, this::refresh);
    }

    @Override
    public Resolution resolve(Fsn fsn, Duration deadline) {
        CachedAnswer known = answers.get(fsn);
        if (known != null) {
            long now = clockwork.ticker().read();
            if (known.isFresh(now)) {
                if (known.claimRefresh(now)) {
                    refresh(fsn);
                }
                counters.hits.increment();
                return known.answer();
            }
        }
        counters.misses.increment();
        Optional<Unresolved> refusal = refusal(fsn);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        NsdbLink link = link(fsn.nsdb());
        link.breaker().asked();
        if (link.breaker().isOpen()) {
            counters.failedFast.increment();
            return withoutAsking(fsn, link);
        }
        return await(fsn, answers.ask(fsn, known), deadline);
    }

    private Resolution await(Fsn fsn, CompletableFuture<Resolution> flight, Duration deadline) {
        Resolution came = within(flight, deadline).orElseGet(() -> {
            counters.deadlinesPassed.increment();
            return unresolved(fsn, timedOut(fsn.nsdb(), deadline));
        });
        if (came instanceof Unresolved why && !why.reason().isTruth()) {
            Optional<Referral> known = stillKnown(fsn);
            return known.isPresent() ? known.get() : came;
        }
        return came;
    }

    private Resolution withoutAsking(Fsn fsn, NsdbLink link) {
        Optional<Referral> known = stillKnown(fsn);
        return known.isPresent() ? known.get() : unresolved(fsn, link.breaker().refusal());
    }

    /** What the future brings by the deadline; empty: nothing yet. An interrupt ends the wait and stays set. */
    static <T> Optional<T> within(CompletableFuture<T> future, Duration deadline) {
        try {
            return Optional.of(future.get(Math.max(0, deadline.toNanos()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a reply of an NSDB is a value, whatever happened", e.getCause());
        }
    }

    /** The answer that may stand in while the NSDB cannot be asked. */
    private Optional<Referral> stillKnown(Fsn fsn) {
        CachedAnswer known = answers.get(fsn);
        if (known != null) {
            Optional<Referral> referral =
                    known.whileUnreachable(clockwork.ticker().read());
            if (referral.isPresent()) {
                if (referral.get().staleSince().isPresent()) {
                    counters.staleServed.increment();
                }
                return referral;
            }
        }
        Optional<Referral> earlier = store.earlier(fsn);
        if (earlier.isPresent()) {
            counters.offlineServed.increment();
        }
        return earlier;
    }

    @Override
    public Optional<Resolution> cached(Fsn fsn) {
        CachedAnswer known = answers.get(fsn);
        if (known != null && known.isFresh(clockwork.ticker().read())) {
            return Optional.of(known.answer());
        }
        Optional<Unresolved> refusal = refusal(fsn);
        if (refusal.isPresent()) {
            return Optional.of(refusal.get());
        }
        NsdbLink link = links.get(fsn.nsdb());
        if (link == null || !link.breaker().isOpen()) {
            return Optional.empty();
        }
        return Optional.of(withoutAsking(fsn, link));
    }

    @Override
    public NamespaceRoot namespaceRoot(NsdbAddress nsdb, String name, Duration deadline) {
        Optional<FailedLookup> refusal = refusal(nsdb);
        if (refusal.isPresent()) {
            return new NamespaceRoot(Optional.empty(), refusal);
        }
        NsdbLink link = link(nsdb);
        link.breaker().asked();
        if (link.breaker().isOpen()) {
            return rememberedRoot(nsdb, name, link.breaker().refusal());
        }
        Optional<Reply<Fsn>> reply = heard(link, client.namespaceRoot(nsdb, name, config.callTimeout()), deadline);
        if (reply.orElse(null) instanceof NsdbClient.Ok<Fsn> ok) {
            store.keepRoot(nsdb, name, ok.value());
            return new NamespaceRoot(Optional.of(ok.value()), Optional.empty());
        }
        FailedLookup why = reply.orElse(null) instanceof NsdbClient.Failed<Fsn> failed
                ? failed.failure()
                : timedOut(nsdb, deadline);
        if (why.reason().isTruth()) {
            store.forgetRoot(nsdb, name);
            return new NamespaceRoot(Optional.empty(), Optional.of(why));
        }
        return rememberedRoot(nsdb, name, why);
    }

    private NamespaceRoot rememberedRoot(NsdbAddress nsdb, String name, FailedLookup why) {
        Optional<Fsn> root = store.root(nsdb, name);
        if (root.isPresent()) {
            counters.offlineServed.increment();
            return new NamespaceRoot(root, Optional.empty());
        }
        return new NamespaceRoot(Optional.empty(), Optional.of(why));
    }

    @Override
    public Following follow(Fsn fsn, Listener listener) {
        CachedAnswer known = answers.get(fsn);
        return follow(fsn, known == null ? null : known.answer(), listener);
    }

    @Override
    public Following follow(Fsn fsn, Resolution known, Listener listener) {
        Following following = followers.add(fsn, isTruth(known) ? known : null, listener);
        CachedAnswer now = answers.get(fsn);
        long tick = clockwork.ticker().read();
        if (now == null || !now.isFresh(tick)) {
            refresh(fsn);
            return following;
        }
        followers.askAgainAfter(fsn, now.untilRefresh(tick));
        if (isTruth(now.answer())) {
            // It may be news to this listener already.
            followers.answered(fsn, now.flight(), now.answer());
            watch(fsn, now.nsdbRevision());
        }
        return following;
    }

    @Override
    public boolean flush(Fsn fsn) {
        boolean had = answers.drop(fsn);
        had |= store.earlier(fsn).isPresent();
        store.forget(fsn);
        if (followers.isFollowed(fsn)) {
            refresh(fsn);
        }
        return had;
    }

    @Override
    public int flushAll() {
        int dropped = answers.dropAll();
        store.forgetAll();
        links.values().forEach(link -> link.breaker().forget());
        followers.all().forEach(this::refresh);
        return dropped;
    }

    @Override
    public List<ExplainedStep> explain(Fsn fsn, Duration deadline) {
        Optional<FailedLookup> refusal = refusal(fsn.nsdb());
        if (refusal.isEmpty()) {
            link(fsn.nsdb()).breaker().asked();
        }
        return new Explanation(directory, client, clockwork.ticker(), fsn, deadline)
                .steps(() -> answers.ask(fsn, answers.get(fsn)), () -> stillKnown(fsn), refusal);
    }

    @Override
    public List<NsdbReport> nsdbs() {
        List<NsdbReport> reports = new ArrayList<>();
        links.values().forEach(link -> reports.add(link.report()));
        refused.forEach((nsdb, since) -> reports.add(
                new NsdbReport(nsdb, "untrusted", since, directory.refusal(nsdb).orElse(""), false, 0, 0, 0)));
        reports.sort(Comparator.comparing(report -> report.address().toString()));
        return List.copyOf(reports);
    }

    @Override
    public NsdbProbe probe(NsdbAddress nsdb, Duration deadline) {
        long start = clockwork.ticker().read();
        Optional<FailedLookup> refusal = refusal(nsdb);
        if (refusal.isPresent()) {
            return new NsdbProbe(nsdb, false, refusal.get().detail(), Duration.ZERO);
        }
        NsdbLink link = link(nsdb);
        Optional<Reply<Info>> reply = heard(link, client.info(nsdb, config.probeTimeout()), deadline);
        Duration took = Duration.ofNanos(clockwork.ticker().read() - start);
        if (reply.orElse(null) instanceof NsdbClient.Ok<Info> ok) {
            return new NsdbProbe(
                    nsdb,
                    true,
                    ok.value().version() + ", revision " + ok.value().revision(),
                    took);
        }
        FailedLookup why = reply.orElse(null) instanceof NsdbClient.Failed<Info> failed
                ? failed.failure()
                : timedOut(nsdb, deadline);
        return new NsdbProbe(nsdb, false, why.detail(), took);
    }

    /** Waits for a reply; the breaker hears of it even when it comes too late for the caller. */
    private static <T> Optional<Reply<T>> heard(NsdbLink link, CompletableFuture<Reply<T>> call, Duration deadline) {
        return within(
                call.thenApply(reply -> {
                    link.breaker().heard(reply);
                    return reply;
                }),
                deadline);
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> all = counters.read();
        all.put("cached_answers", answers.size());
        all.put("in_flight", (long) answers.inFlight());
        all.put("followed", (long) followers.size());
        all.put("offline_copy", (long) store.size());
        all.put(
                "nsdbs_down",
                links.values().stream().filter(l -> l.breaker().isOpen()).count());
        return all;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        links.values().forEach(NsdbLink::close);
        followers.close();
        client.close();
        answers.close(closedFailure());
        store.close();
        onClose.run();
    }

    /** An answer came into force, or a call brought none: tell whom it concerns. */
    private void landed(Fsn fsn, long flight, Resolution result, long nsdbRevision) {
        NsdbLink link = link(fsn.nsdb());
        link.resolves().increment();
        if (result instanceof Referral referral) {
            link.breaker().answered();
            if (referral.ttl().isZero()) {
                store.forget(fsn);
            } else {
                store.keep(referral);
            }
        } else if (result instanceof Unresolved why) {
            brought(link, why, flight);
        }
        boolean truth = isTruth(result);
        boolean followed = followers.isFollowed(fsn);
        if (truth && followed) {
            followers.answered(fsn, flight, result);
        }
        if (followed && !link.breaker().isOpen()) {
            followers.askAgainAfter(fsn, untilAskedAgain(result));
        }
        boolean cachedReferral =
                result instanceof Referral referral && !referral.ttl().isZero();
        if (cachedReferral || (truth && followed)) {
            watch(fsn, nsdbRevision);
        }
        if (link.watch().mayHaveMissed(flight, nsdbRevision)) {
            refresh(fsn);
        }
    }

    /** A call brought no referral. */
    private void brought(NsdbLink link, Unresolved why, long flight) {
        link.breaker().heard(new NsdbClient.Failed<>(new FailedLookup(why.reason(), why.status(), why.detail())));
        if (why.reason().isTruth()) {
            store.forget(why.fsn());
            return;
        }
        link.failures().increment();
        if (why.reason() == Unresolved.Reason.BAD_ANSWER
                && store.earlier(why.fsn()).isEmpty()) {
            answers.remember(why, flight, BAD_ANSWER_TTL);
        }
    }

    private static boolean isTruth(Resolution answer) {
        return answer instanceof Referral
                || (answer instanceof Unresolved why && why.reason().isTruth());
    }

    private Duration untilAskedAgain(Resolution result) {
        if (result instanceof Referral referral && !referral.ttl().isZero()) {
            return referral.ttl().dividedBy(5).multipliedBy(4);
        }
        return config.negativeTtl();
    }

    /** Asks in the background, unless nobody would answer: then the recovery does it for all that are followed. */
    private void refresh(Fsn fsn) {
        if (closed || refusal(fsn).isPresent()) {
            return;
        }
        NsdbLink link = link(fsn.nsdb());
        if (!link.breaker().isOpen()) {
            counters.refreshes.increment();
            link.refreshes().add(fsn);
        }
    }

    private void watch(Fsn fsn, long revision) {
        if (!closed) {
            link(fsn.nsdb()).watch().ensure(revision);
        }
    }

    private NsdbLink link(NsdbAddress nsdb) {
        NsdbLink link = links.get(nsdb);
        return link != null ? link : links.computeIfAbsent(nsdb, this::newLink);
    }

    private NsdbLink newLink(NsdbAddress nsdb) {
        Breaker breaker = new Breaker(
                nsdb, client, config, clockwork, counters, () -> followers.anyOf(nsdb), () -> recovered(nsdb));
        NsdbWatch watch = new NsdbWatch(
                nsdb, client, config, clockwork, counters, new WatchNews(nsdb, breaker), answers::lastFlight);
        RefreshQueue refreshes = new RefreshQueue(fsn -> breaker.isOpen()
                ? CompletableFuture.completedFuture(unresolved(fsn, breaker.refusal()))
                : answers.ask(fsn, answers.get(fsn)));
        return new NsdbLink(nsdb, breaker, watch, refreshes, new LongAdder(), new LongAdder());
    }

    private void recovered(NsdbAddress nsdb) {
        link(nsdb).watch().recovered();
        followers.of(nsdb).forEach(this::refresh);
    }

    private Optional<Unresolved> refusal(Fsn fsn) {
        return refusal(fsn.nsdb()).map(why -> unresolved(fsn, why));
    }

    private Optional<FailedLookup> refusal(NsdbAddress nsdb) {
        if (closed) {
            return Optional.of(closedFailure());
        }
        Optional<String> why = directory.refusal(nsdb);
        if (why.isPresent() && refused.size() < MOST_REFUSED) {
            refused.putIfAbsent(nsdb, clockwork.clock().instant());
        }
        return why.map(w -> new FailedLookup(Unresolved.Reason.UNTRUSTED, FedFsStatus.NSDB_PARAMS, w));
    }

    private static Unresolved unresolved(Fsn fsn, FailedLookup why) {
        return new Unresolved(fsn, why.reason(), why.status(), why.detail());
    }

    private static FailedLookup closedFailure() {
        return new FailedLookup(
                Unresolved.Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "the resolver has been closed");
    }

    private static FailedLookup timedOut(NsdbAddress nsdb, Duration deadline) {
        return new FailedLookup(
                Unresolved.Reason.TIMED_OUT,
                FedFsStatus.TIMEOUT,
                "NSDB " + nsdb + " did not answer within " + deadline.toMillis() + " ms");
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

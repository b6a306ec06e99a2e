package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Info;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The resolver: puts the cache, the NSDBs' breakers and watches, the followers and the copy on disk together. The package comment says
 * how a question goes through them. It starts no thread and opens no connection before the first question.
 */
public final class CachingResolver implements Resolver {
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
    private final NsdbLinks links;
    private final LastKnown lastKnown;
    private final UseReports reports;
    private final AtomicBoolean closed = new AtomicBoolean();

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
        this.links = new NsdbLinks(config, directory, client, store, clockwork, counters, answers, followers);
        this.lastKnown = new LastKnown(answers, store, clockwork, counters);
        this.reports = new UseReports(
                client,
                clockwork,
                config.callTimeout(),
                nsdb -> links.to(nsdb).watch().isLive(),
                this::revision);
    }

    @Override
    public Resolution resolve(Fsn fsn, Duration deadline) {
        CachedAnswer known = answers.get(fsn);
        if (known != null) {
            long now = clockwork.ticker().read();
            if (known.isFresh(now)) {
                if (known.claimRefresh(now)) {
                    links.refresh(fsn);
                }
                counters.hits.increment();
                return known.answer();
            }
        }
        counters.misses.increment();
        Optional<FailedLookup> refusal = links.refusal(fsn.nsdb());
        if (refusal.isPresent()) {
            return Failures.unresolved(fsn, refusal.get());
        }
        NsdbLink link = links.to(fsn.nsdb());
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
            return Failures.unresolved(fsn, Failures.timedOut(fsn.nsdb(), deadline));
        });
        if (came instanceof Unresolved why && !why.reason().isTruth()) {
            Optional<Referral> known = lastKnown.referral(fsn);
            return known.isPresent() ? known.get() : came;
        }
        return came;
    }

    private Resolution withoutAsking(Fsn fsn, NsdbLink link) {
        Optional<Referral> known = lastKnown.referral(fsn);
        return known.isPresent()
                ? known.get()
                : Failures.unresolved(fsn, link.breaker().refusal());
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

    @Override
    public Optional<Resolution> cached(Fsn fsn) {
        CachedAnswer known = answers.get(fsn);
        if (known != null && known.isFresh(clockwork.ticker().read())) {
            return Optional.of(known.answer());
        }
        Optional<FailedLookup> refusal = links.refusal(fsn.nsdb());
        if (refusal.isPresent()) {
            return Optional.of(Failures.unresolved(fsn, refusal.get()));
        }
        NsdbLink link = links.to(fsn.nsdb());
        return link.breaker().isOpen() ? Optional.of(withoutAsking(fsn, link)) : Optional.empty();
    }

    @Override
    public void expect(Fsn fsn) {
        CachedAnswer known = answers.get(fsn);
        if (known == null || !known.isFresh(clockwork.ticker().read())) {
            links.expect(fsn);
        }
    }

    @Override
    public NamespaceRoot namespaceRoot(NsdbAddress nsdb, String name, Duration deadline) {
        Optional<FailedLookup> refusal = links.refusal(nsdb);
        if (refusal.isPresent()) {
            return new NamespaceRoot(Optional.empty(), refusal);
        }
        NsdbLink link = links.to(nsdb);
        link.breaker().asked();
        if (link.breaker().isOpen()) {
            return lastKnown.root(nsdb, name, link.breaker().refusal());
        }
        Optional<Reply<Fsn>> reply = heard(link, client.namespaceRoot(nsdb, name, config.callTimeout()), deadline);
        if (reply.orElse(null) instanceof NsdbClient.Ok<Fsn> ok) {
            store.keepRoot(nsdb, name, ok.value());
            return new NamespaceRoot(Optional.of(ok.value()), Optional.empty());
        }
        FailedLookup why = reply.orElse(null) instanceof NsdbClient.Failed<Fsn> failed
                ? failed.failure()
                : Failures.timedOut(nsdb, deadline);
        if (why.reason().isTruth()) {
            store.forgetRoot(nsdb, name);
            return new NamespaceRoot(Optional.empty(), Optional.of(why));
        }
        return lastKnown.root(nsdb, name, why);
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
            links.refresh(fsn);
            return following;
        }
        followers.askAgainAfter(fsn, now.untilRefresh(tick));
        if (isTruth(now.answer())) {
            // It may be news to this listener already.
            followers.answered(fsn, now.flight(), now.answer());
            links.watch(fsn.nsdb(), now.nsdbRevision());
        }
        return following;
    }

    @Override
    public void reportUse(String name, Supplier<Collection<InUse>> uses) {
        reports.begin(name, uses);
    }

    /** The revision of the referral that is in force here. */
    private Optional<Long> revision(Fsn fsn) {
        CachedAnswer known = answers.get(fsn);
        return known != null && known.answer() instanceof Referral referral
                ? Optional.of(referral.revision())
                : Optional.empty();
    }

    @Override
    public boolean flush(Fsn fsn) {
        boolean had = answers.drop(fsn);
        had |= store.earlier(fsn).isPresent();
        store.forget(fsn);
        if (followers.isFollowed(fsn)) {
            links.refresh(fsn);
        }
        return had;
    }

    @Override
    public int flushAll() {
        int dropped = answers.dropAll();
        store.forgetAll();
        links.forgetBreakers();
        followers.all().forEach(links::refresh);
        return dropped;
    }

    @Override
    public List<ExplainedStep> explain(Fsn fsn, Duration deadline) {
        Optional<FailedLookup> refusal = links.refusal(fsn.nsdb());
        if (refusal.isEmpty()) {
            links.to(fsn.nsdb()).breaker().asked();
        }
        return new Explanation(directory, client, clockwork.ticker(), fsn, deadline)
                .steps(() -> answers.ask(fsn, answers.get(fsn)), () -> lastKnown.referral(fsn), refusal);
    }

    @Override
    public List<NsdbReport> nsdbs() {
        return links.reports();
    }

    @Override
    public NsdbProbe probe(NsdbAddress nsdb, Duration deadline) {
        long start = clockwork.ticker().read();
        Optional<FailedLookup> refusal = links.refusal(nsdb);
        if (refusal.isPresent()) {
            return new NsdbProbe(nsdb, false, refusal.get().detail(), Duration.ZERO);
        }
        NsdbLink link = links.to(nsdb);
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
                : Failures.timedOut(nsdb, deadline);
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
        all.put("nsdbs_down", links.down());
        return all;
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        reports.close();
        links.close();
        followers.close();
        client.close();
        answers.close(Failures.closed());
        store.close();
        onClose.run();
    }

    /** An answer came into force, or a call brought none: tell whom it concerns. */
    private void landed(Fsn fsn, long flight, Resolution result, long nsdbRevision) {
        NsdbLink link = links.to(fsn.nsdb());
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
            links.watch(fsn.nsdb(), nsdbRevision);
        }
        if (link.watch().mayHaveMissed(flight, nsdbRevision)) {
            links.refresh(fsn);
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

    private void refresh(Fsn fsn) {
        links.refresh(fsn);
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
}

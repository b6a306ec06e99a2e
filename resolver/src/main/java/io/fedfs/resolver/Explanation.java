package io.fedfs.resolver;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.NsdbClient.Info;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.Resolver.ExplainedStep;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.config.NsdbDirectory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One resolution told step by step, in the words of the requirement document (section 3, "junction resolution", steps 3 to
 * 6). All steps share one deadline.
 */
final class Explanation {
    private final NsdbDirectory directory;
    private final NsdbClient client;
    private final Ticker ticker;
    private final Fsn fsn;
    private final Duration deadline;
    private final long end;
    private final List<ExplainedStep> steps = new ArrayList<>();
    private long stepBegan;

    Explanation(NsdbDirectory directory, NsdbClient client, Ticker ticker, Fsn fsn, Duration deadline) {
        this.directory = directory;
        this.client = client;
        this.ticker = ticker;
        this.fsn = fsn;
        this.deadline = deadline;
        this.stepBegan = ticker.read();
        this.end = stepBegan + deadline.toNanos();
    }

    /**
     * Does the steps, up to the first that fails.
     *
     * @param ask starts the call, past the cache
     * @param stillKnown what stands in when the NSDB cannot be asked
     * @param refusal why this NSDB must not be asked, if so
     */
    List<ExplainedStep> steps(
            Supplier<CompletableFuture<Resolution>> ask,
            Supplier<Optional<Referral>> stillKnown,
            Optional<FailedLookup> refusal) {
        step("find the fileset's name (FSN)", "fileset " + fsn.uuid() + " of NSDB " + fsn.nsdb(), "junction", false);
        String way = directory.lookup(fsn.nsdb()).toString();
        if (refusal.isPresent()) {
            step("find the NSDB responsible", refusal.get().detail(), "configuration", true);
            return List.copyOf(steps);
        }
        Reply<Info> hello = CachingResolver.within(client.info(fsn.nsdb(), left()), left())
                .orElseGet(() -> new NsdbClient.Failed<>(late()));
        Resolution answer;
        if (hello instanceof NsdbClient.Ok<Info> ok) {
            Info info = ok.value();
            step(
                    "find the NSDB responsible",
                    way + "; it answers: version " + info.version() + ", revision " + info.revision(),
                    "configuration",
                    false);
            answer = CachingResolver.within(ask.get(), left()).orElseGet(() -> Failures.unresolved(fsn, late()));
        } else {
            FailedLookup why = hello instanceof NsdbClient.Failed<Info> failed ? failed.failure() : late();
            boolean answered = why.reason().isTruth();
            step("find the NSDB responsible", way + "; " + why.detail(), "configuration", false);
            answer = answered
                    ? CachingResolver.within(ask.get(), left()).orElse(Failures.unresolved(fsn, late()))
                    : Failures.unresolved(fsn, why);
        }
        found(answer, stillKnown);
        return List.copyOf(steps);
    }

    private void found(Resolution answer, Supplier<Optional<Referral>> stillKnown) {
        String title = "ask the NSDB for the locations";
        if (answer instanceof Unresolved why) {
            Optional<Referral> instead = why.reason().isTruth() ? Optional.empty() : stillKnown.get();
            if (instead.isEmpty()) {
                step(title, why.detail() + " (" + why.status().rfcName() + ")", "nsdb", true);
                return;
            }
            Referral known = instead.get();
            step(title, why.detail() + "; using what is known: " + summary(known), source(known), false);
            convert(known);
        } else if (answer instanceof Referral referral) {
            step(title, summary(referral), source(referral), false);
            convert(referral);
        }
    }

    private void convert(Referral referral) {
        StringBuilder found = new StringBuilder();
        int place = 1;
        for (Fsl fsl : referral.locations()) {
            found.append(place == 1 ? "" : "; ").append(place).append(". ").append(describe(fsl));
            place++;
        }
        step("convert and order the locations", found.toString(), source(referral), false);
    }

    private static String summary(Referral referral) {
        int n = referral.locations().size();
        return n + (n == 1 ? " location" : " locations") + ", TTL "
                + referral.ttl().toSeconds() + " s, revision " + referral.revision()
                + referral.staleSince().map(since -> ", stale since " + since).orElse("");
    }

    private static String describe(Fsl fsl) {
        String port = fsl.port() == 0 ? "" : " port " + fsl.port();
        return fsl.type() + " " + fsl.host() + ":" + fsl.path() + port + " (rank " + fsl.readRank() + ", order "
                + fsl.readOrder() + (fsl.writable() ? ", writable" : ", read-only")
                + (fsl.draining() ? ", draining" : "") + ")";
    }

    private static String source(Referral referral) {
        return switch (referral.source()) {
            case NSDB -> "nsdb";
            case CACHE -> "cache";
            case OFFLINE_COPY -> "offline copy";
        };
    }

    private void step(String title, String found, String source, boolean failed) {
        long now = ticker.read();
        steps.add(new ExplainedStep(title, found, source, Duration.ofNanos(now - stepBegan), failed));
        stepBegan = now;
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(1, end - ticker.read()));
    }

    private FailedLookup late() {
        return Failures.timedOut(fsn.nsdb(), deadline);
    }
}

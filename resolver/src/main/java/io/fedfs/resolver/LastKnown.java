package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Resolver.NamespaceRoot;
import java.util.Optional;

/**
 * What may stand in while an NSDB cannot be asked. This is the one place that hands out a referral whose TTL is over: first the cache's
 * (for the stale grace), then what an earlier run left on disk.
 */
final class LastKnown {
    private final Answers answers;
    private final ReferralStore store;
    private final Clockwork clockwork;
    private final Counters counters;

    LastKnown(Answers answers, ReferralStore store, Clockwork clockwork, Counters counters) {
        this.answers = answers;
        this.store = store;
        this.clockwork = clockwork;
        this.counters = counters;
    }

    Optional<Referral> referral(Fsn fsn) {
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

    /** The root that is known, or else the failure. */
    NamespaceRoot root(NsdbAddress nsdb, String namespace, FailedLookup why) {
        Optional<Fsn> root = store.root(nsdb, namespace);
        if (root.isEmpty()) {
            return new NamespaceRoot(Optional.empty(), Optional.of(why));
        }
        counters.offlineServed.increment();
        return new NamespaceRoot(root, Optional.empty());
    }
}

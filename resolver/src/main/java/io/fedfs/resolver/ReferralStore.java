package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.util.Optional;

/**
 * The last good answers, kept across restarts, so that a mount comes up without network. Keeping never blocks and never
 * fails for the caller: it is a convenience, not a record.
 */
public interface ReferralStore extends AutoCloseable {

    /**
     * What an earlier run left about this FSN and this run has not replaced: source {@link Referral.Source#OFFLINE_COPY},
     * stale since its TTL ended. Empty for everything this run has heard of itself; that is the cache's matter.
     */
    Optional<Referral> earlier(Fsn fsn);

    /** Keeps a referral its NSDB just gave. */
    void keep(Referral referral);

    /** Forgets what the NSDB no longer gives out. */
    void forget(Fsn fsn);

    /** Forgets all referrals; namespace roots stay. */
    void forgetAll();

    /** The last root of the namespace that is known, from this run or an earlier one. */
    Optional<Fsn> root(NsdbAddress nsdb, String namespace);

    void keepRoot(NsdbAddress nsdb, String namespace, Fsn root);

    void forgetRoot(NsdbAddress nsdb, String namespace);

    /** How many referrals are kept. */
    int size();

    /** Writes what is not yet written. */
    @Override
    void close();

    /** Keeps nothing. */
    static ReferralStore none() {
        return NoStore.INSTANCE;
    }
}

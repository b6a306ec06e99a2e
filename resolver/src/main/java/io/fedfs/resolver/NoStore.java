package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.util.Optional;

/** For a resolver without a state directory. */
enum NoStore implements ReferralStore {
    INSTANCE;

    @Override
    public Optional<Referral> earlier(Fsn fsn) {
        return Optional.empty();
    }

    @Override
    public void keep(Referral referral) {}

    @Override
    public void forget(Fsn fsn) {}

    @Override
    public void forgetAll() {}

    @Override
    public Optional<Fsn> root(NsdbAddress nsdb, String namespace) {
        return Optional.empty();
    }

    @Override
    public void keepRoot(NsdbAddress nsdb, String namespace, Fsn root) {}

    @Override
    public void forgetRoot(NsdbAddress nsdb, String namespace) {}

    @Override
    public int size() {
        return 0;
    }

    @Override
    public void close() {}
}

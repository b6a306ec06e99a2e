package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver.FailedLookup;
import java.time.Duration;

/** The failures that arise here and not at an NSDB, in their words for people. */
final class Failures {
    private Failures() {}

    static FailedLookup timedOut(NsdbAddress nsdb, Duration deadline) {
        return new FailedLookup(
                Unresolved.Reason.TIMED_OUT,
                FedFsStatus.TIMEOUT,
                "NSDB " + nsdb + " did not answer within " + deadline.toMillis() + " ms");
    }

    static FailedLookup untrusted(String why) {
        return new FailedLookup(Unresolved.Reason.UNTRUSTED, FedFsStatus.NSDB_PARAMS, why);
    }

    static FailedLookup closed() {
        return new FailedLookup(
                Unresolved.Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "the resolver has been closed");
    }

    /** The failure as the answer about this fileset. */
    static Unresolved unresolved(Fsn fsn, FailedLookup why) {
        return new Unresolved(fsn, why.reason(), why.status(), why.detail());
    }
}

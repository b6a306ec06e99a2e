package io.fedfs.resolver;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;

/**
 * Why a fileset has no referral.
 *
 * @param status the RFC 7533 number that says the same to a command
 * @param detail one sentence for a person: what was asked, of whom, what came back
 */
public record Unresolved(Fsn fsn, Reason reason, FedFsStatus status, String detail) implements Resolution {

    /** What a program in the tree must be told apart. */
    public enum Reason {
        /** The NSDB does not know the FSN. */
        NO_SUCH_FSN,
        /** The FSN is invalidated. */
        INVALIDATED,
        /** The FSN is known and has no usable FSL. */
        NO_LOCATION,
        /** The NSDB cannot be reached, and nothing usable is cached. */
        NSDB_UNREACHABLE,
        /** The deadline passed first. */
        TIMED_OUT,
        /** The NSDB refused this principal. */
        DENIED,
        /** The configuration does not trust this NSDB. */
        UNTRUSTED,
        /** The NSDB answered something that makes no sense. */
        BAD_ANSWER
    }
}

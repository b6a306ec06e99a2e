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
        BAD_ANSWER;

        /**
         * Whether the NSDB itself said this about the fileset. Truth replaces what was known; anything else (it could not be
         * asked, or what it said is unusable) leaves it in place.
         */
        public boolean isTruth() {
            return switch (this) {
                case NO_SUCH_FSN, INVALIDATED, NO_LOCATION, DENIED -> true;
                case NSDB_UNREACHABLE, TIMED_OUT, UNTRUSTED, BAD_ANSWER -> false;
            };
        }

        /** Whether it says that the NSDB is away, so that asking again at once is of no use. */
        public boolean isOutage() {
            return this == NSDB_UNREACHABLE || this == TIMED_OUT;
        }
    }
}

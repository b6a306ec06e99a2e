package io.fedfs.attach;

import io.fedfs.linux.Errno;

/**
 * What is wrong with an attached location.
 *
 * @param what in words
 * @param silent it does not answer and may yet; else it said that it is of no use, and has to be attached anew
 */
public record Trouble(String what, boolean silent) {
    /** An error from below. */
    public static Trouble of(int errno) {
        return new Trouble(Errno.message(errno), false);
    }

    static Trouble silence(long nanos) {
        return new Trouble("no answer within " + nanos / 1_000_000 + " ms", true);
    }
}

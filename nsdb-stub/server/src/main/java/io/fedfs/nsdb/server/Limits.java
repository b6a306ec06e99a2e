package io.fedfs.nsdb.server;

/** Sizes of messages and pages. */
final class Limits {
    /** Where a page ends early; with the largest fileset on top it still fits into a message. */
    static final int PAGE_BYTES = 512 * 1024;

    static final int DEFAULT_PAGE = 100;
    static final int MOST_PER_PAGE = 1_000;

    private Limits() {}

    /** How many entries a page has when the client asks for this many (0: it leaves it to us). */
    static int pageSize(int asked) {
        return asked == 0 ? DEFAULT_PAGE : Integer.compareUnsigned(asked, MOST_PER_PAGE) > 0 ? MOST_PER_PAGE : asked;
    }
}

package io.fedfs.fuse.kernel;

/**
 * Whether a thread that has answered asks again for a moment whether there is a request, before it sleeps in read(2). Going to sleep and being woken costs
 * more than a program takes to come back with its next request, and most on a virtual machine, where the processor itself has to be woken; so
 * it is worth it as long as requests do come within that moment. It is learnt from those that came last whether they do.
 */
final class BusyPoll {
    private static final int MOST = 16;
    private static final int LEAST = -4;
    /** What a moment in vain counts more than one that was not. */
    private static final int MISS = 4;
    /** A request that wakes a thread comes to it so much later. */
    private static final long WAKING_NANOS = 10_000;

    private final long moment;
    private int score;

    /** @param moment how long to ask, nanoseconds; 0: never */
    BusyPoll(long moment) {
        this.moment = moment;
    }

    boolean isWorthwhile() {
        return score > 0;
    }

    /** @param since how long it has been asked, nanoseconds */
    boolean isOver(long since) {
        return since >= moment;
    }

    /** A request came while it was asked for. What was there at once, among requests that queue, tells nothing. */
    void hit() {
        score = Math.min(score + 1, MOST);
    }

    /** None came. */
    void missed() {
        score -= MISS;
    }

    /** @param nanos how long the thread slept until a request came, having asked once only */
    void slept(long nanos) {
        if (moment > 0) {
            score = nanos < moment + WAKING_NANOS ? score + 1 : Math.max(score - 1, LEAST);
        }
    }
}

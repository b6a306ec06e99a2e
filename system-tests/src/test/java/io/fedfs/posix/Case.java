package io.fedfs.posix;

import java.util.List;

/**
 * One promise of a file system.
 *
 * @param callers who may be promised this; the case runs once for each
 * @param expected the rendered outcome ({@link Seen}); null: whatever the plain directory gives ("as below")
 * @param setup makes the ground ready; a failure there is a failure of the case
 * @param op what is called; its result is rendered
 */
record Case(List<Caller> callers, String expected, String name, Step setup, Op op) {
    /** Something done on a ground. */
    @FunctionalInterface
    interface Step {
        void on(Ground g) throws Exception;
    }

    /** Something whose result matters: a number (negative: an errno) or a text. */
    @FunctionalInterface
    interface Op {
        Object on(Ground g) throws Exception;
    }

    private static final List<Caller> ROOT = List.of(Caller.ROOT);
    private static final List<Caller> USER = List.of(Caller.ALICE);
    private static final List<Caller> BOTH = List.of(Caller.ROOT, Caller.ALICE);

    /** For root and for an ordinary user alike. */
    static Case both(String expected, String name, Step setup, Op op) {
        return new Case(BOTH, expected, name, setup, op);
    }

    /** For root only. */
    static Case root(String expected, String name, Step setup, Op op) {
        return new Case(ROOT, expected, name, setup, op);
    }

    /** For an ordinary user; {@link Ground#asRoot} makes ready what the user could not. */
    static Case user(String expected, String name, Step setup, Op op) {
        return new Case(USER, expected, name, setup, op);
    }

    /** What file systems differ in: the outcome is the one of the plain directory below. */
    static Case asBelow(String name, Step setup, Op op) {
        return new Case(ROOT, null, name, setup, op);
    }

    /** Nothing to make ready. */
    static void nothing(Ground g) {}
}

package io.fedfs.posix;

import java.util.List;

/**
 * Who makes a system call: the ids the kernel decides by. The numbers belong to no account of the machine.
 *
 * @param groups supplementary groups
 */
public record Caller(String name, int uid, int gid, List<Integer> groups) {
    public static final Caller ROOT = new Caller("root", 0, 0, List.of());
    /** A member of {@link #TEAM}. */
    public static final Caller ALICE = new Caller("alice", 61_234, 61_235, List.of(61_300));

    /** Shares no group with anybody. */
    public static final Caller BOB = new Caller("bob", 61_240, 61_241, List.of());

    /** Shares {@link #TEAM} with alice. */
    public static final Caller CAROL = new Caller("carol", 61_250, 61_251, List.of(61_300));

    public static final int TEAM = 61_300;

    public boolean isRoot() {
        return uid == 0;
    }
}

package io.fedfs.posix;

import static io.fedfs.linux.Sys.O_DIRECTORY;
import static io.fedfs.linux.Sys.O_TMPFILE;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.CREAT;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.RDWR;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.Sys;
import java.util.stream.Stream;

/** Who may what, and to whom new entries belong; path_resolution(7), credentials(7), acl(5). */
final class PermissionCases {
    private static final String ALICE = "61234:61235";

    private PermissionCases() {}

    static Stream<Case> all() {
        return Stream.of(ownership(), classes(), directories(), changes(), acls())
                .flatMap(s -> s);
    }

    private static Stream<Case> ownership() {
        return Stream.of(
                user(ALICE, "owner: of a new file", g -> g.makeFile("f"), g -> g.stat("f")
                        .owner()),
                user(ALICE, "owner: of a new directory", g -> g.makeDir("d"), g -> g.stat("d")
                        .owner()),
                user(ALICE, "owner: of a new symlink", g -> g.makeSymlink("x", "l"), g -> g.lstat("l")
                        .owner()),
                user(ALICE, "owner: of a new fifo", g -> g.makeFifo("p"), g -> g.stat("p")
                        .owner()),
                user(ALICE, "owner: of a nameless file", Case::nothing, g -> g.fstat(
                                g.open(".", O_TMPFILE | RDWR, 0600))
                        .owner()),
                root(
                        "0:0",
                        "owner: root in a user's directory",
                        g -> {
                            must(g.makeDir("d").chown("d", Caller.ALICE.uid(), Caller.ALICE.gid()));
                            g.makeFile("d/f");
                        },
                        g -> g.stat("d/f").owner()),
                user(
                        "61234:61300",
                        "owner: the group of a set-group-id directory",
                        g -> {
                            must(g.asRoot().makeDir("d").chown("d", 0, Caller.TEAM));
                            must(g.asRoot().chmod("d", 02775));
                            g.makeFile("d/f");
                        },
                        g -> g.stat("d/f").owner()),
                user(
                        "61240:61241",
                        "owner: two users in one directory",
                        g -> {
                            g.asRoot().makeDir("d", 01777);
                            g.makeFile("d/a");
                            g.as(Caller.BOB).makeFile("d/b");
                        },
                        g -> g.stat("d/b").owner()));
    }

    private static Stream<Case> classes() {
        return Stream.of(
                user(
                        "EACCES",
                        "mode: another's file of 0600",
                        g -> g.asRoot().makeFile("f", "x", 0600),
                        g -> g.tryOpen("f", RDONLY)),
                user(
                        "0 EACCES",
                        "mode: another's file of 0644",
                        g -> g.asRoot().makeFile("f", "x", 0644),
                        g -> Seen.all(g.tryOpen("f", RDONLY), g.tryOpen("f", WRONLY))),
                user(
                        "EACCES",
                        "mode: creating over another's file",
                        g -> g.asRoot().makeFile("f", "x", 0644),
                        g -> g.tryOpen("f", CREAT | WRONLY)),
                user(
                        "EACCES",
                        "mode: the owner is judged as owner only",
                        g -> g.makeFile("f", "x", 0077),
                        g -> g.tryOpen("f", RDONLY)),
                user(
                        "EACCES",
                        "mode: a member is judged as member only",
                        g -> {
                            must(g.asRoot().makeFile("f", "x").chown("f", 0, Caller.ALICE.gid()));
                            must(g.asRoot().chmod("f", 0604));
                        },
                        g -> g.tryOpen("f", RDONLY)),
                user(
                        "0 0",
                        "mode: a supplementary group reads and writes",
                        g -> {
                            must(g.asRoot().makeFile("f", "x").chown("f", 0, Caller.TEAM));
                            must(g.asRoot().chmod("f", 0660));
                        },
                        g -> Seen.all(g.tryOpen("f", RDONLY), g.tryOpen("f", RDWR))),
                user(
                        "EACCES",
                        "mode: not in the group",
                        g -> {
                            must(g.asRoot().makeFile("f", "x").chown("f", 0, Caller.TEAM));
                            must(g.asRoot().chmod("f", 0660));
                        },
                        g -> g.as(Caller.BOB).tryOpen("f", RDONLY)),
                user(
                        "0",
                        "mode: a supplementary group writes into a directory",
                        g -> {
                            must(g.asRoot().makeDir("d").chown("d", 0, Caller.TEAM));
                            must(g.asRoot().chmod("d", 0770));
                        },
                        g -> g.mkdir("d/e", 0755)),
                user(
                        "EACCES",
                        "mode: an execute bit alone does not read",
                        g -> g.makeFile("f", "x", 0100),
                        g -> g.tryOpen("f", RDONLY)),
                root("x", "mode: root reads a file of 0000", g -> g.makeFile("f", "x", 0), g -> g.content("f")));
    }

    private static Stream<Case> directories() {
        return Stream.of(
                user(
                        "EACCES EACCES",
                        "search: another's directory of 0700",
                        g -> g.asRoot().makeDir("d", 0700).makeFile("d/f"),
                        g -> Seen.all(g.stat("d/f").kind(), g.tryOpen("d", O_DIRECTORY))),
                user(
                        "file EACCES",
                        "search: 0711 finds what it can name",
                        g -> g.asRoot().makeDir("d", 0711).makeFile("d/f"),
                        g -> Seen.all(g.stat("d/f").kind(), g.tryOpen("d", O_DIRECTORY))),
                user(
                        "EACCES 0",
                        "search: 0744 lists but finds nothing",
                        g -> g.asRoot().makeDir("d", 0744).makeFile("d/f"),
                        g -> Seen.all(g.stat("d/f").kind(), g.tryOpen("d", O_DIRECTORY))),
                user(
                        "EACCES",
                        "search: two levels up",
                        g -> g.asRoot()
                                .makeDir("d")
                                .makeDir("d/e")
                                .makeFile("d/e/f")
                                .chmod("d", 0700),
                        g -> g.stat("d/e/f").kind()),
                user(
                        "EACCES EACCES EACCES EACCES",
                        "write: nothing is made in another's directory",
                        g -> g.makeFile("f").asRoot().makeDir("d"),
                        g -> Seen.all(
                                g.tryOpen("d/f", CREAT),
                                g.symlink("x", "d/l"),
                                g.mknod("d/p", Sys.S_IFIFO | 0644),
                                g.link("f", "d/f"))),
                user(
                        "EACCES",
                        "write: one's own directory without the bit",
                        g -> g.makeDir("d", 0555),
                        g -> g.tryOpen("d/f", CREAT)),
                user(
                        "EACCES",
                        "write: O_TMPFILE in another's directory",
                        g -> g.asRoot().makeDir("d"),
                        g -> g.open("d", O_TMPFILE | RDWR, 0600)));
    }

    private static Stream<Case> changes() {
        return Stream.of(
                user(
                        "0 EACCES 0",
                        "change: a new mode holds at once",
                        g -> g.asRoot().makeFile("f", "x", 0644),
                        g -> {
                            String before = Seen.render(g.tryOpen("f", RDONLY));
                            must(g.asRoot().chmod("f", 0600));
                            String locked = Seen.render(g.tryOpen("f", RDONLY));
                            must(g.asRoot().chmod("f", 0644));
                            return Seen.all(before, locked, g.tryOpen("f", RDONLY));
                        }),
                user(
                        "file EACCES",
                        "change: a directory closed to others holds at once",
                        g -> g.asRoot().makeDir("d").makeFile("d/f"),
                        g -> {
                            String before = g.stat("d/f").kind();
                            must(g.asRoot().chmod("d", 0700));
                            return Seen.all(before, g.stat("d/f").kind());
                        }),
                user(
                        "EACCES 0",
                        "change: a new owner holds at once",
                        g -> g.asRoot().makeFile("f", "x", 0600),
                        g -> {
                            String before = Seen.render(g.tryOpen("f", RDONLY));
                            must(g.asRoot().chown("f", Caller.ALICE.uid(), -1));
                            return Seen.all(before, g.tryOpen("f", RDONLY));
                        }));
    }

    /** user::rw-, user:alice:r--, group::---, mask::r--, other::--- in the form of linux/posix_acl_xattr.h. */
    private static final String ACL_ALICE_READS = "\2\0\0\0"
            + "\1\0\6\0\377\377\377\377"
            + "\2\0\4\0\62\357\0\0"
            + "\4\0\0\0\377\377\377\377"
            + "\20\0\4\0\377\377\377\377"
            + "\40\0\0\0\377\377\377\377";

    private static Stream<Case> acls() {
        return Stream.of(
                asBelow(
                        "acl: one user more may read",
                        g -> g.makeFile("f", "x", 0600),
                        g -> Seen.all(
                                g.setxattr("f", "system.posix_acl_access", ACL_ALICE_READS, 0),
                                g.stat("f").mode(),
                                g.as(Caller.ALICE).tryOpen("f", RDONLY),
                                g.as(Caller.ALICE).tryOpen("f", WRONLY),
                                g.as(Caller.BOB).tryOpen("f", RDONLY))),
                asBelow("acl: a default one is inherited", g -> g.makeDir("d", 0700), g -> {
                    long set = g.setxattr("d", "system.posix_acl_default", ACL_ALICE_READS, 0);
                    g.makeFile("d/f");
                    must(g.chmod("d", 0755));
                    return Seen.all(
                            set,
                            g.stat("d/f").mode(),
                            g.getxattr("d/f", "system.posix_acl_access").length(),
                            g.as(Caller.ALICE).tryOpen("d/f", RDONLY));
                }));
    }
}

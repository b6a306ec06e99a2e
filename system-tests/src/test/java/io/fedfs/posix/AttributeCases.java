package io.fedfs.posix;

import static io.fedfs.linux.Sys.AT_SYMLINK_NOFOLLOW;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import java.util.stream.Stream;

/** stat(2), chmod(2), chown(2), utimensat(2), access(2), statfs(2). */
final class AttributeCases {
    private static final long NOW = 0x3fffffff;
    private static final long OMIT = 0x3ffffffe;
    private static final int F_OK = 0;
    private static final int X_OK = 1;
    private static final int W_OK = 2;
    private static final int R_OK = 4;

    private AttributeCases() {}

    static Stream<Case> all() {
        return Stream.of(stat(), chmod(), chown(), times(), access(), statfs()).flatMap(s -> s);
    }

    private static Stream<Case> stat() {
        return Stream.of(
                both("ENOENT", "stat: an absent name", Case::nothing, g -> g.stat("no")
                        .kind()),
                both("ENOTDIR", "stat: below a file", g -> g.makeFile("f"), g -> g.stat("f/x")
                        .kind()),
                both("ENOTDIR", "stat: a file with a slash behind it", g -> g.makeFile("f"), g -> g.stat("f/")
                        .kind()),
                both("dir", "stat: a directory with a slash behind it", g -> g.makeDir("d"), g -> g.stat("d/")
                        .kind()),
                both(
                        "file symlink",
                        "stat: follows a symlink, lstat does not",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(g.stat("l").kind(), g.lstat("l").kind())),
                both(
                        "true",
                        "stat: one inode number by name and by descriptor",
                        g -> g.makeFile("f"),
                        g -> g.stat("f").ino() == g.fstat(g.open("f", RDONLY)).ino()),
                both(
                        "true",
                        "stat: two files have two inode numbers",
                        g -> g.makeFile("a").makeFile("b"),
                        g -> g.stat("a").ino() != g.stat("b").ino()),
                both("true", "stat: one device for a tree", g -> g.makeDir("d").makeFile("d/f"), g -> g.stat(".")
                        .device()
                        .equals(g.stat("d/f").device())),
                both(
                        "true",
                        "stat: an empty file has no blocks, a full one has",
                        g -> g.makeFile("e").makeFile("f", "x".repeat(10_000)),
                        g -> g.stat("e").blocks() == 0 && g.stat("f").blocks() >= 16),
                both(
                        "true",
                        "stat: . is the directory itself",
                        g -> g.makeDir("d"),
                        g -> g.stat("d").ino() == g.stat("d/.").ino()),
                both(
                        "true",
                        "stat: .. is the parent",
                        g -> g.makeDir("d").makeDir("d/e"),
                        g -> g.stat("d").ino() == g.stat("d/e/..").ino()),
                both("1", "stat: a file has one link", g -> g.makeFile("f"), g -> g.stat("f")
                        .links()));
    }

    private static Stream<Case> chmod() {
        return Stream.of(
                both(
                        "0 0751",
                        "chmod: a file",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chmod("f", 0751), g.stat("f").mode())),
                both(
                        "0 1711",
                        "chmod: a directory",
                        g -> g.makeDir("d"),
                        g -> Seen.all(g.chmod("d", 01711), g.stat("d").mode())),
                both(
                        "0 6711",
                        "chmod: the set-id bits",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chmod("f", 06711), g.stat("f").mode())),
                both(
                        "0 0640",
                        "chmod: by descriptor",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.fchmod(g.open("f", RDONLY), 0640), g.stat("f").mode())),
                both(
                        "0 0600",
                        "chmod: through a symlink",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(g.chmod("l", 0600), g.stat("f").mode())),
                both(
                        "EOPNOTSUPP",
                        "chmod: a symlink itself",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> g.fchmodat2("l", 0600, AT_SYMLINK_NOFOLLOW)),
                both(
                        "0 0600",
                        "chmod: not following, a file",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.fchmodat2("f", 0600, AT_SYMLINK_NOFOLLOW),
                                g.stat("f").mode())),
                both("ENOENT", "chmod: an absent file", Case::nothing, g -> g.chmod("no", 0600)),
                both("ENOTDIR", "chmod: below a file", g -> g.makeFile("f"), g -> g.chmod("f/x", 0600)),
                user("EPERM", "chmod: another's file", g -> g.asRoot().makeFile("f"), g -> g.chmod("f", 0600)),
                user(
                        "0 0755",
                        "chmod: set-group-id without being in the group",
                        g -> must(g.makeFile("f").asRoot().chown("f", Caller.ALICE.uid(), 0)),
                        g -> Seen.all(g.chmod("f", 02755), g.stat("f").mode())),
                user(
                        "0 2755",
                        "chmod: set-group-id for a supplementary group",
                        g -> must(g.makeFile("f").asRoot().chown("f", Caller.ALICE.uid(), Caller.TEAM)),
                        g -> Seen.all(g.chmod("f", 02755), g.stat("f").mode())),
                both("true", "chmod: moves ctime forward", g -> g.makeFile("f"), g -> {
                    String before = g.stat("f").ctime();
                    Thread.sleep(20);
                    must(g.chmod("f", 0600));
                    return g.stat("f").ctime().compareTo(before) > 0;
                }));
    }

    private static Stream<Case> chown() {
        return Stream.of(
                root(
                        "0 5:6",
                        "chown: by root",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chown("f", 5, 6), g.stat("f").owner())),
                root(
                        "0 5:0",
                        "chown: -1 leaves the group",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chown("f", 5, -1), g.stat("f").owner())),
                root(
                        "0 0:6",
                        "chown: -1 leaves the owner",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chown("f", -1, 6), g.stat("f").owner())),
                root(
                        "0 5:6",
                        "chown: by descriptor",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.fchown(g.open("f", RDONLY), 5, 6), g.stat("f").owner())),
                root(
                        "0 5:6 0:0",
                        "chown: a symlink itself",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(
                                g.lchown("l", 5, 6),
                                g.lstat("l").owner(),
                                g.stat("f").owner())),
                root(
                        "0 5:6",
                        "chown: through a symlink",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(g.chown("l", 5, 6), g.stat("f").owner())),
                root(
                        "0 4294967:4000000",
                        "chown: large numbers",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.chown("f", 4_294_967, 4_000_000), g.stat("f").owner())),
                root("0755", "chown: clears the set-id bits of a program", g -> g.makeFile("f", "", 06755), g -> {
                    must(g.chown("f", 5, 6));
                    return g.stat("f").mode();
                }),
                both("0755", "chown: without any id clears the set-id bits too", g -> g.makeFile("f", "", 06755), g -> {
                    must(g.chown("f", -1, -1));
                    return g.stat("f").mode();
                }),
                both(
                        "true",
                        "chown: without any id moves ctime forward",
                        g -> must(g.makeFile("f").utimes("f", 1000, 0, 1000, 0, 0)),
                        g -> {
                            String before = g.stat("f").ctime();
                            Thread.sleep(20); // A clock tick of the file system, and more.
                            must(g.chown("f", -1, -1));
                            return g.stat("f").ctime().compareTo(before) > 0;
                        }),
                root("2755", "chown: leaves set-group-id of a directory", g -> g.makeDir("d", 02755), g -> {
                    must(g.chown("d", 5, 6));
                    return g.stat("d").mode();
                }),
                both("ENOENT", "chown: an absent file", Case::nothing, g -> g.chown("no", -1, -1)),
                user("EPERM", "chown: one's own file to another", g -> g.makeFile("f"), g -> g.chown("f", 5, -1)),
                user(
                        "EPERM",
                        "chown: another's file to oneself",
                        g -> g.asRoot().makeFile("f"),
                        g -> g.chown("f", Caller.ALICE.uid(), -1)),
                user(
                        "0 61234:61300",
                        "chown: to a supplementary group",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.chown("f", -1, Caller.TEAM), g.stat("f").owner())),
                user("EPERM", "chown: to a group one is not in", g -> g.makeFile("f"), g -> g.chown("f", -1, 7)));
    }

    private static Stream<Case> times() {
        return Stream.of(
                both(
                        "0 100.000000007 200.123456789",
                        "utimensat: to the nanosecond",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.utimes("f", 100, 7, 200, 123_456_789, 0),
                                g.stat("f").atime(),
                                g.stat("f").mtime())),
                both("100.000000000 200.000000000", "utimensat: a directory", g -> g.makeDir("d"), g -> {
                    must(g.utimes("d", 100, 0, 200, 0, 0));
                    return Seen.all(g.stat("d").atime(), g.stat("d").mtime());
                }),
                both("50.000000000 60.000000000", "utimensat: by descriptor", g -> g.makeFile("f"), g -> {
                    must(g.futimes(g.open("f", RDONLY), 50, 60));
                    return Seen.all(g.stat("f").atime(), g.stat("f").mtime());
                }),
                both(
                        "100.000000000 300.000000000",
                        "utimensat: UTIME_OMIT leaves one",
                        g -> must(g.makeFile("f").utimes("f", 100, 0, 200, 0, 0)),
                        g -> {
                            must(g.utimes("f", 0, OMIT, 300, 0, 0));
                            return Seen.all(g.stat("f").atime(), g.stat("f").mtime());
                        }),
                both(
                        "true 200.000000000",
                        "utimensat: UTIME_NOW",
                        g -> must(g.makeFile("f").utimes("f", 100, 0, 200, 0, 0)),
                        g -> {
                            must(g.utimes("f", 0, NOW, 0, OMIT, 0));
                            return Seen.all(
                                    !g.stat("f").atime().startsWith("100."),
                                    g.stat("f").mtime());
                        }),
                both(
                        "9.000000000 true",
                        "utimensat: a symlink itself",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> {
                            must(g.utimes("l", 8, 0, 9, 0, AT_SYMLINK_NOFOLLOW));
                            return Seen.all(
                                    g.lstat("l").mtime(), !g.stat("f").mtime().startsWith("9."));
                        }),
                both(
                        "EINVAL",
                        "utimensat: nanoseconds out of range",
                        g -> g.makeFile("f"),
                        g -> g.utimes("f", 1, 1_000_000_000, 1, 0, 0)),
                both("ENOENT", "utimensat: an absent file", Case::nothing, g -> g.utimes("no", 1, 0, 1, 0, 0)),
                user(
                        "EPERM",
                        "utimensat: another's file, given times",
                        g -> g.asRoot().makeFile("f", "", 0666),
                        g -> g.utimes("f", 1, 0, 1, 0, 0)),
                user(
                        "0",
                        "utimensat: another's file one may write, now",
                        g -> g.asRoot().makeFile("f", "", 0666),
                        g -> g.utimes("f", 0, NOW, 0, NOW, 0)),
                user(
                        "EACCES",
                        "utimensat: another's file one may not write, now",
                        g -> g.asRoot().makeFile("f"),
                        g -> g.utimes("f", 0, NOW, 0, NOW, 0)),
                asBelow(
                        "utimensat: before 1970",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.utimes("f", -5, 0, -5, 5, 0), g.stat("f").mtime())),
                asBelow(
                        "utimensat: after 2038",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.utimes("f", 1, 0, 4_102_444_800L, 0, 0),
                                g.stat("f").mtime())),
                both(
                        "200.000000000",
                        "utimensat: mtime stays when an open file is only closed",
                        g -> g.makeFile("f", "x"),
                        g -> {
                            int fd = g.open("f", WRONLY);
                            must(g.write(fd, "y"));
                            must(g.utimes("f", 100, 0, 200, 0, 0));
                            must(g.close(fd));
                            return g.stat("f").mtime();
                        }));
    }

    private static Stream<Case> access() {
        return Stream.of(
                both(
                        "0 ENOENT",
                        "access: F_OK",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.access("f", F_OK), g.access("no", F_OK))),
                both(
                        "0 0 EACCES",
                        "access: one's own file",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.access("f", R_OK), g.access("f", W_OK), g.access("f", X_OK))),
                user(
                        "0 EACCES",
                        "access: another's file",
                        g -> g.asRoot().makeFile("f"),
                        g -> Seen.all(g.access("f", R_OK), g.access("f", W_OK))),
                user(
                        "EACCES 0",
                        "access: a mode without reading",
                        g -> g.makeFile("f", "", 0200),
                        g -> Seen.all(g.access("f", R_OK), g.access("f", W_OK))),
                root(
                        "0 0 EACCES",
                        "access: root and a mode of nothing",
                        g -> g.makeFile("f", "", 0),
                        g -> Seen.all(g.access("f", R_OK), g.access("f", W_OK), g.access("f", X_OK))),
                root("0", "access: root may enter any directory", g -> g.makeDir("d", 0), g -> g.access("d", X_OK)),
                both("EINVAL", "access: an unknown mode", g -> g.makeFile("f"), g -> g.access("f", 8)));
    }

    private static Stream<Case> statfs() {
        return Stream.of(
                both("255", "statfs: the longest name", Case::nothing, g -> g.statfs(".")
                        .getLong(64)),
                both("true", "statfs: sizes make sense", Case::nothing, g -> {
                    NativeBuffer s = g.statfs(".");
                    long blocks = s.getLong(16);
                    long free = s.getLong(24);
                    long available = s.getLong(32);
                    return s.getLong(8) > 0 && blocks > 0 && free <= blocks && available <= free;
                }),
                both(
                        "true",
                        "statfs: a file answers as its directory",
                        g -> g.makeFile("f"),
                        g -> g.statfs("f").getLong(16) == g.statfs(".").getLong(16)));
    }
}

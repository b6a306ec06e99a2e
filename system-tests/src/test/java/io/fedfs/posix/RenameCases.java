package io.fedfs.posix;

import static io.fedfs.linux.Sys.O_DIRECTORY;
import static io.fedfs.linux.Sys.RENAME_EXCHANGE;
import static io.fedfs.linux.Sys.RENAME_NOREPLACE;
import static io.fedfs.linux.Sys.RENAME_WHITEOUT;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.must;

import java.util.stream.Stream;

/** rename(2) and renameat2(2). */
final class RenameCases {
    private RenameCases() {}

    static Stream<Case> all() {
        return Stream.of(files(), directories(), flags(), permissions()).flatMap(s -> s);
    }

    private static Stream<Case> files() {
        return Stream.of(
                both(
                        "0 ENOENT x",
                        "rename: to a new name",
                        g -> g.makeFile("a", "x"),
                        g -> Seen.all(g.rename("a", "b"), g.lstat("a").kind(), g.content("b"))),
                both(
                        "0 ENOENT x",
                        "rename: onto a file",
                        g -> g.makeFile("a", "x").makeFile("b", "y"),
                        g -> Seen.all(g.rename("a", "b"), g.lstat("a").kind(), g.content("b"))),
                both("true", "rename: keeps the inode number", g -> g.makeFile("a"), g -> {
                    long before = g.stat("a").ino();
                    must(g.rename("a", "b"));
                    return before == g.stat("b").ino();
                }),
                both(
                        "0 x",
                        "rename: to itself",
                        g -> g.makeFile("a", "x"),
                        g -> Seen.all(g.rename("a", "a"), g.content("a"))),
                both(
                        "0 2 2",
                        "rename: onto another name of the same file changes nothing",
                        g -> must(g.makeFile("a").link("a", "b")),
                        g -> Seen.all(
                                g.rename("a", "b"),
                                g.stat("a").links(),
                                g.stat("b").links())),
                both(
                        "1",
                        "rename: onto one of two names",
                        g -> must(g.makeFile("a").makeFile("b").link("b", "c")),
                        g -> {
                            must(g.rename("a", "b"));
                            return g.stat("c").links();
                        }),
                both("ENOENT", "rename: an absent name", Case::nothing, g -> g.rename("no", "b")),
                both("ENOENT", "rename: into an absent directory", g -> g.makeFile("a"), g -> g.rename("a", "no/b")),
                both("ENOTDIR", "rename: from below a file", g -> g.makeFile("a"), g -> g.rename("a/x", "b")),
                both(
                        "ENOTDIR",
                        "rename: to below a file",
                        g -> g.makeFile("a").makeFile("b"),
                        g -> g.rename("a", "b/x")),
                both(
                        "ENOTDIR",
                        "rename: a file to a name with a slash behind it",
                        g -> g.makeFile("a"),
                        g -> g.rename("a", "b/")),
                both(
                        "ENAMETOOLONG",
                        "rename: to a name of 256 bytes",
                        g -> g.makeFile("a"),
                        g -> g.rename("a", "n".repeat(256))),
                both(
                        "EISDIR",
                        "rename: a file onto a directory",
                        g -> g.makeFile("a").makeDir("d"),
                        g -> g.rename("a", "d")),
                both(
                        "0 x",
                        "rename: into another directory",
                        g -> g.makeFile("a", "x").makeDir("d"),
                        g -> Seen.all(g.rename("a", "d/b"), g.content("d/b"))),
                both(
                        "0 symlink no",
                        "rename: a symlink itself",
                        g -> g.makeSymlink("no", "l"),
                        g -> Seen.all(g.rename("l", "m"), g.lstat("m").kind(), g.readlink("m"))),
                both(
                        "0 file y",
                        "rename: onto a symlink, not its target",
                        g -> g.makeFile("a", "x").makeFile("t", "y").makeSymlink("t", "l"),
                        g -> Seen.all(g.rename("a", "l"), g.lstat("l").kind(), g.content("t"))),
                both(
                        "0 fifo",
                        "rename: a fifo",
                        g -> g.makeFifo("p"),
                        g -> Seen.all(g.rename("p", "q"), g.lstat("q").kind())),
                both("0 ENOENT", "rename: a chain of names", g -> g.makeFile("a"), g -> {
                    for (int i = 0; i < 20; i++) {
                        must(g.rename(i == 0 ? "a" : "n" + i, "n" + (i + 1)));
                    }
                    return Seen.all(g.stat("n20").result(), g.lstat("n19").kind());
                }));
    }

    private static Stream<Case> directories() {
        return Stream.of(
                both(
                        "0 x",
                        "rename: a directory with what is in it",
                        g -> g.makeDir("d").makeFile("d/f", "x"),
                        g -> Seen.all(g.rename("d", "e"), g.content("e/f"))),
                both(
                        "x ENOENT",
                        "rename: a directory whose files were looked at before",
                        g -> g.makeDir("d").makeDir("d/e").makeFile("d/e/f", "x"),
                        g -> {
                            must(g.content("d/e/f").length());
                            must(g.rename("d", "D"));
                            return Seen.all(g.content("D/e/f"), g.lstat("d/e/f").kind());
                        }),
                both(
                        "0 x",
                        "rename: a directory onto an empty one",
                        g -> g.makeDir("d").makeFile("d/f", "x").makeDir("e"),
                        g -> Seen.all(g.rename("d", "e"), g.content("e/f"))),
                both(
                        "ENOTEMPTY",
                        "rename: a directory onto a full one",
                        g -> g.makeDir("d").makeDir("e").makeFile("e/f"),
                        g -> g.rename("d", "e")),
                both(
                        "ENOTDIR",
                        "rename: a directory onto a file",
                        g -> g.makeDir("d").makeFile("f"),
                        g -> g.rename("d", "f")),
                both("EINVAL", "rename: a directory into itself", g -> g.makeDir("d"), g -> g.rename("d", "d/e")),
                both(
                        "EINVAL",
                        "rename: a directory deep into itself",
                        g -> g.makeDir("d").makeDir("d/e"),
                        g -> g.rename("d", "d/e/f")),
                both(
                        "ENOTEMPTY",
                        "rename: onto its own ancestor",
                        g -> g.makeDir("d").makeDir("d/e"),
                        g -> g.rename("d/e", "d")),
                both("EBUSY", "rename: .", g -> g.makeDir("d"), g -> g.rename("d/.", "e")),
                both("EBUSY", "rename: ..", g -> g.makeDir("d").makeDir("d/e"), g -> g.rename("d/e/..", "f")),
                both(
                        "0 dir",
                        "rename: a directory to a name with a slash behind it",
                        g -> g.makeDir("d"),
                        g -> Seen.all(g.rename("d", "e/"), g.stat("e").kind())),
                both(
                        "true",
                        "rename: .. follows a directory to its new parent",
                        g -> g.makeDir("a").makeDir("b").makeDir("a/d"),
                        g -> {
                            must(g.rename("a/d", "b/d"));
                            return g.stat("b/d/..").ino() == g.stat("b").ino();
                        }),
                both(
                        "true",
                        "rename: .. of an open directory follows too",
                        g -> g.makeDir("a").makeDir("b").makeDir("a/d"),
                        g -> {
                            int dir = g.open("a/d", O_DIRECTORY);
                            must(g.rename("a/d", "b/d"));
                            return g.fstat(g.openAt(dir, "..", RDONLY, 0)).ino()
                                    == g.stat("b").ino();
                        }),
                both(
                        "f",
                        "rename: an open directory is listed on",
                        g -> g.makeDir("d").makeFile("d/f"),
                        g -> {
                            int dir = g.open("d", O_DIRECTORY);
                            must(g.rename("d", "e"));
                            return g.getdents(dir, 4096).stream()
                                    .map(Ground.Listed::name)
                                    .filter(n -> !n.startsWith("."))
                                    .findFirst()
                                    .orElse("");
                        }),
                both("new", "rename: a file made below the new name", g -> g.makeDir("d"), g -> {
                    must(g.rename("d", "e"));
                    g.makeFile("e/f", "new");
                    must(g.rename("e", "d"));
                    return g.content("d/f");
                }));
    }

    private static Stream<Case> flags() {
        return Stream.of(
                both(
                        "EEXIST x y",
                        "rename: RENAME_NOREPLACE onto a file",
                        g -> g.makeFile("a", "x").makeFile("b", "y"),
                        g -> Seen.all(g.rename("a", "b", RENAME_NOREPLACE), g.content("a"), g.content("b"))),
                both(
                        "0 x",
                        "rename: RENAME_NOREPLACE to a new name",
                        g -> g.makeFile("a", "x"),
                        g -> Seen.all(g.rename("a", "b", RENAME_NOREPLACE), g.content("b"))),
                both(
                        "0 y x",
                        "rename: RENAME_EXCHANGE of two files",
                        g -> g.makeFile("a", "x").makeFile("b", "y"),
                        g -> Seen.all(g.rename("a", "b", RENAME_EXCHANGE), g.content("a"), g.content("b"))),
                both(
                        "0 dir file x",
                        "rename: RENAME_EXCHANGE of a file and a directory",
                        g -> g.makeFile("a").makeDir("d").makeFile("d/f", "x"),
                        g -> Seen.all(
                                g.rename("a", "d", RENAME_EXCHANGE),
                                g.stat("a").kind(),
                                g.stat("d").kind(),
                                g.content("a/f"))),
                both(
                        "0 y true",
                        "rename: RENAME_EXCHANGE of directories with different parents",
                        g -> g.makeDir("p")
                                .makeDir("q")
                                .makeDir("p/a")
                                .makeDir("q/b")
                                .makeFile("q/b/f", "y"),
                        g -> Seen.all(
                                g.rename("p/a", "q/b", RENAME_EXCHANGE),
                                g.content("p/a/f"),
                                g.stat("p/a/..").ino() == g.stat("p").ino())),
                both(
                        "ENOENT",
                        "rename: RENAME_EXCHANGE with an absent name",
                        g -> g.makeFile("a"),
                        g -> g.rename("a", "no", RENAME_EXCHANGE)),
                both(
                        "EINVAL",
                        "rename: RENAME_EXCHANGE with RENAME_NOREPLACE",
                        g -> g.makeFile("a").makeFile("b"),
                        g -> g.rename("a", "b", RENAME_EXCHANGE | RENAME_NOREPLACE)),
                both("EINVAL", "rename: an unknown flag", g -> g.makeFile("a"), g -> g.rename("a", "b", 1 << 20)),
                asBelow(
                        "rename: RENAME_WHITEOUT",
                        g -> g.makeFile("a", "x"),
                        g -> Seen.all(
                                g.rename("a", "b", RENAME_WHITEOUT),
                                g.lstat("a").kind(),
                                g.content("b"))));
    }

    private static Stream<Case> permissions() {
        return Stream.of(
                user(
                        "EACCES",
                        "rename: out of another's directory",
                        g -> g.asRoot().makeDir("d").makeFile("d/f"),
                        g -> g.rename("d/f", "f")),
                user(
                        "EACCES",
                        "rename: into another's directory",
                        g -> g.makeFile("f").asRoot().makeDir("d"),
                        g -> g.rename("f", "d/f")),
                user(
                        "EPERM",
                        "rename: another's file in a sticky directory",
                        g -> g.asRoot().makeDir("d", 01777).makeFile("d/f"),
                        g -> g.rename("d/f", "d/g")),
                user(
                        "EPERM",
                        "rename: onto another's file in a sticky directory",
                        g -> {
                            g.asRoot().makeDir("d", 01777).makeFile("d/f");
                            g.makeFile("d/mine");
                        },
                        g -> g.rename("d/mine", "d/f")),
                user(
                        "EACCES",
                        "rename: another's directory to a new parent needs write permission on it",
                        g -> {
                            g.makeDir("p");
                            g.asRoot().makeDir("d");
                        },
                        g -> g.rename("d", "p/d")),
                user(
                        "0",
                        "rename: another's directory in place does not",
                        g -> g.asRoot().makeDir("d"),
                        g -> g.rename("d", "e")));
    }
}

package io.fedfs.posix;

import static io.fedfs.linux.Sys.O_DIRECTORY;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.posix.Ground.Listed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** getdents64(2), readdir(3), seekdir(3), the working directory, and programs that walk trees. */
final class DirectoryCases {
    private static final int DT_FIFO = 1;
    private static final int DT_DIR = 4;
    private static final int DT_REG = 8;
    private static final int DT_LNK = 10;

    private DirectoryCases() {}

    static Stream<Case> all() {
        return Stream.of(listing(), changing(), programs()).flatMap(s -> s);
    }

    private static Stream<Case> listing() {
        return Stream.of(
                both(".,..", "readdir: an empty directory", g -> g.makeDir("d"), g -> g.list("d").stream()
                        .map(Listed::name)
                        .sorted()
                        .collect(Collectors.joining(","))),
                both(
                        "a,b,c",
                        "readdir: every entry once",
                        g -> g.makeFile("a").makeDir("b").makeSymlink("x", "c"),
                        g -> g.names(".")),
                both(
                        "true",
                        "readdir: the kinds",
                        g -> g.makeFile("f").makeDir("d").makeSymlink("x", "l").makeFifo("p"),
                        g -> {
                            Set<String> seen = g.list(".").stream()
                                    .map(e -> e.name() + e.type())
                                    .collect(Collectors.toSet());
                            return seen.containsAll(Set.of(
                                    "f" + DT_REG,
                                    "d" + DT_DIR,
                                    "l" + DT_LNK,
                                    "p" + DT_FIFO,
                                    "." + DT_DIR,
                                    ".." + DT_DIR));
                        }),
                both(
                        "true",
                        "readdir: the inode numbers are those of stat",
                        g -> g.makeFile("f").makeDir("d").makeSymlink("x", "l"),
                        g -> g.list(".").stream()
                                .filter(e -> !e.name().equals(".."))
                                .allMatch(e -> e.ino() == g.lstat(e.name()).ino())),
                both(
                        "true",
                        "readdir: the inode number of .. is the parent's",
                        g -> g.makeDir("d").makeDir("d/e"),
                        g -> g.list("d/e").stream()
                                .anyMatch(e -> e.name().equals("..")
                                        && e.ino() == g.stat("d").ino())),
                both(
                        "\u00e9\u00ff",
                        "readdir: a name that is not UTF-8",
                        g -> g.makeDir("d").makeFile("d/\u00e9\u00ff"),
                        g -> g.names("d")),
                both(
                        "true",
                        "readdir: names of 255 bytes",
                        g -> IntStream.range(0, 40).forEach(i -> g.makeFile(longName(i))),
                        g -> g.names(".")
                                .equals(IntStream.range(0, 40)
                                        .mapToObj(DirectoryCases::longName)
                                        .collect(Collectors.joining(",")))),
                root(
                        "3000 3000",
                        "readdir: 3,000 entries, each once",
                        g -> IntStream.range(0, 3000).forEach(i -> g.makeFile("f" + i)),
                        g -> {
                            List<Listed> all = g.list(".");
                            Set<String> names = all.stream().map(Listed::name).collect(Collectors.toSet());
                            return Seen.all(all.size() - 2, names.size() - 2);
                        }),
                both(
                        "true",
                        "readdir: in small pieces",
                        g -> IntStream.range(0, 50).forEach(i -> g.makeFile("f" + i)),
                        g -> {
                            int dir = g.open(".", O_DIRECTORY);
                            List<String> names = new ArrayList<>();
                            for (List<Listed> some = g.getdents(dir, 96); !some.isEmpty(); some = g.getdents(dir, 96)) {
                                some.forEach(e -> names.add(e.name()));
                            }
                            return names.size() == 52 && new HashSet<>(names).size() == 52;
                        }),
                both(
                        "EINVAL",
                        "readdir: a buffer too small for an entry",
                        g -> g.makeDir("d"),
                        g -> g.getdents(g.open("d", O_DIRECTORY), new NativeBuffer(8), 8)),
                both(
                        "ENOTDIR",
                        "readdir: a file",
                        g -> g.makeFile("f"),
                        g -> g.getdents(g.open("f", RDONLY), new NativeBuffer(4096), 4096)),
                both(
                        "true",
                        "readdir: continues at an offset it gave",
                        g -> IntStream.range(0, 60).forEach(i -> g.makeFile("f" + i)),
                        g -> {
                            int dir = g.open(".", O_DIRECTORY);
                            List<Listed> all = g.getdents(dir, 32_768);
                            Listed middle = all.get(30);
                            must(g.lseek(dir, middle.off(), 0));
                            return g.getdents(dir, 32_768).equals(all.subList(31, all.size()));
                        }),
                both("2 4", "readdir: from the start again shows what is new", g -> g.makeDir("d"), g -> {
                    int dir = g.open("d", O_DIRECTORY);
                    int before = g.getdents(dir, 4096).size();
                    g.makeFile("d/a").makeFile("d/b");
                    must(g.lseek(dir, 0, 0));
                    return Seen.all(before, g.getdents(dir, 4096).size());
                }),
                both("3 5", "readdir: what it told with an entry is right for stat", g -> g.makeFile("f", "abc"), g -> {
                    must(g.names(".").length());
                    long before = g.stat("f").size();
                    must(g.truncate("f", 5));
                    must(g.names(".").length());
                    return Seen.all(before, g.stat("f").size());
                }));
    }

    private static Stream<Case> changing() {
        return Stream.of(
                both("a", "readdir: shows a new entry at once", g -> g.makeDir("d"), g -> {
                    must(g.names("d").length());
                    g.makeFile("d/a");
                    return g.names("d");
                }),
                both(
                        "b",
                        "readdir: a removed entry is gone at once",
                        g -> g.makeDir("d").makeFile("d/a").makeFile("d/b"),
                        g -> {
                            must(g.names("d").length());
                            must(g.unlink("d/a"));
                            return g.names("d");
                        }),
                both(
                        "",
                        "readdir: removing while listing",
                        g -> IntStream.range(0, 300).forEach(i -> g.makeFile("f" + i)),
                        g -> {
                            int dir = g.open(".", O_DIRECTORY);
                            for (List<Listed> some = g.getdents(dir, 512);
                                    !some.isEmpty();
                                    some = g.getdents(dir, 512)) {
                                some.stream().filter(e -> e.type() == DT_REG).forEach(e -> must(g.unlink(e.name())));
                            }
                            return g.names(".");
                        }),
                both(
                        "true",
                        "readdir: two at once on one directory",
                        g -> IntStream.range(0, 100).forEach(i -> g.makeFile("f" + i)),
                        g -> {
                            int a = g.open(".", O_DIRECTORY);
                            int b = g.open(".", O_DIRECTORY);
                            List<Listed> first = new ArrayList<>(g.getdents(a, 512));
                            List<Listed> second = new ArrayList<>(g.getdents(b, 512));
                            for (List<Listed> some = g.getdents(a, 512); !some.isEmpty(); some = g.getdents(a, 512)) {
                                first.addAll(some);
                                second.addAll(g.getdents(b, 512));
                            }
                            return first.equals(second) && first.size() == 102;
                        }),
                both("0", "tree: 60 levels deep", Case::nothing, g -> {
                    StringBuilder path = new StringBuilder("d");
                    for (int i = 0; i < 60; i++) {
                        g.makeDir(path.toString());
                        path.append("/d");
                    }
                    g.makeFile(path + "f");
                    return g.stat(path + "f").result();
                }));
    }

    private static Stream<Case> programs() {
        return Stream.of(
                root(
                        "same",
                        "program: pwd says where one is",
                        g -> g.makeDir("d").makeDir("d/e"),
                        g -> sh(g, "cd d/e && test \"$(pwd -P)\" = \"$TOP/d/e\" && /bin/pwd > /dev/null && echo same")),
                root(
                        "x",
                        "program: cd .. goes up",
                        g -> g.makeDir("d").makeDir("d/e").makeFile("d/f", "x"),
                        g -> sh(g, "cd d/e && cd .. && cat f")),
                root(
                        "gone",
                        "program: its directory removed under it",
                        g -> g.makeDir("d"),
                        g -> sh(
                                g,
                                "cd d && rmdir ../d && { ls . > /dev/null 2>&1 && mkdir x 2> /dev/null || echo gone; }")),
                root(
                        "same",
                        "program: cp -a keeps everything",
                        g -> {
                            g.makeDir("a")
                                    .makeFile("a/f", "text", 0640)
                                    .makeSymlink("f", "a/l")
                                    .makeFifo("a/p");
                            must(g.link("a/f", "a/g"));
                            must(g.setxattr("a/f", "user.a", "v", 0));
                            must(g.utimes("a/f", 100, 5, 200, 7, 0));
                        },
                        g -> sh(
                                g,
                                "cp -a a b && (cd a && find . -printf '%p %y %m %n %T@ %l\\n' | sort) > 1 && (cd b && find . -printf '%p %y %m %n %T@ %l\\n' | sort) > 2 && diff 1 2 && cmp a/f b/g && echo same")),
                root(
                        "same",
                        "program: tar there and back",
                        g -> g.makeDir("a")
                                .makeDir("a/b")
                                .makeFile("a/b/f", "text")
                                .makeSymlink("b/f", "a/l"),
                        g -> sh(
                                g,
                                "tar cf t.tar a && mkdir x && tar xf t.tar -C x && diff -r a x/a && test -L x/a/l && echo same")),
                root(
                        "gone",
                        "program: rm -r",
                        g -> {
                            g.makeDir("d");
                            IntStream.range(0, 200)
                                    .forEach(i -> g.makeDir("d/" + i).makeFile("d/" + i + "/f"));
                        },
                        g -> sh(g, "rm -r d && test ! -e d && echo gone")),
                root(
                        "200",
                        "program: find counts",
                        g -> IntStream.range(0, 200).forEach(i -> g.makeFile("f" + i)),
                        g -> sh(g, "find . -type f | wc -l")),
                root(
                        "8 500 4000",
                        "program: appends of 8 processes stay whole",
                        g -> g.makeFile("f"),
                        g -> sh(
                                g,
                                "for i in 1 2 3 4 5 6 7 8; do { j=0; while [ $j -lt 500 ]; do echo $i$i$i$i$i$i$i$i$i; j=$((j + 1)); done >> f; } & done; wait; awk '{n[$0]++} END {m = NR; for (l in n) {k++; if (n[l] < m) m = n[l]}; print k, m, NR}' f")),
                root(
                        "done",
                        "program: mv over a file in use",
                        g -> g.makeFile("a", "x").makeFile("b", "y"),
                        g -> sh(
                                g,
                                "exec 3< b && mv a b && read l <&3; test \"$l\" = y && test \"$(cat b)\" = x && echo done")),
                root(
                        "sorted",
                        "program: a shell script by its own name",
                        g -> {
                            g.makeFile("s", "#!/bin/sh\necho sorted\n", 0755);
                        },
                        g -> sh(g, "./s")));
    }

    private static String longName(int i) {
        return String.format("%03d", i) + "n".repeat(252);
    }

    /** What a shell in the ground's directory printed, trimmed; with its complaint when it failed. */
    private static String sh(Ground g, String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script)
                .directory(g.path(".").normalize().toFile())
                .redirectErrorStream(true);
        builder.environment().put("TOP", g.path(".").toRealPath().toString());
        Process sh = builder.start();
        String said = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int code = sh.waitFor();
        return code == 0 ? said : "exit " + code + ": " + said;
    }
}

package io.fedfs.posix;

import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.user;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What path_resolution(7) promises of every call that takes a path, and paths as long as they may be. */
final class PathCases {
    private static final int PATH_MAX = 4096;

    /** A call on one path. */
    @FunctionalInterface
    private interface OnPath {
        Object at(Ground g, String path);
    }

    /** Calls as the errno table of {@link ErrnoCoverageTest} names them. */
    private static final Map<String, OnPath> CALLS = new TreeMap<>(Map.ofEntries(
            Map.entry("stat", (g, p) -> g.stat(p).result()),
            Map.entry("open", (g, p) -> g.tryOpen(p, Ground.RDONLY)),
            Map.entry("create", (g, p) -> g.tryOpen(p, Ground.WRONLY | Ground.CREAT)),
            Map.entry("mkdir", (g, p) -> g.mkdir(p, 0755)),
            Map.entry("rmdir", Ground::rmdir),
            Map.entry("unlink", Ground::unlink),
            Map.entry("rename", (g, p) -> Seen.all(g.rename(p, "new"), g.rename("there", p))),
            Map.entry("link", (g, p) -> Seen.all(g.link(p, "new"), g.link("there", p))),
            Map.entry("symlink", (g, p) -> g.symlink("target", p)),
            Map.entry("mknod", (g, p) -> g.mknod(p, 0010644)),
            Map.entry("chmod", (g, p) -> g.chmod(p, 0600)),
            Map.entry("chown", (g, p) -> Seen.all(g.chown(p, -1, -1), g.lchown(p, -1, -1))),
            Map.entry("truncate", (g, p) -> g.truncate(p, 0)),
            Map.entry("utimensat", (g, p) -> g.utimes(p, 1, 0, 1, 0, 0)),
            Map.entry("access", (g, p) -> g.access(p, 0)),
            Map.entry("readlink", Ground::readlink),
            Map.entry("setxattr", (g, p) -> g.setxattr(p, "user.a", "v", 0))));

    private PathCases() {}

    static Stream<Case> all() {
        return Stream.concat(CALLS.entrySet().stream().flatMap(c -> resolution(c.getKey(), c.getValue())), longPaths());
    }

    private static Stream<Case> resolution(String call, OnPath op) {
        return Stream.of(
                both(
                        same(call, "ELOOP"),
                        call + ": below a symlink to itself",
                        g -> g.makeFile("there").makeSymlink("loop", "loop"),
                        g -> op.at(g, "loop/x")),
                both(
                        same(call, "ENAMETOOLONG"),
                        call + ": below a name of 256 bytes",
                        g -> g.makeFile("there"),
                        g -> op.at(g, "n".repeat(256) + "/x")),
                both(
                        same(call, "ENAMETOOLONG"),
                        call + ": a path of 4,096 bytes",
                        g -> g.makeFile("there"),
                        g -> op.at(g, "./".repeat(PATH_MAX / 2) + "x")),
                both(
                        same(call, "ENOTDIR"),
                        call + ": through a file",
                        g -> g.makeFile("there"),
                        g -> op.at(g, "there/x")),
                both(
                        same(call, "ENOENT"),
                        call + ": through an absent directory",
                        g -> g.makeFile("there"),
                        g -> op.at(g, "absent/x")),
                user(
                        same(call, "EACCES"),
                        call + ": through a directory one may not search",
                        g -> {
                            g.makeFile("there");
                            g.asRoot().makeDir("shut", 0700).makeFile("shut/x").makeDir("shut/d");
                        },
                        g -> op.at(g, "shut/x")));
    }

    /** Two paths, two outcomes. */
    private static String same(String call, String errno) {
        return call.equals("rename") || call.equals("link") || call.equals("chown") ? errno + " " + errno : errno;
    }

    private static Stream<Case> longPaths() {
        return Stream.of(both("file ENAMETOOLONG x 0 0", "path: as long as it may be", Case::nothing, g -> {
            String deepest = g.path("").toString() + "/";
            StringBuilder path = new StringBuilder();
            while (PATH_MAX - 1 - deepest.length() - path.length() > 250) {
                path.append("d".repeat(200));
                g.makeDir(path.toString());
                path.append('/');
            }
            String file = path + "f".repeat(PATH_MAX - 1 - deepest.length() - path.length());
            g.makeFile(file, "x");
            return Seen.all(
                    g.stat(file).kind(),
                    g.stat(file + "f").kind(),
                    g.content(file),
                    g.rename(file, path + "renamed"),
                    g.unlink(path + "renamed"));
        }));
    }
}

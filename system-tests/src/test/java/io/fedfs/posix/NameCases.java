package io.fedfs.posix;

import static io.fedfs.linux.Sys.AT_SYMLINK_FOLLOW;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.Sys;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.stream.Stream;

/** mkdir(2), rmdir(2), unlink(2), link(2), symlink(2), readlink(2), mknod(2). */
final class NameCases {
    private static final String LONGEST = "n".repeat(255);

    private NameCases() {}

    static Stream<Case> all() {
        return Stream.of(mkdir(), rmdir(), unlink(), link(), symlink(), mknod()).flatMap(s -> s);
    }

    private static Stream<Case> mkdir() {
        return Stream.of(
                both(
                        "0 dir 0755",
                        "mkdir: by the umask",
                        Case::nothing,
                        g -> Seen.all(
                                g.mkdir("d", 0777),
                                g.stat("d").kind(),
                                g.stat("d").mode())),
                both(
                        "0 1755",
                        "mkdir: with the sticky bit",
                        Case::nothing,
                        g -> Seen.all(g.mkdir("d", 01777), g.stat("d").mode())),
                both(
                        "0 dir",
                        "mkdir: with a slash behind the name",
                        Case::nothing,
                        g -> Seen.all(g.mkdir("d/", 0755), g.stat("d").kind())),
                both("EEXIST", "mkdir: over a file", g -> g.makeFile("f"), g -> g.mkdir("f", 0755)),
                both("EEXIST", "mkdir: over a directory", g -> g.makeDir("d"), g -> g.mkdir("d", 0755)),
                both(
                        "EEXIST",
                        "mkdir: over a dangling symlink",
                        g -> g.makeSymlink("no", "l"),
                        g -> g.mkdir("l", 0755)),
                both("EEXIST", "mkdir: of .", Case::nothing, g -> g.mkdir(".", 0755)),
                both("EEXIST", "mkdir: of ..", g -> g.makeDir("d"), g -> g.mkdir("d/..", 0755)),
                both("ENOENT", "mkdir: below an absent directory", Case::nothing, g -> g.mkdir("no/d", 0755)),
                both("ENOTDIR", "mkdir: below a file", g -> g.makeFile("f"), g -> g.mkdir("f/d", 0755)),
                both("ENAMETOOLONG", "mkdir: a name of 256 bytes", Case::nothing, g -> g.mkdir(LONGEST + "n", 0755)),
                both("dir", "mkdir: a name of 255 bytes", g -> g.makeDir(LONGEST), g -> g.stat(LONGEST)
                        .kind()),
                user(
                        "EACCES",
                        "mkdir: in another's directory",
                        g -> g.asRoot().makeDir("d"),
                        g -> g.mkdir("d/e", 0755)),
                root(
                        "2755 61300 61300",
                        "mkdir: set-group-id is inherited, and the group",
                        g -> {
                            must(g.makeDir("d").chown("d", 0, Caller.TEAM));
                            must(g.chmod("d", 02775));
                            g.makeDir("d/e").makeFile("d/f");
                        },
                        g -> Seen.all(
                                g.stat("d/e").mode(),
                                g.stat("d/e").owner().split(":")[1],
                                g.stat("d/f").owner().split(":")[1])),
                asBelow("mkdir: adds a link to the parent", g -> g.makeDir("d"), g -> {
                    long before = g.stat("d").links();
                    g.makeDir("d/e");
                    long with = g.stat("d").links();
                    must(g.rmdir("d/e"));
                    return Seen.all(before, with, g.stat("d").links());
                }),
                both(
                        "true",
                        "mkdir: moves the parent's mtime forward",
                        g -> must(g.makeDir("d").utimes("d", 1000, 0, 1000, 0, 0)),
                        g -> {
                            g.makeDir("d/e");
                            return !g.stat("d").mtime().startsWith("1000.");
                        }));
    }

    private static Stream<Case> rmdir() {
        return Stream.of(
                both(
                        "0 ENOENT",
                        "rmdir: an empty directory",
                        g -> g.makeDir("d"),
                        g -> Seen.all(g.rmdir("d"), g.lstat("d").kind())),
                both("ENOTEMPTY", "rmdir: with an entry", g -> g.makeDir("d").makeFile("d/f"), g -> g.rmdir("d")),
                both("ENOTDIR", "rmdir: a file", g -> g.makeFile("f"), g -> g.rmdir("f")),
                both(
                        "ENOTDIR",
                        "rmdir: a symlink to a directory",
                        g -> g.makeDir("d").makeSymlink("d", "l"),
                        g -> g.rmdir("l")),
                both("ENOENT", "rmdir: an absent directory", Case::nothing, g -> g.rmdir("no")),
                both("EINVAL", "rmdir: of .", g -> g.makeDir("d"), g -> g.rmdir("d/.")),
                both("ENOTEMPTY", "rmdir: of ..", g -> g.makeDir("d").makeDir("d/e"), g -> g.rmdir("d/e/..")),
                user(
                        "EACCES",
                        "rmdir: in another's directory",
                        g -> g.asRoot().makeDir("d").makeDir("d/e"),
                        g -> g.rmdir("d/e")),
                both("dir", "rmdir: made again at once", g -> g.makeDir("d"), g -> {
                    must(g.rmdir("d"));
                    g.makeDir("d");
                    return g.stat("d").kind();
                }),
                both(
                        "0",
                        "rmdir: after the last entry went",
                        g -> g.makeDir("d").makeFile("d/f"),
                        g -> {
                            must(g.names("d").length());
                            must(g.unlink("d/f"));
                            return g.rmdir("d");
                        }));
    }

    private static Stream<Case> unlink() {
        return Stream.of(
                both(
                        "0 ENOENT",
                        "unlink: a file",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.unlink("f"), g.lstat("f").kind())),
                both("EISDIR", "unlink: a directory", g -> g.makeDir("d"), g -> g.unlink("d")),
                both("ENOENT", "unlink: an absent file", Case::nothing, g -> g.unlink("no")),
                both("ENOTDIR", "unlink: below a file", g -> g.makeFile("f"), g -> g.unlink("f/x")),
                both("ENOTDIR", "unlink: a file with a slash behind it", g -> g.makeFile("f"), g -> g.unlink("f/")),
                both(
                        "0 ENOENT file",
                        "unlink: a symlink, not its target",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(
                                g.unlink("l"), g.lstat("l").kind(), g.lstat("f").kind())),
                both("0", "unlink: a fifo", g -> g.makeFifo("p"), g -> g.unlink("p")),
                both("ENAMETOOLONG", "unlink: a name of 256 bytes", Case::nothing, g -> g.unlink(LONGEST + "n")),
                user(
                        "EACCES",
                        "unlink: in another's directory",
                        g -> g.asRoot().makeDir("d").makeFile("d/f"),
                        g -> g.unlink("d/f")),
                user(
                        "0",
                        "unlink: another's file in one's own directory",
                        g -> g.asRoot().makeFile("f"),
                        g -> g.unlink("f")),
                user(
                        "EPERM",
                        "unlink: another's file in a sticky directory",
                        g -> g.asRoot().makeDir("d", 01777).makeFile("d/f"),
                        g -> g.unlink("d/f")),
                user(
                        "EPERM",
                        "rmdir: another's directory in a sticky directory",
                        g -> g.asRoot().makeDir("d", 01777).makeDir("d/e"),
                        g -> g.rmdir("d/e")),
                user(
                        "0",
                        "unlink: one's own file in a sticky directory",
                        g -> {
                            g.asRoot().makeDir("d", 01777);
                            g.makeFile("d/f");
                        },
                        g -> g.unlink("d/f")));
    }

    private static Stream<Case> link() {
        return Stream.of(
                both(
                        "0 2 true x",
                        "link: a second name for one file",
                        g -> g.makeFile("f", "x"),
                        g -> Seen.all(
                                g.link("f", "g"),
                                g.stat("f").links(),
                                g.stat("f").ino() == g.stat("g").ino(),
                                g.content("g"))),
                both("2 2 1", "link: both names tell the count at once", g -> g.makeFile("f"), g -> {
                    must(g.link("f", "g"));
                    String both = Seen.all(g.stat("f").links(), g.stat("g").links());
                    must(g.unlink("f"));
                    return Seen.all(both, g.stat("g").links());
                }),
                both(
                        "long 4 0600",
                        "link: a change by one name shows by the other at once",
                        g -> must(g.makeFile("f", "x").link("f", "g")),
                        g -> {
                            must(g.stat("g").size());
                            must(g.write(g.open("f", WRONLY), "long"));
                            must(g.chmod("f", 0600));
                            return Seen.all(
                                    g.content("g"),
                                    g.stat("g").size(),
                                    g.stat("g").mode());
                        }),
                both(
                        "old",
                        "link: the file lives on by its other name",
                        g -> must(g.makeFile("f", "old").link("f", "g")),
                        g -> {
                            must(g.unlink("f"));
                            return g.content("g");
                        }),
                both("EEXIST", "link: onto a file", g -> g.makeFile("f").makeFile("g"), g -> g.link("f", "g")),
                both(
                        "EEXIST",
                        "link: onto a dangling symlink",
                        g -> g.makeFile("f").makeSymlink("no", "l"),
                        g -> g.link("f", "l")),
                both("EPERM", "link: a directory", g -> g.makeDir("d"), g -> g.link("d", "e")),
                both("ENOENT", "link: an absent file", Case::nothing, g -> g.link("no", "f")),
                both("ENOENT", "link: into an absent directory", g -> g.makeFile("f"), g -> g.link("f", "no/f")),
                both("ENOTDIR", "link: below a file", g -> g.makeFile("f").makeFile("g"), g -> g.link("f", "g/x")),
                both(
                        "0 symlink",
                        "link: a symlink itself",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(g.link("l", "m"), g.lstat("m").kind())),
                both(
                        "0 file",
                        "link: AT_SYMLINK_FOLLOW, its target",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> Seen.all(
                                g.link("l", "m", AT_SYMLINK_FOLLOW),
                                g.lstat("m").kind())),
                both(
                        "0 fifo",
                        "link: a fifo",
                        g -> g.makeFifo("p"),
                        g -> Seen.all(g.link("p", "q"), g.lstat("q").kind())),
                both(
                        "0 2",
                        "link: into another directory",
                        g -> g.makeDir("d").makeFile("f"),
                        g -> Seen.all(g.link("f", "d/f"), g.stat("d/f").links())),
                user(
                        "EACCES",
                        "link: into another's directory",
                        g -> g.makeFile("f").asRoot().makeDir("d"),
                        g -> g.link("f", "d/f")),
                both("true", "link: moves ctime forward", g -> g.makeFile("f"), g -> {
                    String before = g.stat("f").ctime();
                    Thread.sleep(20);
                    must(g.link("f", "g"));
                    return g.stat("f").ctime().compareTo(before) > 0;
                }));
    }

    private static Stream<Case> symlink() {
        return Stream.of(
                both(
                        "0 symlink 3 a/b",
                        "symlink: size and target",
                        Case::nothing,
                        g -> Seen.all(
                                g.symlink("a/b", "l"),
                                g.lstat("l").kind(),
                                g.lstat("l").size(),
                                g.readlink("l"))),
                both(
                        "\u00ff\u0001 .",
                        "symlink: a target that is not UTF-8",
                        g -> g.makeSymlink("\u00ff\u0001 .", "l"),
                        g -> g.readlink("l")),
                both(
                        "true",
                        "symlink: a target of 2,000 bytes",
                        g -> g.makeSymlink("t".repeat(2000), "l"),
                        g -> g.readlink("l").equals("t".repeat(2000))),
                asBelow(
                        "symlink: a target of 4,095 bytes",
                        Case::nothing,
                        g -> Seen.all(g.symlink("t".repeat(4095), "l"), g.readlink("l"))),
                both(
                        "ENAMETOOLONG",
                        "symlink: a target of 4,096 bytes",
                        Case::nothing,
                        g -> g.symlink("t".repeat(4096), "l")),
                both("ENOENT", "symlink: an empty target", Case::nothing, g -> g.symlink("", "l")),
                both("EEXIST", "symlink: over a file", g -> g.makeFile("f"), g -> g.symlink("x", "f")),
                both("EEXIST", "symlink: over itself", g -> g.makeSymlink("x", "l"), g -> g.symlink("y", "l")),
                both("ENOENT", "symlink: below an absent directory", Case::nothing, g -> g.symlink("x", "no/l")),
                both("ENOTDIR", "symlink: below a file", g -> g.makeFile("f"), g -> g.symlink("x", "f/l")),
                both("EINVAL", "readlink: a file", g -> g.makeFile("f"), g -> g.readlink("f")),
                both("ENOENT", "readlink: an absent name", Case::nothing, g -> g.readlink("no")),
                both(
                        "abc",
                        "readlink: into a small buffer",
                        g -> g.makeSymlink("abcdef", "l"),
                        g -> g.readlink("l", 3)),
                both(
                        "x",
                        "symlink: to a directory is walked through",
                        g -> g.makeDir("d").makeFile("d/f", "x").makeSymlink("d", "l"),
                        g -> g.content("l/f")),
                both(
                        "x",
                        "symlink: with .. in it",
                        g -> g.makeDir("d").makeFile("f", "x").makeSymlink("../f", "d/l"),
                        g -> g.content("d/l")),
                both(
                        "x",
                        "symlink: an absolute one",
                        g -> g.makeFile("f", "x").makeSymlink(g.path("f").toString(), "l"),
                        g -> g.content("l")),
                both(
                        "x ELOOP",
                        "symlink: 40 in a row are followed, 41 are not",
                        g -> {
                            g.makeFile("l0", "x");
                            for (int i = 1; i <= 41; i++) {
                                g.makeSymlink("l" + (i - 1), "l" + i);
                            }
                        },
                        g -> Seen.all(g.content("l40"), g.content("l41"))),
                both("new", "symlink: replaced by another", g -> g.makeSymlink("old", "l"), g -> {
                    must(g.readlink("l").length());
                    must(g.unlink("l"));
                    g.makeSymlink("new", "l");
                    return g.readlink("l");
                }));
    }

    private static Stream<Case> mknod() {
        return Stream.of(
                both(
                        "0 fifo 0644",
                        "mknod: a fifo",
                        Case::nothing,
                        g -> Seen.all(
                                g.mknod("p", Sys.S_IFIFO | 0666),
                                g.lstat("p").kind(),
                                g.lstat("p").mode())),
                both(
                        "0 socket",
                        "mknod: a socket",
                        Case::nothing,
                        g -> Seen.all(
                                g.mknod("s", Sys.S_IFSOCK | 0666), g.lstat("s").kind())),
                both(
                        "0 file 0640",
                        "mknod: a file",
                        Case::nothing,
                        g -> Seen.all(
                                g.mknod("f", Sys.S_IFREG | 0640),
                                g.lstat("f").kind(),
                                g.lstat("f").mode())),
                root(
                        "0 char 1:3",
                        "mknod: a character device, by root",
                        Case::nothing,
                        g -> Seen.all(
                                g.mknod("n", Sys.S_IFCHR | 0644, 0x103),
                                g.lstat("n").kind(),
                                g.lstat("n").rdev())),
                root(
                        "0 block 7:9",
                        "mknod: a block device, by root",
                        Case::nothing,
                        g -> Seen.all(
                                g.mknod("n", Sys.S_IFBLK | 0644, 0x709),
                                g.lstat("n").kind(),
                                g.lstat("n").rdev())),
                user(
                        "EPERM",
                        "mknod: a device, by a user",
                        Case::nothing,
                        g -> g.mknod("n", Sys.S_IFCHR | 0644, 0x103)),
                both("EEXIST", "mknod: over a file", g -> g.makeFile("f"), g -> g.mknod("f", Sys.S_IFIFO | 0644)),
                both(
                        "ENOENT",
                        "mknod: below an absent directory",
                        Case::nothing,
                        g -> g.mknod("no/p", Sys.S_IFIFO | 0644)),
                both("EPERM", "mknod: a directory", Case::nothing, g -> g.mknod("d", Sys.S_IFDIR | 0755)),
                root("socket true", "mknod: a Unix socket is bound and reached", Case::nothing, g -> {
                    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(g.path("s"));
                    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                        server.bind(address);
                        try (SocketChannel client = SocketChannel.open(address)) {
                            return Seen.all(g.lstat("s").kind(), client.isConnected());
                        }
                    }
                }),
                both(
                        "ENXIO",
                        "mknod: nobody listens any more",
                        g -> must(g.mknod("s", Sys.S_IFSOCK | 0666)),
                        g -> g.tryOpen("s", RDONLY)));
    }
}

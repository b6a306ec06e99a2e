package io.fedfs.posix;

import static io.fedfs.linux.Sys.O_DIRECTORY;
import static io.fedfs.linux.Sys.O_NOATIME;
import static io.fedfs.linux.Sys.O_NOFOLLOW;
import static io.fedfs.linux.Sys.O_NONBLOCK;
import static io.fedfs.linux.Sys.O_PATH;
import static io.fedfs.linux.Sys.O_TMPFILE;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.APPEND;
import static io.fedfs.posix.Ground.CREAT;
import static io.fedfs.posix.Ground.EXCL;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.RDWR;
import static io.fedfs.posix.Ground.TRUNC;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.stream.Stream;

/** open(2), creat(2), O_TMPFILE, and files that are open while their names change. */
final class OpenCases {
    private static final String LONGEST = "n".repeat(255);

    private OpenCases() {}

    static Stream<Case> all() {
        return Stream.of(plain(), creating(), kinds(), tmpfile(), whileOpen()).flatMap(s -> s);
    }

    private static Stream<Case> plain() {
        return Stream.of(
                both("ENOENT", "open: an absent file", Case::nothing, g -> g.tryOpen("no", RDONLY)),
                both("ENOENT", "open: below an absent directory", Case::nothing, g -> g.tryOpen("no/f", RDONLY)),
                both("ENOENT", "open: the empty path", Case::nothing, g -> g.tryOpen("", RDONLY)),
                both("ENOTDIR", "open: below a file", g -> g.makeFile("f"), g -> g.tryOpen("f/x", RDONLY)),
                both(
                        "ENOTDIR",
                        "open: a file with a slash behind it",
                        g -> g.makeFile("f"),
                        g -> g.tryOpen("f/", RDONLY)),
                both("ENOTDIR", "open: O_DIRECTORY on a file", g -> g.makeFile("f"), g -> g.tryOpen("f", O_DIRECTORY)),
                both("0", "open: O_DIRECTORY on a directory", g -> g.makeDir("d"), g -> g.tryOpen("d", O_DIRECTORY)),
                both("EISDIR", "open: a directory for writing", g -> g.makeDir("d"), g -> g.tryOpen("d", WRONLY)),
                both("EISDIR", "open: a directory for both", g -> g.makeDir("d"), g -> g.tryOpen("d", RDWR)),
                both("EISDIR", "open: O_CREAT on a directory", g -> g.makeDir("d"), g -> g.tryOpen("d", CREAT)),
                both(
                        "ELOOP",
                        "open: O_NOFOLLOW on a symlink",
                        g -> g.makeFile("f").makeSymlink("f", "l"),
                        g -> g.tryOpen("l", O_NOFOLLOW)),
                both(
                        "0",
                        "open: O_PATH and O_NOFOLLOW on a symlink",
                        g -> g.makeSymlink("no", "l"),
                        g -> g.tryOpen("l", O_PATH | O_NOFOLLOW)),
                both(
                        "ELOOP",
                        "open: two symlinks in a circle",
                        g -> g.makeSymlink("b", "a").makeSymlink("a", "b"),
                        g -> g.tryOpen("a", RDONLY)),
                both("ENOENT", "open: a dangling symlink", g -> g.makeSymlink("no", "l"), g -> g.tryOpen("l", RDONLY)),
                both("ENAMETOOLONG", "open: a name of 256 bytes", Case::nothing, g -> g.tryOpen(LONGEST + "n", RDONLY)),
                both("x", "open: a name of 255 bytes", g -> g.makeFile(LONGEST, "x"), g -> g.content(LONGEST)),
                both(
                        "x",
                        "open: a name that is not UTF-8",
                        g -> g.makeFile("\u00e9\u0001\u00ff", "x"),
                        g -> g.content("\u00e9\u0001\u00ff")),
                both(
                        "x",
                        "open: a name with blanks and a newline",
                        g -> g.makeFile(" a\nb ", "x"),
                        g -> g.content(" a\nb ")),
                both(
                        "EBADF",
                        "open: reading from O_WRONLY",
                        g -> g.makeFile("f", "x"),
                        g -> g.read(g.open("f", WRONLY), 1)),
                both(
                        "EBADF",
                        "open: writing to O_RDONLY",
                        g -> g.makeFile("f", "x"),
                        g -> g.write(g.open("f", RDONLY), "y")),
                both("EISDIR", "open: reading a directory", g -> g.makeDir("d"), g -> g.read(g.open("d", RDONLY), 1)),
                user(
                        "EPERM",
                        "open: O_NOATIME on another's file",
                        g -> g.asRoot().makeFile("f"),
                        g -> g.tryOpen("f", O_NOATIME)),
                both("0", "open: O_NOATIME on one's own file", g -> g.makeFile("f"), g -> g.tryOpen("f", O_NOATIME)),
                asBelow("open: O_DIRECT", g -> g.makeFile("f", "x".repeat(8192)), OpenCases::direct),
                both("xyz", "open: O_SYNC", Case::nothing, g -> {
                    must(g.write(g.open("f", CREAT | WRONLY | 04010000), "xyz"));
                    return g.content("f");
                }),
                both("one two", "open: O_APPEND, two writers in turn", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", WRONLY | APPEND);
                    int b = g.open("f", WRONLY | APPEND);
                    must(g.write(a, "one"));
                    must(g.write(b, " "));
                    must(g.write(a, "two"));
                    return g.content("f");
                }),
                both("abXY", "open: O_APPEND, pwrite goes to the end", g -> g.makeFile("f", "ab"), g -> {
                    must(g.pwrite(g.open("f", WRONLY | APPEND), "XY", 0));
                    return g.content("f");
                }),
                both(
                        "through",
                        "open: relative to a directory's descriptor",
                        g -> g.makeDir("d").makeFile("d/f", "through"),
                        g -> {
                            int dir = g.open("d", O_DIRECTORY);
                            return g.read(g.openAt(dir, "f", RDONLY, 0), 100);
                        }),
                both(
                        "through",
                        "open: relative to an O_PATH descriptor",
                        g -> g.makeDir("d").makeFile("d/f", "through"),
                        g -> {
                            int dir = g.open("d", O_PATH);
                            return g.read(g.openAt(dir, "f", RDONLY, 0), 100);
                        }));
    }

    private static Stream<Case> creating() {
        return Stream.of(
                both("file 0644 0", "create: by the umask", Case::nothing, g -> {
                    must(g.close(g.open("f", CREAT | WRONLY, 0666)));
                    return Seen.all(
                            g.lstat("f").kind(),
                            g.lstat("f").mode(),
                            g.lstat("f").size());
                }),
                both("EEXIST", "create: O_EXCL on a file", g -> g.makeFile("f"), g -> g.tryOpen("f", CREAT | EXCL)),
                both("EEXIST", "create: O_EXCL on a directory", g -> g.makeDir("d"), g -> g.tryOpen("d", CREAT | EXCL)),
                both(
                        "EEXIST",
                        "create: O_EXCL on a dangling symlink",
                        g -> g.makeSymlink("no", "l"),
                        g -> g.tryOpen("l", CREAT | EXCL)),
                both(
                        "0 file",
                        "create: through a dangling symlink",
                        g -> g.makeSymlink("new", "l"),
                        g -> Seen.all(g.tryOpen("l", CREAT), g.lstat("new").kind())),
                both(
                        "EISDIR",
                        "create: with a slash behind the name",
                        Case::nothing,
                        g -> g.tryOpen("new/", CREAT | WRONLY)),
                both("ENOENT", "create: below an absent directory", Case::nothing, g -> g.tryOpen("no/f", CREAT)),
                both("ENOTDIR", "create: below a file", g -> g.makeFile("f"), g -> g.tryOpen("f/x", CREAT)),
                both(
                        "ENAMETOOLONG",
                        "create: a name of 256 bytes",
                        Case::nothing,
                        g -> g.tryOpen(LONGEST + "n", CREAT)),
                both(
                        "old 0600",
                        "create: an existing file keeps content and mode",
                        g -> g.makeFile("f", "old", 0600),
                        g -> {
                            must(g.close(g.open("f", CREAT | RDWR, 0666)));
                            return Seen.all(g.content("f"), g.stat("f").mode());
                        }),
                both("0 0600", "create: O_TRUNC empties and keeps the mode", g -> g.makeFile("f", "old", 0600), g -> {
                    must(g.close(g.open("f", CREAT | TRUNC | WRONLY, 0666)));
                    return Seen.all(g.stat("f").size(), g.stat("f").mode());
                }),
                both("true", "create: O_TRUNC keeps the inode", g -> g.makeFile("f", "old"), g -> {
                    long before = g.stat("f").ino();
                    must(g.tryOpen("f", TRUNC | WRONLY));
                    return before == g.stat("f").ino();
                }),
                both("4 0000 data", "create: mode 0 still gives a writable descriptor", Case::nothing, g -> {
                    int fd = g.open("f", CREAT | RDWR, 0);
                    long n = g.write(fd, "data");
                    return Seen.all(n, g.stat("f").mode(), g.pread(fd, 10, 0));
                }),
                both("4 0444", "create: a read-only mode still gives a writable descriptor", Case::nothing, g -> {
                    int fd = g.open("f", CREAT | RDWR, 0444);
                    return Seen.all(g.write(fd, "data"), g.stat("f").mode());
                }),
                both("4755", "create: with the set-user-id bit", Case::nothing, g -> {
                    must(g.close(g.open("f", CREAT | WRONLY, 04755)));
                    return g.stat("f").mode();
                }),
                both("new", "create: again after unlink", g -> g.makeFile("f", "old"), g -> {
                    must(g.unlink("f"));
                    g.makeFile("f", "new");
                    return g.content("f");
                }),
                both("ENOENT x", "create: after a failed look-up", Case::nothing, g -> {
                    String before = g.lstat("f").kind();
                    g.makeFile("f", "x");
                    return Seen.all(before, g.content("f"));
                }));
    }

    private static Stream<Case> kinds() {
        return Stream.of(
                both(
                        "0",
                        "open: a fifo, not waiting, for reading",
                        g -> g.makeFifo("p"),
                        g -> g.tryOpen("p", RDONLY | O_NONBLOCK)),
                both(
                        "ENXIO",
                        "open: a fifo, not waiting, for writing",
                        g -> g.makeFifo("p"),
                        g -> g.tryOpen("p", WRONLY | O_NONBLOCK)),
                both("piped", "open: bytes go through a fifo", g -> g.makeFifo("p"), g -> {
                    int in = g.open("p", RDONLY | O_NONBLOCK);
                    int out = g.open("p", WRONLY | O_NONBLOCK);
                    must(g.write(out, "piped"));
                    return g.read(in, 100);
                }),
                both(
                        "ENXIO",
                        "open: a socket's name",
                        g -> must(g.mknod("s", Sys.S_IFSOCK | 0644)),
                        g -> g.tryOpen("s", RDWR)),
                both("0 EACCES", "open: executing needs an execute bit", Case::nothing, OpenCases::execute),
                both(
                        "ETXTBSY",
                        "open: writing a program that runs",
                        Case::nothing,
                        g -> whileRunning(g, r -> r.tryOpen("sleep", WRONLY))));
    }

    private static Stream<Case> tmpfile() {
        return Stream.of(
                both("4 data 0", "O_TMPFILE: write and read back", Case::nothing, g -> {
                    int fd = g.open(".", O_TMPFILE | RDWR, 0600);
                    return Seen.all(
                            g.write(fd, "data"), g.pread(fd, 10, 0), g.fstat(fd).links());
                }),
                both("", "O_TMPFILE: no name appears", Case::nothing, g -> {
                    must(g.open(".", O_TMPFILE | RDWR, 0600));
                    return g.names(".");
                }),
                both("0 data 1 0600", "O_TMPFILE: given a name later", Case::nothing, g -> {
                    int fd = g.open(".", O_TMPFILE | RDWR, 0600);
                    must(g.write(fd, "data"));
                    return Seen.all(
                            g.linkDescriptor(fd, "f"),
                            g.content("f"),
                            g.stat("f").links(),
                            g.stat("f").mode());
                }),
                both(
                        "ENOENT",
                        "O_TMPFILE: O_EXCL forbids a name",
                        Case::nothing,
                        g -> g.linkDescriptor((int) must(g.open(".", O_TMPFILE | RDWR | EXCL, 0600)), "f")),
                both("EINVAL", "O_TMPFILE: needs writing", Case::nothing, g -> g.open(".", O_TMPFILE | RDONLY, 0600)),
                both("ENOTDIR", "O_TMPFILE: on a file", g -> g.makeFile("f"), g -> g.open("f", O_TMPFILE | RDWR, 0600)),
                both(
                        "ENOENT",
                        "O_TMPFILE: in an absent directory",
                        Case::nothing,
                        g -> g.open("no", O_TMPFILE | RDWR, 0600)));
    }

    private static Stream<Case> whileOpen() {
        return Stream.of(
                both("kept 0 ENOENT", "while open: an unlinked file is read on", g -> g.makeFile("f", "kept"), g -> {
                    int fd = g.open("f", RDWR);
                    must(g.unlink("f"));
                    return Seen.all(
                            g.read(fd, 10), g.fstat(fd).links(), g.lstat("f").kind());
                }),
                both(
                        "new 3 0640 100",
                        "while open: an unlinked file is written, cut, and changed",
                        g -> g.makeFile("f", "old"),
                        g -> {
                            int fd = g.open("f", RDWR);
                            must(g.unlink("f"));
                            must(g.pwrite(fd, "newer", 0));
                            must(g.ftruncate(fd, 3));
                            must(g.fchmod(fd, 0640));
                            must(g.futimes(fd, 50, 100));
                            Stat s = g.fstat(fd);
                            return Seen.all(
                                    g.pread(fd, 10, 0),
                                    s.size(),
                                    s.mode(),
                                    s.mtime().replace(".000000000", ""));
                        }),
                both("", "while open: nothing stays behind an unlinked file", g -> g.makeFile("f", "x"), g -> {
                    int fd = g.open("f", RDWR);
                    must(g.unlink("f"));
                    must(g.write(fd, "yy"));
                    return g.names(".");
                }),
                both("old new", "while open: a name made anew is another file", g -> g.makeFile("f", "old"), g -> {
                    int fd = g.open("f", RDONLY);
                    must(g.unlink("f"));
                    g.makeFile("f", "new");
                    return Seen.all(g.read(fd, 10), g.content("f"));
                }),
                both("abcd", "while open: a renamed file is written on", g -> g.makeFile("f", "ab"), g -> {
                    int fd = g.open("f", WRONLY | APPEND);
                    must(g.rename("f", "g"));
                    must(g.write(fd, "cd"));
                    return g.content("g");
                }),
                both(
                        "old new",
                        "while open: a file that another was renamed onto",
                        g -> g.makeFile("a", "new").makeFile("b", "old"),
                        g -> {
                            int fd = g.open("b", RDONLY);
                            must(g.rename("a", "b"));
                            return Seen.all(g.read(fd, 10), g.content("b"));
                        }),
                both("ab", "while open: access is decided at open", g -> g.makeFile("f", "ab"), g -> {
                    int fd = g.open("f", RDONLY);
                    must(g.chmod("f", 0));
                    return g.read(fd, 10);
                }),
                both("ENOENT ENOENT", "while open: a removed directory takes no entries", g -> g.makeDir("d"), g -> {
                    int dir = g.open("d", O_DIRECTORY);
                    must(g.rmdir("d"));
                    return Seen.all(
                            g.openAt(dir, "f", CREAT | WRONLY, 0644), g.getdents(dir, new NativeBuffer(4096), 4096));
                }),
                both("12", "while open: a copy of a descriptor shares the position", g -> g.makeFile("f"), g -> {
                    int a = g.open("f", WRONLY);
                    int b = g.dup(a);
                    must(g.write(a, "1"));
                    must(g.close(a));
                    must(g.write(b, "2"));
                    return g.content("f");
                }));
    }

    private static Object direct(Ground g) {
        int fd = g.open("f", RDWR | Sys.O_DIRECT);
        if (fd < 0) {
            return fd;
        }
        NativeBuffer page = new NativeBuffer(4096);
        page.putByte(0, (byte) 'y');
        long written = Sys.pwrite(fd, page.address(), 4096, 4096);
        long read = Sys.pread(fd, page.address(), 4096, 0);
        return Seen.all(written, read, (char) page.getByte(0), g.content("f").indexOf('y'));
    }

    private static Object execute(Ground g) throws Exception {
        program(g);
        int ran = new ProcessBuilder(g.path("true").toString()).start().waitFor();
        must(g.chmod("true", 0644));
        return Seen.all(ran, g.access("true", 1));
    }

    /** What comes of doing something to the program {@code sleep} while it runs. */
    static Object whileRunning(Ground g, Case.Op op) throws Exception {
        java.nio.file.Files.copy(java.nio.file.Path.of("/bin/sleep"), g.path("sleep"));
        must(g.asRoot().chown("sleep", g.caller().uid(), g.caller().gid()));
        must(g.chmod("sleep", 0755));
        Process running = new ProcessBuilder(g.path("sleep").toString(), "30").start();
        try {
            return op.on(g);
        } finally {
            running.destroyForcibly().waitFor();
        }
    }

    private static void program(Ground g) throws java.io.IOException {
        java.nio.file.Files.copy(java.nio.file.Path.of("/bin/true"), g.path("true"));
        must(g.asRoot().chown("true", g.caller().uid(), g.caller().gid()));
        must(g.chmod("true", 0755));
    }
}

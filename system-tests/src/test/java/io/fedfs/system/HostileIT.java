package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What an ordinary user of the machine could try against the daemon, which has root's rights and acts for everybody. Alice owns a directory of
 * the fileset and may also work in it underneath, behind the daemon's back. Nothing outside the fileset may be read, made or changed by it, and nobody
 * may gain a right.
 *
 * <p>Elsewhere: whose rights an operation has and what {@code chown}, {@code mknod} and trusted attributes are refused ({@link CallerIT}, the
 * permission cases of the contract); sticky directories, set-id bits cleared by a write, names that are long or not text (the contract);
 * DAOS entries that lead out of the prefix ({@link DaosIT}); locations outside {@code local_root} ({@link CrossingIT}); requests for nodes and open
 * files never given, and names with a slash or {@code ..} in them (FuzzTest of fuse-mount: no program can make the kernel send them).
 */
final class HostileIT {
    private static final Duration RACE = Duration.ofMillis(2500);
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String SECRET = "for root only";

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;
    private Path secret;
    private Map<String, String> before;

    @BeforeAll
    static void start() {
        nsdb = FEDERATION.nsdb();
    }

    @BeforeEach
    void make() throws IOException {
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
        inner.below().makeDir("alice");
        Ground.must(inner.below().chown("alice", Caller.ALICE.uid(), Caller.ALICE.gid()));
        secret = FEDERATION.directory("secret");
        Files.writeString(secret.resolve("f"), SECRET);
        Files.createDirectory(secret.resolve("d"));
        Files.setPosixFilePermissions(secret.resolve("f"), PosixFilePermissions.fromString("rw-------"));
        before = outside();
    }

    private Mount mounted(Engine engine, String... options) {
        Mount mount = FEDERATION.mount(root).engine(engine);
        Stream.of(options).forEach(mount::option);
        return mount.start();
    }

    /** Alice underneath. */
    private Ground alice() {
        return new Ground(inner.directory().resolve("alice"), Caller.ALICE);
    }

    /** A command line of a real process without any right. */
    private static List<String> asUser(String... command) {
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", "--inh-caps=-all"));
        all.addAll(List.of(command));
        return all;
    }

    private static Ground in(Mount mount, Caller caller) {
        return mount.seen("j/alice", caller);
    }

    /** All of the secret directory that an operation could change or leave a trace in. */
    private Map<String, String> outside() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(secret)) {
            for (Path p : paths.toList()) {
                all.put(
                        p.toString(),
                        new TreeMap<>(Files.readAttributes(
                                        p,
                                        "unix:mode,uid,gid,nlink,size,lastModifiedTime,lastAccessTime,ctime",
                                        LinkOption.NOFOLLOW_LINKS))
                                .toString());
            }
        }
        return all;
    }

    // ---------------------------------------------------------------- races

    @FunctionalInterface
    private interface Move {
        void make() throws Exception;
    }

    /** Makes the moves over and over, each on a thread of its own; returns how often the one made least was made. */
    private static long race(Move... moves) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<AtomicLong> counts = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Move move : moves) {
            AtomicLong count = new AtomicLong();
            counts.add(count);
            Thread thread = new Thread(() -> {
                try {
                    while (!over.get()) {
                        move.make();
                        count.incrementAndGet();
                    }
                } catch (Throwable t) {
                    failure.compareAndSet(null, t);
                    over.set(true);
                }
            });
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        Await.pause(RACE);
        over.set(true);
        for (Thread thread : threads) {
            thread.join(BOUND.toMillis());
            if (thread.isAlive()) {
                throw new AssertionError("blocked: " + List.of(thread.getStackTrace()));
            }
        }
        if (failure.get() != null) {
            throw new AssertionError("in a race", failure.get());
        }
        return counts.stream().mapToLong(AtomicLong::get).min().orElseThrow();
    }

    /** Swaps two names underneath. */
    private static Move swap(Ground g, String one, String other) {
        return () -> Ground.must(g.rename(one, other, Sys.RENAME_EXCHANGE));
    }

    /** Opens without following any symbolic link, so that what is reached outside was reached by the daemon, not by this process. */
    private static int openHere(Ground g, String name, int flags) {
        byte[] path = g.path(name).toString().getBytes(StandardCharsets.ISO_8859_1);
        NativeBuffer b = new NativeBuffer(4096 + 32);
        b.putLong(4096, flags | Sys.O_CLOEXEC);
        b.putLong(4096 + 8, (flags & Sys.O_CREAT) != 0 ? 0600 : 0);
        b.putLong(4096 + 16, Sys.RESOLVE_NO_SYMLINKS);
        return Sys.openat2(Sys.AT_FDCWD, b.putCString(0, path), b.address(4096));
    }

    private static void mustNotBe(String forbidden, String seen) {
        if (seen.contains(forbidden)) {
            throw new AssertionError("read " + forbidden);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDirectorySwappedWithALinkLeadsNowhere(Engine engine) throws Exception {
        alice().makeDir("d").makeFile("d/f", "alice's").makeSymlink(secret.toString(), "l");
        Mount mount = mounted(engine, "entry_timeout=0", "attr_timeout=0");
        Ground victim = in(mount, Caller.ROOT);
        Ground user = in(mount, Caller.ALICE);
        AtomicLong opened = new AtomicLong();
        long rounds = race(
                swap(alice(), "d", "l"),
                () -> {
                    int fd = openHere(victim, "d/f", Ground.RDWR);
                    if (fd >= 0) {
                        opened.incrementAndGet();
                        mustNotBe(SECRET, victim.pread(fd, 100, 0));
                        victim.fchmod(fd, 0666);
                        victim.fchown(fd, Caller.ALICE.uid(), Caller.ALICE.gid());
                        Sys.close(fd);
                    }
                },
                () -> {
                    int dir = openHere(victim, "d", Ground.RDONLY | Sys.O_DIRECTORY);
                    if (dir >= 0) {
                        Sys.close(victim.openAt(dir, "new", Ground.CREAT | Ground.RDWR, 0600));
                        victim.getdents(dir, new NativeBuffer(4096), 4096);
                        Sys.close(dir);
                    }
                },
                () -> {
                    // Of the link itself at the most.
                    victim.lchown("d", Caller.ALICE.uid(), Caller.ALICE.gid());
                    victim.utimes("d", 1, 0, 1, 0, Sys.AT_SYMLINK_NOFOLLOW);
                    victim.fchmodat2("d", 0755, Sys.AT_SYMLINK_NOFOLLOW);
                    victim.lsetxattr("d", "user.a", "v");
                    user.lstat("d/f");
                    mustNotBe(SECRET, user.content("d/f"));
                });
        assertThat(outside()).isEqualTo(before);
        assertThat(rounds).isGreaterThan(2);
        assertThat(opened.get()).as("the file was met, too").isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aFileSwappedWithALinkIsNotFollowed(Engine engine) throws Exception {
        alice().makeFile("f", "alice's").makeSymlink(secret.resolve("f").toString(), "l");
        Mount mount = mounted(engine, "entry_timeout=0", "attr_timeout=0");
        Ground victim = in(mount, Caller.ROOT);
        long rounds = race(
                swap(alice(), "f", "l"),
                () -> {
                    for (int flags : new int[] {Ground.RDWR, Ground.RDWR | Ground.TRUNC, Ground.RDWR | Ground.CREAT}) {
                        int fd = openHere(victim, "f", flags);
                        if (fd >= 0) {
                            mustNotBe(SECRET, victim.pread(fd, 100, 0));
                            victim.pwrite(fd, "alice's", 0);
                            Sys.close(fd);
                        }
                    }
                },
                () -> {
                    victim.lchown("f", Caller.ALICE.uid(), Caller.ALICE.gid());
                    victim.fchmodat2("f", 0666, Sys.AT_SYMLINK_NOFOLLOW);
                    victim.utimes("f", 1, 0, 1, 0, Sys.AT_SYMLINK_NOFOLLOW);
                    victim.link("f", "hard");
                    victim.rename("hard", "moved");
                    victim.unlink("moved");
                });
        assertThat(outside()).isEqualTo(before);
        assertThat(rounds).isGreaterThan(2);
    }

    /** Removal and replacement open a descriptor between two steps; another's file must not get into the node's place. */
    @ParameterizedTest
    @EnumSource
    void anothersFileDoesNotTakeTheNodeOfOneBeingRemoved(Engine engine) throws Exception {
        Ground below = alice();
        Ground.must(below.asRoot().chmod(".", 0777));
        below.as(Caller.BOB).makeFile("bobs", "bob's", 0600);
        Mount mount = mounted(engine, "entry_timeout=0", "attr_timeout=0");
        Ground user = in(mount, Caller.ALICE);
        Ground other = mount.seen("j/alice", Caller.ALICE);
        long rounds = race(
                () -> {
                    below.tryOpen("mine", Ground.WRONLY | Ground.CREAT);
                    below.rename("mine", "bobs", Sys.RENAME_EXCHANGE);
                    below.rename("bobs", "mine", Sys.RENAME_EXCHANGE);
                },
                () -> {
                    int held = user.open("mine", Sys.O_PATH | Sys.O_NOFOLLOW);
                    other.unlink("absent");
                    other.rename("absent", "mine");
                    if (held >= 0) {
                        // Whatever is held now: what alice may do is what alice may do.
                        String path = "/proc/self/fd/" + held;
                        mustNotBe("bob's", user.content(path));
                        user.close(held);
                    }
                    mustNotBe("bob's", user.content("mine"));
                    user.chmod("mine", 0644);
                    user.chown("mine", -1, Caller.TEAM);
                });
        Ground asRoot = below.asRoot();
        String bobs = asRoot.content("bobs").equals("bob's") ? "bobs" : "mine";
        assertThat(Seen.all(
                        asRoot.content(bobs),
                        asRoot.stat(bobs).mode(),
                        asRoot.stat(bobs).owner()))
                .isEqualTo("bob's 0600 " + Caller.BOB.uid() + ":" + Caller.BOB.gid());
        assertThat(rounds).isGreaterThan(2);
    }

    @ParameterizedTest
    @EnumSource
    void aFifoOrADeviceInTheWayBlocksNobodyAndIsNotKeptOpen(Engine engine) throws Exception {
        Ground below = alice();
        below.makeFile("f", "x").makeFifo("p");
        Ground.must(below.asRoot().mknod("null", Sys.S_IFCHR | 0666, 0x103));
        Ground.must(below.asRoot().chmod("null", 0666));
        Mount mount = mounted(engine, "entry_timeout=0", "attr_timeout=0");
        Ground user = in(mount, Caller.BOB);
        Ground victim = in(mount, Caller.ROOT);
        long rounds = race(
                swap(below, "f", "p"),
                () -> {
                    for (int flags : new int[] {Ground.RDONLY, Ground.WRONLY, Ground.RDWR | Ground.CREAT}) {
                        victim.tryOpen("f", flags | Sys.O_NONBLOCK);
                        user.tryOpen("f", flags | Sys.O_NONBLOCK);
                    }
                },
                () -> {
                    victim.truncate("f", 1);
                    victim.getxattr("f", "user.a");
                    victim.stat("f");
                });
        assertThat(rounds).isGreaterThan(2);
        assertThat(Seen.all(user.tryOpen("null", Ground.RDWR), user.stat("null").kind()))
                .isEqualTo("0 char");
        try (Stream<Path> open =
                Files.list(Path.of("/proc", String.valueOf(mount.daemon().pid()), "fd"))) {
            for (Path fd : open.toList()) {
                String info = Files.readString(Path.of(
                        "/proc",
                        fd.getName(1).toString(),
                        "fdinfo",
                        fd.getFileName().toString()));
                int flags = Integer.parseInt(info.replaceAll("(?s).*flags:\\s*([0-7]+).*", "$1"), 8);
                // With O_PATH a file is named, not opened.
                if ((flags & Sys.O_PATH) == 0 && Files.readSymbolicLink(fd).startsWith(inner.directory())) {
                    assertThat((Integer) Files.getAttribute(fd, "unix:mode") & Sys.S_IFMT)
                            .as("%s", Files.readSymbolicLink(fd))
                            .isIn(Sys.S_IFREG, Sys.S_IFDIR);
                }
            }
        }
    }

    // ---------------------------------------------------------------- ways out

    @ParameterizedTest
    @EnumSource
    void noHardLinkLeavesItsFileset(Engine engine) {
        alice().makeFile("f", "x");
        Mount mount = mounted(engine);
        Ground seen = mount.seen();
        int fd = seen.open("j/alice/f", Ground.RDONLY);
        String below = inner.directory().resolve("stolen").toString();
        assertThat(Seen.all(
                        seen.link("j/alice/f", "f"),
                        seen.link("j/alice/f", below),
                        seen.link(inner.directory().resolve("alice/f").toString(), "j/f"),
                        seen.linkDescriptor(fd, below),
                        seen.link("j/alice/f", "j/alice/../../f"),
                        seen.link("j/alice/f", "j/alice/g")))
                .isEqualTo("EXDEV EXDEV EXDEV EXDEV EXDEV 0");
        assertThat(inner.directory().resolve("stolen")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void dotDotAndAbsoluteNamesAreTheKernelsOwn(Engine engine) {
        alice().makeSymlink("../../../../../../../.." + secret + "/f", "up")
                .makeSymlink(secret + "/f", "abs")
                .makeSymlink("/proc/self/root" + secret + "/f", "magic");
        Mount mount = mounted(engine);
        Ground user = in(mount, Caller.ALICE);
        long secretly = Ground.must(mount.seen().stat(secret.toString()).result());
        assertThat(secretly).isZero();
        assertThat(Seen.all(user.content("up"), user.content("abs"), user.content("magic")))
                .as("resolved by alice's own process, with her rights")
                .isEqualTo("EACCES EACCES EACCES");
        assertThat(mount.seen().stat("j/alice/../../..").ino())
                .as(".. of the mount's root")
                .isEqualTo(new Ground(mount.point(), Caller.ROOT).stat("..").ino());
        assertThat(mount.seen().stat("j/..").ino())
                .isEqualTo(mount.seen().stat(".").ino());
    }

    @ParameterizedTest
    @EnumSource
    void procLeadsNoUserIntoTheDaemon(Engine engine) throws IOException {
        inner.below().makeDir("closed", 0700).makeFile("closed/f", SECRET, 0600);
        Mount mount = mounted(engine);
        assertThat(mount.seen().content("j/closed/f")).isEqualTo(SECRET);
        String daemon = "/proc/" + mount.daemon().pid();
        for (String attempt : List.of(
                "ls $0/fd/",
                "ls $0/root" + inner.directory(),
                "readlink $0/cwd",
                "cat $0/environ",
                "cat $0/mem",
                "ls $0/map_files/")) {
            assertThat(FEDERATION.run(asUser("sh", "-c", attempt, daemon)).code())
                    .as(attempt)
                    .isNotZero();
        }
        Ground user = in(mount, Caller.ALICE);
        // Back in through a descriptor of one's own: judged anew.
        int fd = mount.seen().open("j/closed/f", Sys.O_PATH);
        assertThat(new Ground(mount.point(), Caller.ALICE).content("/proc/self/fd/" + fd))
                .isIn("EACCES");
        assertThat(user.content("/proc/self/root" + mount.path("j/closed/f"))).isEqualTo("EACCES");
    }

    @Test
    void aLocationReplacedByALinkIsNotFollowedOut() throws Exception {
        Path allowed = Files.createDirectory(FEDERATION.directory("allowed").resolve("a"));
        Path moved = allowed.resolveSibling("moved");
        Files.writeString(allowed.resolve("f"), "in the fileset");
        var fsn = nsdb.createFsn(300);
        nsdb.addFsl(fsn, allowed);
        Mount running = FEDERATION
                .mount(fsn.toString())
                .option("local_root=" + allowed.getParent())
                .start();
        assertThat(running.seen().content("f")).isEqualTo("in the fileset");
        Files.move(allowed, moved);
        Files.createSymbolicLink(allowed, secret);
        assertThat(running.seen().content("f")).as("attached stays attached").isEqualTo("in the fileset");
        Run anew = FEDERATION
                .mount(fsn.toString())
                .option("local_root=" + allowed.getParent())
                .attempt();
        assertThat(anew.complained().err()).contains("leads out of the local_root");
        assertThat(outside()).isEqualTo(before);
    }

    // ---------------------------------------------------------------- junctions that users write

    /** As {@code setfattr} of an ordinary user would make it. */
    private void userJunction(Ground g, String name, io.fedfs.protocol.Fsn fsn) {
        g.makeDir(name);
        Ground.must(g.setxattr(
                name,
                "user.junction.nfs",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><junction><savedmode bits=\"755\"/><fileset><name fsnuuid=\""
                        + fsn.uuid() + "\" nsdbname=\"" + fsn.nsdb().host() + "\" nsdbport=\""
                        + fsn.nsdb().port()
                        + "\"/></fileset></junction>",
                0));
        Ground.must(g.chmod(name, 01644));
    }

    @ParameterizedTest
    @EnumSource
    void aUsersJunctionReachesOnlyWhatTheMountTrusts(Engine engine) throws Exception {
        Fileset target = FEDERATION.fileset(nsdb);
        target.below().makeFile("f", "of the target");
        var foreign = nsdb.createFsn(300);
        nsdb.addFsl(foreign, secret);
        userJunction(alice(), "t", target.fsn());
        userJunction(alice(), "s", foreign);
        int calls = (int) nsdb.resolveCount();

        Mount careful = mounted(engine, "local_root=" + root.directory() + ":" + inner.directory());
        Ground user = in(careful, Caller.ALICE);
        assertThat(Seen.all(user.stat("t").kind(), user.names("t"), user.content("t/f"), user.names("s")))
                .isEqualTo("dir EACCES EACCES EACCES");
        assertThat(nsdb.resolveCount() - calls)
                .as("the mount's own filesets only")
                .isEqualTo(2);

        Path trusting = FEDERATION.directory("conf").resolve("nsdbs.yaml");
        Files.writeString(trusting, "nsdbs:\n  - address: " + nsdb.address() + "\n    trusted: true\n");
        Mount mount = mounted(
                engine,
                "nsdbs=" + trusting,
                "local_root=" + root.directory() + ":" + inner.directory() + ":" + target.directory());
        Ground trusted = in(mount, Caller.ALICE);
        assertThat(Seen.all(trusted.content("t/f"), trusted.names("s"))).isEqualTo("of the target EHOSTDOWN");
        assertThat(outside()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void aDirectoryReplacedByAJunctionWhileInUse(Engine engine) {
        Fileset target = FEDERATION.fileset(nsdb);
        target.below().makeFile("f", "of the target");
        inner.below().makeDir("d").makeFile("d/f", "of the directory");
        Mount mount = mounted(engine, "entry_timeout=0", "attr_timeout=0");
        Ground seen = mount.seen();
        int dir = seen.open("j/d", Ground.RDONLY | Sys.O_DIRECTORY);
        int file = seen.open("j/d/f", Ground.RDWR);
        Ground.must(inner.below().rename("d", "aside"));
        FEDERATION.junction(inner, "d", target);

        assertThat(seen.content("j/d/f")).isEqualTo("of the target");
        assertThat(seen.read(file, 100)).isEqualTo("of the directory");
        Ground.must(seen.pwrite(file, "OF", 0));
        assertThat(inner.below().content("aside/f")).isEqualTo("OF the directory");
        if (engine == Engine.KERNEL) {
            // By path libfuse 2 finds what has the name now.
            int made = seen.openAt(dir, "new", Ground.CREAT | Ground.WRONLY, 0644);
            assertThat(made < 0 ? Seen.render(made) : "made").isIn("made", "ESTALE", "ENOENT");
            assertThat(target.directory().resolve("new")).doesNotExist();
        }
        assertThat(Seen.all(seen.rmdir("j/d"), seen.content("j/aside/f"))).isEqualTo("EBUSY OF the directory");
    }

    @ParameterizedTest
    @EnumSource
    void namesCannotForgeTheLog(Engine engine) throws Exception {
        String forged = "2026-01-01T00:00:00.000Z ERROR [main] io.fedfs.mount: all is lost";
        Ground below = alice();
        for (String name : List.of("a\n" + forged, "b\r" + forged, "c\u001b]0;title\u0007")) {
            below.makeDir(name);
            Ground.must(below.setxattr(name, "user.junction.nfs", "<junction>\n" + forged + "\n", 0));
            Ground.must(below.chmod(name, 01644));
            below.asRoot().makeDir(name + "/in");
        }
        Mount mount = mounted(engine, "debug");
        Ground user = in(mount, Caller.ALICE);
        user.names(".");
        for (String name : List.of("a\n" + forged, "b\r" + forged, "c\u001b]0;title\u0007")) {
            user.stat(name);
            user.names(name);
        }
        Path log = FEDERATION.top().resolve("log").resolve(mount.point().getFileName() + ".log");
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(text).contains("is marked as a junction and is none");
        assertThat(text.split("[\n\r]")).noneMatch(l -> l.startsWith("2026-01-01T00:00:00"));
        assertThat(text.chars().filter(c -> c < 0x20 && c != '\n' && c != '\t')).isEmpty();
    }

    // ---------------------------------------------------------------- rights and room

    @ParameterizedTest
    @EnumSource
    void setUserIdWorksAsBelowAndNotUnderNosuid(Engine engine) {
        FEDERATION
                .sh("cp \"$(command -v id)\" $0/id && chown 1234 $0/id && chmod 4755 $0/id", inner.directory())
                .ok();
        for (var expected : Map.of("", "1234", "nosuid", "4321").entrySet()) {
            Mount mount = expected.getKey().isEmpty() ? mounted(engine) : mounted(engine, expected.getKey());
            assertThat(FEDERATION
                            .run(asUser(mount.path("j/id").toString(), "-u"))
                            .ok()
                            .line())
                    .as(expected.getKey())
                    .isEqualTo(expected.getValue());
        }
    }

    @ParameterizedTest
    @EnumSource
    void nodevAndNoexecAreKept(Engine engine) {
        inner.below().makeFile("prog", "#!/bin/sh\necho ran\n", 0755);
        Ground.must(inner.below().mknod("null", Sys.S_IFCHR | 0666, 0x103));
        Ground plain = mounted(engine).seen();
        assertThat(Seen.all(plain.tryOpen("j/null", Ground.RDWR))).isEqualTo("0");
        assertThat(FEDERATION.run(List.of(plain.path("j/prog").toString())).ok().line())
                .isEqualTo("ran");
        Mount mount = mounted(engine, "nodev", "noexec");
        assertThat(Seen.all(mount.seen().tryOpen("j/null", Ground.RDWR))).isEqualTo("EACCES");
        assertThat(FEDERATION.sh("$0", mount.path("j/prog")).complained().err()).contains("ermission denied");
    }

    @ParameterizedTest
    @EnumSource
    void hugeAndManyAttributesEndAsBelow(Engine engine) {
        Mount mount = mounted(engine);
        Ground seen = in(mount, Caller.ALICE);
        Ground below = alice();
        below.makeFile("m").makeFile("b");
        for (int size : new int[] {1, 1000, 4000, 5000, 65_535, 65_536, 65_537}) {
            String value = "v".repeat(size);
            assertThat(Seen.render(seen.setxattr("m", "user.large", value, 0)))
                    .as("%d bytes", size)
                    .isEqualTo(Seen.render(below.setxattr("b", "user.large", value, 0)));
            assertThat(seen.getxattr("m", "user.large")).isEqualTo(below.getxattr("b", "user.large"));
        }
        below.removexattr("b", "user.large");
        seen.removexattr("m", "user.large");
        int made = 0;
        for (int i = 0; i < 2000; i++) {
            String name = "user.n" + "x".repeat(i % 200) + i;
            long there = seen.setxattr("m", name, "v", 0);
            assertThat(Seen.render(there)).isEqualTo(Seen.render(below.setxattr("b", name, "v", 0)));
            made += there == 0 ? 1 : 0;
        }
        assertThat(made).isPositive();
        assertThat(seen.listxattr("m")).isEqualTo(below.listxattr("b"));
        assertThat(mount.seen().listxattr("j/alice/m")).isEqualTo(below.listxattr("b"));
    }

    /** A file system of its own, small, half of it reserved for root (mkfs.ext4 -m). */
    @ParameterizedTest
    @EnumSource
    void whatIsReservedForRootStaysReserved(Engine engine) {
        Path image = FEDERATION.directory("image").resolve("ext4");
        Path below = FEDERATION.directory("small");
        FEDERATION
                .sh(
                        "truncate -s 16M $0 && mkfs.ext4 -q -m 50 $0 && mount -o loop $0 $1 && mkdir -m 777 $1/w && chmod 777 $1/w",
                        image,
                        below)
                .ok();
        var fsn = nsdb.createFsn(300);
        nsdb.addFsl(fsn, below);
        FEDERATION.junction(root, "small", fsn);
        for (String option : List.of("noatime", "nopassthrough")) {
            Mount mount = mounted(engine, option);
            Ground under = new Ground(below, Caller.ROOT);
            assertThat(fill(mount.seen("small/w", Caller.ALICE), "f", 16 << 20)).isEqualTo("ENOSPC");
            assertThat(under.statfs(".").getLong(24))
                    .as("blocks that are free, though only root may have them")
                    .isGreaterThan(1000);
            assertThat(fill(mount.seen("small/w", Caller.ALICE), "g", 1 << 20)).isEqualTo("ENOSPC");
            assertThat(fill(mount.seen("small/w", Caller.ROOT), "h", 1 << 20)).isEqualTo("all");
            Ground.must(under.unlink("w/f"));
            Ground.must(under.unlink("w/g"));
            Ground.must(under.unlink("w/h"));
            mount.umount();
        }
        Await.until(BOUND, 0, () -> FEDERATION
                .run(List.of("umount", below.toString()))
                .code());
    }

    /** Writes so many bytes; {@code all}, or what stopped it. */
    private static String fill(Ground g, String name, long bytes) {
        int fd = (int) Ground.must(g.open(name, Ground.WRONLY | Ground.CREAT));
        String block = "x".repeat(4096);
        try {
            for (long at = 0; at < bytes; at += block.length()) {
                long written = g.pwrite(fd, block, at);
                if (written < 0) {
                    return Seen.render(written);
                }
            }
            return "all";
        } finally {
            g.close(fd);
        }
    }
}

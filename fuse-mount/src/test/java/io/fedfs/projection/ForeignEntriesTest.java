package io.fedfs.projection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.attach.Attacher;
import io.fedfs.attach.DaosType;
import io.fedfs.attach.LocalType;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.junction.daos.ForeignValues;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.projection.ForeignLinks.Mode;
import io.fedfs.projection.ForeignLinks.Settings;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Replicas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Foreign entries in the tree without a mount, in every setting. The prefix is an ordinary directory. */
@Timeout(60)
final class ForeignEntriesTest {
    private static final long ROOT = 1;
    private static final String PAIR = "11111111-2222-3333-4444-555555555555/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

    @TempDir
    Path dir;

    private final FakeResolver resolver = new FakeResolver();
    private final FakeKernel kernel = new FakeKernel();
    private final ForeignLinks links = new ForeignLinks();
    private final Request rq = new Request();
    private final Fsn rootFsn = FakeResolver.fsn();
    private Path root;
    private Path prefix;
    private Attacher attacher;
    private Projection tree;

    @BeforeEach
    void mount() throws Exception {
        assumeThat(Sys.geteuid()).as("trusted.* is for root").isZero();
        root = Files.createDirectory(dir.resolve("root"));
        prefix = Files.createDirectory(dir.resolve("prefix"));
        resolver.lives(rootFsn, FakeResolver.local(root, true));
        attacher = new Attacher(
                List.of(
                        new LocalType(List.of(dir)),
                        new DaosType(() -> Optional.of(links.settings().prefix()))),
                new Replicas(),
                32);
        Options options = new Options(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(5),
                false,
                true,
                true,
                1000,
                1 << 20,
                65_536,
                Options.FailoverMode.REMOTE);
        tree = new Projection(rootFsn, options, resolver, attacher, links, true, fsn -> false);
        tree.init(kernel);
    }

    @AfterEach
    void unmount() {
        if (tree != null) {
            tree.destroy();
            attacher.close();
        }
    }

    private static Name name(String name) {
        return Name.of(name.getBytes(UTF_8));
    }

    private long lookup(long parent, String name) {
        assertThat(tree.lookup(rq, parent, name(name))).as("lookup of " + name).isZero();
        return rq.entry.nodeid;
    }

    private int type() {
        return rq.entry.attributes.mode & Sys.S_IFMT;
    }

    /** A foreign entry of generation C. */
    private void foreign(String name, boolean directory) throws Exception {
        Path path = root.resolve(name);
        String header = (directory ? "d00cd50c" : "d00bd70b") + "49000000" + "05da0000" + "01000000";
        byte[] ea = HexFormat.of().parseHex(header + HexFormat.of().formatHex(PAIR.getBytes(UTF_8)));
        if (directory) {
            Files.createDirectory(path);
        } else {
            Files.createFile(path);
        }
        Xattrs.set(path, directory ? "trusted.lmv" : "trusted.lov", ea, 0, false);
    }

    private void uns(String name) throws Exception {
        byte[] value = ("DAOS.POSIX://" + PAIR + "\0").getBytes(UTF_8);
        Xattrs.set(Files.createDirectory(root.resolve(name)), "user.daos", value, 0, false);
    }

    private void set(Settings settings) {
        tree.tree().foreignLinksChanged(kernel, links.set(settings));
    }

    private Settings crossing() {
        return new Settings(true, DaosPrefix.parse(prefix.toString()), Mode.CROSS, ForeignValues.DAOS_ONLY);
    }

    private void refused(FsError error, Runnable operation) {
        assertThatThrownBy(operation::run).isInstanceOfSatisfying(FsException.class, e -> assertThat(e.error())
                .isEqualTo(error));
    }

    private String target(long link) {
        NativeBuffer b = new NativeBuffer(4096);
        return new String(b.bytes(0, tree.readlink(rq, link, b.address(), 4096)), UTF_8);
    }

    @Test
    void whereLinksAreOffAForeignDirectoryHasNothingInIt() throws Exception {
        foreign("c", true);
        Files.createDirectory(root.resolve("d"));
        long c = lookup(ROOT, "c");
        assertThat(type()).isEqualTo(Sys.S_IFDIR);
        assertThat(tree.lookup(rq, c, name("x"))).isEqualTo(-Errno.ENODATA);
        assertThat(tree.mkdir(rq, c, name("x"), 0755, 022)).isEqualTo(-Errno.ENODATA);
        assertThat(tree.mknod(rq, c, name("x"), Sys.S_IFREG | 0644, 0, 022)).isEqualTo(-Errno.ENODATA);
        assertThat(tree.create(rq, c, name("x"), Sys.O_WRONLY | Sys.O_CREAT, 0644, 022))
                .isEqualTo(-Errno.ENODATA);
        assertThat(tree.rename(rq, ROOT, name("d"), c, name("x"), 0)).isEqualTo(-Errno.ENODATA);
        refused(FsError.IS_FOREIGN, () -> tree.rmdir(rq, ROOT, name("c")));
        refused(FsError.IS_FOREIGN, () -> tree.rename(rq, ROOT, name("d"), ROOT, name("c"), 0));
        assertThat(tree.rename(rq, ROOT, name("c"), ROOT, name("moved"), 0)).isZero();
        assertThat(root.resolve("moved")).isDirectory();
        long d = lookup(ROOT, "d");
        assertThat(tree.lookup(rq, d, name("x"))).isEqualTo(-Errno.ENOENT);
        assertThat(tree.mkdir(rq, d, name("x"), 0755, 022)).isZero();
        assertThat(tree.rmdir(rq, ROOT, name("d"))).isEqualTo(-Errno.ENOTEMPTY);
    }

    @Test
    void whereLinksAreOffAForeignFileIsEmptyAndNotWritten() throws Exception {
        foreign("h", false);
        Files.createFile(root.resolve("f"));
        long h = lookup(ROOT, "h");
        assertThat(tree.open(rq, h, Sys.O_RDWR)).isZero();
        long fh = rq.opened.fh;
        NativeBuffer b = new NativeBuffer(64);
        assertThat(tree.write(rq, h, fh, 0, 3, b.address(), 0)).isEqualTo(-Errno.EBADF);
        assertThat(tree.fallocate(rq, h, fh, 0, 0, 10)).isEqualTo(-Errno.EBADF);
        assertThat(tree.read(rq, h, fh, 0, 3, b.address())).isZero();
        assertThat(tree.release(rq, h, fh, Sys.O_RDWR, 0, false)).isZero();
        rq.change.valid = io.fedfs.fuse.AttributeChange.SIZE;
        rq.change.size = 5;
        assertThat(tree.setattr(rq, h)).isEqualTo(-Errno.EBADF);
        rq.change.size = 0;
        assertThat(tree.setattr(rq, h)).isZero();
        refused(FsError.IS_FOREIGN, () -> tree.unlink(rq, ROOT, name("h")));
        refused(FsError.IS_FOREIGN, () -> tree.rename(rq, ROOT, name("f"), ROOT, name("h"), 0));
        assertThat(root.resolve("h")).isEmptyFile();
        long f = lookup(ROOT, "f");
        assertThat(tree.open(rq, f, Sys.O_WRONLY)).isZero();
        assertThat(tree.write(rq, f, rq.opened.fh, 0, 3, b.address(), 0)).isEqualTo(3);
    }

    @Test
    void whereLinksAreOffUserDaosIsNothing() throws Exception {
        uns("u");
        long u = lookup(ROOT, "u");
        assertThat(tree.mkdir(rq, u, name("x"), 0755, 022)).isZero();
        assertThat(tree.rmdir(rq, u, name("x"))).isZero();
        assertThat(tree.rmdir(rq, ROOT, name("u"))).isZero();
    }

    @Test
    void whereLinksAreOffWhatIsFoundIsNotExamined() throws Exception {
        Files.createDirectories(root.resolve("d/e"));
        Files.createFile(root.resolve("d/f"));
        long before = tree.counters().get("foreign_examined");
        for (int i = 0; i < 3; i++) {
            long d = lookup(ROOT, "d");
            lookup(d, "e");
            long f = lookup(d, "f");
            assertThat(tree.open(rq, f, Sys.O_RDONLY)).isZero();
        }
        assertThat(tree.counters()).containsEntry("foreign_examined", before);
    }

    @Test
    void whereLinksAreOnAnEntryIsExaminedOnceUntilItChanges() throws Exception {
        set(Settings.linksBelow("/dfuse"));
        Files.createDirectory(root.resolve("d"));
        foreign("c", true);
        long before = tree.counters().get("foreign_examined");
        for (int i = 0; i < 5; i++) {
            lookup(ROOT, "d");
            lookup(ROOT, "c");
        }
        assertThat(tree.counters()).containsEntry("foreign_examined", before + 2);
        Xattrs.set(root.resolve("d"), "user.daos", ("DAOS.POSIX://" + PAIR).getBytes(UTF_8), 0, false);
        lookup(ROOT, "d");
        assertThat(type()).isEqualTo(Sys.S_IFLNK);
        assertThat(tree.counters()).containsEntry("foreign_examined", before + 3);
    }

    /** The kernel asks for a listing's types before it looks the names up, and may forget all of it between. */
    @Test
    void whatAListingExaminedIsNotExaminedAgain() throws Exception {
        set(Settings.linksBelow("/dfuse"));
        for (int i = 0; i < 100; i++) {
            Files.createDirectory(root.resolve("d" + i));
        }
        long before = tree.counters().get("foreign_examined");
        assertThat(tree.opendir(rq, ROOT, 0)).isZero();
        long fh = rq.opened.fh;
        assertThat(tree.readdir(rq, ROOT, fh, 0, 65_536, new TypesOnly())).isZero();
        assertThat(tree.counters()).containsEntry("foreign_examined", before + 100);
        for (int i = 0; i < 100; i++) {
            tree.forget(lookup(ROOT, "d" + i), 1);
        }
        // Two entries that share a place in RecentKeys are examined once more: rarely one pair of a hundred, never
        // many.
        assertThat(tree.counters().get("foreign_examined")).isBetween(before + 100, before + 105);
        assertThat(tree.releasedir(rq, ROOT, fh)).isZero();
    }

    /** As READDIR without attributes. */
    private static final class TypesOnly implements DirectorySink {
        @Override
        public boolean wantsAttributes() {
            return false;
        }

        @Override
        public boolean hasRoom(int nameLength) {
            return true;
        }

        @Override
        public void add(NativeBuffer names, int at, int length, long ino, int type, long next) {}

        @Override
        public void add(NativeBuffer names, int at, int length, long next, Entry entry) {}
    }

    /** Many, since what was once known must not look the same for any of them. */
    @Test
    void everyChangeOfTheSettingsMakesEntriesExaminedAnew() throws Exception {
        for (int i = 0; i < 20; i++) {
            foreign("c" + i, true);
        }
        for (int round = 0; round < 4; round++) {
            set(round % 2 == 0 ? Settings.linksBelow("/dfuse") : crossing());
            for (int i = 0; i < 20; i++) {
                lookup(ROOT, "c" + i);
                assertThat(type()).isEqualTo(round % 2 == 0 ? Sys.S_IFLNK : Sys.S_IFDIR);
            }
        }
    }

    @Test
    void anotherPrefixIsInForceAtOnceForTheSameNode() throws Exception {
        set(Settings.linksBelow("/one"));
        foreign("c", true);
        long c = lookup(ROOT, "c");
        assertThat(target(c)).isEqualTo("/one/" + PAIR);
        kernel.nodes.clear();
        set(Settings.linksBelow("/another/"));
        assertThat(kernel.nodes).as("attributes and cached text").contains(c);
        assertThat(target(c)).isEqualTo("/another/" + PAIR);
        assertThat(tree.getattr(rq, c, 0)).isZero();
        assertThat(rq.entry.attributes.size).isEqualTo(("/another/" + PAIR).length());
        assertThat(lookup(ROOT, "c")).isEqualTo(c);
        kernel.entries.clear();
        set(Settings.OFF);
        assertThat(kernel.entries).contains("1/c");
        lookup(ROOT, "c");
        assertThat(type()).isEqualTo(Sys.S_IFDIR);
        set(Settings.linksBelow("/"));
        assertThat(target(lookup(ROOT, "c"))).isEqualTo("/" + PAIR);
    }

    @Test
    void aContainerIsCrossedLikeAJunction() throws Exception {
        foreign("c", true);
        foreign("h", false);
        Files.createDirectories(prefix.resolve(PAIR));
        Files.writeString(prefix.resolve(PAIR).resolve("f"), "in the container");
        set(crossing());
        long c = lookup(ROOT, "c");
        assertThat(type()).isEqualTo(Sys.S_IFDIR);
        assertThat(tree.counters()).as("only looked at").containsEntry("crossings", 1L);
        lookup(c, "f");
        assertThat(type()).isEqualTo(Sys.S_IFREG);
        assertThat(tree.counters()).containsEntry("crossings", 2L);
        assertThat(tree.mkdir(rq, c, name("new"), 0755, 022)).isZero();
        assertThat(prefix.resolve(PAIR).resolve("new")).isDirectory();
        refused(FsError.IS_FOREIGN, () -> tree.rmdir(rq, ROOT, name("c")));
        refused(FsError.CROSSES_FILESETS, () -> tree.rename(rq, c, name("f"), ROOT, name("f"), 0));
        assertThat(target(lookup(ROOT, "h"))).as("no POSIX container").isEqualTo(prefix + "/" + PAIR);
        Tree.Located where = tree.tree().locate("c/f".getBytes(UTF_8), 0, 0, Duration.ofSeconds(30), Runnable::run);
        assertThat(where.crossed().get(1).attached().type()).isEqualTo("daos");
        assertThat(where.crossed().get(1).attached().path()).isEqualTo("/" + PAIR);
    }

    @Test
    void aMissingContainerIsNoLink() throws Exception {
        foreign("c", true);
        set(crossing());
        long c = lookup(ROOT, "c");
        refused(FsError.NO_SUCH_FILESET, () -> tree.lookup(rq, c, name("f")));
        Files.createDirectories(prefix.resolve(PAIR).resolve("f"));
        lookup(c, "f");
    }

    @Test
    void aCrossedContainerFollowsThePrefix() throws Exception {
        foreign("c", true);
        Files.createDirectories(prefix.resolve(PAIR).resolve("old"));
        set(crossing());
        long c = lookup(ROOT, "c");
        lookup(c, "old");
        prefix = Files.createDirectory(dir.resolve("second"));
        Files.createDirectories(prefix.resolve(PAIR).resolve("new"));
        kernel.entries.clear();
        set(crossing());
        assertThat(kernel.entries).contains("1/c");
        long again = lookup(ROOT, "c");
        assertThat(again).isNotEqualTo(c);
        lookup(again, "new");
        set(Settings.linksBelow(prefix.toString()));
        lookup(ROOT, "c");
        assertThat(type()).isEqualTo(Sys.S_IFLNK);
    }
}

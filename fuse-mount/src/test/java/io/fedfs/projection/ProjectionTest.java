package io.fedfs.projection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fedfs.attach.AttachException;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.LocalType;
import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.projection.ForeignLinks.Settings;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Replicas;
import io.fedfs.resolver.Unresolved;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tree without a mount: operations called as a session would, on real directories, with a resolver of the test's own. */
@Timeout(60)
final class ProjectionTest {
    private static final long ROOT = 1;

    @TempDir
    Path dir;

    private final FakeResolver resolver = new FakeResolver();
    private final FakeKernel kernel = new FakeKernel();
    private final ForeignLinks links = new ForeignLinks();
    private final Request rq = new Request();
    private final Fsn rootFsn = FakeResolver.fsn();
    private Path root;
    private Attacher attacher;
    private Projection tree;

    @BeforeEach
    void mount() throws Exception {
        rq.uid = Sys.geteuid();
        rq.gid = Sys.getegid();
        root = Files.createDirectory(dir.resolve("root"));
        resolver.lives(rootFsn, FakeResolver.local(root, true));
        attacher = newAttacher();
        tree = projection(1000);
    }

    private Attacher newAttacher() {
        try {
            return new Attacher(List.of(new LocalType(List.of(dir))), new Replicas(), 32);
        } catch (AttachException e) {
            throw new IllegalStateException(e);
        }
    }

    private Projection projection(int descriptors) {
        return projection(descriptors, 65_536);
    }

    private Projection projection(int descriptors, int remember) {
        return projection(descriptors, 1 << 20, remember);
    }

    private Projection projection(int descriptors, int openFiles, int remember) {
        Options options = new Options(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(5),
                false,
                true,
                true,
                descriptors,
                openFiles,
                remember,
                Options.FailoverMode.REMOTE);
        Projection p = new Projection(rootFsn, options, resolver, attacher, links, Sys.geteuid() == 0, fsn -> false);
        p.init(kernel);
        return p;
    }

    @AfterEach
    void unmount() {
        tree.destroy();
        attacher.close();
    }

    private long lookup(long parent, String name) {
        assertThat(tree.lookup(rq, parent, Name.of(name.getBytes(UTF_8))))
                .as("lookup of " + name)
                .isZero();
        return rq.entry.nodeid;
    }

    private long walk(String path) {
        long node = ROOT;
        for (String name : path.split("/")) {
            node = lookup(node, name);
        }
        return node;
    }

    private static Name name(String s) {
        return Name.of(s.getBytes(UTF_8));
    }

    private Fsn fileset(String name) throws Exception {
        Fsn fsn = FakeResolver.fsn();
        resolver.lives(fsn, FakeResolver.local(Files.createDirectories(dir.resolve(name)), true));
        return fsn;
    }

    private Fsn junction(Path at, String filesetName) throws Exception {
        Fsn fsn = fileset(filesetName);
        Junctions.create(at, fsn, Map.of());
        return fsn;
    }

    private static void assertFails(FsError error, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(FsException.class, e -> assertThat(e.error())
                .isEqualTo(error));
    }

    @Test
    void lookingAtAJunctionAsksNobody() throws Exception {
        junction(root.resolve("j"), "target");
        int before = askedAfterRoot();

        long j = lookup(ROOT, "j");
        assertThat(rq.entry.attributes.mode).isEqualTo(Sys.S_IFDIR | 0555);
        assertThat(tree.getattr(rq, j, 0)).isZero();
        assertThat(tree.listxattr(rq, j, rq.scratch.address(), 0)).isZero();
        assertThat(tree.getxattr(rq, j, name("system.posix_acl_access"), 0, 0)).isEqualTo(-Errno.ENODATA);
        assertThat(tree.access(rq, j, 4)).isZero();

        assertThat(resolver.asked.get()).isEqualTo(before);
    }

    private int askedAfterRoot() {
        tree.openRoot();
        return resolver.asked.get();
    }

    @Test
    void goingIntoAJunctionShowsItsTarget() throws Exception {
        junction(root.resolve("j"), "target");
        Files.writeString(dir.resolve("target/file"), "x");

        long j = lookup(ROOT, "j");
        lookup(j, "file");
        assertThat(rq.entry.attributes.size).isEqualTo(1);
        assertThat(kernel.nodes)
                .as("the invented attributes are to be forgotten")
                .contains(j);
        assertThat(tree.getattr(rq, j, 0)).isZero();
        assertThat(rq.entry.attributes.mode & 07777).isNotEqualTo(0555);
    }

    @Test
    void manyWhoCrossAtOnceAskOnce() throws Exception {
        junction(root.resolve("j"), "target");
        Files.createFile(dir.resolve("target/file"));
        int before = askedAfterRoot();
        long j = lookup(ROOT, "j");
        resolver.gate = new CountDownLatch(1);
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(CompletableFuture.supplyAsync(
                    () -> {
                        Request own = new Request();
                        own.uid = rq.uid;
                        own.gid = rq.gid;
                        return tree.lookup(own, j, name("file"));
                    },
                    task -> new Thread(task).start()));
        }
        resolver.gate.countDown();
        for (CompletableFuture<Integer> one : all) {
            assertThat(one.get(30, TimeUnit.SECONDS)).isZero();
        }
        assertThat(resolver.asked.get() - before).isEqualTo(1);
    }

    @Test
    void whatKeepsAJunctionShutIsToldApart() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        long j = lookup(ROOT, "j");
        Map<Unresolved.Reason, FsError> table = Map.of(
                Unresolved.Reason.NO_SUCH_FSN, FsError.NO_SUCH_FILESET,
                Unresolved.Reason.INVALIDATED, FsError.NO_SUCH_FILESET,
                Unresolved.Reason.NO_LOCATION, FsError.NO_SUCH_FILESET,
                Unresolved.Reason.NSDB_UNREACHABLE, FsError.NSDB_UNREACHABLE,
                Unresolved.Reason.TIMED_OUT, FsError.TIMED_OUT,
                Unresolved.Reason.DENIED, FsError.DENIED,
                Unresolved.Reason.UNTRUSTED, FsError.DENIED);
        table.forEach((reason, error) -> {
            resolver.fails(fsn, reason);
            assertFails(error, () -> tree.opendir(rq, j, 0));
        });
        resolver.lives(fsn, FakeResolver.local(dir.resolve("nowhere"), true));
        assertFails(FsError.NO_LOCATION_ATTACHES, () -> tree.opendir(rq, j, 0));
        resolver.lives(fsn, FakeResolver.local(Path.of("/"), true));
        assertFails(FsError.NO_LOCATION_ATTACHES, () -> tree.opendir(rq, j, 0));
        resolver.lives(fsn, FakeResolver.local(dir.resolve("target"), true));
        assertThat(tree.opendir(rq, j, 0)).as("nothing of it is remembered").isZero();
    }

    @Test
    void theSecondReplicaServesWhenTheFirstIsGone() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        resolver.lives(
                fsn, FakeResolver.local(dir.resolve("gone"), true), FakeResolver.local(dir.resolve("target"), true));
        assertThat(tree.opendir(rq, lookup(ROOT, "j"), 0)).isZero();
    }

    @Test
    void aDirectoryThatIsAnotherFilesetIsRefused() throws Exception {
        junction(root.resolve("j"), "target");
        FilesetMarker.write(dir.resolve("target"), FakeResolver.fsn());
        assertFails(FsError.NO_LOCATION_ATTACHES, () -> tree.opendir(rq, walk("j"), 0));
    }

    @Test
    void inodeNumbersSurviveARemountAndDifferBetweenFilesets() throws Exception {
        junction(root.resolve("j"), "target");
        Files.createFile(dir.resolve("target/file"));
        // One inode below, seen in two filesets.
        Files.createLink(root.resolve("file"), dir.resolve("target/file"));
        walk("j/file");
        long inTarget = rq.entry.attributes.ino;
        walk("file");
        long inRoot = rq.entry.attributes.ino;
        assertThat(inTarget).isNotEqualTo(inRoot);

        Projection again = projection(1000);
        assertThat(again.lookup(rq, ROOT, name("file"))).isZero();
        assertThat(rq.entry.attributes.ino).isEqualTo(inRoot);
        again.destroy();
    }

    @Test
    void twoJunctionsToOneFilesetAreTwoTreesOfDirectoriesAndOneOfFiles() throws Exception {
        Fsn fsn = junction(root.resolve("one"), "target");
        Junctions.create(root.resolve("two"), fsn, Map.of());
        Files.createDirectory(dir.resolve("target/d"));
        Files.createFile(dir.resolve("target/f"));

        assertThat(walk("one/d")).isNotEqualTo(walk("two/d"));
        long ino = rq.entry.attributes.ino;
        walk("one/d");
        assertThat(rq.entry.attributes.ino).isEqualTo(ino);
        assertThat(walk("one/f")).isEqualTo(walk("two/f"));
    }

    @Test
    void filesetsDoNotMix() throws Exception {
        junction(root.resolve("j"), "target");
        Files.createFile(root.resolve("f"));
        long f = lookup(ROOT, "f");
        long j = lookup(ROOT, "j");
        assertFails(FsError.CROSSES_FILESETS, () -> tree.rename(rq, ROOT, name("f"), j, name("f"), 0));
        assertFails(FsError.CROSSES_FILESETS, () -> tree.link(rq, f, j, name("f")));
        assertThat(root.resolve("f")).exists();
    }

    @Test
    void aJunctionIsNotRemovedButRenamed() throws Exception {
        junction(root.resolve("j"), "target");
        Files.createFile(dir.resolve("target/file"));
        Files.createDirectory(root.resolve("d"));
        lookup(ROOT, "j");
        assertFails(FsError.IS_JUNCTION, () -> tree.rmdir(rq, ROOT, name("j")));
        assertFails(FsError.IS_JUNCTION, () -> tree.rename(rq, ROOT, name("d"), ROOT, name("j"), 0));
        assertThat(tree.rename(rq, ROOT, name("j"), ROOT, name("k"), 0)).isZero();
        walk("k/file");
        assertThat(Junctions.isJunction(root.resolve("k"))).isTrue();
    }

    @Test
    void aFilesetInsideItselfEndsAtTheDepthLimit() throws Exception {
        Junctions.create(root.resolve("again"), rootFsn, Map.of());
        long node = ROOT;
        for (int depth = 1; depth <= Options.MAX_DEPTH; depth++) {
            node = lookup(node, "again");
        }
        long last = lookup(node, "again");
        assertFails(FsError.TOO_MANY_CROSSINGS, () -> tree.opendir(rq, last, 0));
    }

    @Test
    void aMovedFilesetIsLookedUpAnewAndWhoIsInsideStays() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        Files.writeString(dir.resolve("target/file"), "old");
        long old = lookup(ROOT, "j");
        long oldFile = lookup(old, "file");
        Files.createDirectory(dir.resolve("moved"));
        Files.writeString(dir.resolve("moved/file"), "newer");
        resolver.lives(fsn, FakeResolver.local(dir.resolve("moved"), true));
        resolver.tell(fsn);

        assertThat(kernel.entries).contains("1/j");
        long now = lookup(ROOT, "j");
        assertThat(now).isNotEqualTo(old);
        lookup(now, "file");
        assertThat(rq.entry.attributes.size).isEqualTo(5);
        assertThat(tree.getattr(rq, oldFile, 0)).isZero();
        assertThat(rq.entry.attributes.size).isEqualTo(3);
    }

    @Test
    void aChangeThatKeepsTheLocationKeepsTheNode() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        var here = FakeResolver.local(dir.resolve("target"), true);
        resolver.lives(fsn, here);
        long j = lookup(ROOT, "j");
        assertThat(tree.opendir(rq, j, 0)).isZero();
        resolver.lives(fsn, FakeResolver.local(dir.resolve("elsewhere"), true), here);
        resolver.tell(fsn);
        assertThat(kernel.entries).isEmpty();
        assertThat(lookup(ROOT, "j")).isEqualTo(j);
    }

    @Test
    void anInvalidatedFilesetIsShutAndAnOutageIsNot() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        long j = lookup(ROOT, "j");
        assertThat(tree.opendir(rq, j, 0)).isZero();
        resolver.fails(fsn, Unresolved.Reason.NSDB_UNREACHABLE);
        resolver.tell(fsn);
        assertThat(lookup(ROOT, "j")).isEqualTo(j);
        resolver.fails(fsn, Unresolved.Reason.INVALIDATED);
        resolver.tell(fsn);
        long shut = lookup(ROOT, "j");
        assertThat(shut).isNotEqualTo(j);
        assertFails(FsError.NO_SUCH_FILESET, () -> tree.opendir(rq, shut, 0));
    }

    @Test
    void aReadOnlyLocationRefusesEveryChange() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        Path target = dir.resolve("target");
        Files.createFile(target.resolve("f"));
        Files.createDirectory(target.resolve("d"));
        resolver.lives(fsn, FakeResolver.local(target, false));
        long j = lookup(ROOT, "j");
        long f = lookup(j, "f");
        List<ThrowingCallable> changes = List.of(
                () -> tree.mkdir(rq, j, name("n"), 0755, 0),
                () -> tree.mknod(rq, j, name("n"), Sys.S_IFREG | 0644, 0, 0),
                () -> tree.symlink(rq, j, name("n"), name("to")),
                () -> tree.create(rq, j, name("n"), Sys.O_RDWR, 0644, 0),
                () -> tree.tmpfile(rq, j, Sys.O_RDWR, 0600, 0),
                () -> tree.unlink(rq, j, name("f")),
                () -> tree.rmdir(rq, j, name("d")),
                () -> tree.rename(rq, j, name("f"), j, name("n"), 0),
                () -> tree.link(rq, f, j, name("n")),
                () -> tree.open(rq, f, Sys.O_RDWR),
                () -> tree.setattr(rq, f),
                () -> tree.setxattr(rq, f, name("user.a"), 0, 0, 0, false),
                () -> tree.removexattr(rq, f, name("user.a")));
        for (ThrowingCallable change : changes) {
            assertFails(FsError.READ_ONLY, change);
        }
        assertThat(tree.open(rq, f, Sys.O_RDONLY)).isZero();
        assertThat(tree.release(rq, f, rq.opened.fh, 0, 0, false)).isZero();
        assertThat(target.toFile().list()).containsExactlyInAnyOrder("f", "d");
    }

    @Test
    void aFileKeepsItsNodeWhenItLosesItsName() throws Exception {
        Files.writeString(root.resolve("f"), "abc");
        long f = lookup(ROOT, "f");
        assertThat(tree.unlink(rq, ROOT, name("f"))).isZero();
        assertThat(tree.getattr(rq, f, 0)).isZero();
        assertThat(rq.entry.attributes.nlink).isZero();
        assertThat(rq.entry.attributes.size).isEqualTo(3);
    }

    @Test
    void aNameThatAnotherFileHasNowIsStale() throws Exception {
        Files.writeString(root.resolve("f"), "abc");
        long f = lookup(ROOT, "f");
        Files.move(root.resolve("f"), root.resolve("kept"));
        Files.writeString(root.resolve("f"), "another");
        assertThat(tree.getattr(rq, f, 0)).isEqualTo(-Errno.ESTALE);
        assertThat(tree.open(rq, f, Sys.O_RDONLY)).isEqualTo(-Errno.ESTALE);
        assertThat(lookup(ROOT, "f")).isNotEqualTo(f);
        assertThat(lookup(ROOT, "kept")).as("found again under its new name").isEqualTo(f);
        assertThat(tree.getattr(rq, f, 0)).isZero();
    }

    @Test
    void renamedDirectoriesAreFoundAtTheirNewPlace() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        Files.createFile(root.resolve("a/b/f"));
        long b = walk("a/b");
        long f = lookup(b, "f");
        assertThat(tree.rename(rq, ROOT, name("a"), ROOT, name("z"), 0)).isZero();
        assertThat(tree.getattr(rq, f, 0)).isZero();
        assertThat(walk("z/b")).isEqualTo(b);
    }

    @Test
    void descriptorsAreBoundedAndComeBackWhenNeeded() throws Exception {
        tree.destroy();
        tree = projection(64);
        int count = 300;
        List<Long> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path d = Files.createDirectory(root.resolve("d" + i));
            Files.createFile(d.resolve("f"));
            nodes.add(walk("d" + i + "/f"));
        }
        assertThat(tree.counters().get("descriptors")).isLessThanOrEqualTo(64);
        for (long node : nodes) {
            assertThat(tree.getattr(rq, node, 0)).isZero();
        }
    }

    @Test
    void forgottenNodesLeaveNothingBehindWhenNoneAreRemembered() throws Exception {
        tree.destroy();
        tree = projection(1000, 0);
        junction(root.resolve("j"), "target");
        Files.createFile(dir.resolve("target/f"));
        tree.openRoot();
        long inodes = tree.counters().get("inodes");
        long j = lookup(ROOT, "j");
        long f = lookup(j, "f");
        lookup(j, "f");
        tree.forget(f, 2);
        tree.forget(j, 1);
        assertThat(tree.counters().get("inodes")).isEqualTo(inodes);
        assertFails(FsError.STALE, () -> tree.getattr(rq, f, 0));
        assertFails(FsError.STALE, () -> tree.lookup(rq, j, name("f")));
        tree.forget(ROOT, 5);
        walk("j/f");
    }

    private long again(long nodeid, String name) {
        int r = tree.lookup(rq, nodeid, name(name));
        assertThat(r).as("lookup of " + name + " by handle").isZero();
        return rq.entry.nodeid;
    }

    /** A file handle is of no use any more: an error, and never another file. */
    private void assertStale(long nodeid) {
        int r;
        try {
            r = tree.lookup(rq, nodeid, name("."));
        } catch (FsException e) {
            assertThat(e.error()).isEqualTo(FsError.STALE);
            return;
        }
        assertThat(r).isEqualTo(-Errno.ESTALE);
    }

    @Test
    void aForgottenNodeIsFoundByItsHandle() throws Exception {
        junction(root.resolve("j"), "target");
        Files.createDirectory(dir.resolve("target/d"));
        Files.createFile(dir.resolve("target/d/f"));
        long j = lookup(ROOT, "j");
        long d = lookup(j, "d");
        long f = lookup(d, "f");
        long generation = rq.entry.generation;
        tree.forget(f, 1);
        tree.forget(d, 1);
        tree.forget(j, 1);
        assertThat(tree.counters()).containsEntry("inodes", 0L).containsEntry("remembered", 3L);

        assertThat(again(f, ".")).isEqualTo(f);
        assertThat(rq.entry.generation).isEqualTo(generation);
        assertThat(rq.entry.attributes.mode & Sys.S_IFMT).isEqualTo(Sys.S_IFREG);
        assertThat(again(d, ".")).isEqualTo(d);
        assertThat(again(d, "..")).isEqualTo(j);
        assertThat(again(j, "..")).isEqualTo(ROOT);
        assertThat(again(ROOT, "..")).isEqualTo(ROOT);
        assertThat(lookup(d, "f")).as("by name it is the same node").isEqualTo(f);
        assertThat(tree.counters().get("remembered")).isZero();
        assertThat(tree.getattr(rq, f, 0)).isZero();
    }

    @Test
    void aForgottenNodeKeepsNoDescriptor() throws Exception {
        Files.createDirectory(root.resolve("d"));
        long d = lookup(ROOT, "d");
        assertThat(tree.opendir(rq, d, 0)).isZero();
        assertThat(tree.releasedir(rq, d, rq.opened.fh)).isZero();
        assertThat(tree.counters().get("descriptors")).isEqualTo(1);
        tree.forget(d, 1);
        assertThat(tree.counters().get("descriptors")).isZero();
        assertThat(again(d, ".")).isEqualTo(d);
        assertThat(tree.opendir(rq, d, 0)).isZero();
    }

    @Test
    void onlySoManyNodesAreRememberedAndTheOldestLeaveFirst() throws Exception {
        tree.destroy();
        tree = projection(1000, InodeTable.STRIPES);
        Files.createDirectory(root.resolve("d"));
        long d = lookup(ROOT, "d");
        List<Long> nodes = new ArrayList<>();
        for (int i = 0; i < 50 * InodeTable.STRIPES; i++) {
            Files.createFile(root.resolve("d/f" + i));
            nodes.add(lookup(d, "f" + i));
        }
        nodes.forEach(n -> tree.forget(n, 1));
        tree.forget(d, 1);
        assertThat(tree.counters().get("remembered")).isBetween(1L, InodeTable.STRIPES + 1L);
        assertThat(again(nodes.get(nodes.size() - 1), ".")).isEqualTo(nodes.get(nodes.size() - 1));
        assertStale(nodes.get(0));
        assertThat(lookup(d, "f0")).as("a nodeid is not given twice").isNotIn(nodes);
    }

    @Test
    void aDirectoryLeavesWithTheLastThatIsRememberedInIt() throws Exception {
        Files.createDirectories(root.resolve("a/b/c"));
        long a = lookup(ROOT, "a");
        long b = lookup(a, "b");
        long c = lookup(b, "c");
        List.of(c, b, a).forEach(n -> tree.forget(n, 1));
        assertThat(tree.counters()).containsEntry("inodes", 0L).containsEntry("remembered", 3L);
        assertThat(tree.rmdir(rq, again(b, "."), name("c"))).isZero();
        assertStale(c);
        assertThat(tree.counters()).containsEntry("inodes", 1L).containsEntry("remembered", 1L);
        tree.forget(b, 1);
        assertThat(tree.counters()).containsEntry("inodes", 0L).containsEntry("remembered", 2L);
    }

    @Test
    void aRemovedDirectoryIsNotKeptByWhatIsRememberedInIt() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        Files.createFile(root.resolve("f"));
        Files.createLink(root.resolve("a/b/g"), root.resolve("f"));
        long a = lookup(ROOT, "a");
        long b = lookup(a, "b");
        long g = lookup(b, "g");
        assertThat(tree.unlink(rq, b, name("g"))).isZero();
        tree.forget(g, 1); // remembered, as it has another name, which nobody looked up here
        assertThat(tree.rmdir(rq, a, name("b"))).isZero();
        assertThat(tree.rmdir(rq, ROOT, name("a"))).isZero();
        List.of(b, a).forEach(n -> tree.forget(n, 1));
        assertThat(tree.counters())
                .containsEntry("inodes", 0L)
                .containsEntry("remembered", 1L)
                .containsEntry("descriptors", 0L);
        List.of(a, b).forEach(this::assertStale);
        assertThat(lookup(ROOT, "f")).as("its handle is good again").isEqualTo(g);
        assertThat(tree.getattr(rq, g, 0)).isZero();
    }

    @Test
    void directoriesOnceWithinEachOtherLeaveWhenTheyAreRemoved() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        long a = lookup(ROOT, "a");
        long b = lookup(a, "b");
        // Both are open now, and seen as they were between two renames below.
        assertThat(tree.lookup(rq, b, name("none"))).isEqualTo(-Errno.ENOENT);
        Files.move(root.resolve("a/b"), root.resolve("b"));
        Files.move(root.resolve("a"), root.resolve("b/a"));
        assertThat(lookup(b, "a")).isEqualTo(a);
        assertThat(tree.rmdir(rq, b, name("a"))).isZero();
        assertThat(tree.rmdir(rq, ROOT, name("b"))).isZero();
        tree.forget(a, 2);
        tree.forget(b, 1);
        assertThat(tree.counters()).containsEntry("inodes", 0L).containsEntry("remembered", 0L);
    }

    @Test
    void whatWasDeletedOrReplacedIsStale() throws Exception {
        for (String name : List.of("under", "over", "kept", "by", "replaced")) {
            Files.createFile(root.resolve(name));
        }
        long under = lookup(ROOT, "under");
        long over = lookup(ROOT, "over");
        long replaced = lookup(ROOT, "replaced");
        List.of(under, over, replaced).forEach(n -> tree.forget(n, 1));
        Files.delete(root.resolve("under"));
        Files.createFile(root.resolve("under"));
        assertStale(under);
        assertThat(tree.unlink(rq, ROOT, name("over"))).isZero();
        Files.createFile(root.resolve("over"));
        assertThat(lookup(ROOT, "over")).isNotEqualTo(over);
        assertStale(over);
        assertThat(tree.rename(rq, ROOT, name("by"), ROOT, name("replaced"), 0)).isZero();
        assertStale(replaced);
        assertThat(tree.counters().get("descriptors")).as("nothing keeps them").isZero();
    }

    @Test
    void aRemovalThatFailsLeavesTheHandleGood() throws Exception {
        Files.createDirectories(root.resolve("d/e"));
        long d = lookup(ROOT, "d");
        tree.forget(d, 1);
        assertThat(tree.rmdir(rq, ROOT, name("d"))).isEqualTo(-Errno.ENOTEMPTY);
        assertThat(again(d, ".")).isEqualTo(d);
    }

    @Test
    void aRenameThroughTheMountKeepsTheHandle() throws Exception {
        Files.createDirectory(root.resolve("d"));
        Files.createFile(root.resolve("f"));
        long f = lookup(ROOT, "f");
        tree.forget(f, 1);
        long d = lookup(ROOT, "d");
        assertThat(tree.rename(rq, ROOT, name("f"), d, name("g"), 0)).isZero();
        assertThat(again(f, ".")).isEqualTo(f);
    }

    @Test
    void aLocationThatWasLeftIsNotHeldByWhatIsRemembered() throws Exception {
        Fsn outer = junction(root.resolve("j"), "outer");
        Files.createFile(dir.resolve("outer/f"));
        Fsn inner = junction(dir.resolve("outer/k"), "inner");
        Files.createFile(dir.resolve("inner/g"));
        long j = lookup(ROOT, "j");
        long f = lookup(j, "f");
        long k = lookup(j, "k");
        long g = lookup(k, "g");
        List.of(g, k, f, j).forEach(n -> tree.forget(n, 1));
        assertThat(resolver.isFollowed(outer)).isTrue();
        assertThat(resolver.isFollowed(inner)).isTrue();
        assertThat(tree.tree().letGo(outer::equals)).isEqualTo(1);
        assertThat(resolver.isFollowed(outer)).as("attached").isFalse();
        assertThat(resolver.isFollowed(inner)).as("attached").isFalse();
        assertThat(tree.counters()).containsEntry("inodes", 0L).containsEntry("remembered", 0L);
        List.of(g, k, f, j).forEach(this::assertStale);
        assertThat(walk("j/f")).isNotEqualTo(f);
    }

    @Test
    void junctionsThatNobodyUsesMakeRoomBeforeDescriptorsRunOut() throws Exception {
        tree.destroy();
        tree = projection(16, 128, 65_536);
        List<Fsn> fsns = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            fsns.add(junction(root.resolve("j" + i), "target" + i));
            Files.createFile(dir.resolve("target" + i + "/f"));
        }
        // Who is inside the first one stays there.
        long first = lookup(ROOT, "j0");
        long inside = lookup(first, "f");
        int most = 0;
        for (int i = 1; i < 100; i++) {
            long j = lookup(ROOT, "j" + i);
            tree.forget(lookup(j, "f"), 1);
            tree.forget(j, 1);
            most = Math.max(
                    most, (int) fsns.stream().filter(resolver::isFollowed).count());
            Thread.sleep(25);
        }
        assertThat(most).isBetween(30, 50);
        assertThat(kernel.entries)
                .as("the kernel is asked whether anybody is there")
                .contains("1/j0");
        assertThat(resolver.isFollowed(fsns.get(99))).as("the oldest go first").isTrue();
        assertThat(tree.getattr(rq, inside, 0)).isZero();
        assertThat(resolver.isFollowed(fsns.get(0))).isTrue();
        assertThat(resolver.isFollowed(fsns.get(1))).isFalse();
        assertThat(walk("j1/f")).as("opened anew").isPositive();
    }

    @Test
    void aNodeOfALeftLocationIsNotRemembered() throws Exception {
        Fsn outer = junction(root.resolve("j"), "outer");
        Files.createFile(dir.resolve("outer/f"));
        long j = lookup(ROOT, "j");
        long f = lookup(j, "f");
        tree.tree().letGo(outer::equals);
        assertThat(tree.getattr(rq, f, 0)).as("who is below stays there").isZero();
        tree.forget(f, 1);
        tree.forget(j, 1);
        assertThat(resolver.isFollowed(outer)).isFalse();
        assertStale(f);
    }

    @Test
    void aJunctionIsOpenedByTheDaemonWhoeverComesFirst() throws Exception {
        assumeTrue(Sys.geteuid() == 0, "only root acts for others");
        Path closed = Files.createDirectory(dir.resolve("closed"), PosixFilePermissions.asFileAttribute(Set.of()));
        Path target = Files.createDirectory(closed.resolve("target"));
        Files.createFile(target.resolve("f"));
        rq.uid = 61_234;
        rq.gid = 61_234;
        Thread user = new Thread(() -> {
            // The thread acts for the user already when the attacher's first thread is started.
            assertThat(tree.lookup(rq, ROOT, name("none"))).isEqualTo(-Errno.ENOENT);
            tree.destroy();
            attacher.close();
            resolver.lives(rootFsn, FakeResolver.local(target, true));
            attacher = newAttacher();
            tree = projection(1000);
            lookup(ROOT, "f");
        });
        AtomicReference<Throwable> failure = new AtomicReference<>();
        user.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        user.start();
        user.join();
        assertThat(failure.get()).isNull();
    }

    @Test
    void anotherProcessGivesOtherNodeids() throws Exception {
        Files.createFile(root.resolve("f"));
        long f = lookup(ROOT, "f");
        long generation = rq.entry.generation;
        tree.destroy();
        tree = projection(1000);
        long now = lookup(ROOT, "f");
        assertThat(now == f && rq.entry.generation == generation).isFalse();
        assertStale(f);
    }

    @Test
    void nodesNeverGivenAreStale() {
        for (long id : new long[] {0, 2, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40}) {
            assertFails(FsError.STALE, () -> tree.getattr(rq, id, 0));
        }
        assertFails(FsError.STALE, () -> tree.read(rq, ROOT, 12345, 0, 10, 0));
    }

    @Test
    void onlyAJunctionThatIsOneIsTakenForOne() throws Exception {
        Path marked = Files.createDirectory(root.resolve("marked"));
        NativeBuffer path = new NativeBuffer(512);
        assertThat(Sys.chmod(path.putCString(0, marked.toString().getBytes(UTF_8)), 01600))
                .isZero();
        long m = lookup(ROOT, "marked");
        assertThat(rq.entry.attributes.mode & 07777).isEqualTo(01600);
        assertThat(tree.rmdir(rq, ROOT, name("marked"))).isZero();
        tree.forget(m, 1);
    }

    @Test
    void aJunctionMadeAndRemovedUnderTheMountIsSeen() throws Exception {
        Files.createDirectory(root.resolve("d"));
        long plain = lookup(ROOT, "d");
        Fsn fsn = fileset("target");
        Junctions.create(root.resolve("d"), fsn, Map.of());
        long junction = lookup(ROOT, "d");
        assertThat(junction).isNotEqualTo(plain);
        assertThat(rq.entry.attributes.mode).isEqualTo(Sys.S_IFDIR | 0555);
        Junctions.delete(root.resolve("d"));
        long again = lookup(ROOT, "d");
        assertThat(again).isNotEqualTo(junction);
        assertThat(rq.entry.attributes.mode & 07777).isEqualTo(0755);
    }

    @Test
    void aListingNamesEverythingOnceAndCanGoOnAnywhere() throws Exception {
        for (int i = 0; i < 500; i++) {
            Files.createFile(root.resolve("file-" + i));
        }
        assertThat(tree.opendir(rq, ROOT, 0)).isZero();
        long fh = rq.opened.fh;
        List<String> names = new ArrayList<>();
        long offset = 0;
        while (true) {
            Listing part = new Listing(7);
            assertThat(tree.readdir(rq, ROOT, fh, offset, 4096, part)).isZero();
            if (part.names.isEmpty()) {
                break;
            }
            names.addAll(part.names);
            offset = part.next;
        }
        assertThat(names).hasSize(502).doesNotHaveDuplicates().contains("file-0", "file-499", ".", "..");
        Listing first = new Listing(3);
        assertThat(tree.readdir(rq, ROOT, fh, 0, 4096, first)).isZero();
        assertThat(first.names).isEqualTo(names.subList(0, 3));
        assertThat(tree.releasedir(rq, ROOT, fh)).isZero();
    }

    /** A sink with room for so many names. */
    private static final class Listing implements DirectorySink {
        private final int room;
        final List<String> names = new ArrayList<>();
        long next;

        Listing(int room) {
            this.room = room;
        }

        @Override
        public boolean hasRoom(int nameLength) {
            return names.size() < room;
        }

        @Override
        public boolean wantsAttributes() {
            return false;
        }

        @Override
        public void add(NativeBuffer b, int at, int length, long ino, int type, long next) {
            names.add(new String(b.bytes(at, length), UTF_8));
            this.next = next;
        }

        @Override
        public void add(NativeBuffer b, int at, int length, long next, Entry entry) {
            throw new AssertionError("no attributes were asked for");
        }
    }

    @Test
    void locksOfTwoOwnersConflictAndGoWithTheirOwner() throws Exception {
        Files.createFile(root.resolve("f"));
        long f = lookup(ROOT, "f");
        assertThat(tree.open(rq, f, Sys.O_RDWR)).isZero();
        long fh = rq.opened.fh;
        lock(io.fedfs.fuse.FileLock.WRITE);
        assertThat(tree.setlk(rq, f, fh, 100)).isZero();
        lock(io.fedfs.fuse.FileLock.WRITE);
        assertThat(tree.setlk(rq, f, fh, 200)).isEqualTo(-Errno.EAGAIN);
        lock(io.fedfs.fuse.FileLock.WRITE);
        assertThat(tree.getlk(rq, f, fh, 200)).isZero();
        assertThat(rq.lock.type).isEqualTo(io.fedfs.fuse.FileLock.WRITE);
        assertThat(tree.flush(rq, f, fh, 100)).isZero();
        lock(io.fedfs.fuse.FileLock.WRITE);
        assertThat(tree.setlk(rq, f, fh, 200)).isZero();
        assertThat(tree.release(rq, f, fh, 0, 0, false)).isZero();
    }

    private void lock(int type) {
        rq.lock.start = 0;
        rq.lock.end = Long.MAX_VALUE;
        rq.lock.type = type;
        rq.lock.pid = 4711;
    }

    @Test
    void foreignEntriesAreLinksOnlyWhenEnabled() throws Exception {
        Path entry = Files.createDirectory(root.resolve("c"));
        String value = "DAOS.POSIX://11111111-2222-3333-4444-555555555555/AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee";
        io.fedfs.linux.Xattrs.set(entry, "user.daos", (value + "\0").getBytes(UTF_8), 0, false);
        lookup(ROOT, "c");
        assertThat(rq.entry.attributes.isDirectory()).isTrue();

        tree.tree().foreignLinksChanged(kernel, links.set(Settings.linksBelow("/mnt/dfuse/")));
        long link = lookup(ROOT, "c");
        assertThat(rq.entry.attributes.mode & Sys.S_IFMT).isEqualTo(Sys.S_IFLNK);
        NativeBuffer b = new NativeBuffer(4096);
        int length = tree.readlink(rq, link, b.address(), 4096);
        assertThat(new String(b.bytes(0, length), UTF_8))
                .isEqualTo("/mnt/dfuse/11111111-2222-3333-4444-555555555555/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
        assertThat(rq.entry.attributes.size).isEqualTo(length);
        assertFails(FsError.IS_FOREIGN, () -> tree.unlink(rq, ROOT, name("c")));
        assertFails(FsError.IS_FOREIGN, () -> tree.rmdir(rq, ROOT, name("c")));

        tree.tree().foreignLinksChanged(kernel, links.set(Settings.linksBelow("/other")));
        long moved = lookup(ROOT, "c");
        length = tree.readlink(rq, moved, b.address(), 4096);
        assertThat(new String(b.bytes(0, length), UTF_8)).startsWith("/other/1111");
    }

    @Test
    void whereAPathLivesIsFoundWithoutTheKernel() throws Exception {
        Fsn fsn = junction(root.resolve("j"), "target");
        Files.createDirectories(dir.resolve("target/a"));
        Files.createSymbolicLink(root.resolve("short"), Path.of("j/a"));
        Files.createFile(dir.resolve("target/a/f"));
        Tree.Located where =
                tree.tree().locate("short/f".getBytes(UTF_8), rq.uid, rq.gid, Duration.ofSeconds(30), Runnable::run);
        assertThat(where.crossed()).extracting(Tree.Crossed::fsn).containsExactly(rootFsn, fsn);
        assertThat(new String(where.inside(), UTF_8)).isEqualTo("a/f");
        assertThat(where.crossed().get(1).attached().path())
                .isEqualTo(dir.resolve("target").toString());
        assertThatThrownBy(() -> tree.tree()
                        .locate("j/none".getBytes(UTF_8), rq.uid, rq.gid, Duration.ofSeconds(30), Runnable::run))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void aFileHandleOfAnotherNodeChangesNothing() throws Exception {
        Files.writeString(root.resolve("mine"), "mine");
        Files.writeString(root.resolve("other"), "other");
        long mine = lookup(ROOT, "mine");
        assertThat(tree.open(rq, lookup(ROOT, "other"), Sys.O_RDWR)).isZero();
        rq.change.valid = AttributeChange.SIZE | AttributeChange.FH;
        rq.change.fh = rq.opened.fh;
        rq.change.size = 0;
        assertFails(FsError.STALE, () -> tree.setattr(rq, mine));
        assertThat(root.resolve("other")).hasContent("other");
    }

    @Test
    void creatingOverWhatIsNoFileOpensNothingAndLetsTheKernelLookAgain() throws Exception {
        tree.openRoot();
        assertThat(Sys.mknodat(Sys.AT_FDCWD, rq.scratch.putCString(0, bytes("fifo")), Sys.S_IFIFO | 0666, 0))
                .isZero();
        Files.createSymbolicLink(root.resolve("link"), dir.resolve("outside"));
        Files.createDirectory(root.resolve("d"));
        for (String name : List.of("fifo", "link", "d")) {
            assertThat(tree.create(rq, ROOT, name(name), Sys.O_WRONLY | Sys.O_CREAT, 0644, 0))
                    .as(name)
                    .isEqualTo(-Errno.ESTALE);
        }
        assertThat(dir.resolve("outside")).doesNotExist();
        Files.writeString(root.resolve("f"), "old");
        assertThat(tree.create(rq, ROOT, name("f"), Sys.O_WRONLY | Sys.O_CREAT | Sys.O_EXCL, 0644, 0))
                .isEqualTo(-Errno.EEXIST);
        assertThat(tree.create(rq, ROOT, name("f"), Sys.O_WRONLY | Sys.O_CREAT | Sys.O_TRUNC, 0644, 0))
                .isZero();
        assertThat(root.resolve("f")).hasContent("");
    }

    private byte[] bytes(String inRoot) {
        return root.resolve(inRoot).toString().getBytes(UTF_8);
    }

    @Test
    void aForeignEntryIsNotOpenedByCreating() throws Exception {
        links.set(Settings.linksBelow("/dfuse"));
        Path entry = Files.createFile(root.resolve("h"));
        io.fedfs.linux.Xattrs.set(
                entry,
                "user.daos",
                ("DAOS.POSIX://" + java.util.UUID.randomUUID() + "/" + java.util.UUID.randomUUID()).getBytes(UTF_8),
                0,
                false);
        int r = tree.create(rq, ROOT, name("h"), Sys.O_RDWR | Sys.O_CREAT, 0644, 0);
        long h = lookup(ROOT, "h");
        assertThat(rq.entry.attributes.mode & Sys.S_IFMT).isEqualTo(Sys.S_IFLNK);
        assertThat(r).isEqualTo(-Errno.ESTALE);
        assertThat(tree.readlink(rq, h, rq.scratch.address(), 4096)).isEqualTo("/dfuse/".length() + 2 * 36 + 1);
        assertThat(tree.counters()).containsEntry("open_files", 0L);
    }

    @Test
    void referencesGivenBackTooOftenAreAllThereWere() throws Exception {
        Files.createDirectories(root.resolve("a/b"));
        long b = walk("a/b");
        tree.forget(b, -1);
        assertThat(tree.counters()).containsEntry("remembered", 1L);
        assertThat(walk("a/b")).as("remembered").isEqualTo(b);
        assertThat(tree.counters()).containsEntry("remembered", 0L);
        tree.forget(b, Long.MIN_VALUE);
        assertThat(tree.counters()).containsEntry("remembered", 1L);
    }

    @Test
    void aClosedJunctionIsOpenedWhenTheKernelDoubtsItsAttributes() throws Exception {
        junction(root.resolve("j"), "target");
        long j = lookup(ROOT, "j");
        assertThat(rq.entry.attributes.mode & 0777).isEqualTo(0555);
        assertThat(tree.getattr(rq, j, 0)).isZero();
        assertThat(tree.counters()).as("who only looks asks nobody").containsEntry("crossings", 1L);
        rq.doubtsAttributes = true;
        assertThat(tree.getattr(rq, j, 0)).isZero();
        assertThat(tree.counters()).containsEntry("crossings", 2L);
        assertThat(rq.entry.attributes.mode & 0777).isNotEqualTo(0555);
    }
}

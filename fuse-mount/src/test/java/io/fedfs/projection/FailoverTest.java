package io.fedfs.projection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.attach.AttachConfig;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.Attachment;
import io.fedfs.attach.FslType;
import io.fedfs.attach.LocalType;
import io.fedfs.attach.Reached;
import io.fedfs.attach.Trouble;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Replicas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A location that fails, told by hand; the other one is another directory. */
@Timeout(60)
final class FailoverTest {
    private static final long ROOT = 1;
    private static final FileTime THEN = FileTime.fromMillis(1_000_000_000_000L);

    @TempDir
    Path dir;

    private final FakeResolver resolver = new FakeResolver();
    private final Request rq = new Request();
    private final NativeBuffer data = new NativeBuffer(64);
    private final Fsn fsn = FakeResolver.fsn();
    private Attacher attacher;
    private Projection tree;
    private Path first;
    private Path second;
    private long junction;

    /** Directories of this host that count as a server's. */
    private static final class Served implements FslType {
        @Override
        public String name() {
            return "served";
        }

        @Override
        public Reached reach(Fsl fsl) {
            try (CString path = new CString(fsl.path().getBytes(UTF_8))) {
                int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_PATH | Sys.O_DIRECTORY, 0);
                return new Reached(fd, "served://" + fsl.host(), () -> {});
            }
        }
    }

    private static Fsl at(Path path, int rank, boolean writable) {
        return new Fsl(
                UUID.randomUUID(),
                "served",
                "host" + rank,
                0,
                path.toString(),
                "",
                Map.of(),
                writable,
                false,
                0,
                rank,
                0,
                rank,
                0);
    }

    @BeforeEach
    void mount() throws Exception {
        rq.uid = Sys.geteuid();
        rq.gid = Sys.getegid();
        Path root = Files.createDirectory(dir.resolve("root"));
        Fsn rootFsn = FakeResolver.fsn();
        resolver.lives(rootFsn, FakeResolver.local(root, true));
        first = location("first");
        second = location("second");
        Files.writeString(second.resolve("only"), "here");
        resolver.lives(fsn, at(first, 0, true), at(second, 1, true));
        Junctions.create(root.resolve("j"), fsn, Map.of());
        attacher =
                new Attacher(List.of(new LocalType(List.of(dir)), new Served()), new Replicas(), 32, AttachConfig.NONE);
        Options options = new Options(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(5),
                false,
                true,
                true,
                100,
                1 << 20,
                0,
                Options.FailoverMode.ALL);
        tree = new Projection(rootFsn, options, resolver, attacher, new ForeignLinks(), Sys.geteuid() == 0, f -> true);
        tree.init(new FakeKernel());
        junction = lookup(ROOT, "j");
    }

    private Path location(String name) throws Exception {
        Path location = Files.createDirectory(dir.resolve(name));
        Files.createDirectories(location.resolve("d/e"));
        for (String file : List.of("f", "d/e/g", "d/a", "d/b", "d/c")) {
            Files.writeString(location.resolve(file), "content of " + file);
            Files.setLastModifiedTime(location.resolve(file), THEN);
        }
        return location;
    }

    @AfterEach
    void unmount() {
        tree.destroy();
        attacher.close();
    }

    private static Name name(String s) {
        return Name.of(s.getBytes(UTF_8));
    }

    private long lookup(long parent, String name) {
        assertThat(tree.lookup(rq, parent, name(name))).as(name).isZero();
        return rq.entry.nodeid;
    }

    private long open(long node, int flags) {
        assertThat(tree.open(rq, node, flags)).isZero();
        assertThat(rq.opened.backingId).as("not by passthrough").isZero();
        return rq.opened.fh;
    }

    private String read(long node, long fh) {
        int n = tree.read(rq, node, fh, 0, 64, data.address());
        return n < 0 ? Errno.name(-n) : new String(data.bytes(0, n), UTF_8);
    }

    /** Tells that the first location is of no use, as an operation that fails does. */
    private void fail(long node) throws Exception {
        Referral referral = (Referral) resolver.cached(fsn).orElseThrow();
        Attachment shared = attacher.attachAny(referral, Duration.ofSeconds(5), () -> false);
        assertThat(shared.fsl().path()).isEqualTo(first.toString());
        attacher.failed(shared, Trouble.of(Errno.ENOTCONN));
        assertThat(tree.lookup(rq, node, name("none"))).isEqualTo(-Errno.ENOENT);
        tree.failover().down(shared, Trouble.of(Errno.ENOTCONN));
        while (tree.tree().attached().stream()
                .noneMatch(c -> c.attached().path().equals(second.toString()))) {
            Thread.onSpinWait();
        }
        attacher.release(shared);
    }

    @Test
    void nodesOpenFilesAndListingsGoOnElsewhere() throws Exception {
        long f = lookup(junction, "f");
        long ino = rq.entry.attributes.ino;
        long d = lookup(junction, "d");
        long g = lookup(lookup(d, "e"), "g");
        long fh = open(f, Sys.O_RDONLY);
        assertThat(read(f, fh)).isEqualTo("content of f");
        assertThat(tree.opendir(rq, d, 0)).isZero();
        fail(junction);

        assertThat(read(f, fh)).isEqualTo("content of f");
        assertThat(tree.getattr(rq, f, 0)).isZero();
        assertThat(rq.entry.attributes.ino).isEqualTo(ino);
        assertThat(lookup(junction, "f")).as("the same node").isEqualTo(f);
        assertThat(lookup(junction, "f")).as("also when it is looked at again").isEqualTo(f);
        assertThat(rq.entry.attributes.ino).isEqualTo(ino);
        assertThat(read(g, open(g, Sys.O_RDONLY))).as("found by its names").isEqualTo("content of d/e/g");
        assertThat(lookup(d, "e")).isPositive();
        long only = lookup(junction, "only");
        assertThat(read(only, open(only, Sys.O_RDONLY))).isEqualTo("here");
        assertThat(tree.counters()).containsEntry("failovers", 1L).containsEntry("handles_carried", 1L);
    }

    @Test
    void aFileThatIsAnotherOneThereIsStaleForWhoHasItOpen() throws Exception {
        long f = lookup(junction, "f");
        long fh = open(f, Sys.O_RDONLY);
        Files.writeString(second.resolve("f"), "something else");
        fail(junction);
        assertThatThrownBy(() -> read(f, fh)).isInstanceOfSatisfying(FsException.class, e -> assertThat(e.error())
                .isEqualTo(FsError.STALE));
        assertThat(read(f, open(f, Sys.O_RDONLY))).isEqualTo("something else");
    }

    @Test
    void whatIsOpenForWritingDoesNotMove() throws Exception {
        long f = lookup(junction, "f");
        long fh = open(f, Sys.O_RDWR);
        fail(junction);
        data.put(0, "new".getBytes(UTF_8), 0, 3);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> tree.write(rq, f, fh, 0, 3, data.address(), 0))
                    .isInstanceOfSatisfying(
                            FsException.class, e -> assertThat(e.error()).isEqualTo(FsError.NO_LOCATION_ATTACHES));
        }
        assertThat(second.resolve("f")).hasContent("content of f");
    }

    @Test
    void aNameThatIsRemovedAfterTheMoveIsTheNodesOwn() throws Exception {
        long f = lookup(junction, "f");
        fail(junction);
        assertThat(tree.unlink(rq, junction, name("f"))).isZero();
        assertThat(second.resolve("f")).doesNotExist();
        assertThat(first.resolve("f")).exists();
        assertThat(tree.getattr(rq, f, 0)).as("still there for who holds it").isZero();
        assertThat(rq.entry.attributes.nlink).isZero();
    }
}

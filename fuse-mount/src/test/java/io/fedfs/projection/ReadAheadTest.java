package io.fedfs.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.attach.Attacher;
import io.fedfs.attach.LocalType;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Replicas;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which filesets the resolver is told to expect when some junctions of a directory were crossed. */
@Timeout(60)
final class ReadAheadTest {
    private static final int FOR_EACH = 8;

    @TempDir
    Path dir;

    private final FakeResolver resolver = new FakeResolver();
    private final Request rq = new Request();
    private final Fsn rootFsn = FakeResolver.fsn();
    private final List<Fsn> made = new ArrayList<>();
    private Path root;
    private Attacher attacher;
    private Projection tree;

    @BeforeEach
    void make() throws Exception {
        rq.uid = Sys.geteuid();
        rq.gid = Sys.getegid();
        root = Files.createDirectory(dir.resolve("root"));
        resolver.lives(rootFsn, FakeResolver.local(root, true));
        attacher = new Attacher(List.of(new LocalType(List.of(dir))), new Replicas(), 32);
    }

    private void mount(boolean readAhead) {
        Options options = new Options(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(5),
                false,
                true,
                readAhead,
                1000,
                1 << 20,
                0,
                Options.FailoverMode.REMOTE);
        tree = new Projection(
                rootFsn, options, resolver, attacher, new ForeignLinks(), Sys.geteuid() == 0, fsn -> fsn.nsdb()
                        .equals(rootFsn.nsdb()));
        tree.init(new FakeKernel());
        tree.openRoot();
    }

    @AfterEach
    void unmount() {
        if (tree != null) {
            tree.destroy();
        }
        attacher.close();
    }

    /** Junctions {@code 0}, {@code 1}, … in a directory, to filesets that nobody has asked about. */
    private void junctions(Path in, int count) throws Exception {
        Path target = Files.createDirectories(dir.resolve("target"));
        for (int i = 0; i < count; i++) {
            Fsn fsn = FakeResolver.fsn();
            made.add(fsn);
            resolver.lives(fsn, FakeResolver.local(target, true));
            resolver.unknown.add(fsn);
            Junctions.create(in.resolve(Integer.toString(i)), fsn, Map.of());
        }
    }

    /** A junction as somebody makes it who may not write trusted attributes. */
    private void userJunction(String name, Fsn fsn) throws Exception {
        resolver.unknown.add(fsn);
        Path at = root.resolve(name);
        Junctions.create(at, fsn, Map.of());
        for (String attribute : List.of("junction.nfs", "junction.mode")) {
            byte[] value = Xattrs.get(at, "trusted." + attribute, false).orElseThrow();
            Xattrs.remove(at, "trusted." + attribute, false);
            Xattrs.set(at, "user." + attribute, value, 0, false);
        }
    }

    private long lookup(long parent, String name) {
        assertThat(tree.lookup(rq, parent, Name.of(name.getBytes(StandardCharsets.UTF_8))))
                .as("lookup of " + name)
                .isZero();
        return rq.entry.nodeid;
    }

    private void cross(long parent, int number) {
        long junction = lookup(parent, Integer.toString(number));
        tree.opendir(rq, junction, 0);
        tree.releasedir(rq, junction, rq.opened.fh);
        resolver.unknown.remove(made.get(number));
    }

    /** What is expected when so many are, or after two seconds. */
    private Set<Fsn> expected(int atLeast) throws InterruptedException {
        for (int i = 0; i < 200 && resolver.expected.size() < atLeast; i++) {
            Thread.sleep(10);
        }
        return new HashSet<>(resolver.expected);
    }

    /** What is expected after some time in which nothing has to happen. */
    private List<Fsn> expectedLater() throws InterruptedException {
        Thread.sleep(200);
        return resolver.expected;
    }

    @Test
    void theThirdCrossingInADirectoryMakesTheOthersExpected() throws Exception {
        junctions(root, 12);
        Files.createDirectory(root.resolve("plain"));
        Files.createFile(root.resolve("file"));
        mount(true);
        cross(1, 0);
        cross(1, 1);
        assertThat(expectedLater()).isEmpty();
        cross(1, 2);
        assertThat(expected(9)).containsExactlyInAnyOrderElementsOf(made.subList(3, 12));
        cross(1, 3);
        assertThat(expectedLater()).as("each once").hasSize(9);
    }

    @Test
    void oneHereAndOneThereIsNoRun() throws Exception {
        mount(true);
        for (int d = 0; d < 5; d++) {
            Path in = Files.createDirectory(root.resolve("d" + d));
            junctions(in, 4);
            long parent = lookup(1, "d" + d);
            long junction = lookup(parent, "0");
            tree.opendir(rq, junction, 0);
        }
        assertThat(expectedLater()).isEmpty();
    }

    @Test
    void whereAllIsKnownNothingIsRead() throws Exception {
        junctions(root, 12);
        resolver.unknown.removeAll(made.subList(0, 6));
        mount(true);
        for (int i = 0; i < 6; i++) {
            cross(1, i);
        }
        assertThat(expectedLater()).isEmpty();
        cross(1, 6);
        assertThat(expected(5)).containsExactlyInAnyOrderElementsOf(made.subList(7, 12));
    }

    @Test
    void whatIsNotUsedEndsIt() throws Exception {
        junctions(root, 600);
        mount(true);
        for (int i = 0; i < 3; i++) {
            cross(1, i);
        }
        int after3 = expected(3 * FOR_EACH).size();
        assertThat(after3).isBetween(3 * FOR_EACH, 4 * FOR_EACH);
        assertThat(expectedLater()).hasSize(after3);
        // Who wants others than those gets more, in the same measure.
        Set<Fsn> before = expected(0);
        int crossed = 3;
        for (int i = 3; crossed < 20; i++) {
            if (!before.contains(made.get(i))) {
                cross(1, i);
                crossed++;
            }
        }
        assertThat(expectedLater().size()).isBetween(10 * FOR_EACH, 21 * FOR_EACH);
        assertThat(new HashSet<>(resolver.expected)).hasSize(resolver.expected.size());
    }

    @Test
    void whoGoesOnIsAlwaysFollowed() throws Exception {
        junctions(root, 600);
        mount(true);
        Set<Fsn> crossed = new HashSet<>();
        int waited = 0;
        for (int i = 0; i < 600; i++) {
            Fsn fsn = made.get(i);
            if (crossed.add(fsn) && !resolver.expected.contains(fsn)) {
                waited++;
            }
            // As the resolver would have it: what is expected is known after a moment.
            resolver.unknown.removeAll(List.copyOf(resolver.expected));
            cross(1, i);
            if (i % 10 == 0) {
                Thread.sleep(5);
            }
        }
        assertThat(waited).as("crossings that nobody had expected").isLessThan(300);
        assertThat(resolver.expected.size()).isEqualTo(new HashSet<>(resolver.expected).size());
    }

    @Test
    void aJunctionThatAnyUserCanHaveWrittenIsExpectedOnlyWhereItWouldBeFollowed() throws Exception {
        junctions(root, 4);
        Fsn strange = new Fsn(
                new NsdbAddress("elsewhere.example.org", 7532), made.get(0).uuid());
        Fsn listed = FakeResolver.fsn();
        userJunction("u1", strange);
        userJunction("u2", listed);
        mount(true);
        for (int i = 0; i < 3; i++) {
            cross(1, i);
        }
        assertThat(expected(2)).containsExactlyInAnyOrder(made.get(3), listed);
        assertThat(expectedLater()).doesNotContain(strange);
    }

    @Test
    void itCanBeTurnedOff() throws Exception {
        junctions(root, 12);
        mount(false);
        for (int i = 0; i < 6; i++) {
            cross(1, i);
        }
        assertThat(expectedLater()).isEmpty();
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        junctions(root, 300);
        mount(true);
        cross(1, 0);
        long before = open();
        for (int i = 1; i < 100; i++) {
            cross(1, i);
        }
        expectedLater();
        // One for each fileset that is attached, none for the listing.
        assertThat(open() - before).isLessThan(110);
    }

    private static long open() throws Exception {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }
}

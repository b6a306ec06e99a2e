package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** File handles on the mount, as a file server that exports it again uses them: also when the kernel has forgotten the files. */
final class ExportIT {
    private static final Duration END = Duration.ofSeconds(15);
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final int DIRECTORY = Sys.O_RDONLY | Sys.O_DIRECTORY;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
        inner.below().makeDir("a").makeDir("a/b").makeFile("a/b/f", "inside");
        root.below().makeFile("g", "outside");
    }

    private static void dropCaches() {
        try {
            Files.writeString(DROP_CACHES, "2");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Makes the kernel forget what it holds of the mount, and waits until the daemon has heard of it.
     *
     * @param atLeast how many nodes without children it then remembers
     */
    private static void forget(Mount mount, int atLeast) {
        Await.until(END, true, () -> {
            // A pass frees the leaves of the tree, so a path takes several.
            for (int pass = 0; pass < 5; pass++) {
                dropCaches();
            }
            return mount.counter("remembered") >= atLeast;
        });
    }

    @Test
    void aHandleOpensWhatThePathDoes() {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        assertThat(f.content(mount.point())).isEqualTo("inside");
        assertThat(FileHandle.of(mount.path("g")).content(mount.point())).isEqualTo("outside");
        assertThat(FileHandle.of(mount.path("j/a")).names(mount.point())).isEqualTo("b");
        assertThat(FileHandle.of(mount.point()).names(mount.point())).isEqualTo("g,j");
    }

    @Test
    void aHandleOutlivesTheKernelsMemory() {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        FileHandle b = FileHandle.of(mount.path("j/a/b"));
        FileHandle j = FileHandle.of(mount.path("j"));
        FileHandle g = FileHandle.of(mount.path("g"));
        for (int round = 0; round < 3; round++) {
            forget(mount, 2);
            assertThat(f.content(mount.point())).isEqualTo("inside");
            forget(mount, 2);
            assertThat(b.path(mount.point(), DIRECTORY))
                    .isEqualTo(mount.path("j/a/b").toString());
            forget(mount, 2);
            assertThat(j.path(mount.point(), DIRECTORY))
                    .isEqualTo(mount.path("j").toString());
            assertThat(j.names(mount.point())).isEqualTo("a");
            forget(mount, 2);
            assertThat(g.content(mount.point())).isEqualTo("outside");
        }
    }

    @Test
    void whatIsOpenedByHandleIsTheFile() throws Exception {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        forget(mount, 1);
        int fd = f.open(mount.point(), Sys.O_RDWR | Sys.O_APPEND);
        assertThat(fd).isPositive();
        Files.writeString(Path.of("/proc/self/fd/" + fd), "changed");
        Sys.close(fd);
        assertThat(inner.below().content("a/b/f")).isEqualTo("changed");
        assertThat(mount.seen().content("j/a/b/f")).isEqualTo("changed");
        assertThat(f.content(mount.point())).isEqualTo("changed");
    }

    @Test
    void aDirectoryIsFoundAmongManyByItsHandle() {
        for (int i = 0; i < 3000; i++) {
            root.below().makeDir("a-directory-with-a-name-that-takes-its-room-" + i);
        }
        FEDERATION.junction(root, "zz", inner);
        Mount mount = FEDERATION.mount(root).start();
        FileHandle a = FileHandle.of(mount.path("zz/a"));
        FileHandle deep = FileHandle.of(mount.path("zz/a/b"));
        forget(mount, 1);
        assertThat(deep.path(mount.point(), DIRECTORY))
                .isEqualTo(mount.path("zz/a/b").toString());
        forget(mount, 1);
        assertThat(a.path(mount.point(), DIRECTORY))
                .isEqualTo(mount.path("zz/a").toString());
    }

    @Test
    void whatWasRemovedOrReplacedIsStale() throws Exception {
        Mount mount = FEDERATION.mount(root).start();
        inner.below()
                .makeFile("under", "1")
                .makeFile("over", "2")
                .makeFile("replaced", "3")
                .makeFile("new", "4");
        FileHandle under = FileHandle.of(mount.path("j/under"));
        FileHandle over = FileHandle.of(mount.path("j/over"));
        FileHandle replaced = FileHandle.of(mount.path("j/replaced"));
        FileHandle directory = FileHandle.of(mount.path("j/a/b"));
        forget(mount, 4);
        inner.below().unlink("under");
        inner.below().makeFile("under", "another");
        Files.delete(mount.path("j/over"));
        inner.below().makeFile("over", "another");
        assertThat(mount.seen().rename("j/new", "j/replaced")).isZero();
        inner.below().unlink("a/b/f");
        inner.below().rmdir("a/b");
        assertThat(mount.seen().content("j/over")).isEqualTo("another");
        for (FileHandle gone : List.of(under, over, replaced)) {
            assertThat(gone.content(mount.point())).isEqualTo("ESTALE");
        }
        assertThat(directory.names(mount.point())).isEqualTo("ESTALE");
        forget(mount, 1);
        for (FileHandle gone : List.of(under, over, replaced)) {
            assertThat(gone.content(mount.point())).isEqualTo("ESTALE");
        }
    }

    @Test
    void aHandleIsGoodAfterARenameThroughTheMount() {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        FileHandle b = FileHandle.of(mount.path("j/a/b"));
        forget(mount, 1);
        assertThat(mount.seen().rename("j/a/b", "j/c")).isZero();
        assertThat(mount.seen().rename("j/c/f", "j/h")).isZero();
        forget(mount, 1);
        assertThat(f.content(mount.point())).isEqualTo("inside");
        assertThat(b.path(mount.point(), DIRECTORY)).isEqualTo(mount.path("j/c").toString());
    }

    @Test
    void withoutMemoryAForgottenHandleIsStale() {
        Mount mount = FEDERATION.mount(root).option("remember=0").start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        assertThat(f.content(mount.point())).isEqualTo("inside");
        Await.until(END, "ESTALE", () -> {
            dropCaches();
            return f.content(mount.point());
        });
        assertThat(mount.counter("remembered")).isZero();
    }

    @Test
    void ofManyHandlesEachIsItsFileOrStale() throws Exception {
        int count = 2000;
        for (int i = 0; i < count; i++) {
            Files.writeString(inner.directory().resolve("f" + i), "number " + i);
        }
        Mount mount = FEDERATION.mount(root).option("remember=640").start();
        List<FileHandle> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            handles.add(FileHandle.of(mount.path("j/f" + i)));
        }
        forget(mount, 1);
        assertThat(mount.counter("remembered"))
                .as("with the junction above them")
                .isBetween(2L, 641L);
        int good = 0;
        for (int i = 0; i < count; i++) {
            String content = handles.get(i).content(mount.point());
            if (content.equals("number " + i)) {
                good++;
            } else {
                assertThat(content).isEqualTo("ESTALE");
            }
        }
        assertThat(good).isBetween(1, 640);
    }

    @Test
    void anotherDaemonKnowsNoHandleOfTheFormer() {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        FileHandle g = FileHandle.of(mount.path("g"));
        mount.umount();
        mount.start();
        for (String name : List.of("j", "g", "j/a", "j/a/b", "j/a/b/f")) {
            mount.seen().lstat(name);
        }
        assertThat(f.content(mount.point())).isEqualTo("ESTALE");
        assertThat(g.content(mount.point())).isEqualTo("ESTALE");
    }

    @Test
    void aFlushReleasesALocationThatIsOnlyRemembered() {
        Mount mount = FEDERATION.mount(root).start();
        FileHandle f = FileHandle.of(mount.path("j/a/b/f"));
        forget(mount, 1);
        FEDERATION.fedfs("flush", mount.path("j").toString()).ok();
        assertThat(mount.counter("remembered")).isLessThanOrEqualTo(1);
        assertThat(f.content(mount.point())).isEqualTo("ESTALE");
        assertThat(mount.seen().content("j/a/b/f")).isEqualTo("inside");
    }
}

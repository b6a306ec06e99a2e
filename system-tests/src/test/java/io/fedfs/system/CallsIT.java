package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How often the mount asks the NSDB, by the NSDB's own counter. */
final class CallsIT {
    private static final int MANY = 1000;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb near;
    private static Nsdb far;

    private Fileset root;

    @BeforeEach
    void start() {
        if (near == null) {
            near = FEDERATION.nsdb();
            far = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(near);
    }

    @Test
    void listingAThousandJunctionsAsksNobodyAndIsAboutAsFastAsPlainDirectories() {
        Fileset target = FEDERATION.fileset(far);
        root.below().makeDir("junctions").makeDir("plain");
        for (int i = 0; i < MANY; i++) {
            FEDERATION.junction(
                    root, "junctions/j" + i, i % 2 == 0 ? target.fsn() : far.fsn(java.util.UUID.randomUUID()));
            root.below().makeDir("plain/d" + i);
        }
        Mount mount = FEDERATION
                .mount(root)
                .option("entry_timeout=0")
                .option("attr_timeout=0")
                .start();
        long before = near.resolveCount() + far.resolveCount();
        List<Long> junctions = new ArrayList<>();
        List<Long> plain = new ArrayList<>();
        for (int round = 0; round < 7; round++) {
            junctions.add(listed(mount, "junctions"));
            plain.add(listed(mount, "plain"));
        }
        assertThat(near.resolveCount() + far.resolveCount()).isEqualTo(before);
        assertThat(median(junctions))
                .as("microseconds, plain %s, junctions %s", plain, junctions)
                // The budget is 2; a loaded machine gets some more.
                .isLessThan(3 * median(plain));
    }

    private static long listed(Mount mount, String name) {
        Run run = FEDERATION.sh("ls -l $0 | wc -l", mount.path(name)).ok();
        assertThat(run.line()).isEqualTo(Integer.toString(MANY + 1));
        return run.took().toNanos() / 1000;
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    @Test
    void oneColdCrossingIsOneResolve() {
        Fileset target = FEDERATION.fileset(far);
        FEDERATION.junction(root, "j", target);
        target.below().makeFile("f", "x").makeDir("d");
        Ground seen = FEDERATION.mount(root).start().seen();
        long before = far.resolveCount();
        assertThat(seen.lstat("j").kind()).isEqualTo("dir");
        assertThat(seen.names(".")).isEqualTo("j");
        assertThat(far.resolveCount()).as("looking at it does not enter it").isEqualTo(before);
        assertThat(seen.content("j/f")).isEqualTo("x");
        assertThat(seen.names("j")).isEqualTo("d,f");
        assertThat(seen.mkdir("j/d/e", 0755)).isZero();
        assertThat(far.resolveCount()).isEqualTo(before + 1);
    }

    @Test
    void twoHundredAtOnceMakeOneResolve() throws Exception {
        Fileset target = FEDERATION.fileset(far);
        FEDERATION.junction(root, "j", target);
        target.below().makeFile("f", "x");
        Ground seen = FEDERATION.mount(root).start().seen();
        long before = far.resolveCount();
        CountDownLatch together = new CountDownLatch(1);
        ExecutorService programs = Executors.newFixedThreadPool(200);
        try {
            List<Future<String>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(programs.submit(() -> {
                    together.await();
                    return java.nio.file.Files.readString(seen.path("j/f"));
                }));
            }
            together.countDown();
            for (Future<String> one : all) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo("x");
            }
        } finally {
            programs.shutdownNow();
        }
        assertThat(far.resolveCount()).isEqualTo(before + 1);
    }

    @Test
    void twoHundredProgramsAtOnceMakeOneResolve() {
        Fileset target = FEDERATION.fileset(far);
        FEDERATION.junction(root, "j", target);
        target.below().makeFile("f", "x");
        Mount mount = FEDERATION.mount(root).start();
        long before = far.resolveCount();
        Run run = FEDERATION.sh("i=0; while [ $i -lt 200 ]; do cat $0/j/f & i=$((i+1)); done; wait", mount.point());
        assertThat(run.ok().out()).isEqualTo("x".repeat(200));
        assertThat(far.resolveCount()).isEqualTo(before + 1);
    }

    private void twenty() {
        for (int i = 0; i < 20; i++) {
            Fileset each = FEDERATION.fileset(far);
            each.below().makeFile("f", "behind " + i);
            FEDERATION.junction(root, "j" + i, each);
        }
    }

    @Test
    void whoCrossesThreeJunctionsFindsTheOthersOfTheDirectoryResolved() {
        twenty();
        Mount mount = FEDERATION.mount(root).start();
        Ground seen = mount.seen();
        long before = far.resolveCount();
        assertThat(seen.content("j0/f") + seen.content("j1/f")).isEqualTo("behind 0behind 1");
        Await.pause(Duration.ofMillis(300));
        assertThat(far.resolveCount())
                .as("two are asked for when they are crossed")
                .isEqualTo(before + 2);
        assertThat(seen.content("j2/f")).isEqualTo("behind 2");
        Await.until(Duration.ofSeconds(10), before + 20, far::resolveCount);
        for (int i = 0; i < 20; i++) {
            assertThat(seen.content("j" + i + "/f")).isEqualTo("behind " + i);
        }
        assertThat(far.resolveCount()).as("no call more").isEqualTo(before + 20);
        assertThat(FEDERATION.fedfs("status", mount.point().toString()).ok().out())
                .as("only what was crossed is attached")
                .containsPattern("crossings +21\n");
    }

    @Test
    void withoutReadAheadOnlyWhatIsCrossedIsResolved() {
        twenty();
        Ground seen = FEDERATION.mount(root).option("noreadahead").start().seen();
        long before = far.resolveCount();
        for (int i = 0; i < 6; i++) {
            assertThat(seen.content("j" + i + "/f")).isEqualTo("behind " + i);
        }
        Await.pause(Duration.ofMillis(300));
        assertThat(far.resolveCount()).isEqualTo(before + 6);
    }

    @Test
    void aTtlOfZeroIsNotCachedButStillWorks() {
        Fileset target = FEDERATION.fileset(far, 0);
        FEDERATION.junction(root, "j", target);
        target.below().makeFile("f", "x");
        Ground seen = FEDERATION.mount(root).start().seen();
        assertThat(seen.content("j/f")).isEqualTo("x");
        assertThat(seen.content("j/f")).isEqualTo("x");
    }

    @Test
    void flushMakesTheNextCrossingAsk() {
        Fileset target = FEDERATION.fileset(far);
        FEDERATION.junction(root, "j", target);
        target.below().makeFile("f", "x");
        Mount mount = FEDERATION.mount(root).start();
        assertThat(mount.seen().content("j/f")).isEqualTo("x");
        long before = far.resolveCount();
        mount.release();
        FEDERATION.fedfs("flush", mount.path("j").toString()).ok();
        Await.until(Duration.ofSeconds(5), true, () -> {
            assertThat(mount.seen().content("j/f")).isEqualTo("x");
            return far.resolveCount() > before;
        });
    }
}

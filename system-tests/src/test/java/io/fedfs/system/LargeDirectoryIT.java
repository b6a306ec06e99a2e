package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Ground.Listed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A directory of half a million entries: what stays is listed exactly once whatever comes and goes beside it, and every position told leads back. */
final class LargeDirectoryIT {
    private static final int ENTRIES = 500_000;
    private static final int PORTION = 50_000;
    /** Much more than it takes; a listing that grows with the square of the entries takes hours. */
    private static final Duration BOUND = Duration.ofSeconds(60);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Fileset root;

    @BeforeAll
    static void fill() {
        root = FEDERATION.fileset(FEDERATION.nsdb());
        root.below().makeDir("large");
        // In portions, because each command has a bound in time and a disk may be slow.
        for (int first = 0; first < ENTRIES; first += PORTION) {
            FEDERATION
                    .sh(
                            "cd $0/large && seq -f f%06g $1 $2 | xargs -n 10000 touch",
                            root.directory(), first, first + PORTION - 1)
                    .ok();
        }
    }

    @Test
    void everyEntryOnceWhileOthersComeAndGo() throws Exception {
        Ground seen = FEDERATION.mount(root).start().seen("large", Caller.ROOT);
        Ground below = new Ground(root.directory().resolve("large"), Caller.ROOT);
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread busy = new Thread(() -> {
            try {
                for (int i = 0; !over.get(); i++) {
                    Ground g = i % 2 == 0 ? below : seen;
                    g.makeFile("other" + i);
                    if (i >= 50) {
                        Ground.must(g.unlink("other" + (i - 50)));
                    }
                }
            } catch (Throwable t) {
                failure.set(t);
            }
        });
        busy.start();
        BitSet met = new BitSet(ENTRIES);
        int twice = 0;
        List<Listed> sample = new ArrayList<>();
        List<String> next = new ArrayList<>();
        Random random = new Random(1);
        Listed before = null;
        long began = System.nanoTime();
        int dir = seen.open(".", Ground.RDONLY | io.fedfs.linux.Sys.O_DIRECTORY);
        try {
            for (List<Listed> some = seen.getdents(dir, 65_536); !some.isEmpty(); some = seen.getdents(dir, 65_536)) {
                for (Listed e : some) {
                    if (e.name().startsWith("f")) {
                        int number = Integer.parseInt(e.name().substring(1));
                        twice += met.get(number) ? 1 : 0;
                        met.set(number);
                        if (before != null && random.nextInt(2500) == 0) {
                            sample.add(before);
                            next.add(e.name());
                        }
                        before = e;
                    } else {
                        // What follows a position may have gone meanwhile.
                        before = null;
                    }
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(BOUND);
            }
        } finally {
            over.set(true);
            busy.join(BOUND.toMillis());
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(failure.get()).isNull();
        assertThat(met.cardinality()).isEqualTo(ENTRIES);
        assertThat(twice).isZero();
        System.out.printf("a directory of %,d entries was listed in %,d ms%n", ENTRIES, took.toMillis());

        assertThat(sample).hasSizeGreaterThan(50);
        for (int i = sample.size() - 1; i >= 0; i--) {
            Ground.must(seen.lseek(dir, sample.get(i).off(), 0));
            assertThat(seen.getdents(dir, 4096).stream()
                            .map(Listed::name)
                            .filter(n -> n.startsWith("f"))
                            .findFirst())
                    .as("behind %s", sample.get(i))
                    .contains(next.get(i));
        }
        below.close();
    }
}

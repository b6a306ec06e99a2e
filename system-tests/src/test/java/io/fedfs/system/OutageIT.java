package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** NSDBs that die, hang and come back under a running mount. The root's NSDB and the inner filesets' are two. */
@Tag("waits")
final class OutageIT {
    /** The crossing's deadline is 5 s; the rest is for a loaded machine. */
    private static final Duration DEADLINE = Duration.ofSeconds(7);

    private static final Duration AT_ONCE = Duration.ofMillis(500);
    private static final Duration RECOVERY = Duration.ofSeconds(40);

    @RegisterExtension
    final Federation federation = new Federation();

    private Nsdb far;
    private Fileset root;
    private Fileset used;
    private Mount mount;

    @BeforeEach
    void start() {
        Nsdb near = federation.nsdb();
        far = federation.nsdb();
        root = federation.fileset(near);
        used = federation.fileset(far);
        Fileset unused = federation.fileset(far);
        federation.junction(root, "used", used);
        federation.junction(root, "unused", unused);
        used.below().makeFile("f", "known");
        unused.below().makeFile("f", "not yet known");
        root.below().makeFile("f", "near");
        mount = federation.mount(root);
    }

    @Test
    void knownPartsWorkTheRestFailsInTimeAndRecoversWithoutARestart() {
        Ground seen = mount.start().seen();
        assertThat(seen.content("used/f")).isEqualTo("known");
        far.kill();
        assertThat(seen.content("used/f")).isEqualTo("known");
        assertThat(seen.makeFile("used/new", "x").content("used/new")).isEqualTo("x");
        assertThat(seen.content("f")).isEqualTo("near");
        assertThat(failureWithin(DEADLINE, seen)).isEqualTo("EHOSTUNREACH");
        assertThat(failureWithin(AT_ONCE, seen)).as("at once the second time").isEqualTo("EHOSTUNREACH");
        assertThat(seen.names(".")).isEqualTo("f,unused,used");
        far.start();
        Await.until(RECOVERY, "not yet known", () -> seen.content("unused/f"));
    }

    @Test
    void aHangingNsdbCostsOneDeadlineAndOthersNothing() {
        Ground seen = mount.start().seen();
        far.freeze();
        try {
            assertThat(failureWithin(DEADLINE, seen)).isIn("EHOSTUNREACH", "ETIMEDOUT");
            long start = System.nanoTime();
            assertThat(seen.content("f")).isEqualTo("near");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
        } finally {
            far.thaw();
        }
        Await.until(RECOVERY, "not yet known", () -> seen.content("unused/f"));
    }

    @Test
    void whoeverUsesOtherPartsDoesNotWaitForAHangingNsdb() throws Exception {
        Ground seen = mount.start().seen();
        assertThat(seen.content("used/f")).isEqualTo("known");
        far.freeze();
        try {
            Thread waiting = new Thread(() -> seen.content("unused/f"));
            waiting.setDaemon(true);
            waiting.start();
            Await.pause(Duration.ofMillis(200));
            long start = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                assertThat(seen.content("used/f")).isEqualTo("known");
                assertThat(seen.content("f")).isEqualTo("near");
                assertThat(seen.names(".")).isEqualTo("f,unused,used");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            waiting.join(DEADLINE.toMillis());
            assertThat(waiting.isAlive()).isFalse();
        } finally {
            far.thaw();
        }
    }

    @Test
    void mountedAgainWithEveryNsdbAwayItUsesWhatItKnew() {
        mount.start();
        assertThat(mount.seen().content("used/f")).isEqualTo("known");
        mount.umount();
        far.kill();
        root.nsdb().kill();
        mount.start();
        assertThat(mount.seen().content("f")).isEqualTo("near");
        assertThat(mount.seen().content("used/f")).isEqualTo("known");
        assertThat(mount.seen().content("unused/f")).isEqualTo("EHOSTUNREACH");
        assertThat(federation
                        .fedfs("where", mount.path("used").toString(), "--json")
                        .ok()
                        .json()
                        .path("source")
                        .asText())
                .isEqualTo("offline copy");
    }

    @Test
    void anExpiredReferralIsServedStale() {
        Fileset brief = federation.fileset(far, 1);
        brief.below().makeFile("f", "brief");
        federation.junction(root, "brief", brief);
        Ground seen = mount.start().seen();
        assertThat(seen.content("brief/f")).isEqualTo("brief");
        far.kill();
        Await.pause(Duration.ofMillis(1500));
        assertThat(seen.content("brief/f")).isEqualTo("brief");
        seen.close();
        assertThat(federation
                        .fedfs("where", mount.path("brief/f").toString())
                        .ok()
                        .out())
                .containsPattern("STALE +since");
    }

    private static String failureWithin(Duration bound, Ground seen) {
        long start = System.nanoTime();
        String outcome = seen.content("unused/f");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(bound);
        return outcome;
    }
}

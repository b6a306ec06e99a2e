package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounts whose requests come by io_uring: how they begin and end, and what is peculiar to them. {@link PosixIT} has the rest. */
final class RingIT {
    private static final Duration END = Duration.ofSeconds(20);
    private static final int MEBIBYTE = 1 << 20;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;

    @BeforeAll
    static void start() {
        nsdb = FEDERATION.nsdb();
    }

    @BeforeEach
    void fill() {
        root = FEDERATION.fileset(nsdb);
        root.below().makeFile("f", "x");
    }

    private static JsonNode status(Mount mount) {
        return FEDERATION
                .fedfs("status", "--json", mount.point().toString())
                .ok()
                .json();
    }

    private static void ends(Mount mount) {
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
    }

    @Test
    void statusSaysWhatTheRequestsComeBy() {
        Mount byRing = FEDERATION.mount(root).byRing().start();
        Mount byDevice = FEDERATION.mount(root).option("transport=device").start();
        assertThat(byRing.seen().content("f")).isEqualTo("x");
        assertThat(byDevice.seen().content("f")).isEqualTo("x");
        assertThat(status(byRing).get("transport").asText()).isEqualTo("io_uring");
        assertThat(status(byRing).at("/counters/ring_requests").asLong()).isPositive();
        assertThat(status(byDevice).get("transport").asText()).isEqualTo("device");
        assertThat(FEDERATION.fedfs("status", byRing.point().toString()).ok().out())
                .contains("kernel over io_uring");
    }

    @Test
    void whereItIsTurnedOffWhoWantsItIsToldHowToTurnItOn() {
        try (RingParameter off = new RingParameter(false)) {
            Run run = FEDERATION
                    .mount(root)
                    .option("transport=io_uring")
                    .attempt()
                    .complained();
            assertThat(run.err()).contains("turned off", "/sys/module/fuse/parameters/enable_uring", "modprobe.d");
            assertThat(Processes.naming(root.directory())).isEmpty();
            Mount any = FEDERATION.mount(root).option("transport=auto").start();
            assertThat(any.seen().content("f")).isEqualTo("x");
            assertThat(status(any).get("transport").asText()).isEqualTo("device");
        }
    }

    @Test
    void wordsThatMakeNoSenseAreRefused() {
        assertThat(FEDERATION
                        .mount(root)
                        .option("transport=pigeon")
                        .attempt()
                        .complained()
                        .err())
                .contains("transport", "pigeon");
        assertThat(FEDERATION
                        .mount(root)
                        .engine(Engine.JNR_FUSE)
                        .option("transport=io_uring")
                        .attempt()
                        .complained()
                        .err())
                .contains("engine=kernel");
    }

    @Test
    void itIsUnmountedAndMountedAgain() {
        Mount mount = FEDERATION.mount(root).byRing().start();
        for (int i = 0; i < 3; i++) {
            assertThat(mount.seen().content("f")).isEqualTo("x");
            mount.umount();
            ends(mount);
            mount.start();
        }
    }

    @Test
    void sigtermUnmounts() {
        Mount mount = FEDERATION.mount(root).byRing().start();
        assertThat(mount.seen().content("f")).isEqualTo("x");
        mount.release();
        assertThat(mount.daemon().destroy()).isTrue();
        ends(mount);
    }

    @Test
    void aBusyMountIsDetachedLazilyAndEndsWithItsLastUser() {
        Mount mount = FEDERATION.mount(root).byRing().option("nopassthrough").start();
        assertThat(mount.seen().open("f", 0)).isPositive();
        FEDERATION.run(List.of("umount", "-l", mount.point().toString())).ok();
        assertThat(Processes.naming(mount.point())).isNotEmpty();
        mount.release();
        ends(mount);
    }

    /** The kernel has to take back what the dead daemon's rings hold; else the programs would hang, and the point never be free. */
    @Test
    void afterKillMinusNineThePointIsCleanedAndUsedAgain() {
        Mount mount = FEDERATION.mount(root).byRing().start();
        assertThat(mount.seen().content("f")).isEqualTo("x");
        mount.daemon().destroyForcibly();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
        Await.until(END, "ENOTCONN", () -> mount.seen().names("."));
        mount.release();
        FEDERATION.run(List.of("umount", mount.point().toString())).ok();
        mount.start();
        assertThat(mount.seen().content("f")).isEqualTo("x");
    }

    /** While programs are at work: none hangs, and the daemon ends. */
    @Test
    void anAbortedConnectionEndsEverything() throws Exception {
        Mount mount = FEDERATION.mount(root).byRing().option("entry_timeout=0").start();
        Path point = mount.point();
        String device = FEDERATION
                .run(List.of("mountpoint", "-d", point.toString()))
                .ok()
                .out()
                .strip();
        Path connections = Path.of("/sys/fs/fuse/connections");
        boolean mounted = Processes.mountedAt(connections).isPresent();
        if (!mounted) {
            FEDERATION
                    .run(List.of("mount", "-t", "fusectl", "none", connections.toString()))
                    .ok();
        }
        ExecutorService programs = Executors.newFixedThreadPool(4);
        try {
            List<Future<Run>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                running.add(programs.submit(
                        () -> FEDERATION.sh("while cat \"$0\" > /dev/null 2>&1; do :; done", point + "/f")));
            }
            Await.until(
                    END, true, () -> status(mount).at("/counters/ring_requests").asLong() > 500);
            Files.writeString(
                    connections
                            .resolve(device.substring(device.indexOf(':') + 1))
                            .resolve("abort"),
                    "1");
            for (Future<Run> r : running) {
                r.get(20, TimeUnit.SECONDS);
            }
        } finally {
            programs.shutdownNow();
            if (!mounted) {
                FEDERATION.run(List.of("umount", connections.toString()));
            }
        }
        ends(mount);
    }

    /** Requests and replies as long as there may be, and some that are not a multiple of anything. */
    @ParameterizedTest
    @ValueSource(ints = {4095, MEBIBYTE, 3 * MEBIBYTE + 77})
    void longDataArrivesWhole(int size) throws IOException {
        Mount mount = FEDERATION.mount(root).byRing().option("nopassthrough").start();
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        Path source = FEDERATION.directory("data").resolve("d");
        Files.write(source, data);
        FEDERATION
                .run(List.of("dd", "if=" + source, "of=" + mount.path("d"), "bs=1M", "status=none"))
                .ok();
        assertThat(Files.readAllBytes(root.directory().resolve("d"))).isEqualTo(data);
        FEDERATION
                .run(List.of("dd", "if=" + mount.path("d"), "of=" + source, "bs=1M", "iflag=direct", "status=none"))
                .ok();
        assertThat(Files.readAllBytes(source)).isEqualTo(data);
    }

    /** More programs than threads that wait, on every processor; and a directory whose listing takes several replies. */
    @Test
    void manyProgramsAreServedAtOnce() throws Exception {
        for (int i = 0; i < 600; i++) {
            root.below().makeFile("a-file-with-a-name-of-some-length-" + i, "content " + i);
        }
        Mount mount = FEDERATION
                .mount(root)
                .byRing()
                .option("entry_timeout=0")
                .option("attr_timeout=0")
                .start();
        String script =
                "for i in 1 2 3 4 5 6 7 8; do (ls -l \"$0\" | grep -c a-file; cat \"$0\"/a-file* | cksum) & done; wait";
        List<String> lines = FEDERATION
                .sh(script, mount.point().toString())
                .ok()
                .out()
                .lines()
                .toList();
        assertThat(lines).hasSize(16);
        assertThat(lines.stream().distinct()).hasSize(2).contains("600");
        assertThat(status(mount).at("/counters/ring_threads").asLong()).isLessThan(100);
    }
}

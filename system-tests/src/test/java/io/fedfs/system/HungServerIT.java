package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.posix.Ground;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A file server that stops answering. It is a FUSE file system (another mount, of a fileset of its own, without any caching) whose daemon
 * is stopped by SIGSTOP: every request to it blocks, in the kernel and beyond the reach of signals, until it goes on.
 */
class HungServerIT {
    private static final int CAP = 4;
    private static final int FILES = 60;
    private static final Duration SOON = Duration.ofSeconds(10);
    /** For a loaded machine; nothing here waits for a time-out. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    @RegisterExtension
    final Federation federation = new Federation();

    private final List<Process> programs = new ArrayList<>();
    private final List<Mount> mounts = new ArrayList<>();
    private Fileset root;
    private Fileset fast;
    private Mount server;
    private Mount mount;
    private boolean frozen;

    @BeforeEach
    void start() {
        Nsdb nsdb = federation.nsdb();
        Fileset served = federation.fileset(nsdb);
        for (int i = 0; i < FILES; i++) {
            served.below().makeFile("f" + i, "slow " + i);
        }
        server = federation
                .mount(served)
                .option("nopassthrough")
                .option("entry_timeout=0")
                .option("attr_timeout=0")
                .start();
        root = federation.fileset(nsdb);
        fast = federation.fileset(nsdb);
        for (int i = 0; i < FILES; i++) {
            fast.below().makeFile("f" + i, "fast " + i);
        }
        Fsn slow = nsdb.createFsn(300);
        nsdb.addFsl(slow, server.point());
        federation.junction(root, "slow", slow);
        federation.junction(root, "fast", fast);
        mount = started(mount(root).option("fileset_requests=" + CAP));
        assertThat(content("slow/f0")).isEqualTo("slow 0");
        assertThat(content("fast/f0")).isEqualTo("fast 0");
    }

    @AfterEach
    void thaw() throws InterruptedException {
        if (frozen) {
            signal("CONT", server.daemon().pid());
            frozen = false;
        }
        for (Process p : programs) {
            if (!p.waitFor(20, TimeUnit.SECONDS)) {
                p.destroyForcibly();
            }
        }
        // Before the server's own mount, which their daemons use.
        for (Mount m : mounts) {
            if (Processes.mountedAt(m.point()).isPresent()) {
                m.umount();
            }
            Await.until(Duration.ofSeconds(20), List.of(), () -> Processes.naming(m.point()));
        }
    }

    /** A mount on trial, not started. */
    Mount mount(Fileset root) {
        return federation.mount(root);
    }

    private Mount started(Mount m) {
        mounts.add(m);
        return m.start();
    }

    private void freeze() {
        signal("STOP", server.daemon().pid());
        frozen = true;
    }

    private void signal(String name, long pid) {
        federation.run(List.of("kill", "-" + name, Long.toString(pid))).ok();
    }

    private String content(String path) {
        return federation.run(List.of("cat", mount.path(path).toString())).ok().out();
    }

    /** A program that reads a file, in the background; its output goes to a file. */
    private Process reader(String path) {
        return program(path, "cat", mount.path(path).toString());
    }

    private Process program(String name, String... command) {
        try {
            Path out = federation.top().resolve(name.replace('/', '-') + ".out");
            Process p = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            programs.add(p);
            return p;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String said(String name) {
        try {
            return Files.readString(federation.top().resolve(name.replace('/', '-') + ".out"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode slowStatus() {
        for (JsonNode f : federation
                .fedfs("status", "--json", mount.point().toString())
                .ok()
                .json()
                .get("filesets")) {
            if (f.get("mount_path").asText().endsWith("/slow")) {
                return f;
            }
        }
        throw new AssertionError("the fileset is not attached");
    }

    private List<Process> flood(int programs) {
        List<Process> all = IntStream.range(1, programs + 1)
                .mapToObj(i -> reader("slow/f" + i))
                .toList();
        // Where the machine is slow, some ask for the root's attributes first, and are answered for threads that stay
        // stuck.
        Await.until(SOON, programs, () -> {
            JsonNode status = slowStatus();
            int there = status.get("requests").asInt()
                    + status.get("requests_waiting").asInt();
            return Math.min(programs, there);
        });
        return all;
    }

    @Test
    void itHoldsItsCapAndTheRestOfTheTreeWorks() {
        freeze();
        flood(40);
        assertThat(slowStatus().get("requests").asInt()).isEqualTo(CAP);
        assertThat(threads()).isLessThan(60);
        Await.until(SOON, true, () -> slowStatus().get("hung_ms").asLong() > 0);

        Ground seen = mount.seen();
        for (int i = 1; i < FILES; i++) {
            long start = System.nanoTime();
            assertThat(seen.content("fast/f" + i)).isEqualTo("fast " + i);
            seen.makeFile("fast/new" + i, "x");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
        }
        assertThat(quick("ls", "-l", mount.point().toString()).out()).contains("slow", "fast");
        assertThat(quick("ls", mount.point().toString()).out()).isEqualTo("fast\nslow\n");
        quick("df", mount.path("fast").toString());
        quick("stat", mount.path("slow").toString());
        Run where = federation.fedfs("where", "--json", mount.path("slow/f3").toString());
        assertThat(where.ok().took()).isLessThan(SOON);
        assertThat(where.json().get("unverified").asBoolean()).isTrue();
        assertThat(where.json().get("on").asText()).endsWith(server.point() + "/f3");
        assertThat(where.json().get("attached").get("health").asText()).isEqualTo("hung");
        assertThat(federation
                        .fedfs("where", "--json", mount.path("fast/f3").toString())
                        .ok()
                        .json()
                        .get("unverified")
                        .asBoolean())
                .isFalse();
        assertThat(federation.fedfs("status", mount.point().toString()).ok().out())
                .contains("has not answered for");
    }

    private Run quick(String... command) {
        Run run =
                Run.program(federation.top(), Map.of(), List.of(command), SOON).ok();
        assertThat(run.took()).as(String.join(" ", command)).isLessThan(AT_ONCE);
        return run;
    }

    private int threads() {
        try {
            return (int) Files.readAllLines(Path.of("/proc/" + mount.daemon().pid() + "/status")).stream()
                    .filter(l -> l.startsWith("Threads:"))
                    .mapToLong(l -> Long.parseLong(l.substring(8).strip()))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatTheServerWasAskedIsDoneWhenItComesBack() throws Exception {
        freeze();
        List<Process> readers = flood(30);
        signal("CONT", server.daemon().pid());
        frozen = false;
        for (int i = 1; i <= readers.size(); i++) {
            assertThat(readers.get(i - 1).waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(said("slow/f" + i)).isEqualTo("slow " + i);
        }
        Await.until(SOON, "0 0 0", () -> {
            JsonNode s = slowStatus();
            return s.get("requests") + " " + s.get("requests_waiting") + " " + s.get("hung_ms");
        });
        mount.seen().makeFile("slow/new", "x");
        assertThat(server.seen().content("new")).isEqualTo("x");
    }

    @Test
    void signalsFreeTheProgramsThatAreStuck() throws Exception {
        freeze();
        List<Process> readers = flood(CAP + 3);
        Process withTheServer = readers.get(0);
        Process inLine = readers.get(CAP + 2);
        for (Process p : List.of(withTheServer, inLine)) {
            signal("INT", p.pid());
            assertThat(p.waitFor(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
            assertThat(p.exitValue()).isEqualTo(128 + 2);
        }
        signal("KILL", readers.get(1).pid());
        assertThat(readers.get(1).waitFor(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
        // A program that catches the signal gets EINTR after a moment, and goes on.
        Process catching = program(
                "catching",
                "perl",
                "-e",
                "$SIG{INT} = sub { print 'caught ' }; stat $ARGV[0]; print $!{EINTR} ? 'EINTR' : $!",
                mount.path("slow/f50").toString());
        Await.pause(Duration.ofMillis(500));
        signal("INT", catching.pid());
        assertThat(catching.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(said("catching")).isEqualTo("caught EINTR");
        assertThat(slowStatus().get("requests").asInt())
                .as("the server still has what it was given")
                .isEqualTo(CAP);
        signal("CONT", server.daemon().pid());
        frozen = false;
        Await.until(SOON, 0, () -> slowStatus().get("requests").asInt());
        assertThat(content("slow/f5")).isEqualTo("slow 5");
        assertThat(content("slow/f1")).isEqualTo("slow 1");
    }

    @Test
    void itCanBeUnmountedMeanwhile() throws Exception {
        freeze();
        List<Process> readers = flood(CAP + 2);
        for (Process p : readers) {
            signal("TERM", p.pid());
            assertThat(p.waitFor(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        }
        mount.release();
        quick("umount", mount.point().toString());
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
        Await.until(Duration.ofSeconds(20), true, () -> daemonsLog().contains("is unmounted"));
    }

    private String daemonsLog() {
        try {
            return Files.readString(
                    federation.top().resolve("log").resolve(mount.point().getFileName() + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aRequestThatTakesTooLongFails() throws Exception {
        Mount impatient = started(mount(root).option("request_timeout=2"));
        assertThat(impatient.seen().content("slow/f0")).isEqualTo("slow 0");
        freeze();
        Process p = program("impatient", "cat", impatient.path("slow/f1").toString());
        assertThat(p.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(said("impatient")).contains("Connection timed out");
    }

    @Test
    void filesThatAreOpenThereAreClosedWithoutWaiting() throws Exception {
        Ground seen = mount.seen();
        Process holder = program(
                "holder",
                "sh",
                "-c",
                "exec 3< \"$0\"; echo open; exec sleep 60",
                mount.path("slow/f7").toString());
        Await.until(SOON, "open\n", () -> said("holder"));
        freeze();
        signal("KILL", holder.pid());
        assertThat(holder.waitFor(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        assertThat(seen.content("fast/f9")).isEqualTo("fast 9");
    }
}

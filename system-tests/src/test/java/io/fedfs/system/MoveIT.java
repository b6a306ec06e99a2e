package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A fileset is moved by the real command under a real mount, and a move that was interrupted is gone on with. */
@Tag("waits")
final class MoveIT {
    private static final Duration SOON = Duration.ofSeconds(40);

    @RegisterExtension
    final Federation federation = new Federation();

    private Nsdb nsdb;
    private Path old;
    private Path next;
    private String fsn;
    private String top;

    @BeforeEach
    void twoFilesets() throws Exception {
        nsdb = federation.nsdb();
        Path root = federation.directory("root");
        old = federation.directory("old");
        next = federation.directory("new");
        top = fileset(root);
        fsn = fileset(old);
        Files.writeString(old.resolve("file"), "here");
        federation
                .fedfs("junction", "create", root.resolve("data").toString(), fsn)
                .ok();
    }

    private String fileset(Path directory) {
        return federation
                .fedfs(
                        "fileset",
                        "create",
                        "--nsdb",
                        nsdb.address(),
                        "--path",
                        directory.toString(),
                        "--host",
                        "localhost",
                        "--ttl",
                        "1")
                .ok()
                .line();
    }

    private Run move(String... arguments) {
        List<String> all = new ArrayList<>(List.of("fileset", "move", fsn));
        all.addAll(Arrays.asList(arguments));
        return federation.fedfs(all.toArray(String[]::new));
    }

    private Run start() {
        return move("--start", "--to", next.toString(), "--to-host", "localhost");
    }

    private JsonNode plan() {
        return move("--dry-run", "--json").ok().json();
    }

    @Test
    void programsReadAndWriteThroughAMove() throws Exception {
        Mount mount = federation.mount(top).start();
        assertThat(Files.readString(mount.path("data/file"))).isEqualTo("here");
        Await.until(SOON, 1, () -> plan().get("clients").size());
        JsonNode plan = plan();
        assertThat(plan.get("references").get(0).get("path").asText()).isEqualTo("data");
        assertThat(plan.get("clients").get(0).get("name").asText())
                .isEqualTo(mount.point().toString());
        assertThat(plan.get("step").asText()).isEqualTo("none");

        AtomicBoolean over = new AtomicBoolean();
        AtomicLong read = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            try {
                while (!over.get()) {
                    assertThat(Files.readString(mount.path("data/file"))).isEqualTo("here");
                    read.incrementAndGet();
                    Await.pause(Duration.ofMillis(2));
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        reader.start();
        try {
            start().ok();
            start().ok();
            assertThat(plan().get("step").asText()).isEqualTo("started");
            federation.sh("cp -p \"$0\"/file \"$1\"/", old, next).ok();
            move("--finish").ok();
            long then = read.get();
            Await.until(SOON, true, () -> failure.get() != null || read.get() > then + 20);
        } finally {
            over.set(true);
            reader.join(SOON.toMillis());
        }
        assertThat(failure.get()).isNull();
        Files.writeString(mount.path("data/written"), "at the new place");
        assertThat(next.resolve("written")).hasContent("at the new place");
        assertThat(old.resolve("written")).doesNotExist();
        assertThat(federation.fedfs("fsn", "show", fsn, "--json").ok().json().toString())
                .contains("moved away")
                .doesNotContain("fedfs.move");
        move("--finish").failed(112);
    }

    @Test
    void whoStillHasAFileOpenIsWaitedForAndTold() throws Exception {
        Mount mount = federation.mount(top).start();
        try (var in = Files.newInputStream(mount.path("data/file"))) {
            assertThat(in.read()).isEqualTo('h');
            Await.until(SOON, 1, () -> plan().get("clients").size());
            start().ok();
            federation.sh("cp -p \"$0\"/file \"$1\"/", old, next).ok();
            Run waiting = move("--finish", "--wait", "12");
            waiting.failed(109);
            assertThat(waiting.err())
                    .contains("still at the old place")
                    .contains(mount.point().toString());
            assertThat(plan().get("step").asText()).isEqualTo("switched");
            assertThat(in.read()).as("goes on where it was opened").isEqualTo('e');
            move("--abort").failed(112);
        }
        // The kernel may keep what was open there for as long as it has memory: the administrator has seen that it is
        // closed.
        move("--finish", "--force").ok();
        assertThat(Files.readString(mount.path("data/file"))).isEqualTo("here");
    }

    @Test
    void aMoveIsTakenBackBeforeTheSwitchAndByForceAfterIt() throws Exception {
        start().ok();
        assertThat(federation.fedfs("resolve", fsn, "--json").ok().json().toString())
                .as("nobody is sent to a place that is being filled")
                .doesNotContain(next.toString());
        move("--start", "--to", federation.directory("third").toString(), "--to-host", "localhost")
                .failed(112);
        move("--abort").ok();
        move("--abort").failed(112);
        assertThat(federation.fedfs("fsl", "list", fsn, "--json").ok().json().toString())
                .doesNotContain(next.toString());

        start().ok();
        move("--finish", "--wait", "0").failed(109);
        assertThat(federation.fedfs("resolve", fsn, "--json").ok().json().toString())
                .contains(next.toString());
        move("--abort", "--force").ok();
        assertThat(federation.fedfs("resolve", fsn, "--json").ok().json().toString())
                .contains(old.toString())
                .doesNotContain(next.toString());
    }

    @Test
    void aFinishThatWasKilledIsGoneOnWith() throws Exception {
        federation.fedfs("fsn", "update", fsn, "--ttl", "20").ok();
        start().ok();
        federation.sh("cp -p \"$0\"/file \"$1\"/", old, next).ok();
        List<String> command = List.of(Distribution.command("fedfs"), "fileset", "move", fsn, "--finish");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(federation.environment());
        Process finishing = builder.start();
        Await.until(SOON, "switched", () -> plan().get("step").asText());
        finishing.destroyForcibly().waitFor();
        nsdb.kill();
        nsdb.start();
        assertThat(plan().get("step").asText()).isEqualTo("switched");
        move("--finish").ok();
        Mount mount = federation.mount(top).start();
        assertThat(Files.readString(mount.path("data/file"))).isEqualTo("here");
        assertThat(Files.readAllLines(next.resolve("file"))).containsExactly("here");
    }
}

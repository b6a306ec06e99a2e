package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.Fsn;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.UpdateFslRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Requirements R10 to R13: locations are replaced, drained, added and invalidated while programs read and write, and none of them fails. The
 * locations are three ways to the same directory, as after a copy that is complete.
 */
@Tag("waits")
final class LocationChangeIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Federation federation = new Federation();

    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Future<Integer>> programs = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread t = new Thread(task, "program");
        t.setDaemon(true);
        return t;
    });
    private Nsdb nsdb;
    private Fileset moving;
    private Fsn fsn;
    private Mount mount;
    private final Path[] ways = new Path[3];

    @BeforeEach
    void start() throws IOException {
        nsdb = federation.nsdb();
        Fileset root = federation.fileset(nsdb);
        moving = federation.fileset(nsdb);
        fsn = moving.fsn();
        federation.junction(root, "j", moving);
        moving.below().makeFile("f", "content");
        Files.createDirectories(moving.directory().resolve("d/e"));
        Files.writeString(moving.directory().resolve("d/e/g"), "deep");
        ways[0] = moving.directory();
        for (int i = 1; i < ways.length; i++) {
            ways[i] = federation.directory("way");
            federation
                    .run(List.of("mount", "--bind", ways[0].toString(), ways[i].toString()))
                    .ok();
        }
        mount = federation.mount(root).start();
        program(this::reader);
        program(this::lister);
        program(this::maker);
        program(this::appender);
        program(this::newAppender);
    }

    @AfterEach
    void end() {
        stop.set(true);
        threads.shutdownNow();
    }

    private interface Round {
        void run(int round) throws Exception;
    }

    private void program(Callable<Integer> program) {
        programs.add(threads.submit(program));
    }

    private int rounds(Round round) throws Exception {
        int rounds = 0;
        while (!stop.get()) {
            round.run(rounds++);
        }
        return rounds;
    }

    private int reader() throws Exception {
        return rounds(n -> {
            assertThat(Files.readString(mount.path("j/f"))).isEqualTo("content");
            assertThat(Files.readString(mount.path("j/d/e/g"))).isEqualTo("deep");
        });
    }

    private int lister() throws Exception {
        return rounds(n -> {
            try (var names = Files.list(mount.path("j/d"))) {
                assertThat(names.map(p -> p.getFileName().toString())).contains("e");
            }
        });
    }

    private int maker() throws Exception {
        return rounds(n -> {
            Path made = mount.path("j/made" + n);
            Files.writeString(made, "made " + n);
            assertThat(Files.readString(made)).isEqualTo("made " + n);
            Files.delete(made);
        });
    }

    /** One file open all the time. */
    private int appender() throws Exception {
        try (FileChannel out = FileChannel.open(
                mount.path("j/held"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            return rounds(n -> out.write(ByteBuffer.wrap("x\n".getBytes())));
        }
    }

    /** One file, opened for each line. */
    private int newAppender() throws Exception {
        return rounds(n ->
                Files.writeString(mount.path("j/lines"), "x\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    private String where() {
        String path = federation
                .fedfs("where", "--json", mount.path("j").toString())
                .ok()
                .json()
                .get("attached")
                .get("path")
                .asText();
        for (int i = 0; i < ways.length; i++) {
            if (path.equals(ways[i].toString())) {
                return "way " + i;
            }
        }
        return path;
    }

    private void update(String fsl, UnaryOperator<Fsl.Builder> change) {
        Fsl now =
                nsdb
                        .stub()
                        .getFsn(GetFsnRequest.newBuilder()
                                .setUuid(fsn.uuid().toString())
                                .build())
                        .getFslsList()
                        .stream()
                        .filter(l -> l.getUuid().equals(fsl))
                        .findFirst()
                        .orElseThrow();
        nsdb.stub()
                .updateFsl(UpdateFslRequest.newBuilder()
                        .setFsl(change.apply(now.toBuilder()))
                        .build());
    }

    private void allGoOn() {
        Await.pause(Duration.ofMillis(300));
        for (Future<Integer> program : programs) {
            if (program.isDone()) {
                try {
                    throw new AssertionError("a program ended after " + program.get() + " rounds");
                } catch (Exception e) {
                    throw new AssertionError("a program failed", e);
                }
            }
        }
    }

    @Test
    void programsDoNotNoticeThatLocationsChange() throws Exception {
        Await.until(SOON, "way 0", this::where);
        allGoOn();
        // R12: a replica is added, and the NSDB prefers it: who is somewhere stays, it is not the only one that is
        // well.
        String second = nsdb.addFsl(fsn, ways[1], 0);
        allGoOn();
        // R11: the old one is drained.
        update(moving.fsl(), fsl -> fsl.setDraining(true));
        Await.until(SOON, "way 1", this::where);
        allGoOn();
        // R10: the location is another one now.
        nsdb.deleteFsl(fsn, moving.fsl());
        allGoOn();
        update(second, fsl -> fsl.setExportPath(ways[2].toString()));
        Await.until(SOON, "way 2", this::where);
        allGoOn();
        // R6, R13: a replica comes, and the one in use is invalidated; and back.
        String third = nsdb.addFsl(fsn, ways[0], 5);
        nsdb.setFsl(fsn, second, false);
        Await.until(SOON, "way 0", this::where);
        allGoOn();
        nsdb.setFsl(fsn, second, true);
        allGoOn();
        nsdb.deleteFsl(fsn, third);
        Await.until(SOON, "way 2", this::where);
        allGoOn();
        stop.set(true);
        int[] did = new int[programs.size()];
        for (int i = 0; i < did.length; i++) {
            did[i] = programs.get(i).get(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(did[i]).isPositive();
        }
        assertThat(Files.readAllLines(ways[0].resolve("held"))).hasSize(did[3]);
        assertThat(Files.readAllLines(ways[0].resolve("lines"))).hasSize(did[4]);
        mount.release();
    }
}

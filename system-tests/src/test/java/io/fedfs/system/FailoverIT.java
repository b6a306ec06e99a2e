package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.posix.Ground;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.Fsl;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** File servers that die, hang and come back under running programs: the fileset has another location. */
final class FailoverIT {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final int MEGABYTE = 1 << 20;
    private static final int ENTRIES = 700;

    @RegisterExtension
    final Federation federation = new Federation();

    private final ExecutorService programs = Executors.newCachedThreadPool(task -> {
        Thread t = new Thread(task, "program");
        t.setDaemon(true);
        return t;
    });
    private Nsdb nsdb;
    private Fileset root;
    private Sshd sshd;
    private Path config;
    private Path first;
    private Path second;
    private Mount mount;

    @BeforeEach
    void start() throws IOException {
        nsdb = federation.nsdb();
        root = federation.fileset(nsdb);
        sshd = new Sshd(federation.directory("sshd")).start();
        config = federation.top().resolve("attach.yaml");
        Files.writeString(
                config,
                "idle: 60\nprobe: {interval: 1, bound: 2}\nfail_back: 3\ntypes:\n" + sshd.rule(federation.top()));
        first = federation.directory("first");
        second = federation.directory("second");
        Ground data = new Ground(first, io.fedfs.posix.Caller.ROOT);
        data.makeFile("f", "content");
        federation
                .sh(
                        "cd \"$0\" && head -c 8388608 /dev/urandom > big && mkdir -p d/e many && echo deep > d/e/g"
                                + " && i=0; while [ $i -lt " + ENTRIES + " ]; do : > many/n$i; i=$((i+1)); done",
                        first)
                .ok();
        federation
                .sh("cp -a \"$0/.\" \"$1/\" && echo here > \"$1/second\"", first, second)
                .ok();
    }

    @AfterEach
    void end() {
        for (ProcessHandle p : Processes.naming(federation.top())) {
            signal("CONT", p);
        }
        programs.shutdownNow();
        sshd.close();
    }

    private void signal(String name, ProcessHandle p) {
        federation.run(List.of("kill", "-" + name, Long.toString(p.pid())));
    }

    /** A replicated fileset: the first location is preferred. */
    private Fsn replicated(boolean secondWritable) {
        Fsn fsn = nsdb.createFsn(300);
        add(fsn, first, 0, true);
        add(fsn, second, 1, secondWritable);
        federation.junction(root, "far", fsn);
        mount = federation.mount(root).option("attach=" + config).start();
        return fsn;
    }

    private String add(Fsn fsn, Path directory, int rank, boolean writable) {
        return nsdb.stub()
                .addFsl(AddFslRequest.newBuilder()
                        .setFsl(Fsl.newBuilder()
                                .setFsnUuid(fsn.uuid().toString())
                                .setType("sshfs")
                                .setHost("127.0.0.1")
                                .setPort(sshd.port())
                                .setExportPath(directory.toString())
                                .setReadRank(rank)
                                .setWriteRank(rank)
                                .setWritable(writable))
                        .build())
                .getUuid();
    }

    private ProcessHandle sshfs(Path directory) {
        List<ProcessHandle> found = Processes.naming(directory).stream()
                .filter(p -> p.info().command().orElse("").endsWith("sshfs"))
                .toList();
        assertThat(found).as("sshfs of " + directory).hasSize(1);
        return found.get(0);
    }

    private String where() {
        for (JsonNode f : mount.status().get("filesets")) {
            if (f.get("mount_path").asText().endsWith("/far")) {
                String path = f.get("attached").get("path").asText();
                return path.equals(first.toString()) ? "first" : path.equals(second.toString()) ? "second" : path;
            }
        }
        return "nowhere";
    }

    private <T> T within(Duration bound, Callable<T> program) throws Exception {
        Future<T> outcome = programs.submit(program);
        return outcome.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    }

    private byte[] range(Path file, long offset, int length) throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "r")) {
            return range(f, offset, length);
        }
    }

    private static byte[] range(RandomAccessFile f, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        f.seek(offset);
        f.readFully(bytes);
        return bytes;
    }

    /** Reads, lists, looks up, without end, and fails on the first error. */
    private Future<Integer> everyday(AtomicBoolean stop) {
        return programs.submit(() -> {
            int rounds = 0;
            for (; !stop.get(); rounds++) {
                assertThat(Files.readString(mount.path("far/f"))).isEqualTo("content");
                assertThat(Files.readString(mount.path("far/d/e/g"))).isEqualTo("deep\n");
                try (var names = Files.list(mount.path("far/many"))) {
                    assertThat(names.count()).isEqualTo(ENTRIES);
                }
                assertThat(Files.exists(mount.path("far/none" + rounds))).isFalse();
            }
            return rounds;
        });
    }

    @Test
    void readersNoticeNothingWhenTheServersProgramIsKilled() throws Exception {
        replicated(false);
        assertThat(mount.seen().content("far/f")).isEqualTo("content");
        assertThat(where()).isEqualTo("first");
        AtomicBoolean stop = new AtomicBoolean();
        Future<Integer> loop = everyday(stop);
        Process inside = new ProcessBuilder(
                        "sh", "-c", "stat -c %i . d; read x; cat f d/e/g; pwd; stat -c %i . d", "sh")
                .directory(mount.path("far").toFile())
                .redirectErrorStream(true)
                .start();
        try (RandomAccessFile big = new RandomAccessFile(mount.path("far/big").toFile(), "r");
                var listing = Files.newDirectoryStream(mount.path("far/many"))) {
            assertThat(range(big, 0, 4096)).isEqualTo(range(first.resolve("big"), 0, 4096));
            var names = listing.iterator();
            names.next();
            Await.pause(Duration.ofMillis(500));
            sshfs(first).destroyForcibly();
            assertThat(within(SOON, () -> range(big, 4 * MEGABYTE, MEGABYTE)))
                    .isEqualTo(range(first.resolve("big"), 4 * MEGABYTE, MEGABYTE));
            int listed = 1;
            for (; names.hasNext(); listed++) {
                names.next();
            }
            assertThat(listed).isEqualTo(ENTRIES);
            inside.outputWriter().write("\n");
            inside.outputWriter().flush();
            List<String> said = within(SOON, () -> inside.inputReader().lines().toList());
            assertThat(said.subList(2, 5))
                    .containsExactly("contentdeep", mount.path("far").toString(), said.get(0));
            assertThat(said.get(5)).as("inode number of d").isEqualTo(said.get(1));
        }
        Await.until(SOON, true, () -> mount.counter("failovers") > 0);
        assertThat(mount.counter("handles_carried")).isPositive();
        Await.until(SOON, "first", this::where);
        assertThat(mount.counter("failbacks"))
                .as("back at the one that the NSDB prefers")
                .isPositive();
        stop.set(true);
        assertThat(loop.get(SOON.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }

    @Test
    void readersWaitAMomentWhenTheServerHangs() throws Exception {
        replicated(false);
        assertThat(mount.seen().content("far/f")).isEqualTo("content");
        AtomicBoolean stop = new AtomicBoolean();
        Future<Integer> loop = everyday(stop);
        try (RandomAccessFile big = new RandomAccessFile(mount.path("far/big").toFile(), "r")) {
            assertThat(range(big, 0, 4096)).isEqualTo(range(first.resolve("big"), 0, 4096));
            ProcessHandle hanging = sshfs(first);
            signal("STOP", hanging);
            long start = System.nanoTime();
            assertThat(within(SOON, () -> range(big, 4 * MEGABYTE, MEGABYTE)))
                    .isEqualTo(range(first.resolve("big"), 4 * MEGABYTE, MEGABYTE));
            assertThat(within(SOON, () -> Files.readString(mount.path("far/second"))))
                    .isEqualTo("here\n");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
            assertThat(where()).isEqualTo("second");
            assertThat(mount.counter("locations_down")).isPositive();
            signal("CONT", hanging);
        }
        Await.until(SOON, "first", this::where);
        stop.set(true);
        assertThat(loop.get(SOON.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }

    @Test
    void writersAreToldAndComeBackWithTheirServer() throws Exception {
        replicated(false);
        try (FileChannel out =
                FileChannel.open(mount.path("far/log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(java.nio.ByteBuffer.wrap("one".getBytes()));
            out.force(true);
            sshfs(first).destroyForcibly();
            assertThatThrownBy(() -> {
                        out.write(java.nio.ByteBuffer.wrap("two".getBytes()), 3);
                        out.force(true);
                    })
                    .isInstanceOf(IOException.class);
            Await.until(SOON, "wrote", () -> {
                try {
                    out.write(java.nio.ByteBuffer.wrap("two".getBytes()), 3);
                    out.force(true);
                    return "wrote";
                } catch (IOException e) {
                    return e.getMessage();
                }
            });
        }
        assertThat(first.resolve("log")).hasContent("onetwo");
        assertThat(second.resolve("log")).as("writes never move").doesNotExist();
    }

    @Test
    void aDiskThatIsPulledIsLeftToo() throws Exception {
        Path image = federation.top().resolve("disk");
        Path disk = federation.directory("disk");
        federation
                .sh(
                        "truncate -s 64M \"$0\" && mkfs.ext4 -q -F \"$0\" && mount -o loop \"$0\" \"$1\" && cp -a \"$2/.\" \"$1/\""
                                + " && umount \"$1\" && mount -o loop \"$0\" \"$1\"",
                        image,
                        disk,
                        first)
                .ok();
        Fsn fsn = nsdb.createFsn(300);
        nsdb.addFsl(fsn, disk, 0, true);
        nsdb.addFsl(fsn, second, 1, false);
        federation.junction(root, "far", fsn);
        mount = federation.mount(root).option("failover=all").start();
        try (RandomAccessFile big = new RandomAccessFile(mount.path("far/big").toFile(), "r")) {
            assertThat(range(big, 0, 4096)).isEqualTo(range(first.resolve("big"), 0, 4096));
            // Nothing is behind the device any more: what is not in memory cannot be read.
            Files.write(image, new byte[0]);
            assertThat(within(SOON, () -> range(big, 4 * MEGABYTE, MEGABYTE)))
                    .isEqualTo(range(first.resolve("big"), 4 * MEGABYTE, MEGABYTE));
            assertThat(mount.seen().content("far/second")).isEqualTo("here\n");
            assertThat(mount.seen().content("far/f")).isEqualTo("content");
        } finally {
            mount.umount();
            federation.run(List.of("umount", disk.toString()));
        }
    }

    @Test
    void aJunctionThatAReplicaLacksIsFoundAtOneThatIsAhead() {
        Fileset inner = federation.fileset(nsdb);
        inner.below().makeFile("f", "inner");
        Fsn fsn = nsdb.createFsn(300);
        Path behind = federation.directory("behind");
        Path ahead = federation.directory("ahead");
        federation
                .sh("mkdir \"$0/d\" \"$1/d\" && echo ahead > \"$1/d/plain\"", behind, ahead)
                .ok();
        OnDisk.junction(ahead.resolve("d/j"), inner.fsn());
        for (Path location : List.of(behind, ahead)) {
            boolean lags = location.equals(behind);
            nsdb.stub()
                    .addFsl(AddFslRequest.newBuilder()
                            .setFsl(Fsl.newBuilder()
                                    .setFsnUuid(fsn.uuid().toString())
                                    .setType("local")
                                    .setHost("localhost")
                                    .setExportPath(location.toString())
                                    .setReadRank(lags ? 0 : 1)
                                    .setCurrency(lags ? 600 : 0))
                            .build());
        }
        federation.junction(root, "far", fsn);
        mount = federation.mount(root).start();
        assertThat(mount.seen().content("far/d/plain"))
                .as("no junction, so no question")
                .isEqualTo("ENOENT");
        assertThat(mount.seen().content("far/d/j/f")).isEqualTo("inner");
        assertThat(mount.seen().content("far/d/plain")).as("and never back").isEqualTo("ahead\n");
    }
}

package io.fedfs.cli.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.control.v1.CheckResponse;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.control.v1.CrossedFileset;
import io.fedfs.control.v1.ExplainResponse;
import io.fedfs.control.v1.ExplainStep;
import io.fedfs.control.v1.FilesetStatus;
import io.fedfs.control.v1.FlushResponse;
import io.fedfs.control.v1.FslCheck;
import io.fedfs.control.v1.Location;
import io.fedfs.control.v1.NsdbCheck;
import io.fedfs.control.v1.NsdbStatus;
import io.fedfs.control.v1.StatusResponse;
import io.fedfs.control.v1.TuneResponse;
import io.fedfs.control.v1.WhereResponse;
import io.fedfs.protocol.FedFsStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MountCommandsTest {
    private static final Location HERE = Location.newBuilder()
            .setFslUuid("11111111-1111-4111-8111-111111111111")
            .setType("local")
            .setHost("fs1")
            .setPath("/srv/docs")
            .setWritable(true)
            .setAttached(true)
            .setHealth("up")
            .build();
    private static final Location THERE = HERE.toBuilder()
            .setFslUuid("22222222-2222-4222-8222-222222222222")
            .setHost("fs2")
            .setPath("/data/docs/")
            .setWritable(false)
            .setAttached(false)
            .setReadRank(10)
            .setHealth("down")
            .build();
    private static final String FSN = "nsdb://a:7532/33333333-3333-4333-8333-333333333333";

    @TempDir
    Path run;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static final MountTable TABLE = new MountTable(List.of(
            new MountTable.Mount("0:1", "/", "/", "ext4", 0),
            new MountTable.Mount("0:45", "/", "/no/such/fed", MountTable.FEDFS, 0)));

    private int fedfs(BiFunction<Terminal, MountTableSource, ? extends FedfsCommand> make, String... args)
            throws Exception {
        Terminal terminal = new Terminal(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Map.of("FEDFS_RUN_DIR", run.toString()),
                Path.of("/no/such/fed/a"));
        return CommandLine.populateCommand(make.apply(terminal, () -> TABLE), args)
                .call();
    }

    private FakeDaemon daemon(Function<ControlRequest, ControlResponse> answer) throws Exception {
        return new FakeDaemon(run.resolve("0_45.sock"), answer);
    }

    private JsonNode json() throws Exception {
        return new ObjectMapper().readTree(out.toString());
    }

    private static ControlResponse where(ControlRequest request) {
        return ControlResponse.newBuilder()
                .setWhere(WhereResponse.newBuilder()
                        .setFsn(FSN)
                        .setFilesetMountPath(ByteString.copyFromUtf8("docs"))
                        .setPathInFileset(ByteString.copyFromUtf8("x/y"))
                        .setAttached(HERE)
                        .addLocations(HERE)
                        .addLocations(THERE)
                        .setTtlSeconds(300)
                        .setStaleSinceMs(1_000)
                        .setSource("cache")
                        .setReferralRevision(7)
                        .addCrossed(CrossedFileset.newBuilder()
                                .setFsn("nsdb://r:1/root")
                                .setAttached(HERE))
                        .addCrossed(
                                CrossedFileset.newBuilder().setFsn(FSN).setMountPath(ByteString.copyFromUtf8("docs"))))
                .build();
    }

    @Test
    void whereSaysInWordsOnWhichHostAPathIs() throws Exception {
        try (FakeDaemon daemon = daemon(MountCommandsTest::where)) {
            assertThat(fedfs(MountCommands.Where::new, "/no/such/fed/docs/x/y")).isZero();
            assertThat(daemon.asked.get(0).getWhere().getPath().toStringUtf8()).isEqualTo("docs/x/y");
        }
        assertThat(out.toString().lines().findFirst()).hasValue("/no/such/fed/docs/x/y is on fs1:/srv/docs/x/y");
        assertThat(out.toString())
                .contains("also on    fs2:/data/docs/x/y, read-only, rank 10.0, down")
                .contains("STALE      since ")
                .contains(FSN + ", at /no/such/fed/docs")
                .contains("by way of  /no/such/fed, /no/such/fed/docs\n");
    }

    @Test
    void whereAsJsonHasTheProtocolsNames() throws Exception {
        try (FakeDaemon daemon = daemon(MountCommandsTest::where)) {
            fedfs(MountCommands.Where::new, "--json", "../docs/x/y");
            assertThat(daemon.asked.get(0).getWhere().getPath().toStringUtf8()).isEqualTo("docs/x/y");
        }
        JsonNode json = json();
        assertThat(json.get("path").asText()).isEqualTo("/no/such/fed/docs/x/y");
        assertThat(json.get("mount_point").asText()).isEqualTo("/no/such/fed");
        assertThat(json.get("fsn").asText()).isEqualTo(FSN);
        assertThat(json.get("on").asText()).isEqualTo("fs1:/srv/docs/x/y");
        assertThat(json.get("fileset_mount_path").asText()).isEqualTo("/no/such/fed/docs");
        assertThat(json.get("path_in_fileset").asText()).isEqualTo("x/y");
        assertThat(json.at("/locations/1/host").asText()).isEqualTo("fs2");
        assertThat(json.at("/attached/fsl_uuid").asText()).isEqualTo(HERE.getFslUuid());
        assertThat(json.get("stale_since_ms").asLong()).isEqualTo(1_000);
        assertThat(json.get("symlink_target").isNull()).isTrue();
        assertThat(json.at("/crossed/1/mount_path").asText()).isEqualTo("/no/such/fed/docs");
    }

    @Test
    void severalPathsAreAListInWhichAFailureStandsInItsPlace() throws Exception {
        try (FakeDaemon daemon = daemon(MountCommandsTest::where)) {
            assertThat(fedfs(MountCommands.Where::new, "--json", "/etc", "/no/such/fed/docs"))
                    .isEqualTo(FedFsStatus.NOT_MOUNTED.number());
        }
        assertThat(json().at("/paths/0/error/status").asInt()).isEqualTo(107);
        assertThat(json().at("/paths/0/path").asText()).isEqualTo("/etc");
        assertThat(json().at("/paths/1/fsn").asText()).isEqualTo(FSN);
        assertThat(err.toString()).contains("/etc is not in a fedfs mount");
    }

    @Test
    void daemonsRefusalKeepsItsStatus() throws Exception {
        try (FakeDaemon daemon = daemon(request -> ControlResponse.newBuilder()
                .setStatus(24)
                .setMessage("the NSDB does not know it")
                .build())) {
            assertThatThrownBy(() -> fedfs(MountCommands.Where::new, "/no/such/fed/docs"))
                    .isInstanceOfSatisfying(CommandFailure.class, e -> {
                        assertThat(e.status()).isEqualTo(FedFsStatus.NSDB_NOFSN);
                        assertThat(e).hasMessage("the NSDB does not know it");
                    });
        }
    }

    @Test
    void silentDaemonIsGivenUpInTime() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (FakeDaemon daemon = daemon(request -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        })) {
            assertThatThrownBy(() -> fedfs(MountCommands.Status::new, "/no/such/fed", "--timeout", "1"))
                    .isInstanceOfSatisfying(
                            CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.TIMEOUT));
            never.countDown();
        }
    }

    @Test
    void deadDaemonIsSaidWithTheRemedy() throws Exception {
        assertThatThrownBy(() -> fedfs(MountCommands.Status::new, "/no/such/fed"))
                .isInstanceOfSatisfying(
                        CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.NOT_MOUNTED))
                .hasMessageContaining("umount /no/such/fed");
        daemon(request -> null).close();
        assertThatThrownBy(() -> fedfs(MountCommands.Status::new, "/no/such/fed"))
                .isInstanceOfSatisfying(
                        CommandFailure.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.NOT_MOUNTED))
                .hasMessageContaining("does not listen");
    }

    private static ControlResponse status(ControlRequest request) {
        return ControlResponse.newBuilder()
                .setStatusReport(StatusResponse.newBuilder()
                        .setRoot(FSN)
                        .setEngine("kernel")
                        .setPid(42)
                        .addKernelFeatures("passthrough")
                        .putCounters("requests", 5)
                        .addWarnings("low on descriptors")
                        .addFilesets(FilesetStatus.newBuilder().setFsn(FSN).setAttached(HERE))
                        .addNsdbs(NsdbStatus.newBuilder().setAddress("a:7532").setState("up")))
                .build();
    }

    @Test
    void statusOfOneMountIsAnObjectAndOfAllAList() throws Exception {
        try (FakeDaemon daemon = daemon(MountCommandsTest::status)) {
            fedfs(MountCommands.Status::new, "--json", "/no/such/fed");
            assertThat(json().get("engine").asText()).isEqualTo("kernel");
            assertThat(json().at("/counters/requests").asInt()).isEqualTo(5);
            assertThat(json().at("/filesets/0/mount_path").asText()).isEqualTo("/no/such/fed");
            out.getBuffer().setLength(0);
            fedfs(MountCommands.Status::new, "--json");
            assertThat(json().at("/mounts/0/pid").asInt()).isEqualTo(42);
            out.getBuffer().setLength(0);
            fedfs(MountCommands.Status::new);
            assertThat(out.toString())
                    .contains("/no/such/fed shows " + FSN, "process 42", "passthrough", "fs1:/srv/docs")
                    .contains("WARNING    low on descriptors", "a:7532");
        }
    }

    @Test
    void checkFailsWhenAnythingIsDown() throws Exception {
        NsdbCheck nsdb = NsdbCheck.newBuilder()
                .setAddress("a:7532")
                .setOk(true)
                .setMicros(1500)
                .build();
        FslCheck fsl =
                FslCheck.newBuilder().setFsn(FSN).setLocation(HERE).setOk(true).build();
        CheckResponse good =
                CheckResponse.newBuilder().addNsdbs(nsdb).addFsls(fsl).build();
        assertThat(check(good)).isZero();
        assertThat(check(good.toBuilder()
                        .addFsls(fsl.toBuilder().setOk(false).setDetail("gone"))
                        .build()))
                .isEqualTo(FedFsStatus.NOT_ATTACHABLE.number());
        assertThat(out.toString()).contains("DOWN", "gone");
        assertThat(check(
                        good.toBuilder().addNsdbs(nsdb.toBuilder().setOk(false)).build()))
                .isEqualTo(FedFsStatus.NSDB_DOWN.number());
    }

    @Test
    void checkShowsWhatReplicasLack() throws Exception {
        FslCheck fsl =
                FslCheck.newBuilder().setFsn(FSN).setLocation(HERE).setOk(true).build();
        CheckResponse alone = CheckResponse.newBuilder().addFsls(fsl).build();
        pending = (hosts, parameters, timeout) -> {
            throw new AssertionError("one location lacks nothing of another");
        };
        assertThat(check(alone)).isZero();
        CheckResponse two =
                alone.toBuilder().addFsls(fsl.toBuilder().setLocation(THERE)).build();
        pending = (hosts, parameters, timeout) -> {
            assertThat(hosts).containsExactly(Map.entry(FSN, Set.of("fs1", "fs2")));
            return List.of(
                    new PendingJunctions.Server(
                            "fs1", "", List.of(new PendingJunctions.Change(Map.of("path_inside", "j"), "fs2 lacks j"))),
                    new PendingJunctions.Server("fs2", "does not answer", List.of()));
        };
        assertThat(check(two)).as("nothing is down").isZero();
        assertThat(out.toString()).contains("pending at fs1: fs2 lacks j");
        assertThat(err.toString())
                .contains("whether fs2 has junctions that replicas lack is not known: does not answer");
        err.getBuffer().setLength(0);
        pending = (hosts, parameters, timeout) ->
                List.of(new PendingJunctions.Server("fs1", "does not answer", List.of()));
        assertThat(check(two)).isZero();
        assertThat(err.toString()).as("a site without agents").isEmpty();
    }

    private PendingJunctions pending = (hosts, parameters, timeout) -> List.of();

    private int check(CheckResponse answer) throws Exception {
        java.nio.file.Files.deleteIfExists(run.resolve("0_45.sock"));
        try (FakeDaemon daemon =
                daemon(request -> ControlResponse.newBuilder().setCheck(answer).build())) {
            int exit = fedfs((terminal, mounts) -> new MountCommands.Check(terminal, mounts, pending));
            assertThat(daemon.asked.get(0).getCheck().getTimeoutMs()).isEqualTo(10_000);
            return exit;
        }
    }

    @Test
    void flushTakesAPathAnFsnOrAll() throws Exception {
        try (FakeDaemon daemon = daemon(request -> ControlResponse.newBuilder()
                .setFlush(FlushResponse.newBuilder().setReferralsDropped(3))
                .build())) {
            fedfs(MountCommands.Flush::new, "all", "--json");
            assertThat(json().get("referrals_dropped").asInt()).isEqualTo(3);
            fedfs(MountCommands.Flush::new, FSN);
            fedfs(MountCommands.Flush::new, "/no/such/fed/docs");
            assertThat(daemon.asked.get(0).getFlush().getAll()).isTrue();
            assertThat(daemon.asked.get(1).getFlush().getFsn()).isEqualTo(FSN);
            assertThat(daemon.asked.get(2).getFlush().getPath().toStringUtf8()).isEqualTo("docs");
        }
        assertThatThrownBy(() -> fedfs(MountCommands.Flush::new, "nsdb://a/x")).hasMessageContaining("UUID");
    }

    @Test
    void explainListsTheSteps() throws Exception {
        try (FakeDaemon daemon = daemon(request -> ControlResponse.newBuilder()
                .setExplain(ExplainResponse.newBuilder()
                        .addSteps(ExplainStep.newBuilder()
                                .setNumber(5)
                                .setTitle("ask the NSDB")
                                .setFound("nothing")
                                .setSource("nsdb")
                                .setMicros(1234)
                                .setFailed(true)))
                .build())) {
            assertThat(fedfs(MountCommands.Explain::new, "/no/such/fed")).isEqualTo(FedFsStatus.IO.number());
            assertThat(out.toString()).contains("5. ask the NSDB", "FAILED: nothing", "[nsdb, 1.23 ms]");
        }
    }

    @Test
    void tuneSendsSettingsAndShowsWhatHolds() throws Exception {
        try (FakeDaemon daemon = daemon(request -> ControlResponse.newBuilder()
                .setTune(TuneResponse.newBuilder().putSettings("daos_enable", "1"))
                .build())) {
            fedfs(MountCommands.Tune::new, "/no/such/fed", "daos_enable=1");
            assertThat(daemon.asked.get(0).getTune().getSettingsMap()).containsEntry("daos_enable", "1");
            assertThat(out.toString()).isEqualTo("daos_enable = 1\n");
        }
    }
}

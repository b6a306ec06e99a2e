package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateJunctionRequest;
import io.fedfs.v1.GetAttributesRequest;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ListJunctionsRequest;
import io.fedfs.v1.LookupFsnRequest;
import io.fedfs.v1.LookupJunctionRequest;
import io.fedfs.v1.PromoteRequest;
import io.fedfs.v1.PromoteResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A file server's agent, by the commands and by its protocol: exports, filesets, junctions (R1 to R4, R8, R14a). */
@Tag("waits")
final class FileServerIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;
    private static Path exported;
    private static Path outside;
    private static Agent agent;

    @BeforeAll
    static void start() {
        nsdb = FEDERATION.nsdb();
        exported = FEDERATION.directory("export");
        outside = FEDERATION.directory("outside");
        agent = FEDERATION
                .agent()
                .configured("name: alpha\nexports:\n  - path: " + exported
                        + "\n    export: /data\n    volume: pool/data\n    protocols:\n      - type: local\n"
                        + "      - type: nfs\n        port: 2049\n        options: {vers: \"4.2\"}\n")
                .start();
    }

    /** A new directory in the export; its name. */
    private static String made(String name) {
        try {
            Path made = Files.createTempDirectory(exported, name);
            return made.getFileName().toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path here(String name) {
        return exported.resolve(name);
    }

    private static String promoted(String name) {
        return FEDERATION
                .fedfs("server", "promote", agent.at("/data/" + name), "--nsdb", nsdb.address())
                .ok()
                .line();
    }

    private static FedFsStatus refused(Callable<?> call) {
        try {
            Object answer = call.call();
            throw new AssertionError("was not refused: " + answer);
        } catch (StatusRuntimeException e) {
            return FedFsStatus.of(StatusTrailer.read(e)
                    .orElseThrow(() -> new AssertionError(e))
                    .getStatus());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String marker(Path directory) {
        try {
            return Xattrs.get(directory, "trusted.fedfs.fsn", false)
                    .map(b -> new String(b, StandardCharsets.UTF_8))
                    .orElse("");
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PromoteRequest promotion(String name) {
        return PromoteRequest.newBuilder()
                .setPath("/data/" + name)
                .setNsdb(nsdb.address())
                .build();
    }

    // ---- R8: what is exported

    @Test
    void exportsAndTheirAttributesAreTold() {
        String name = made("f");
        String fsn = promoted(name);
        JsonNode export = FEDERATION
                .fedfs("server", "exports", agent.address(), "--json")
                .ok()
                .json()
                .path("exports")
                .get(0);
        assertThat(export.path("export_path").asText()).isEqualTo("/data");
        assertThat(export.path("local_path").asText()).isEqualTo(exported.toString());
        assertThat(export.path("volume").asText()).isEqualTo("pool/data");
        assertThat(export.path("trouble").isNull()).isTrue();
        JsonNode attributes = FEDERATION
                .fedfs("server", "attributes", agent.at("/data/" + name), "--json")
                .ok()
                .json();
        assertThat(attributes.path("name_max").asInt()).isEqualTo(255);
        assertThat(attributes.path("case_sensitive").asBoolean()).isTrue();
        assertThat(attributes.path("read_only").asBoolean()).isFalse();
        assertThat(attributes.path("block_size").asInt()).isPositive();
        assertThat(attributes.path("size").asLong())
                .isGreaterThan(attributes.path("free").asLong());
        assertThat(attributes.path("protocols").toString())
                .contains("\"nfs\"")
                .contains("4.2")
                .contains("2049");
        assertThat(FEDERATION.fedfs("server", "info", agent.address()).ok().out())
                .contains("alpha");
        assertThat(FEDERATION
                        .fedfs("server", "fsn", agent.at("/data/" + name))
                        .ok()
                        .line())
                .isEqualTo(fsn);
    }

    // ---- R1: which fileset is here

    @Test
    void theMarkerOnDiskSaysWhichFilesetAPlaceIs() throws Exception {
        String name = made("r1");
        String fsn = promoted(name);
        Files.createDirectories(here(name).resolve("deep/er"));
        JsonNode found = FEDERATION
                .fedfs("server", "fsn", agent.at("/data/" + name + "/deep/er"), "--verify", "--json")
                .ok()
                .json();
        assertThat(found.path("fsn").asText()).isEqualTo(fsn);
        assertThat(found.path("fileset_path").asText()).isEqualTo("/data/" + name);
        assertThat(found.path("path_inside").asText()).isEqualTo("deep/er");
        assertThat(found.path("registration").asText()).isEqualTo("here");
        FEDERATION.fedfs("server", "fsn", agent.at("/data")).failed(24);

        // R1c: moved, it keeps its name, and the NSDB is known to say otherwise.
        Files.move(here(name), here(name + "-moved"));
        found = FEDERATION
                .fedfs("server", "fsn", agent.at("/data/" + name + "-moved"), "--verify", "--json")
                .ok()
                .json();
        assertThat(found.path("fsn").asText()).isEqualTo(fsn);
        assertThat(found.path("registration").asText()).isEqualTo("elsewhere");

        // Another fileset in the old place is told as that one.
        Files.createDirectory(here(name));
        FEDERATION.fedfs("server", "fsn", agent.at("/data/" + name)).failed(24);
        String other = promoted(name);
        assertThat(other).isNotEqualTo(fsn);
        // By the server's own path, as a local FSL has it.
        assertThat(FEDERATION
                        .fedfs("server", "fsn", agent.at(here(name).toString()))
                        .ok()
                        .line())
                .isEqualTo(other);
    }

    // ---- R2: promote and demote

    @Test
    void aPromotedDirectoryIsMountedAndADemotedOneIsNot() throws Exception {
        String name = made("r2");
        Files.writeString(here(name).resolve("f"), "data");
        UUID chosen = UUID.randomUUID();
        Run run = FEDERATION.fedfs(
                "server",
                "promote",
                agent.at("/data/" + name),
                "--nsdb",
                nsdb.address(),
                "--uuid",
                chosen.toString(),
                "--ttl",
                "60",
                "--volume",
                "tank/x",
                "--option",
                "a=b",
                "--rank",
                "3",
                "--annotation",
                "who=me",
                "--json");
        JsonNode made = run.ok().json();
        Fsn fsn = nsdb.fsn(chosen);
        assertThat(made.path("fsn").asText()).isEqualTo(fsn.toString());
        assertThat(marker(here(name))).isEqualTo(fsn.toString());
        var records = nsdb.stub()
                .getFsn(GetFsnRequest.newBuilder().setUuid(chosen.toString()).build());
        assertThat(records.getFsn().getTtlSeconds()).isEqualTo(60);
        assertThat(records.getFsls(0).getHost()).isEqualTo("alpha");
        assertThat(records.getFsls(0).getExportPath() + "/" + records.getFsls(0).getPathInside())
                .isEqualTo(here(name).toString());
        assertThat(records.getFsls(0).getVolume()).isEqualTo("tank/x");
        assertThat(records.getFsls(0).getOptionsMap()).containsEntry("a", "b");
        assertThat(FEDERATION.mount(fsn.toString()).start().seen().content("f")).isEqualTo("data");

        FEDERATION.fedfs("server", "demote", agent.at("/data/" + name)).ok();
        assertThat(marker(here(name))).isEmpty();
        FEDERATION.fedfs("resolve", fsn.toString()).failed(25);
        // R2b: an FSN in use is refused, an invalidated one can be recovered.
        FEDERATION
                .fedfs(
                        "server",
                        "promote",
                        agent.at("/data/" + name),
                        "--nsdb",
                        nsdb.address(),
                        "--uuid",
                        chosen.toString())
                .failed(7);
        assertThat(marker(here(name))).as("undone").isEmpty();
        nsdb.setFsn(fsn, false);
        FEDERATION
                .fedfs(
                        "server",
                        "promote",
                        agent.at("/data/" + name),
                        "--nsdb",
                        nsdb.address(),
                        "--uuid",
                        chosen.toString(),
                        "--recover")
                .ok();
        FEDERATION.fedfs("resolve", fsn.toString()).ok();
        FEDERATION
                .fedfs("server", "demote", agent.at("/data/" + name), "--delete-fsn")
                .ok();
        FEDERATION.fedfs("resolve", fsn.toString()).failed(24);
        assertThat(Files.readString(here(name).resolve("f"))).isEqualTo("data");
        assertThat(agent.unfinished()).isEmpty();
    }

    @Test
    void aPromotionNeedsAnNsdbAndAnExportedProtocol() {
        String name = made("needs");
        FEDERATION.fedfs("server", "promote", agent.at("/data/" + name)).failed(28);
        assertThat(refused(() -> agent.stub()
                        .promote(promotion(name).toBuilder().clearNsdb().build())))
                .isEqualTo(FedFsStatus.NSDB_PARAMS);
        assertThat(refused(() -> agent.stub()
                        .promote(promotion(name).toBuilder().setType("smb").build())))
                .isEqualTo(FedFsStatus.INVAL);
        FEDERATION
                .fedfs("server", "promote", agent.at("/data/" + name), "--nsdb", "localhost:" + Federation.freePort())
                .failed(19);
        assertThat(marker(here(name))).isEmpty();
        assertThat(agent.unfinished()).isEmpty();
        promoted(name);
        FEDERATION
                .fedfs("server", "promote", agent.at("/data/" + name), "--nsdb", nsdb.address())
                .failed(7);
    }

    @Test
    void anAgentKilledInTheMiddleOfAPromotionFinishesItWhenItIsBack() throws Exception {
        Nsdb slow = FEDERATION.nsdb();
        Agent dying = FEDERATION
                .agent()
                .exporting("beta", FEDERATION.directory("dying") + " /d")
                .start();
        Path directory = Files.createDirectory(Path.of(exportOf(dying)).resolve("set"));
        slow.freeze();
        ExecutorService client = Executors.newSingleThreadExecutor();
        try {
            Future<Run> promotion = client.submit(
                    () -> FEDERATION.fedfs("server", "promote", dying.at("/d/set"), "--nsdb", slow.address()));
            // The marker is the step before the NSDB is asked.
            Await.until(SOON, false, () -> marker(directory).isEmpty());
            dying.kill();
            promotion.get(60, TimeUnit.SECONDS).failed(120);
        } finally {
            client.shutdownNow();
        }
        assertThat(dying.unfinished()).hasSize(1);
        String fsn = marker(directory);
        // While the NSDB does not answer it is told as unfinished, and nobody begins anew.
        dying.start();
        assertThat(dying.stub()
                        .lookupFsn(
                                LookupFsnRequest.newBuilder().setPath("/d/set").build())
                        .getUnfinished())
                .isTrue();
        slow.thaw();
        Await.until(SOON, List.of(), dying::unfinished);
        assertThat(marker(directory)).isEqualTo(fsn);
        var records = slow.stub()
                .getFsn(GetFsnRequest.newBuilder()
                        .setUuid(Fsn.parse(fsn).uuid().toString())
                        .build());
        assertThat(records.getFslsList()).as("once, however often it was sent").hasSize(1);
        assertThat(slow.allFsns()).hasSize(1);
        FEDERATION.fedfs("resolve", fsn).ok();
    }

    private static String exportOf(Agent of) {
        return of.stub()
                .listExports(io.fedfs.v1.ListExportsRequest.getDefaultInstance())
                .getExports(0)
                .getLocalPath();
    }

    @Test
    void aPromotionOfWhichNobodyKnowsWhatBecameIsTakenBack() {
        Nsdb slow = FEDERATION.nsdb();
        String name = made("lost");
        slow.freeze();
        Run run = FEDERATION.fedfs(
                "server", "promote", agent.at("/data/" + name), "--nsdb", slow.address(), "--timeout", "30");
        assertThat(run.complained().code()).isIn(18, 19, 109);
        assertThat(marker(here(name))).as("the directory is free again at once").isEmpty();
        slow.thaw();
        Await.until(SOON, List.of(), agent::unfinished);
        Await.until(SOON, List.of(), slow::allFsns);
        FEDERATION
                .fedfs("server", "promote", agent.at("/data/" + name), "--nsdb", slow.address())
                .ok();
    }

    @Test
    void ofTwoClientsThatPromoteOneDirectoryOneSucceeds() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 10; round++) {
                String name = made("race");
                List<Future<String>> outcomes = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    outcomes.add(clients.submit(() -> {
                        try {
                            PromoteResponse done = agent.stub().promote(promotion(name));
                            return done.getFsn();
                        } catch (StatusRuntimeException e) {
                            return FedFsStatus.of(
                                            StatusTrailer.read(e).orElseThrow().getStatus())
                                    .name();
                        }
                    }));
                }
                List<String> told = new ArrayList<>();
                for (Future<String> outcome : outcomes) {
                    told.add(outcome.get(60, TimeUnit.SECONDS));
                }
                assertThat(told).filteredOn(t -> t.startsWith("nsdb://")).containsExactly(marker(here(name)));
                assertThat(told).filteredOn(t -> !t.startsWith("nsdb://")).isSubsetOf("EXIST", "DELAY");
            }
        } finally {
            clients.shutdownNow();
        }
        assertThat(agent.unfinished()).isEmpty();
    }

    // ---- R3, R4, R8c, R14a: junctions

    @Test
    void junctionsAreMadeShownAnnotatedListedAndDeleted() throws Exception {
        String name = made("j");
        String target = promoted(made("target"));
        String at = agent.at("/data/" + name + "/link");
        Path junction = here(name).resolve("link");
        FEDERATION
                .fedfs("server", "junction", "create", at, target, "--annotation", "owner=joe")
                .ok();
        assertThat(Files.getAttribute(junction, "unix:mode")).isEqualTo(0041000);
        FEDERATION.fedfs("server", "junction", "create", at, target).failed(7);

        JsonNode none = FEDERATION
                .fedfs("server", "junction", "show", at, "--json")
                .ok()
                .json();
        assertThat(none.path("fsn").asText()).isEqualTo(target);
        assertThat(none.path("annotations").path("owner").asText()).isEqualTo("joe");
        assertThat(none.path("locations").size()).isZero();
        assertThat(none.path("source").asText()).isEqualTo("none");
        long before = nsdb.resolveCount();
        JsonNode cache = FEDERATION
                .fedfs("server", "junction", "show", at, "--resolve", "cache", "--json")
                .ok()
                .json();
        assertThat(cache.path("locations").size()).isZero();
        assertThat(nsdb.resolveCount()).as("the cache mode asks nobody").isEqualTo(before);
        JsonNode asked = FEDERATION
                .fedfs("server", "junction", "show", at, "--resolve", "nsdb", "--json")
                .ok()
                .json();
        assertThat(asked.path("locations").size()).isEqualTo(1);
        cache = FEDERATION
                .fedfs("server", "junction", "show", at, "--resolve", "cache", "--json")
                .ok()
                .json();
        assertThat(cache.path("locations")).isEqualTo(asked.path("locations"));

        FEDERATION
                .fedfs("server", "junction", "annotate", at, "--set", "owner=ann", "--set", "x=y")
                .ok();
        JsonNode list = FEDERATION
                .fedfs("server", "junction", "list", agent.at("/data/" + name), "--json")
                .ok()
                .json();
        assertThat(list.path("junctions").size()).isEqualTo(1);
        assertThat(list.path("junctions").get(0).path("path").asText()).isEqualTo("/data/" + name + "/link");
        assertThat(list.path("junctions")
                        .get(0)
                        .path("annotations")
                        .path("owner")
                        .asText())
                .isEqualTo("ann");

        // What is behind a junction is not this server's affair.
        FEDERATION.fedfs("server", "junction", "create", at + "/x", target).failed(12);
        FEDERATION.fedfs("server", "fsn", at).failed(12);
        FEDERATION.fedfs("server", "promote", at, "--nsdb", nsdb.address()).failed(7);

        FEDERATION.fedfs("server", "junction", "delete", at).ok();
        assertThat(Files.getAttribute(junction, "unix:mode")).isEqualTo(0040755);
        assertThat(Xattrs.list(junction, false)).isEmpty();
        FEDERATION.fedfs("server", "junction", "delete", at).failed(11);
        FEDERATION.fedfs("server", "junction", "show", at).failed(11);
        // R4: another object may have the name at once.
        Files.delete(junction);
        Files.writeString(junction, "a file");
        FEDERATION.fedfs("server", "junction", "create", at, target).failed(8);
    }

    @Test
    void whatTheAgentAcknowledgedSurvivesItsDeath() throws Exception {
        Path export = FEDERATION.directory("durable");
        Agent dying = FEDERATION.agent().exporting("gamma", export + " /d").start();
        String target = nsdb.createFsn(300).toString();
        for (int i = 0; i < 20; i++) {
            dying.stub()
                    .createJunction(CreateJunctionRequest.newBuilder()
                            .setPath("/d/j" + i)
                            .setFsn(target)
                            .build());
        }
        dying.kill();
        dying.start();
        List<String> found = new ArrayList<>();
        dying.stub()
                .listJunctions(ListJunctionsRequest.newBuilder().setPath("/d").build())
                .forEachRemaining(j -> found.add(j.getPath()));
        assertThat(found).hasSize(20);
    }

    @Test
    void aFilesetsRootIsNotMadeAJunctionNorAnExportsOwnDirectory() {
        String name = made("root");
        String fsn = promoted(name);
        FEDERATION
                .fedfs("server", "junction", "create", agent.at("/data/" + name), fsn)
                .failed(7);
        FEDERATION.fedfs("server", "junction", "create", agent.at("/data"), fsn).failed(8);
        assertThat(marker(here(name))).isEqualTo(fsn);
    }

    // ---- hostile paths

    @Test
    void noPathLeadsOutOfAnExport() throws Exception {
        String name = made("hostile");
        Files.createDirectory(outside.resolve("victim"));
        Files.createSymbolicLink(here(name).resolve("out"), outside);
        Files.createSymbolicLink(here(name).resolve("up"), Path.of(".."));
        Files.writeString(here(name).resolve("file"), "x");
        String base = "/data/" + name;
        String fsn = nsdb.createFsn(300).toString();
        for (String path : List.of(
                base + "/out/victim",
                base + "/up/x",
                base + "/../../victim",
                base + "/./x",
                base + "//x",
                "relative",
                "",
                "/",
                "/dat",
                "/database",
                "/etc",
                outside + "/victim",
                base + "/file/x",
                base + "/missing/x",
                base + "/" + "n".repeat(256),
                "/data/" + "d/".repeat(3000),
                base + "/nul\0x")) {
            FedFsStatus status = refused(() -> agent.stub()
                    .createJunction(CreateJunctionRequest.newBuilder()
                            .setPath(path)
                            .setFsn(fsn)
                            .build()));
            assertThat(status)
                    .as(path)
                    .isIn(Set.of(
                            FedFsStatus.INVAL,
                            FedFsStatus.LOOP,
                            FedFsStatus.BADNAME,
                            FedFsStatus.BADCHAR,
                            FedFsStatus.NAMETOOLONG));
            assertThat(refused(() -> agent.stub()
                            .getAttributes(GetAttributesRequest.newBuilder()
                                    .setPath(path)
                                    .build())))
                    .as(path)
                    .isNotEqualTo(FedFsStatus.SVRFAULT);
            assertThat(refused(() -> agent.stub()
                            .promote(promotion("x").toBuilder().setPath(path).build())))
                    .as(path)
                    .isNotEqualTo(FedFsStatus.SVRFAULT);
        }
        assertThat(refused(() -> agent.stub()
                        .lookupJunction(LookupJunctionRequest.newBuilder()
                                .setPath(base + "/out")
                                .build())))
                .isEqualTo(FedFsStatus.LOOP);
        assertThat(Xattrs.list(outside.resolve("victim"), false)).isEmpty();
        assertThat(marker(outside.resolve("victim"))).isEmpty();
    }

    /** Somebody puts a symbolic link in place of a directory again and again while the agent works below it. */
    @Test
    void aDirectorySwappedForALinkWhileItIsUsedLeadsNowhere() throws Exception {
        String name = made("swap");
        Path swapped = here(name).resolve("dir");
        Path aside = here(name).resolve("aside");
        Path prey = Files.createDirectory(outside.resolve("prey"));
        Files.createDirectory(swapped);
        Path link = Files.createSymbolicLink(here(name).resolve("link"), prey);
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = new Thread(() -> {
            try {
                while (!stop.get()) {
                    Files.move(swapped, aside);
                    Files.move(link, swapped);
                    Files.move(swapped, link);
                    Files.move(aside, swapped);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        swapper.start();
        String fsn = nsdb.createFsn(300).toString();
        int madeInside = 0;
        try {
            for (int i = 0; i < 300; i++) {
                try {
                    agent.stub()
                            .createJunction(CreateJunctionRequest.newBuilder()
                                    .setPath("/data/" + name + "/dir/j" + i)
                                    .setFsn(fsn)
                                    .build());
                    madeInside++;
                } catch (StatusRuntimeException e) {
                    assertThat(FedFsStatus.of(
                                    StatusTrailer.read(e).orElseThrow().getStatus()))
                            .isIn(FedFsStatus.INVAL, FedFsStatus.LOOP, FedFsStatus.NOTJUNCT);
                }
            }
        } finally {
            stop.set(true);
            swapper.join(TimeUnit.SECONDS.toMillis(20));
        }
        assertThat(prey).isEmptyDirectory();
        assertThat(madeInside).as("the race was run on both sides").isPositive();
    }

    // ---- authority

    /** A nsdbs.yaml of somebody's, for one agent. */
    private static String as(String who, Path pki, Agent server) throws IOException {
        Path file = pki.resolve(who + ".yaml");
        Files.writeString(
                file,
                "servers:\n  - address: " + server.address().replace("127.0.0.1", "localhost") + "\n    tls: {trust: "
                        + pki.resolve("ca.pem") + ", cert: " + pki.resolve(who + ".pem") + ", key: "
                        + pki.resolve(who + ".key") + "}\n");
        return file.toString();
    }

    @Test
    void whoMayDoWhatIsDecidedByCertificateOperationAndDirectory() throws Exception {
        Path pki = FEDERATION.directory("pki");
        FEDERATION.fedfs("pki", "init", pki.toString()).ok();
        FEDERATION
                .fedfs("pki", "issue", pki.toString(), "agent", "--host", "localhost", "--out", pki.toString())
                .ok();
        for (String who : List.of("alice", "bob", "carol")) {
            FEDERATION
                    .fedfs("pki", "issue", pki.toString(), who, "--out", pki.toString())
                    .ok();
        }
        Path policy = Files.writeString(
                pki.resolve("policy.yaml"),
                "grants:\n  - {to: [alice], operations: [all]}\n  - {to: [bob], operations: [read]}\n"
                        + "  - {to: [carol], operations: [read, create-junction], export: \"delta:/d/hers\"}\n");
        Path audit = pki.resolve("audit.log");
        Path export = FEDERATION.directory("guarded");
        Files.createDirectories(export.resolve("hers"));
        Files.createDirectories(export.resolve("his"));
        Agent guarded = FEDERATION.agent().exporting("delta", export + " /d");
        for (String word : List.of(
                "--tls-cert", pki.resolve("agent.pem").toString(),
                "--tls-key", pki.resolve("agent.key").toString(),
                "--tls-client-ca", pki.resolve("ca.pem").toString(),
                "--policy", policy.toString(),
                "--audit", audit.toString())) {
            guarded.option(word);
        }
        guarded.start();
        String at = guarded.address().replace("127.0.0.1", "localhost");
        String fsn = nsdb.createFsn(300).toString();
        String alice = as("alice", pki, guarded);
        String bob = as("bob", pki, guarded);
        String carol = as("carol", pki, guarded);

        FEDERATION
                .fedfs("server", "promote", at + ":/d/his", "--nsdb", nsdb.address(), "--nsdbs", alice)
                .ok();
        FEDERATION.fedfs("server", "exports", at, "--nsdbs", bob).ok();
        FEDERATION.fedfs("server", "fsn", at + ":/d/his", "--nsdbs", bob).ok();
        FEDERATION.fedfs("server", "demote", at + ":/d/his", "--nsdbs", bob).failed(1);
        FEDERATION
                .fedfs("server", "junction", "create", at + ":/d/hers/j", fsn, "--nsdbs", carol)
                .ok();
        FEDERATION
                .fedfs("server", "junction", "create", at + ":/d/his/j", fsn, "--nsdbs", carol)
                .failed(1);
        // By the server's own path it is the same directory.
        FEDERATION
                .fedfs("server", "junction", "create", at + ":" + export + "/his/j", fsn, "--nsdbs", carol)
                .failed(1);
        // What is not there is told to who may ask for it.
        FEDERATION.fedfs("server", "fsn", at + ":/no/such", "--nsdbs", carol).failed(1);
        FEDERATION.fedfs("server", "fsn", at + ":/no/such", "--nsdbs", bob).failed(8);
        FEDERATION.fedfs("server", "exports", at).complained();
        assertThat(marker(export.resolve("his"))).isNotEmpty();
        assertThat(export.resolve("his/j")).doesNotExist();
        String written = Files.readString(audit);
        assertThat(written.lines().filter(l -> l.contains("bob") && l.contains("emote")))
                .isNotEmpty();
        assertThat(written.lines().filter(l -> l.contains("alice") && l.contains("romote")))
                .isNotEmpty();
        assertThat(written).contains("delta:/d/his");
    }

    // ---- configuration

    @Test
    void aWrongConfigurationIsRefusedWholeAndEverythingIsTold() throws Exception {
        Agent wrong = FEDERATION
                .agent()
                .configured("name: \"bad name\"\ntypo: 1\nexports:\n  - path: relative\n    writable: maybe\n"
                        + "  - export: /x\n  - path: /srv\n    protocols:\n      - type: NFS\n        port: 99999\n");
        Run run = FEDERATION.run(wrong.command()).failed(8);
        assertThat(run.err().lines().filter(l -> l.contains("server.yaml")).count())
                .as(run.err())
                .isGreaterThanOrEqualTo(6);
        assertThat(run.err())
                .contains("server.yaml:2: typo")
                .contains("relative")
                .contains("maybe")
                .contains("99999");
        FEDERATION
                .run(List.of(
                        Distribution.command("fedfs-server"),
                        "check",
                        "--config",
                        wrong.config().toString()))
                .failed(8);
        FEDERATION.run(FEDERATION.agent().command()).failed(8);
        // One state directory, one agent.
        List<String> second = new ArrayList<>(agent.command());
        second.set(second.size() - 1, "127.0.0.1:0");
        FEDERATION.run(second).failed(34);
        List<String> open = new ArrayList<>(
                FEDERATION.agent().exporting("x", exported.toString()).command());
        open.set(open.size() - 1, "0.0.0.0:0");
        assertThat(FEDERATION.run(open).failed(8).err()).contains("--allow-plaintext");
    }

    @Test
    void anAgentThatIsNotThereIsToldInOneLine() {
        FEDERATION
                .fedfs("server", "exports", "127.0.0.1:" + Federation.freePort())
                .failed(120);
        FEDERATION.fedfs("server", "fsn", "no-path").failed(8);
        // An NSDB is no file server.
        FEDERATION.fedfs("server", "exports", nsdb.address()).failed(16);
        Set<String> known = Set.of("exports", "attributes", "fsn", "promote", "demote", "junction");
        assertThat(FEDERATION.fedfs("server", "--help").ok().out()).contains(known);
    }

    @Test
    void anUnknownFsnIsRecoveredOrRefusedButNeverHalfMade() {
        String name = made("half");
        PromoteRequest both = promotion(name).toBuilder()
                .setFsn(CreateFsnRequest.newBuilder().setUuid("not a uuid"))
                .build();
        assertThat(refused(() -> agent.stub().promote(both))).isEqualTo(FedFsStatus.INVAL);
        PromoteRequest long1 = promotion(name).toBuilder()
                .setFsl(io.fedfs.v1.Fsl.newBuilder().setReadRank(4000))
                .build();
        assertThat(refused(() -> agent.stub().promote(long1))).isEqualTo(FedFsStatus.INVAL);
        assertThat(marker(here(name))).isEmpty();
        assertThat(agent.unfinished()).isEmpty();
    }
}

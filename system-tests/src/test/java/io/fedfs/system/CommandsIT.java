package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.linux.Xattrs;
import io.fedfs.posix.Ground;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands that scripts of others rely on, and what they say of a running mount. */
final class CommandsIT {
    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;
    private static Fileset root;
    private static Fileset inner;
    private static Mount mount;

    @BeforeAll
    static void start() {
        nsdb = FEDERATION.nsdb();
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "docs", inner);
        FEDERATION.junction(root, "gone", nsdb.fsn(UUID.randomUUID()));
        inner.below().makeDir("sub").makeFile("sub/f", "x");
        mount = FEDERATION.mount(root).start();
        Ground seen = mount.seen();
        assertThat(seen.content("docs/sub/f")).isEqualTo("x");
    }

    @Test
    void theWorkedExampleFromDirectoryToMountInFourCommands() throws Exception {
        Path data = FEDERATION.directory("made");
        Files.writeString(data.resolve("f"), "made");
        Path outer = FEDERATION.directory("outer");
        String rootFsn = FEDERATION
                .fedfs("fileset", "create", "--nsdb", nsdb.address(), "--path", outer.toString())
                .ok()
                .line();
        UUID chosen = UUID.randomUUID();
        String fsn = FEDERATION
                .fedfs(
                        "fileset",
                        "create",
                        "--nsdb",
                        nsdb.address(),
                        "--path",
                        data.toString(),
                        "--host",
                        "files.example",
                        "--uuid",
                        chosen.toString(),
                        "--ttl",
                        "60")
                .ok()
                .line();
        assertThat(fsn).isEqualTo(nsdb.fsn(chosen).toString());
        assertThat(Xattrs.get(data, "trusted.fedfs.fsn", false))
                .as("the marker")
                .hasValueSatisfying(
                        m -> assertThat(new String(m, StandardCharsets.UTF_8)).isEqualTo(fsn));
        FEDERATION
                .fedfs("junction", "create", outer.resolve("j").toString(), fsn)
                .ok();
        assertThat(FEDERATION.mount(rootFsn).start().seen().content("j/f")).isEqualTo("made");
    }

    @Test
    void fsnAndFslAreMadeByTheDocumentedForms() {
        String fsn = FEDERATION
                .fedfs("fsn", "create", "--nsdb", nsdb.address(), "--ttl", "42")
                .ok()
                .line();
        assertThat(Fsn.parse(fsn).toString()).isEqualTo(fsn);
        Path data = FEDERATION.directory("fsl");
        FEDERATION
                .fedfs("fsl", "add", fsn, "--path", data.toString(), "--host", "h", "--rank", "3", "--read-only")
                .ok();
        JsonNode resolved = FEDERATION.fedfs("resolve", fsn, "--json").ok().json();
        assertThat(resolved.toString()).contains(data.toString());
        assertThat(FEDERATION.fedfs("resolve", fsn).ok().out()).contains(data.toString());
    }

    @Test
    void junctionsAreMadeShownAndDeletedByTheDocumentedForms() throws Exception {
        Path directory = FEDERATION.directory("holder").resolve("j");
        String fsn = inner.fsn().toString();
        FEDERATION.fedfs("junction", "create", directory.toString(), fsn).ok();
        assertThat(FEDERATION
                        .fedfs("junction", "show", directory.toString(), "--json")
                        .ok()
                        .json()
                        .path("fsn")
                        .asText())
                .isEqualTo(fsn);
        String document =
                new String(Xattrs.get(directory, "trusted.junction.nfs", false).orElseThrow(), StandardCharsets.UTF_8);
        assertThat(document).contains("fsnuuid=\"" + inner.fsn().uuid() + "\"").contains("nsdbname=\"127.0.0.1\"");
        assertThat(Files.getAttribute(directory, "unix:mode")).isEqualTo(0041000);
        FEDERATION.fedfs("junction", "create", directory.toString(), fsn).failed(7);
        FEDERATION.fedfs("junction", "delete", directory.toString()).ok();
        FEDERATION.fedfs("junction", "show", directory.toString()).failed(11);
        assertThat(Xattrs.list(directory, false)).isEmpty();
        assertThat(Files.getAttribute(directory, "unix:mode")).isEqualTo(0040755);
    }

    @Test
    void whereSaysInWordsAndInJsonWhereAPathIs() {
        String path = mount.path("docs/sub/f").toString();
        String real = inner.directory().resolve("sub/f").toString();
        assertThat(FEDERATION.fedfs("where", path).ok().out())
                .contains(path + " is on localhost:" + real)
                .contains(inner.fsn().toString());
        JsonNode where = FEDERATION.fedfs("where", path, "--json").ok().json();
        assertThat(where.path("fsn").asText()).isEqualTo(inner.fsn().toString());
        assertThat(where.toString()).contains(real).contains(inner.fsl());
        assertThat(where.path("ttl_seconds").asInt()).isEqualTo(300);
        assertThat(where.path("stale_since_ms").isNull()).isTrue();
    }

    @Test
    void whereOfADanglingJunctionAndOfAPathOutsideFailWithTheirCodes() {
        FEDERATION.fedfs("where", "/proc").failed(107);
        Run dangling = FEDERATION.fedfs("where", mount.path("gone/f").toString());
        dangling.complained();
    }

    @Test
    void statusTellsRootEngineFilesetsAndNsdbs() {
        assertThat(mount.seen().content("docs/sub/f")).isEqualTo("x");
        JsonNode status = FEDERATION
                .fedfs("status", mount.point().toString(), "--json")
                .ok()
                .json();
        assertThat(status.path("root").asText()).isEqualTo(root.fsn().toString());
        assertThat(status.path("engine").asText()).isEqualTo("kernel");
        assertThat(status.path("mount_point").asText()).isEqualTo(mount.point().toString());
        assertThat(status.path("pid").asLong()).isEqualTo(mount.daemon().pid());
        assertThat(status.path("filesets").toString()).contains(inner.fsn().toString());
        assertThat(status.path("nsdbs").toString()).contains(nsdb.address());
        assertThat(FEDERATION.fedfs("status", mount.point().toString()).ok().out())
                .contains(root.fsn().toString());
    }

    @Test
    void checkFindsAllWellAndThenADeadLocation() throws Exception {
        Fileset fine = FEDERATION.fileset(nsdb);
        Fileset dying = FEDERATION.fileset(nsdb);
        FEDERATION.junction(fine, "j", dying);
        Mount checked = FEDERATION.mount(fine).start();
        assertThat(checked.seen().names("j")).isEmpty();
        JsonNode well = FEDERATION
                .fedfs("check", checked.point().toString(), "--json")
                .ok()
                .json();
        assertThat(well.path("nsdbs").get(0).path("ok").asBoolean()).isTrue();
        Files.delete(dying.directory());
        Run ill = FEDERATION.fedfs("check", checked.point().toString(), "--json");
        assertThat(ill.code()).isEqualTo(110);
        assertThat(ill.json().path("fsls").toString())
                .contains("\"ok\":false")
                .contains(dying.directory().toString());
    }

    @Test
    void resolveExplainsItsSteps() {
        Run explained = FEDERATION.fedfs("resolve", "-v", inner.fsn().toString());
        assertThat(explained.ok().out()).contains(inner.directory().toString()).contains(nsdb.address());
        JsonNode steps = FEDERATION
                .fedfs("explain", mount.path("docs/sub").toString(), "--json")
                .ok()
                .json()
                .path("steps");
        assertThat(steps.size()).isEqualTo(7);
        assertThat(FEDERATION
                        .fedfs("resolve", "-v", mount.path("docs/sub").toString(), "--json")
                        .ok()
                        .json()
                        .path("steps")
                        .size())
                .isEqualTo(7);
        assertThat(steps.toString())
                .contains(inner.fsn().uuid().toString())
                .contains(inner.directory().toString());
    }

    @Test
    void resolveFailsWithTheNumbersOfTheRfc() {
        FEDERATION.fedfs("resolve", nsdb.fsn(UUID.randomUUID()).toString()).failed(24);
        FEDERATION.fedfs("resolve", nsdb.createFsn(10).toString()).failed(25);
        Fileset invalid = FEDERATION.fileset(nsdb);
        nsdb.setFsn(invalid.fsn(), false);
        FEDERATION.fedfs("resolve", invalid.fsn().toString()).failed(101);
        assertThat(FEDERATION
                        .fedfs("resolve", "nsdb://127.0.0.1:" + Federation.freePort() + "/" + UUID.randomUUID())
                        .complained()
                        .code())
                .isIn(18, 19);
    }

    @Test
    void flushForgetsByPathByFsnAndAll() {
        // Only this mount: others of the machine are not ours.
        String here = mount.point().toString();
        FEDERATION.fedfs("flush", mount.path("docs").toString()).ok();
        FEDERATION.fedfs("flush", inner.fsn().toString(), "--mount", here).ok();
        JsonNode all =
                FEDERATION.fedfs("flush", "all", "--mount", here, "--json").ok().json();
        assertThat(all.has("referrals_dropped")).isTrue();
        Ground seen = mount.seen();
        assertThat(seen.content("docs/sub/f")).isEqualTo("x");
    }

    @Test
    void mistakesAreAnsweredWithAMessageAndNoStackTrace() {
        FEDERATION.fedfs("no-such-command").complained();
        FEDERATION.fedfs("resolve").complained();
        FEDERATION.fedfs("resolve", "nonsense").complained();
        FEDERATION
                .fedfs("junction", "create", "/no/such/parent/j", inner.fsn().toString())
                .complained();
        FEDERATION
                .fedfs("fsl", "add", inner.fsn().toString(), "--path", "relative")
                .complained();
        FEDERATION
                .fedfs("fileset", "create", "--nsdb", nsdb.address(), "--path", "/no/such/dir")
                .complained();
    }

    @Test
    void whatBelongsUnderneathIsNotMadeThroughAMount() {
        String inside = mount.path("docs/sub").toString();
        String fsn = inner.fsn().toString();
        FEDERATION.fedfs("junction", "create", inside + "/j", fsn).failed(8);
        FEDERATION
                .fedfs("fileset", "create", "--nsdb", nsdb.address(), "--path", inside)
                .failed(8);
        assertThat(FEDERATION
                        .fedfs("fsl", "add", fsn, "--path", inside)
                        .failed(8)
                        .err())
                .contains("fedfs where");
    }

    @Test
    void helpAndCompletionAreThere() {
        assertThat(FEDERATION.fedfs("--help").ok().out())
                .contains("fileset")
                .contains("junction")
                .contains("where");
        assertThat(FEDERATION.fedfs("junction", "create", "--help").ok().out()).contains("FSN");
    }
}

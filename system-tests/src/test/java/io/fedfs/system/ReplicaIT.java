package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Xattrs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A fileset at three file servers, and the junctions in it (R3b, R12). */
@Tag("waits")
final class ReplicaIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;
    private static Agent alpha;
    private static Agent beta;
    private static Agent gamma;
    private static Path atAlpha;
    private static Path atBeta;
    private static Path atGamma;

    @BeforeAll
    static void start() throws Exception {
        nsdb = FEDERATION.nsdb();
        atAlpha = FEDERATION.directory("alpha");
        atBeta = FEDERATION.directory("beta");
        atGamma = FEDERATION.directory("gamma");
        alpha = FEDERATION.agent().exporting("alpha", atAlpha + " /a");
        beta = FEDERATION.agent().exporting("beta", atBeta + " /b");
        gamma = FEDERATION.agent().exporting("gamma", atGamma + " /g");
        StringBuilder servers = new StringBuilder("servers:\n");
        for (var named : List.of(
                java.util.Map.entry("alpha", alpha),
                java.util.Map.entry("beta", beta),
                java.util.Map.entry("gamma", gamma))) {
            servers.append("  - address: ")
                    .append(named.getKey())
                    .append("\n    connect: ")
                    .append(named.getValue().address())
                    .append("\n    plaintext: true\n");
        }
        Path file = FEDERATION.top().resolve("nsdbs.yaml");
        Files.writeString(file, servers);
        FEDERATION.environment().put("FEDFS_NSDBS", file.toString());
        List.of(alpha, beta, gamma).forEach(Agent::start);
    }

    /** A fileset with a writable replica at alpha and at beta, and a read-only one at gamma. */
    private static String replicated(String name) throws Exception {
        for (Path top : List.of(atAlpha, atBeta, atGamma)) {
            Files.createDirectories(top.resolve(name).resolve("sub"));
        }
        String fsn = FEDERATION
                .fedfs("server", "promote", "alpha:/a/" + name, "--nsdb", nsdb.address())
                .ok()
                .line();
        FEDERATION
                .fedfs("replica", "add", fsn, "beta:/b/" + name, "--rank", "1")
                .ok();
        FEDERATION
                .fedfs("replica", "add", fsn, "gamma:/g/" + name, "--read-only", "--rank", "2")
                .ok();
        return fsn;
    }

    private static String target(Path junction) {
        try {
            return Xattrs.get(junction, "trusted.junction.nfs", false)
                    .map(b -> new String(b, StandardCharsets.UTF_8).replaceAll("(?s).*fsnuuid=\"([^\"]*)\".*", "$1"))
                    .orElse("none");
        } catch (ErrnoException e) {
            return "absent";
        }
    }

    private static String uuid(String fsn) {
        return fsn.substring(fsn.lastIndexOf('/') + 1);
    }

    @Test
    void aReplicaIsAddedListedAndRemoved() throws Exception {
        String fsn = replicated("r12");
        JsonNode replicas =
                FEDERATION.fedfs("replica", "list", fsn, "--json").ok().json().path("replicas");
        assertThat(replicas.size()).isEqualTo(3);
        assertThat(FEDERATION.fedfs("server", "fsn", "beta:/b/r12").ok().line())
                .as("R1e")
                .isEqualTo(fsn);
        // One that is another fileset already is refused, and nothing of it stays.
        FEDERATION
                .fedfs("replica", "add", nsdb.createFsn(10).toString(), "beta:/b/r12")
                .failed(7);
        Files.createDirectory(atBeta.resolve("nobody"));
        FEDERATION
                .fedfs("replica", "add", nsdb.fsn(UUID.randomUUID()).toString(), "beta:/b/nobody")
                .failed(24);
        assertThat(Xattrs.list(atBeta.resolve("nobody"), false)).isEmpty();
        Files.writeString(atAlpha.resolve("r12/f"), "alpha");
        Files.writeString(atBeta.resolve("r12/f"), "beta");
        Mount mount = FEDERATION.mount(fsn).start();
        assertThat(mount.seen().content("f")).isEqualTo("alpha");
        FEDERATION.fedfs("replica", "remove", "alpha:/a/r12").ok();
        Await.until(SOON, "beta", () -> mount.seen().content("f"));
        FEDERATION.fedfs("replica", "remove", "gamma:/g/r12").ok();
        FEDERATION.fedfs("replica", "remove", "beta:/b/r12").failed(8);
        assertThat(FEDERATION
                        .fedfs("replica", "list", fsn, "--json")
                        .ok()
                        .json()
                        .path("replicas")
                        .size())
                .isEqualTo(1);
        FEDERATION.fedfs("replica", "remove", "beta:/b/r12", "--last").ok();
    }

    @Test
    void aJunctionIsMadeAndDeletedInEveryWritableReplica() throws Exception {
        replicated("r3b");
        String to = nsdb.createFsn(300).toString();
        JsonNode made = FEDERATION
                .fedfs("link", "alpha:/a/r3b/sub/j", to, "--annotation", "a=b", "--json")
                .ok()
                .json();
        assertThat(made.path("pending").size()).isZero();
        assertThat(target(atAlpha.resolve("r3b/sub/j"))).isEqualTo(uuid(to));
        assertThat(target(atBeta.resolve("r3b/sub/j"))).isEqualTo(uuid(to));
        assertThat(FEDERATION
                        .fedfs("server", "junction", "show", "beta:/b/r3b/sub/j", "--json")
                        .ok()
                        .json()
                        .path("annotations")
                        .path("a")
                        .asText())
                .isEqualTo("b");
        assertThat(target(atGamma.resolve("r3b/sub/j")))
                .as("read-only: by its own replication")
                .isEqualTo("absent");
        // From the other side.
        FEDERATION.fedfs("unlink", "beta:/b/r3b/sub/j").ok();
        assertThat(target(atAlpha.resolve("r3b/sub/j"))).isEqualTo("none");
        assertThat(alpha.unfinished()).isEmpty();
        assertThat(beta.unfinished()).isEmpty();
    }

    @Test
    void aReplicaThatWasAwayGetsWhatItMissedAlsoWhenTheFirstAgentDied() throws Exception {
        Mount mount = FEDERATION.mount(replicated("away")).start();
        assertThat(mount.seen().names(".")).contains("sub");
        String one = nsdb.createFsn(300).toString();
        String two = nsdb.createFsn(300).toString();
        FEDERATION.fedfs("link", "alpha:/a/away/old", one).ok();
        beta.kill();
        Run run = FEDERATION.fedfs("link", "alpha:/a/away/new", one);
        assertThat(run.ok().err()).contains("beta:").contains("tried again");
        // What changes again before the replica is back arrives as it is in the end.
        FEDERATION.fedfs("unlink", "alpha:/a/away/old").ok();
        FEDERATION.fedfs("link", "alpha:/a/away/old", two).ok();
        FEDERATION.fedfs("link", "alpha:/a/away/passing", one).ok();
        FEDERATION.fedfs("unlink", "alpha:/a/away/passing").ok();
        JsonNode pending = FEDERATION
                .fedfs("server", "pending", "alpha", "--json")
                .ok()
                .json()
                .path("pending");
        assertThat(pending.size()).isEqualTo(3);
        assertThat(pending.toString()).contains("\"host\":\"beta\"").contains("away/new");
        assertThat(FEDERATION.fedfs("server", "pending", "alpha").ok().out()).contains("beta:");
        String point = mount.point().toString();
        Run check = FEDERATION.fedfs("check", point).ok();
        assertThat(check.out())
                .contains("pending at alpha: ")
                .contains("away/new")
                .contains("beta:");
        assertThat(check.err()).contains("whether beta has junctions that replicas lack is not known");
        alpha.kill();
        alpha.start();
        assertThat(alpha.unfinished()).hasSize(3);
        assertThat(target(atBeta.resolve("away/new"))).isEqualTo("absent");
        beta.start();
        Await.until(SOON, List.of(), alpha::unfinished);
        assertThat(target(atBeta.resolve("away/new"))).isEqualTo(uuid(one));
        assertThat(target(atBeta.resolve("away/old"))).isEqualTo(uuid(two));
        assertThat(target(atBeta.resolve("away/passing"))).isIn("none", "absent");
        assertThat(FEDERATION.fedfs("server", "pending", "alpha").ok().out()).isEmpty();
        assertThat(FEDERATION.fedfs("check", point).ok().out()).doesNotContain("pending");
    }

    @Test
    void aJunctionThatAnUnreachableReplicaLacksIsFoundAtAnother() throws Exception {
        String fsn = replicated("lacks");
        Fileset inner = FEDERATION.fileset(nsdb);
        inner.below().makeFile("f", "inner");
        Files.writeString(atBeta.resolve("lacks/plain"), "beta");
        Mount mount = FEDERATION.mount(fsn).start();
        assertThat(mount.seen().content("new/f")).isEqualTo("ENOENT");
        alpha.kill();
        assertThat(FEDERATION
                        .fedfs("link", "beta:/b/lacks/new", inner.fsn().toString())
                        .ok()
                        .err())
                .contains("alpha:");
        assertThat(marks(fsn)).containsExactly("fedfs.lacks-junctions.beta");
        assertThat(mount.seen().content("plain"))
                .as("no junction, so no question")
                .isEqualTo("ENOENT");
        Await.until(SOON, "inner", () -> mount.seen().content("new/f"));
        assertThat(target(atAlpha.resolve("lacks/new"))).isEqualTo("absent");
        alpha.start();
        Await.until(SOON, List.of(), beta::unfinished);
        assertThat(target(atAlpha.resolve("lacks/new")))
                .isEqualTo(inner.fsn().uuid().toString());
        assertThat(marks(fsn)).isEmpty();
    }

    @Test
    void aReplicaIsTakenForLackingUntilItHasTheLastOfItsJunctions() throws Exception {
        String fsn = replicated("marks");
        String one = nsdb.createFsn(300).toString();
        beta.kill();
        for (String name : List.of("i", "j", "passing")) {
            FEDERATION.fedfs("link", "alpha:/a/marks/" + name, one).ok();
        }
        FEDERATION.fedfs("unlink", "alpha:/a/marks/passing").ok();
        assertThat(marks(fsn)).containsExactly("fedfs.lacks-junctions.alpha");
        nsdb.kill();
        beta.start();
        Await.until(SOON, uuid(one), () -> target(atBeta.resolve("marks/j")));
        assertThat(alpha.unfinished()).as("the NSDB is still to be told").isNotEmpty();
        nsdb.start();
        Await.until(SOON, List.of(), alpha::unfinished);
        assertThat(marks(fsn)).isEmpty();
    }

    /** The annotations of all locations. */
    private static List<String> marks(String fsn) {
        List<String> keys = new ArrayList<>();
        FEDERATION
                .fedfs("fsl", "list", fsn, "--json")
                .ok()
                .json()
                .findValues("annotations")
                .forEach(a -> a.fieldNames().forEachRemaining(keys::add));
        return keys;
    }

    @Test
    void whatAReplicaHasOnItsOwnIsNotOverruled() throws Exception {
        replicated("own");
        String one = nsdb.createFsn(300).toString();
        String two = nsdb.createFsn(300).toString();
        OnDisk.junction(atBeta.resolve("own/j"), io.fedfs.protocol.Fsn.parse(two));
        JsonNode made =
                FEDERATION.fedfs("link", "alpha:/a/own/j", one, "--json").ok().json();
        assertThat(made.path("pending").get(0).path("trouble").asText()).contains(uuid(two));
        assertThat(target(atBeta.resolve("own/j"))).isEqualTo(uuid(two));
        FEDERATION
                .fedfs("junction", "delete", atBeta.resolve("own/j").toString())
                .ok();
        Await.until(SOON, uuid(one), () -> target(atBeta.resolve("own/j")));
    }
}

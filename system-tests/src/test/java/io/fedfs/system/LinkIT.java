package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.linux.Xattrs;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Links by place: the third worked example of the requirements, on two file servers and a mount. */
@Tag("waits")
final class LinkIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;
    private static Path left;
    private static Path right;
    private static Agent leftAgent;
    private static Agent rightAgent;
    private static Path servers;

    @BeforeAll
    static void start() throws Exception {
        nsdb = FEDERATION.nsdb();
        left = FEDERATION.directory("left");
        right = FEDERATION.directory("right");
        Files.createDirectory(left.resolve("root"));
        Files.createDirectories(right.resolve("home/inner"));
        Files.writeString(right.resolve("home/f"), "of home");
        leftAgent = FEDERATION.agent().exporting("left", left + " /l").start();
        rightAgent = FEDERATION.agent().exporting("right", right + " /r").start();
        // The names in FSLs are not known to any name service here.
        servers = FEDERATION.top().resolve("nsdbs.yaml");
        Files.writeString(
                servers,
                "servers:\n  - address: left\n    connect: " + leftAgent.address() + "\n    plaintext: true\n"
                        + "  - address: right\n    connect: " + rightAgent.address() + "\n    plaintext: true\n");
        FEDERATION.environment().put("FEDFS_NSDBS", servers.toString());
    }

    private static String promoted(String place) {
        return FEDERATION
                .fedfs("server", "promote", place, "--nsdb", nsdb.address())
                .ok()
                .line();
    }

    @Test
    void aPlaceIsLinkedFromAServerFromAMountAndFromADirectory() throws Exception {
        String root = promoted("left:/l/root");
        String home = promoted("right:/r/home");
        Mount mount = FEDERATION.mount(root).start();
        Ground seen = mount.seen();
        assertThat(seen.names(".")).isEmpty();

        // By SERVER:PATH on both sides.
        JsonNode linked = FEDERATION
                .fedfs("link", "left:/l/root/one", "right:/r/home", "--json")
                .ok()
                .json();
        assertThat(linked.path("fsn").asText()).isEqualTo(home);
        Await.until(SOON, "of home", () -> seen.content("one/f"));
        Await.until(
                SOON,
                true,
                () -> FEDERATION.fedfs("fsn", "refs", home).ok().out().contains("one"));

        // By a path in the mount: the agent of the fileset's server makes it.
        linked = FEDERATION
                .fedfs("link", mount.path("two").toString(), "right:/r/home", "--annotation", "a=b", "--json")
                .ok()
                .json();
        assertThat(linked.path("server").asText()).isEqualTo("left:7533");
        assertThat(linked.path("server_path").asText()).isEqualTo("/l/root/two");
        Await.until(SOON, "of home", () -> seen.content("two/f"));

        // Through a junction: it is the other server's fileset, and so its agent's.
        FEDERATION.fedfs("link", mount.path("one/three").toString(), root).ok();
        assertThat(Xattrs.get(right.resolve("home/three"), "trusted.junction.nfs", false))
                .isPresent();
        Await.until(SOON, "of home", () -> seen.content("one/three/two/f"));

        // In a directory of this host, by FSN.
        Path plain = FEDERATION.directory("plain");
        FEDERATION.fedfs("link", plain.resolve("x").toString(), home).ok();
        assertThat(new String(
                        Xattrs.get(plain.resolve("x"), "trusted.junction.nfs", false)
                                .orElseThrow(),
                        StandardCharsets.UTF_8))
                .contains(home.substring(home.lastIndexOf('/') + 1));

        FEDERATION.fedfs("unlink", plain.resolve("x").toString()).ok();
        // In a fileset's directory on this host: on record like those that agents make.
        String here = left.resolve("root/here").toString();
        FEDERATION.fedfs("link", here, home).ok();
        assertThat(FEDERATION.fedfs("fsn", "refs", home).ok().out()).contains("  here  ");
        assertThat(FEDERATION.fedfs("fileset", "move", home, "--dry-run").ok().out())
                .contains("from    right:" + right.resolve("home") + "  (");
        FEDERATION.fedfs("unlink", here).ok();
        assertThat(FEDERATION.fedfs("fsn", "refs", home).ok().out()).doesNotContain("  here  ");

        FEDERATION.fedfs("unlink", "left:/l/root/one").ok();
        FEDERATION.fedfs("unlink", mount.path("two").toString()).ok();
        assertThat(Xattrs.list(left.resolve("root/two"), false)).doesNotContain("trusted.junction.nfs");
        FEDERATION.fedfs("unlink", mount.path("two").toString()).failed(11);
        FEDERATION.fedfs("unlink", mount.point().toString()).failed(8);
    }

    @Test
    void whatIsNoFilesetsRootIsNotLinkedAndTheMessageSaysWhatToDo() throws Exception {
        Files.createDirectory(right.resolve("plain"));
        FEDERATION.fedfs("link", "left:/l/no", "right:/r/plain").failed(24);
        Files.createDirectories(right.resolve("whole/part"));
        promoted("right:/r/whole");
        assertThat(FEDERATION
                        .fedfs("link", "left:/l/no", "right:/r/whole/part")
                        .failed(8)
                        .err())
                .contains("right:/r/whole")
                .contains("promote");
        assertThat(left.resolve("no")).doesNotExist();
        FEDERATION.fedfs("link", "left:/l/no", "nowhere:/x", "--timeout", "5").complained();
        assertThat(left.resolve("no")).doesNotExist();
    }

    @Test
    void anOrdinaryUsersAgentServesWhatItsFileSystemLetsIt() throws Exception {
        Caller alice = Caller.ALICE;
        try (MountNamespace there = new MountNamespace(FEDERATION, alice)) {
            Path mine = there.directory(alice);
            Path config = FEDERATION.top().resolve("alice.yaml");
            Files.writeString(
                    config, "nsdbs:\n  - address: " + nsdb.address() + "\n    trusted: true\n    plaintext: true\n");
            Agent agent = FEDERATION.agent(command -> {
                List<String> inside = new ArrayList<>(command);
                inside.set(0, there.command(command.get(0)));
                return there.commandLine(alice, inside);
            });
            Ground.must(new Ground(agent.home(), Caller.ROOT).chown(agent.home().toString(), alice.uid(), alice.gid()));
            agent.exporting("hers", mine + " /h")
                    .option("--nsdbs")
                    .option(config.toString())
                    .start();
            try {
                Files.createDirectories(
                        mine.resolve("root-only"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                there.sh(alice, "mkdir $0/set && echo hers > $0/set/f", mine).ok();
                FEDERATION
                        .fedfs("server", "promote", agent.at("/h/root-only"), "--nsdb", nsdb.address())
                        .failed(1);
                String fsn = FEDERATION
                        .fedfs("server", "promote", agent.at("/h/set"), "--nsdb", nsdb.address())
                        .ok()
                        .line();
                assertThat(Xattrs.get(mine.resolve("set"), "user.fedfs.fsn", false))
                        .isPresent();
                FEDERATION
                        .fedfs("link", agent.at("/h/set/again"), agent.at("/h/set"))
                        .ok();
                JsonNode shown = FEDERATION
                        .fedfs("server", "junction", "show", agent.at("/h/set/again"), "--resolve", "nsdb", "--json")
                        .ok()
                        .json();
                assertThat(shown.path("fsn").asText()).isEqualTo(fsn);
                assertThat(shown.path("trusted").asBoolean()).isFalse();
                assertThat(shown.path("locations").size()).isEqualTo(1);
                Mount mount = FEDERATION.mount(fsn).option("nsdbs=" + config).start();
                assertThat(mount.seen().content("again/again/f")).isEqualTo("hers\n");
                mount.umount();
                FEDERATION.fedfs("unlink", agent.at("/h/set/again")).ok();
                FEDERATION
                        .fedfs("server", "demote", agent.at("/h/set"), "--delete-fsn")
                        .ok();
                assertThat(Xattrs.list(mine.resolve("set"), false)).isEmpty();
            } finally {
                agent.close();
            }
        }
    }
}

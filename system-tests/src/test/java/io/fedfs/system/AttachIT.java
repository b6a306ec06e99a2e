package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.Fsl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Locations that the mount mounts itself: sshfs for real, a site's own program, and what NFS and SMB say where they cannot be had. */
@Tag("waits")
final class AttachIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Federation federation = new Federation();

    private Nsdb nsdb;
    private Fileset root;
    private Sshd sshd;
    private Path config;

    @BeforeEach
    void start() throws IOException {
        nsdb = federation.nsdb();
        root = federation.fileset(nsdb);
        sshd = new Sshd(federation.directory("sshd")).start();
        config = federation.top().resolve("attach.yaml");
        Files.writeString(
                config,
                "idle: 2\nprobe: {interval: 1, bound: 2}\nfail_back: 2\ntypes:\n" + sshd.rule(federation.top())
                        + "  nfs: {hosts: [127.0.0.1]}\n  smb: {hosts: [127.0.0.1]}\n"
                        + "  command:\n    programs:\n"
                        + "      bind: {hosts: ['*'], mount: [/bin/mount, --bind, '{export}', '{target}']}\n"
                        + "      none: {hosts: ['*'], mount: [/bin/true]}\n");
    }

    @AfterEach
    void end() {
        sshd.close();
    }

    private Fsn junction(String name, Fsl.Builder fsl) {
        Fsn fsn = nsdb.createFsn(300);
        nsdb.stub()
                .addFsl(AddFslRequest.newBuilder()
                        .setFsl(fsl.setFsnUuid(fsn.uuid().toString()).setWritable(true))
                        .build());
        federation.junction(root, name, fsn);
        return fsn;
    }

    private Path served(String file, String content) {
        try {
            Path directory = federation.directory("served");
            Files.writeString(directory.resolve(file), content);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Fsl.Builder sshfs(Path directory) {
        return Fsl.newBuilder()
                .setType("sshfs")
                .setHost("127.0.0.1")
                .setPort(sshd.port())
                .setExportPath(directory.toString());
    }

    private Mount mount() {
        return federation.mount(root).option("attach=" + config).start();
    }

    private List<Path> attached() {
        return Processes.mountsBelow(federation.top().resolve("run"));
    }

    @Test
    void sshfsIsMountedOnceOnFirstUseAndServesReadersAndWriters() throws IOException {
        Path there = served("f", "far");
        junction("far", sshfs(there));
        Mount mount = mount();
        assertThat(mount.seen().names(".")).isEqualTo("far");
        assertThat(attached()).as("nobody has gone in").isEmpty();
        Run all = federation.sh("for i in 1 2 3 4 5 6 7 8; do cat \"$0\" & done; wait", mount.path("far/f"));
        assertThat(all.ok().out()).isEqualTo("far".repeat(8));
        assertThat(attached()).hasSize(1);
        assertThat(Files.getPosixFilePermissions(attached().get(0).getParent()))
                .as("nobody else may go in")
                .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        mount.seen().makeFile("far/new", "written here");
        assertThat(there.resolve("new")).hasContent("written here");
        federation
                .sh("mkdir \"$0/d\" && mv \"$0/f\" \"$0/d/g\" && ls \"$0/d\"", mount.path("far"))
                .ok();
        assertThat(there.resolve("d/g")).hasContent("far");

        JsonNode where = federation
                .fedfs("where", "--json", mount.path("far/new").toString())
                .ok()
                .json()
                .get("attached");
        assertThat(where.get("type").asText()).isEqualTo("sshfs");
        assertThat(where.get("health").asText()).isEqualTo("up");
        Await.until(SOON, true, () -> mount.counter("probes") > 0);
        assertThat(mount.counter("attaches")).isGreaterThanOrEqualTo(2);
        mount.umount();
        assertThat(attached()).isEmpty();
    }

    @Test
    void aMountWhoseServerReturnsIsMadeAnew() {
        junction("far", sshfs(served("f", "far")));
        Mount mount = mount();
        assertThat(mount.seen().content("far/f")).isEqualTo("far");
        sshd.stop();
        Await.until(SOON, true, () -> !mount.seen().content("far/f").equals("far"));
        sshd.start();
        Await.until(SOON, "far", () -> mount.seen().content("far/f"));
    }

    @Test
    void whatNobodyUsesIsUnmountedAndWhatIsOpenIsNot() {
        junction("far", sshfs(served("f", "far")));
        junction("held", sshfs(served("f", "held")));
        junction("home", sshfs(served("f", "home")));
        Mount mount = mount();
        assertThat(mount.seen().content("far/f")).isEqualTo("far");
        Run held = federation.sh(
                "exec 3< \"$0/held/f\"; cd \"$0/home\" || exit; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1; "
                        + "[ $(grep -c \"$1\" /proc/self/mounts) = 2 ] && break; done; "
                        + "[ $(grep -c \"$1\" /proc/self/mounts) = 2 ] || echo not unmounted; "
                        + "cat <&3; cat f; pwd",
                mount.point(),
                federation.top().resolve("run"));
        assertThat(held.ok().out()).isEqualTo("heldhome" + mount.path("home") + "\n");
        Await.until(SOON, 0, () -> attached().size());
        assertThat(mount.seen().content("far/f")).isEqualTo("far");
    }

    @Test
    void leftoversOfAKilledDaemonAreTakenAway() {
        junction("far", sshfs(served("f", "far")));
        Mount mount = mount();
        assertThat(mount.seen().content("far/f")).isEqualTo("far");
        mount.release();
        ProcessHandle daemon = mount.daemon();
        daemon.destroyForcibly();
        Await.until(SOON, false, daemon::isAlive);
        assertThat(attached()).as("left").hasSize(1);
        federation.run(List.of("umount", mount.point().toString())).ok();
        mount.start();
        assertThat(attached()).isEmpty();
        assertThat(mount.seen().content("far/f")).isEqualTo("far");
    }

    @Test
    void aSitesOwnProgramMounts() {
        Path there = served("f", "bound");
        junction(
                "bound",
                Fsl.newBuilder()
                        .setType("command")
                        .setHost("any")
                        .setExportPath(there.toString())
                        .putOptions("program", "bind"));
        junction(
                "none",
                Fsl.newBuilder()
                        .setType("command")
                        .setHost("any")
                        .setExportPath("/x")
                        .putOptions("program", "none"));
        Mount mount = mount();
        assertThat(mount.seen().content("bound/f")).isEqualTo("bound");
        assertThat(mount.seen().content("none/f")).isEqualTo("EHOSTDOWN");
        assertThat(whyNot(mount, "none")).contains("mounted nothing on its target");
    }

    private String whyNot(Mount mount, String junction) {
        return federation
                .fedfs("explain", mount.path(junction + "/f").toString())
                .out();
    }

    @Test
    void whatCannotBeHadHereIsSaid() throws IOException {
        junction("nfs", Fsl.newBuilder().setType("nfs").setHost("127.0.0.1").setExportPath("/export"));
        junction("smb", Fsl.newBuilder().setType("smb").setHost("127.0.0.1").setExportPath("/share"));
        junction(
                "elsewhere", Fsl.newBuilder().setType("nfs").setHost("10.0.0.1").setExportPath("/export"));
        junction(
                "evil",
                sshfs(federation.top())
                        .putAllOptions(Map.of("ssh_command", "/bin/touch " + federation.top() + "/evil")));
        Mount mount = mount();
        for (Map.Entry<String, String> type :
                Map.of("nfs", "nfs", "smb", "cifs").entrySet()) {
            assertThat(mount.seen().content(type.getKey() + "/f")).isIn("EHOSTDOWN", "ETIMEDOUT");
            boolean kernelHasIt =
                    Files.readString(Path.of("/proc/filesystems")).contains("\t" + type.getValue() + "\n");
            assertThat(whyNot(mount, type.getKey()))
                    .contains(
                            Files.exists(Path.of("/usr/sbin/mount." + type.getValue()))
                                    ? kernelHasIt ? "mount" : "this kernel has no file system \"" + type.getValue()
                                    : "mount." + type.getValue() + " is missing");
        }
        assertThat(mount.seen().content("elsewhere/f")).isEqualTo("EHOSTDOWN");
        assertThat(whyNot(mount, "elsewhere")).contains("types.nfs.hosts");
        assertThat(mount.seen().content("evil/f")).isEqualTo("EHOSTDOWN");
        assertThat(whyNot(mount, "evil")).contains("option \"ssh_command\"", "is not allowed");
        assertThat(federation.top().resolve("evil")).doesNotExist();
        Run typo = federation
                .mount(root)
                .option("attach=" + federation.top().resolve("none.yaml"))
                .attempt();
        assertThat(typo.code()).isEqualTo(8);
        assertThat(typo.err()).contains("none.yaml");
    }
}

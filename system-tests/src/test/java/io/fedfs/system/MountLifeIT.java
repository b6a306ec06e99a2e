package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.Namespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How mounts begin, end, and fail to begin. */
final class MountLifeIT {
    private static final Duration END = Duration.ofSeconds(15);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        root.below().makeFile("f", "x");
    }

    @ParameterizedTest
    @EnumSource
    void theMountAnswersWhenTheCommandReturns(Engine engine) {
        Mount mount = FEDERATION.mount(root).engine(engine);
        Run run = mount.attempt().ok();
        assertThat(mount.seen().content("f")).isEqualTo("x");
        assertThat(Processes.mountedAt(mount.point()))
                .hasValueSatisfying(t -> assertThat(t).startsWith("fuse"));
        assertThat(run.took()).isLessThan(Duration.ofSeconds(10));
        mount.umount();
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
        assertThat(mount.point()).isEmptyDirectory();
    }

    @Test
    void aShellThatCapturesTheOutputIsNotHeldByTheDaemon() {
        Mount mount = FEDERATION.mount(root);
        Run run = FEDERATION.sh(
                "said=$(\"$0\" \"$1\" \"$2\" -o \"$4\" 2>&1) && cat $2/f",
                mount.command().toArray());
        assertThat(run.ok().out()).isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource
    void sigtermUnmounts(Engine engine) {
        Mount mount = FEDERATION.mount(root).engine(engine).start();
        assertThat(mount.daemon().destroy()).isTrue();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
    }

    @Test
    void fusermountUnmounts() {
        Mount mount = FEDERATION.mount(root).start();
        FEDERATION.run(List.of("fusermount3", "-u", mount.point().toString())).ok();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
    }

    @Test
    void aBusyMountIsDetachedLazilyAndEndsWithItsLastUser() {
        Mount mount = FEDERATION.mount(root).start();
        int open = mount.seen().open("f", 0);
        assertThat(open).isPositive();
        assertThat(FEDERATION.run(List.of("umount", mount.point().toString())).code())
                .isNotZero();
        FEDERATION.run(List.of("umount", "-l", mount.point().toString())).ok();
        assertThat(Processes.naming(mount.point())).isNotEmpty();
        mount.release();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
    }

    @ParameterizedTest
    @EnumSource
    void afterKillMinusNineThePointIsCleanedAndUsedAgain(Engine engine) {
        Mount mount = FEDERATION.mount(root).engine(engine).start();
        mount.daemon().destroyForcibly();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
        Await.until(END, "ENOTCONN", () -> mount.seen().names("."));
        if (engine == Engine.KERNEL) {
            FEDERATION.run(List.of("umount", mount.point().toString())).ok();
        } else {
            FEDERATION
                    .run(List.of("fusermount3", "-u", mount.point().toString()))
                    .ok();
        }
        mount.start();
        assertThat(mount.seen().content("f")).isEqualTo("x");
    }

    @Test
    void twoMountsOfOneFilesetLiveSideBySide() {
        Mount one = FEDERATION.mount(root).start();
        Mount two = FEDERATION.mount(root).engine(Engine.JNR_FUSE).start();
        one.umount();
        assertThat(two.seen().content("f")).isEqualTo("x");
    }

    @Test
    void inTheForegroundItStaysUntilUnmounted() throws Exception {
        Mount mount = FEDERATION.mount(root).option("foreground");
        ProcessBuilder builder = new ProcessBuilder(mount.command())
                .redirectOutput(FEDERATION.top().resolve("log/fg.out").toFile())
                .redirectError(FEDERATION.top().resolve("log/fg.err").toFile());
        builder.environment().putAll(FEDERATION.environment());
        Process process = builder.start();
        Await.until(END, true, () -> Processes.mountedAt(mount.point()).isPresent());
        Await.until(END, "x", () -> mount.seen().content("f"));
        assertThat(process.isAlive()).isTrue();
        mount.umount();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void aNamespaceOfAnNsdbIsMountedByNameAndWithoutWhenItIsTheOnly() {
        Nsdb own = FEDERATION.nsdb();
        Fileset there = FEDERATION.fileset(own);
        there.below().makeFile("f", "by name");
        own.stub()
                .createNamespace(CreateNamespaceRequest.newBuilder()
                        .setNamespace(Namespace.newBuilder()
                                .setName("lab")
                                .setRootFsn(there.fsn().toString()))
                        .build());
        assertThat(FEDERATION
                        .mount("nsdb://" + own.address() + "/lab")
                        .start()
                        .seen()
                        .content("f"))
                .isEqualTo("by name");
        assertThat(FEDERATION.mount("nsdb://" + own.address()).start().seen().content("f"))
                .isEqualTo("by name");
        refused(FEDERATION.mount("nsdb://" + own.address() + "/nobody"), "nobody");
    }

    @Test
    void mountMinusTFedfsWorks() throws Exception {
        Path helper = Distribution.home().resolve("bin/mount.fedfs");
        assertThat(helper).as("the helper of mount(8)").isExecutable();
        Path installed = Path.of("/sbin/mount.fedfs");
        assertThat(installed).as("another installation is in the way").doesNotExist();
        Path point = FEDERATION.directory("mnt");
        Mount mount = FEDERATION.mount(root.fsn().toString(), point);
        Files.createSymbolicLink(installed, helper);
        try {
            FEDERATION
                    .run(List.of(
                            "mount",
                            "-t",
                            "fedfs",
                            root.fsn().toString(),
                            point.toString(),
                            "-o",
                            "rw,noatime,local_root=" + FEDERATION.top() + ",state=" + FEDERATION.directory("state")
                                    + ",log=" + FEDERATION.top().resolve("log/mount.log")))
                    .ok();
        } finally {
            Files.delete(installed);
        }
        assertThat(mount.seen().content("f")).isEqualTo("x");
    }

    @Test
    void anUnknownOptionIsRefusedByName() {
        refused(FEDERATION.mount(root).option("no_such_option=1"), "no_such_option");
        refused(FEDERATION.mount(root).option("entry_timeout=soon"), "entry_timeout");
        refused(FEDERATION.mount(root).option("engine=steam"), "engine");
        refused(FEDERATION.mount(root).option("daos=relative/path"), "relative/path");
    }

    @Test
    void aMissingMountPointIsRefused() {
        refused(FEDERATION.mount(root.fsn().toString(), FEDERATION.top().resolve("nowhere")), "nowhere");
    }

    @Test
    void aMountPointThatIsAFileIsRefused() throws Exception {
        Path file = Files.createFile(FEDERATION.directory("mnt").resolve("file"));
        refused(FEDERATION.mount(root.fsn().toString(), file), "file");
    }

    @Test
    void anUnknownFsnIsRefused() {
        UUID nobody = UUID.randomUUID();
        refused(FEDERATION.mount(nsdb.fsn(nobody).toString()), nobody.toString());
    }

    @Test
    void somethingThatIsNoFsnIsRefused() {
        refused(FEDERATION.mount("nsdb://127.0.0.1:7532/not/a-name-of-anything"), "");
        refused(FEDERATION.mount("/some/path"), "/some/path");
    }

    @Test
    void anNsdbThatIsDownIsReportedInTime() {
        Run run = refused(
                FEDERATION.mount("nsdb://127.0.0.1:" + Federation.freePort() + "/" + UUID.randomUUID()), "127.0.0.1");
        assertThat(run.took()).isLessThan(Duration.ofSeconds(12));
    }

    @Test
    void aRootOutsideEveryLocalRootIsRefused() {
        Path elsewhere = FEDERATION.directory("elsewhere");
        refused(
                FEDERATION.mount(root).option("local_root=" + elsewhere),
                root.directory().toString());
    }

    @Test
    void aRootWithoutItsDirectoryIsRefused() throws Exception {
        Files.delete(root.directory().resolve("f"));
        Files.delete(root.directory());
        refused(FEDERATION.mount(root), root.directory().toString());
    }

    @Test
    void theCommandsWorkThroughASymlinkAndFromAnyDirectory() throws Exception {
        Path link = Files.createSymbolicLink(
                FEDERATION.directory("bin").resolve("fedfs"), Path.of(Distribution.command("fedfs")));
        Run run = Run.program(FEDERATION.top(), Map.of(), List.of("sh", "-c", "cd / && " + link + " --help"));
        assertThat(run.ok().out()).contains("junction").contains("where");
    }

    @Test
    void withoutJavaTheCommandSaysSo() {
        Run run = FEDERATION.run(
                List.of("env", "-i", "PATH=/nowhere", "/bin/sh", Distribution.command("fedfs"), "--help"));
        if (run.code() != 0) {
            assertThat(run.err().toLowerCase(java.util.Locale.ROOT)).contains("java");
        }
    }

    private static Run refused(Mount mount, String mentioned) {
        Run run = mount.attempt().complained();
        assertThat(run.err() + run.out()).contains(mentioned);
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
        Await.until(END, List.of(), () -> Processes.naming(mount.point()));
        return run;
    }
}

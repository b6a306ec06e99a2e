package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of DAOS entries: as mount options, changed while mounted, and kept. */
final class DaosSettingsIT {
    private static final String POOL = "8a8a8a8a-0001-4001-8001-00000000abcd";
    private static final String CONTAINER = "12345678-90ab-4cde-8f01-234567890abc";
    private static final String PAIR = POOL + "/" + CONTAINER;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;

    @BeforeEach
    void start() throws Exception {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        entry("c", PAIR);
    }

    private void entry(String name, String value) throws Exception {
        OnDisk.attribute(
                Files.createDirectory(root.directory().resolve(name)),
                "trusted.lmv",
                OnDisk.foreignDirectory(1, value));
    }

    private static Run tune(Mount mount, String... settings) {
        String[] all = new String[settings.length + 2];
        all[0] = "tune";
        all[1] = mount.point().toString();
        System.arraycopy(settings, 0, all, 2, settings.length);
        return FEDERATION.fedfs(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"daos=relative", "foreign_symlink=dfuse", "daos_mode=copy", "daos_values=all"})
    void aBadOptionMountsNothing(String option) {
        Mount mount = FEDERATION.mount(root).option("daos=/dfuse").option(option);
        assertThat(mount.attempt().failed(8).err()).contains("not \"");
        assertThat(Processes.mountedAt(mount.point())).isEmpty();
    }

    /** What the kernel remembers holds for an hour here, so what changes was told to it. */
    @Test
    void aChangeIsSeenAtOnceInWhatTheKernelRemembers() {
        Mount mount = FEDERATION
                .mount(root)
                .option("foreign_symlink=/one/")
                .option("entry_timeout=3600")
                .option("attr_timeout=3600")
                .start();
        Ground seen = mount.seen();
        assertThat(Seen.all(seen.lstat("c").size(), seen.readlink("c"))).isEqualTo("78 /one/" + PAIR);
        tune(mount, "daos_prefix=/another//prefix/").ok();
        assertThat(Seen.all(seen.lstat("c").size(), seen.readlink("c"))).isEqualTo("89 /another/prefix/" + PAIR);
        tune(mount, "foreign_symlink_enable=0").ok();
        assertThat(Seen.all(seen.lstat("c").kind(), seen.readlink("c"))).isEqualTo("dir EINVAL");
        tune(mount, "daos_enable=1", "foreign_symlink_prefix=/").ok();
        assertThat(Seen.all(seen.lstat("c").kind(), seen.readlink("c"))).isEqualTo("symlink /" + PAIR);
        assertThat(seen.names(".")).isEqualTo("c");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTunedIsSeenWithinTheTimeouts(Engine engine) {
        Mount mount = FEDERATION.mount(root).engine(engine).start();
        Ground seen = mount.seen();
        assertThat(seen.lstat("c").kind()).isEqualTo("dir");
        tune(mount, "daos_enable=1").ok();
        Await.until(Duration.ofSeconds(5), "/mnt/" + PAIR, () -> seen.readlink("c"));
        tune(mount, "daos_prefix=/other").ok();
        Await.until(Duration.ofSeconds(5), "/other/" + PAIR, () -> seen.readlink("c"));
        tune(mount, "daos_enable=0").ok();
        Await.until(Duration.ofSeconds(5), "dir", () -> seen.lstat("c").kind());
    }

    @Test
    void whatIsBadIsRefusedAndChangesNothing() {
        Mount mount = FEDERATION.mount(root).option("daos=/dfuse").start();
        String before = tune(mount).ok().out();
        assertThat(before)
                .contains(
                        "daos_enable = 1", "daos_prefix = /dfuse", "daos_mode = link", "foreign_symlink_upcall = none");
        assertThat(tune(mount, "daos_prefix=relative").failed(8).err()).contains("EINVAL", "relative");
        assertThat(tune(mount, "daos_prefix=/" + "x".repeat(4090)).failed(8).err())
                .contains("EINVAL", "4096");
        tune(mount, "daos_enable=yes").failed(8);
        tune(mount, "foreign_symlink_upcall=/no/such").failed(8);
        tune(mount, "daos_colour=red").failed(8);
        assertThat(tune(mount).ok().out()).isEqualTo(before);
        assertThat(FEDERATION
                        .fedfs("status", mount.point().toString(), "--json")
                        .ok()
                        .json()
                        .at("/options/daos_prefix")
                        .asText())
                .isEqualTo("/dfuse");
    }

    @Test
    void whatWasTunedOutlivesTheDaemon() throws Exception {
        Path point = FEDERATION.directory("kept");
        Mount first = FEDERATION
                .mount(root.fsn().toString(), point)
                .option("daos=/dfuse")
                .start();
        tune(first, "daos_prefix=/tuned").ok();
        first.release();
        ProcessHandle daemon = first.daemon();
        daemon.destroyForcibly();
        Await.until(Duration.ofSeconds(15), false, daemon::isAlive);
        FEDERATION.run(java.util.List.of("umount", "-l", point.toString())).ok();
        Mount second = FEDERATION
                .mount(root.fsn().toString(), point)
                .option("daos=/dfuse")
                .start();
        assertThat(second.seen().readlink("c")).isEqualTo("/tuned/" + PAIR);
        tune(second, "daos_enable=0").ok();
        second.umount();
        Mount third = FEDERATION
                .mount(root.fsn().toString(), point)
                .option("daos=/dfuse")
                .start();
        assertThat(third.seen().lstat("c").kind()).isEqualTo("dir");
        third.umount();
        Mount other = FEDERATION
                .mount(root.fsn().toString(), point)
                .option("daos=/new")
                .start();
        assertThat(other.seen().readlink("c")).isEqualTo("/new/" + PAIR);
    }

    @Test
    void anUpcallTranslatesWhatNobodyKnows() throws Exception {
        entry("s", "pool=" + POOL + ";cont=" + CONTAINER);
        Path upcall = FEDERATION.directory("upcall").resolve("upcall");
        Files.writeString(
                upcall, "#!/bin/sh\necho substring 5 36\necho 'constant /'\necho substring 47 36\nenv > $0.env\n");
        Files.setPosixFilePermissions(upcall, PosixFilePermissions.fromString("rwxr-xr-x"));
        Mount mount = FEDERATION.mount(root).option("daos=/dfuse").start();
        assertThat(mount.seen().lstat("s").kind()).isEqualTo("dir");
        tune(mount, "foreign_symlink_upcall=" + upcall).ok();
        assertThat(Seen.all(mount.seen().readlink("s"), mount.seen().readlink("c")))
                .isEqualTo("/dfuse/" + PAIR + " /dfuse/" + PAIR);
        tune(mount, "foreign_symlink_upcall=none").ok();
        assertThat(mount.seen().lstat("s").kind()).isEqualTo("dir");
    }
}

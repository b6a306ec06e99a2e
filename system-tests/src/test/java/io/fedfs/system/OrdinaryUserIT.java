package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mounts of users who are not root, through fusermount3: that user's own rights and no more. */
final class OrdinaryUserIT {
    private static final Duration END = Duration.ofSeconds(15);
    private static final Caller ALICE = Caller.ALICE;
    private static final Caller BOB = Caller.BOB;
    /** Has no account. */
    private static final Caller NOBODY = new Caller("nobody-at-all", 61_250, 61_251, List.of());

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private MountNamespace here;
    private Path point;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        here = new MountNamespace(FEDERATION, ALICE, BOB);
        point = here.directory(ALICE);
        root = FEDERATION.fileset(nsdb);
        Ground below = root.below();
        below.makeFile("public", "for all").makeFile("roots", "secret", 0600).makeDir("shared", 01777);
        below.makeDir("hers", 0755).makeFile("hers/private", "mine", 0600).makeDir("his", 0700);
        own("hers", ALICE);
        own("hers/private", ALICE);
        own("his", BOB);
    }

    @AfterEach
    void end() {
        here.close();
    }

    private void own(String name, Caller owner) {
        Ground.must(root.below().chown(name, owner.uid(), owner.gid()));
    }

    private Run mount(Caller who, Engine engine, String... options) {
        return mount(who, point, engine, options);
    }

    private Run mount(Caller who, Path where, Engine engine, String... options) {
        List<String> all = new ArrayList<>(List.of("local_root=" + FEDERATION.top(), "engine=" + engine.option()));
        all.addAll(List.of(options));
        return here.run(
                who, here.command("fedfs-mount"), root.fsn().toString(), where.toString(), "-o", String.join(",", all));
    }

    private void refused(Run run, String... mentioned) {
        assertThat(run.complained().err()).contains(mentioned);
        assertThat(here.mounted(point)).isEmpty();
        Await.until(END, List.of(), () -> Processes.naming(point));
    }

    /** The mount is gone, and its daemon and control socket with it. */
    private void leftNothing() {
        Await.until(END, List.of(), () -> Processes.naming(point));
        assertThat(here.mounted(point)).isEmpty();
        assertThat(here.runtime(ALICE).resolve("fedfs")).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource
    void theUserHasHisOwnRightsAndNoMore(Engine engine) {
        mount(ALICE, engine).ok();
        assertThat(here.mounted(point)).contains("nosuid", "nodev", "fuse.fedfs", "user_id=" + ALICE.uid());
        String mine =
                "cd $0 && umask 027 && cat public hers/private && echo x > hers/new && mkdir hers/d && ln -s x hers/l"
                        + " && cat hers/new && stat -c '%u:%g %a' hers/new hers/d && mv hers/new hers/d/moved && echo y > shared/z";
        assertThat(here.sh(ALICE, mine, point).ok().out())
                .isEqualTo("for allminex\n61234:61235 640\n61234:61235 750\n");
        assertThat(root.below().stat("hers/d/moved").owner()).isEqualTo("61234:61235");
        assertThat(root.below().stat("shared/z").owner()).isEqualTo("61234:61235");
        for (String attempt : List.of(
                "cat $0/roots",
                "echo x >> $0/public",
                "ls $0/his",
                "rm -f $0/public",
                "mkdir $0/new",
                "mknod $0/shared/n c 1 3",
                "chown 0 $0/hers/private",
                "chmod 4755 $0/public",
                "setfattr -n trusted.a -v x $0/hers/private")) {
            assertThat(here.sh(ALICE, attempt, point).complained().err())
                    .as(attempt)
                    .containsAnyOf("ermission denied", "not permitted", "cannot create");
        }
        assertThat(root.below().content("public")).isEqualTo("for all");
        assertThat(here.run(ALICE, here.command("fedfs"), "status", "--json", point.toString())
                        .ok()
                        .json()
                        .toString())
                .doesNotContain("\"passthrough\"");
    }

    @ParameterizedTest
    @EnumSource
    void othersAreRefusedAndRootTooWithoutAllowOther(Engine engine) {
        mount(ALICE, engine).ok();
        for (Caller other : List.of(BOB, Caller.ROOT)) {
            assertThat(here.sh(other, "cat $0/public", point).complained().err())
                    .as(other.name())
                    .contains("ermission denied");
        }
        assertThat(here.sh(ALICE, "cat $0/public", point).ok().out()).isEqualTo("for all");
    }

    @ParameterizedTest
    @EnumSource
    void allowOtherNeedsTheAdministratorsLine(Engine engine) {
        refused(mount(ALICE, engine, "allow_other"), "user_allow_other", "/etc/fuse.conf");
        here.fuseConf("# user_allow_other is below\nmount_max = 1000\nuser_allow_other\n");
        mount(ALICE, engine, "allow_other").ok();
        assertThat(here.sh(BOB, "cat $0/public", point).ok().out()).isEqualTo("for all");
        assertThat(here.sh(Caller.ROOT, "cat $0/public $0/hers/private", point)
                        .ok()
                        .out())
                .isEqualTo("for allmine");
        // What Alice may and Bob may not is refused to Bob, though her daemon does the work.
        for (String attempt : List.of(
                "cat $0/hers/private",
                "echo x > $0/hers/by-bob",
                "rm -f $0/hers/private",
                "chmod 644 $0/hers/private",
                // What Bob may and Alice may not.
                "ls $0/his",
                // It would belong to Alice.
                "echo x > $0/shared/by-bob",
                "mkdir $0/shared/by-bob",
                "ln -s x $0/shared/by-bob")) {
            assertThat(here.sh(BOB, attempt, point).complained().err())
                    .as(attempt)
                    .containsAnyOf("ermission denied", "not permitted", "cannot create");
        }
        assertThat(here.sh(Caller.ROOT, "cat $0/roots", point).complained().err())
                .as("root gets no more than Alice has")
                .contains("ermission denied");
        assertThat(root.below().names("shared")).isEmpty();
        assertThat(root.below().content("hers/private")).isEqualTo("mine");
    }

    @ParameterizedTest
    @EnumSource
    void aMountPointOfSomebodyElseIsRefused(Engine engine) throws Exception {
        Path bobs = here.directory(BOB);
        assertThat(mount(ALICE, bobs, engine).complained().err()).contains(bobs.toString(), "write");
        assertThat(here.mounted(bobs)).isEmpty();
        Path sticky = here.directory(BOB);
        Ground.must(root.below().chmod(sticky.toString(), 01777));
        assertThat(mount(ALICE, sticky, engine).complained().err()).contains(sticky.toString(), "sticky");
        assertThat(here.mounted(sticky)).isEmpty();
        Await.until(END, List.of(), () -> Processes.naming(bobs));
        Await.until(END, List.of(), () -> Processes.naming(sticky));
    }

    @ParameterizedTest
    @EnumSource
    void fusermountUnmounts(Engine engine) {
        mount(ALICE, engine).ok();
        assertThat(here.run(BOB, "fusermount3", "-u", point.toString())
                        .complained()
                        .err())
                .contains(point.toString());
        assertThat(here.sh(ALICE, "cat $0/public", point).ok().out()).isEqualTo("for all");
        here.run(ALICE, "fusermount3", "-u", point.toString()).ok();
        leftNothing();
    }

    @ParameterizedTest
    @EnumSource
    void sigtermUnmounts(Engine engine) {
        mount(ALICE, engine).ok();
        long daemon = daemon().pid();
        assertThat(here.run(BOB, "kill", Long.toString(daemon)).code()).isNotZero();
        here.run(ALICE, "kill", Long.toString(daemon)).ok();
        leftNothing();
    }

    private ProcessHandle daemon() {
        List<ProcessHandle> daemons = Processes.naming(point).stream()
                .filter(p -> p.info().command().orElse("").contains("java"))
                .toList();
        assertThat(daemons).hasSize(1);
        return daemons.get(0);
    }

    @ParameterizedTest
    @EnumSource
    void afterAKilledDaemonThePointIsUsedAgain(Engine engine) {
        mount(ALICE, engine).ok();
        daemon().destroyForcibly();
        Await.until(END, List.of(), () -> Processes.naming(point));
        assertThat(here.mounted(point)).contains("fuse.fedfs");
        mount(ALICE, engine).ok();
        assertThat(here.sh(ALICE, "cat $0/public", point).ok().out()).isEqualTo("for all");
        here.run(ALICE, "fusermount3", "-u", point.toString()).ok();
        Await.until(END, List.of(), () -> Processes.naming(point));
        assertThat(here.mounted(point)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void filesOfTheMountAreInTheUsersDirectories(Engine engine) {
        mount(ALICE, engine).ok();
        here.sh(ALICE, "cat $0/public", point).ok();
        Path state = here.home(ALICE).resolve(".local/state/fedfs");
        assertThat(state.resolve("log")).isDirectoryContaining("glob:**.log");
        assertThat(here.runtime(ALICE).resolve("fedfs")).isDirectoryContaining("glob:**.sock");
        assertThat(here.run(
                                ALICE,
                                here.command("fedfs"),
                                "where",
                                point.resolve("public").toString())
                        .ok()
                        .out())
                .contains(root.directory().resolve("public").toString());
        assertThat(here.run(ALICE, here.command("fedfs"), "status", "--json", point.toString())
                        .ok()
                        .json()
                        .toString())
                .contains(root.fsn().toString());
        here.run(BOB, here.command("fedfs"), "where", point.resolve("public").toString())
                .complained();
        here.run(BOB, here.command("fedfs"), "status", point.toString()).complained();
        here.run(ALICE, "fusermount3", "-u", point.toString()).ok();
        leftNothing();
        assertThat(state.resolve("mounts")).isNotEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource
    void whereSocketsAreSharedOnlyTheUserAndRootAreAnswered(Engine engine) {
        Path run = FEDERATION.directory("sockets");
        Ground.must(root.below().chmod(run.toString(), 01777));
        String environment = "FEDFS_RUN_DIR=" + run;
        List<String> options = List.of("local_root=" + FEDERATION.top(), "engine=" + engine.option());
        here.run(
                        ALICE,
                        "env",
                        environment,
                        here.command("fedfs-mount"),
                        root.fsn().toString(),
                        point.toString(),
                        "-o",
                        String.join(",", options))
                .ok();
        // Alice's daemon would look with Alice's rights.
        String hers = point.resolve("hers/private").toString();
        for (Caller asked : List.of(ALICE, Caller.ROOT)) {
            here.run(asked, "env", environment, here.command("fedfs"), "where", hers)
                    .ok();
        }
        for (List<String> command :
                List.of(List.of("where", hers), List.of("status", point.toString()), List.of("explain", hers))) {
            List<String> all = new ArrayList<>(List.of("env", environment, here.command("fedfs")));
            all.addAll(command);
            assertThat(here.run(BOB, all.toArray(String[]::new)).failed(13).err())
                    .contains("only root and the user who mounted");
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnAccountTheFilesNeedAPlace(Engine engine) {
        Ground.must(root.below().chown(point.toString(), NOBODY.uid(), NOBODY.gid()));
        String command = "unset HOME XDG_RUNTIME_DIR XDG_STATE_HOME; exec $0 $1 $2 -o local_root=$3,engine=$4";
        refused(
                here.sh(
                        NOBODY,
                        command,
                        here.command("fedfs-mount"),
                        root.fsn(),
                        point,
                        FEDERATION.top(),
                        engine.option()),
                "HOME",
                Integer.toString(NOBODY.uid()));
    }

    @ParameterizedTest
    @EnumSource
    void aMissingHelperIsNamed(Engine engine) {
        here.hide("/usr/bin/fusermount3");
        try {
            Run run = mount(ALICE, engine);
            refused(run, "fusermount", "fuse3");
            run.failed(9);
        } finally {
            here.show("/usr/bin/fusermount3");
        }
        mount(ALICE, engine).ok();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedDeviceIsNamed(Engine engine) {
        here.deviceMode("rw-------");
        refused(mount(ALICE, engine), "/dev/fuse", "chmod");
    }

    @Test
    void manyUsersMountSideBySide() throws Exception {
        Path bobs = here.directory(BOB);
        mount(ALICE, Engine.KERNEL).ok();
        mount(BOB, bobs, Engine.JNR_FUSE).ok();
        assertThat(here.sh(BOB, "ls -d $0/his && echo b > $0/his/f && cat $0/his/f", bobs)
                        .ok()
                        .out())
                .endsWith("b\n");
        here.sh(ALICE, "cat $0/his/f", point).complained();
        here.sh(ALICE, "cat $0/public", bobs).complained();
        assertThat(Files.exists(root.directory().resolve("his/f"))).isTrue();
    }
}

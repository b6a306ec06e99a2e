package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real processes of other users, started by setpriv(1), behind a junction. */
final class CallerIT {
    private static final int UID = 1234;
    private static final int GROUP = 4321;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
    }

    private Run user(String groups, String script, Mount mount) {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--inh-caps=-all"));
        command.add(groups.isEmpty() ? "--clear-groups" : "--groups=" + groups);
        command.addAll(List.of("sh", "-c", script, mount.path("j").toString()));
        return FEDERATION.run(command);
    }

    private Mount mounted(Engine engine) {
        return FEDERATION.mount(root).engine(engine).start();
    }

    @ParameterizedTest
    @EnumSource
    void filesBelongToWhoMadeThem(Engine engine) {
        inner.below().makeDir("open", 01777);
        Mount mount = mounted(engine);
        user("", "umask 027; cd $0/open && echo x > f && mkdir d && ln -s x l && mkfifo p && cp f g && mv g h", mount)
                .ok();
        assertThat(FEDERATION
                        .sh("cd $0/open && stat -c '%n %u:%g %a' *", inner.directory())
                        .ok()
                        .out())
                .isEqualTo("d 1234:1234 750\nf 1234:1234 640\nh 1234:1234 640\nl 1234:1234 777\np 1234:1234 640\n");
    }

    /** Nothing has been looked up in them, so the kernel knows only what was invented. */
    @Test
    void theFirstThingThatAUserDoesInAClosedJunctionMayBeToMakeAFile() {
        int junctions = 20;
        for (int i = 0; i < junctions; i++) {
            FEDERATION.junction(root, "closed" + i, inner);
        }
        Mount mount = mounted(Engine.KERNEL);
        assertThat(FEDERATION.sh("stat -c %a $0", mount.path("j")).ok().line()).isEqualTo("555");
        user("", "echo x > $0/new", mount).complained();
        assertThat(inner.below().chmod(".", 0777)).isZero();
        assertThat(FEDERATION
                        .sh("stat -c %a $0/closed* | sort -u", mount.point())
                        .ok()
                        .line())
                .as("nobody has gone in yet")
                .isEqualTo("555");
        user("", "for i in $(seq 0 " + (junctions - 1) + "); do echo $i > $0/../closed$i/new$i || exit 1; done", mount)
                .ok();
        assertThat(inner.below().content("new7")).isEqualTo("7\n");
    }

    @ParameterizedTest
    @EnumSource
    void supplementaryGroupsCount(Engine engine) {
        inner.below().makeDir("team", 02770).makeFile("team/f", "secret", 0660);
        assertThat(inner.below().chown("team", 0, GROUP)).isZero();
        assertThat(inner.below().chmod("team", 02770)).isZero();
        assertThat(inner.below().chown("team/f", 0, GROUP)).isZero();
        Mount mount = mounted(engine);
        assertThat(user("", "cat $0/team/f", mount).complained().err()).contains("Permission denied");
        assertThat(user("4321,99", "cat $0/team/f && echo more >> $0/team/f && echo new > $0/team/g", mount)
                        .ok()
                        .out())
                .isEqualTo("secret");
        assertThat(inner.below().stat("team/g").owner()).isEqualTo("1234:4321");
        assertThat(user("", "cat $0/team/f", mount).complained().err()).contains("Permission denied");
    }

    @ParameterizedTest
    @EnumSource
    void aClosedDirectoryOfAnotherUserIsRefused(Engine engine) {
        inner.below().makeDir("mine", 0700).makeFile("mine/f", "x");
        Mount mount = mounted(engine);
        assertThat(mount.seen().content("j/mine/f")).as("root looked first").isEqualTo("x");
        for (String attempt :
                List.of("cat $0/mine/f", "ls $0/mine", "cd $0/mine", "stat $0/mine/f", "echo x > $0/mine/g")) {
            // A shell's cd says only that it cannot.
            assertThat(user("", attempt, mount).complained().err()).containsAnyOf("ermission denied", "can't cd");
        }
    }

    @ParameterizedTest
    @EnumSource
    void trustedAttributesAndOwnershipAreForRootOnly(Engine engine) {
        inner.below().makeFile("f", "x", 0666);
        Mount mount = mounted(engine);
        assertThat(user("", "chown 1234 $0/f", mount).complained().err()).contains("not permitted");
        assertThat(user("", "setfattr -n trusted.a -v x $0/f", mount)
                        .complained()
                        .err())
                .contains("not permitted");
        user("", "setfattr -n user.a -v x $0/f && getfattr -n user.a $0/f", mount)
                .ok();
        assertThat(user("", "mknod $0/n c 1 3", mount).complained().err()).isNotBlank();
    }

    @ParameterizedTest
    @EnumSource
    void anotherUserMayNotUseAMountWithoutAllowOther(Engine engine) {
        inner.below().makeFile("f", "x");
        Mount mount = FEDERATION.mount(root).engine(engine).forRootOnly().start();
        assertThat(user("", "cat $0/f", mount).complained().err()).contains("enied");
        assertThat(mount.seen().content("j/f")).isEqualTo("x");
    }
}

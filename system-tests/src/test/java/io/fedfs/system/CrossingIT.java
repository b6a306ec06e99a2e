package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.protocol.Fsn;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Junctions as a program sees them, by both sessions. */
final class CrossingIT {
    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb one;
    private static Nsdb two;

    private Fileset root;

    @BeforeEach
    void start() {
        if (one == null) {
            one = FEDERATION.nsdb();
            two = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(one);
    }

    private Ground mounted(Engine engine) {
        return FEDERATION.mount(root).engine(engine).start().seen();
    }

    @ParameterizedTest
    @EnumSource
    void aFileIsReadThroughThreeJunctionsOfTwoNsdbs(Engine engine) {
        Fileset a = FEDERATION.fileset(two);
        Fileset b = FEDERATION.fileset(one);
        Fileset c = FEDERATION.fileset(two);
        FEDERATION.junction(root, "a", a);
        Ground below = a.below().makeDir("deep");
        assertThat(below.names("deep")).isEmpty();
        FEDERATION.junction(a, "deep/b", b);
        FEDERATION.junction(b, "c", c);
        c.below().makeFile("f", "far away");
        Ground seen = mounted(engine);
        assertThat(seen.content("a/deep/b/c/f")).isEqualTo("far away");
        assertThat(seen.makeFile("a/deep/b/c/new", "made there").content("a/deep/b/c/new"))
                .isEqualTo("made there");
        assertThat(c.below().content("new")).isEqualTo("made there");
    }

    @ParameterizedTest
    @EnumSource
    void aFilesetInsideItselfIsEnteredFortyTimesAndThenELOOP(Engine engine) {
        FEDERATION.junction(root, "again", root);
        root.below().makeFile("f", "here");
        Ground seen = mounted(engine);
        assertThat(seen.content("again/".repeat(39) + "f")).isEqualTo("here");
        assertThat(seen.content("again/".repeat(45) + "f")).isEqualTo("ELOOP");
        assertThat(seen.content("again/f")).as("the mount is well after that").isEqualTo("here");
    }

    @ParameterizedTest
    @EnumSource
    void parentOfAFilesetsRootIsTheDirectoryOfTheJunctionThatWasUsed(Engine engine) {
        Fileset shared = FEDERATION.fileset(two);
        shared.below().makeDir("inside").makeFile("f", "shared");
        root.below().makeDir("left").makeDir("right");
        FEDERATION.junction(root, "left/j", shared);
        FEDERATION.junction(root, "right/j", shared);
        Ground seen = mounted(engine);
        assertThat(seen.content("left/j/f")).isEqualTo("shared");
        assertThat(seen.content("right/j/f")).isEqualTo("shared");
        assertThat(seen.stat("left/j/..").ino()).isEqualTo(seen.stat("left").ino());
        assertThat(seen.stat("right/j/..").ino()).isEqualTo(seen.stat("right").ino());
        assertThat(FEDERATION
                        .sh(
                                "cd $0/left/j/inside && cd ../.. && pwd -P && cd $0/right/j && cd .. && pwd -P",
                                seen.path(""))
                        .ok()
                        .out())
                .isEqualTo(seen.path("left") + "\n" + seen.path("right") + "\n");
        seen.makeFile("left/j/by-left", "x");
        assertThat(seen.content("right/j/by-left")).isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsMovedOrLinkedAcrossFilesets(Engine engine) {
        Fileset other = FEDERATION.fileset(one);
        FEDERATION.junction(root, "j", other);
        root.below().makeFile("f", "x").makeDir("d");
        Ground seen = mounted(engine);
        assertThat(Seen.all(
                        seen.rename("f", "j/f"),
                        seen.link("f", "j/f"),
                        seen.rename("d", "j/d"),
                        seen.makeFile("j/g").rename("j/g", "g"),
                        seen.names("j")))
                .isEqualTo("EXDEV EXDEV EXDEV EXDEV g");
        assertThat(FEDERATION
                        .sh("mv $0/f $0/j/f && cat $0/j/f", seen.path(""))
                        .ok()
                        .out())
                .as("mv copies then")
                .isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource
    void aJunctionIsRenamedInItsFilesetAndNotRemoved(Engine engine) {
        Fileset other = FEDERATION.fileset(two);
        other.below().makeFile("f", "x");
        root.below().makeDir("d");
        FEDERATION.junction(root, "closed", other);
        FEDERATION.junction(root, "opened", other);
        Ground seen = mounted(engine);
        assertThat(seen.content("opened/f")).isEqualTo("x");
        assertThat(Seen.all(seen.rmdir("closed"), seen.rmdir("opened"), seen.unlink("closed")))
                .isEqualTo("EBUSY EBUSY EISDIR");
        assertThat(Seen.all(seen.rename("closed", "d/c"), seen.rename("opened", "d/o")))
                .isEqualTo("0 0");
        assertThat(Seen.all(seen.content("d/c/f"), seen.content("d/o/f"), seen.names(".")))
                .isEqualTo("x x d");
        assertThat(seen.stat("d/o/..").ino()).isEqualTo(seen.stat("d").ino());
        assertThat(root.below().stat("d/c").mode())
                .as("a junction underneath as before")
                .isEqualTo("1000");
    }

    @ParameterizedTest
    @EnumSource
    void aDanglingJunctionIsListedAndEnteringItGivesENOLINK(Engine engine) {
        FEDERATION.junction(root, "gone", one.fsn(UUID.randomUUID()));
        root.below().makeFile("beside", "x");
        Ground seen = mounted(engine);
        assertThat(seen.names(".")).isEqualTo("beside,gone");
        assertThat(seen.lstat("gone").kind()).isEqualTo("dir");
        assertThat(FEDERATION.sh("ls -la $0", seen.path("")).ok().out())
                .contains("gone")
                .contains("beside");
        assertThat(Seen.all(seen.names("gone"), seen.stat("gone/f").kind(), seen.mkdir("gone/d", 0755)))
                .isEqualTo("ENOLINK ENOLINK ENOLINK");
        assertThat(seen.content("beside")).isEqualTo("x");
    }

    @ParameterizedTest
    @EnumSource
    void aFilesetWithoutALocationGivesENOLINK(Engine engine) {
        Fsn nowhere = one.createFsn(300);
        FEDERATION.junction(root, "nowhere", nowhere);
        assertThat(mounted(engine).names("nowhere")).isEqualTo("ENOLINK");
    }

    @ParameterizedTest
    @EnumSource
    void modeBitsAloneAreAnOrdinaryDirectory(Engine engine) throws Exception {
        root.below().makeDir("sticky", 01000).makeFile("sticky/f", "x");
        root.below().makeDir("garbage").makeFile("garbage/f", "x");
        OnDisk.attribute(root.directory().resolve("garbage"), "trusted.junction.nfs", "<not xml".getBytes());
        Files.setAttribute(root.directory().resolve("garbage"), "unix:mode", 01000);
        Ground seen = mounted(engine);
        assertThat(Seen.all(seen.content("sticky/f"), seen.content("garbage/f")))
                .isEqualTo("x x");
    }

    @ParameterizedTest
    @EnumSource
    void aJunctionMadeAndDeletedUnderneathIsSeen(Engine engine) {
        Fileset other = FEDERATION.fileset(two);
        other.below().makeFile("f", "x");
        root.below().makeDir("j");
        Mount mount = FEDERATION
                .mount(root)
                .engine(engine)
                .option("entry_timeout=0")
                .option("attr_timeout=0")
                .start();
        assertThat(mount.seen().names("j")).isEmpty();
        FEDERATION
                .fedfs(
                        "junction",
                        "create",
                        root.directory().resolve("j").toString(),
                        other.fsn().toString())
                .ok();
        assertThat(mount.seen().content("j/f")).isEqualTo("x");
        FEDERATION
                .fedfs("junction", "delete", root.directory().resolve("j").toString())
                .ok();
        assertThat(mount.seen().names("j")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void inodeNumbersSurviveARemountAndNeverMix(Engine engine) {
        Fileset other = FEDERATION.fileset(one);
        FEDERATION.junction(root, "j", other);
        root.below().makeFile("f");
        other.below().makeFile("f");
        Mount mount = FEDERATION.mount(root).engine(engine).start();
        long outer = mount.seen().stat("f").ino();
        long inner = mount.seen().stat("j/f").ino();
        assertThat(outer).isNotEqualTo(inner);
        mount.umount();
        mount.start();
        assertThat(mount.seen().stat("j/f").ino()).isEqualTo(inner);
        assertThat(mount.seen().stat("f").ino()).isEqualTo(outer);
    }

    @ParameterizedTest
    @EnumSource
    void dfAnswersForTheFilesetOfThePath(Engine engine) {
        Fileset other = FEDERATION.fileset(one);
        FEDERATION.junction(root, "j", other);
        Ground seen = mounted(engine);
        assertThat(seen.statfs("j").getLong(16))
                .isEqualTo(other.below().statfs(".").getLong(16));
        FEDERATION.sh("df $0 && df $0/j", seen.path("")).ok();
    }

    @ParameterizedTest
    @EnumSource
    void aReadOnlyMountRefusesChangesWithEROFS(Engine engine) {
        root.below().makeFile("f", "x").makeDir("d");
        Ground seen = FEDERATION.mount(root).engine(engine).option("ro").start().seen();
        assertThat(Seen.all(
                        seen.content("f"),
                        seen.tryOpen("f", Ground.WRONLY),
                        seen.mkdir("e", 0755),
                        seen.unlink("f"),
                        seen.rmdir("d"),
                        seen.rename("f", "g"),
                        seen.chmod("f", 0600),
                        seen.setxattr("f", "user.a", "v", 0)))
                .isEqualTo("x EROFS EROFS EROFS EROFS EROFS EROFS EROFS");
    }

    @ParameterizedTest
    @EnumSource
    void pathsOutsideTheLocalRootsAreRefused(Engine engine) {
        Fileset outside = FEDERATION.fileset(one);
        FEDERATION.junction(root, "j", outside);
        Ground seen = FEDERATION
                .mount(root)
                .engine(engine)
                .option("local_root=" + root.directory())
                .start()
                .seen();
        assertThat(seen.names("j")).isIn("EACCES", "EHOSTDOWN");
    }

    @ParameterizedTest
    @EnumSource
    void aMountWithFewOpenFilesCrossesManyJunctions(Engine engine) throws Exception {
        for (int i = 0; i < 200; i++) {
            Fileset each = FEDERATION.fileset(one);
            each.below().makeFile("f", "behind " + i);
            FEDERATION.junction(root, "j" + i, each);
        }
        Mount mount = FEDERATION.mount(root).engine(engine);
        List<String> command = new ArrayList<>(List.of("prlimit", "--nofile=250:250"));
        command.addAll(mount.command());
        FEDERATION.run(command).ok();
        Ground seen = mount.seen();
        try (var inside = Files.newBufferedReader(seen.path("j0/f"))) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 200; i++) {
                    assertThat(seen.content("j" + i + "/f")).isEqualTo("behind " + i);
                }
            }
            assertThat(inside.readLine()).as("who is inside stays there").isEqualTo("behind 0");
        }
    }
}

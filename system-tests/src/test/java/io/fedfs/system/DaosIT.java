package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.Errno;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.posix.Stat;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * DAOS containers in the tree. The tree behind the prefix is an ordinary directory standing in for DFuse: this proves how
 * links are made and walked, nothing about DFuse itself.
 */
@Tag("waits")
final class DaosIT {
    private static final String POOL = "8a8a8a8a-0001-4001-8001-00000000abcd";
    private static final String CONTAINER = "12345678-90ab-4cde-8f01-234567890abc";
    private static final String PAIR = POOL + "/" + CONTAINER;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Path prefix;

    @BeforeEach
    void start() throws Exception {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        prefix = FEDERATION.directory("prefix");
        Path container = Files.createDirectories(prefix.resolve(PAIR));
        Files.writeString(container.resolve("f"), "in the container");
    }

    private Path entry(String name) throws Exception {
        return Files.createDirectory(root.directory().resolve(name));
    }

    private void foreign(String name, int flags, String value) throws Exception {
        OnDisk.attribute(entry(name), "trusted.lmv", OnDisk.foreignDirectory(flags, value));
    }

    private void uns(String name, String value) throws Exception {
        OnDisk.attribute(entry(name), "user.daos", value.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Ground mounted(Engine engine, String option) {
        return FEDERATION.mount(root).engine(engine).option(option).start().seen();
    }

    @ParameterizedTest
    @EnumSource
    void everyGenerationIsALinkIntoThePrefix(Engine engine) throws Exception {
        foreign("a", 0xda05, "DAOS.POSIX://" + PAIR + "/SX/1048576");
        foreign("b", 0xda05, "DAOS.POSIX://" + PAIR);
        foreign("c", 1, PAIR);
        uns("u", "DAOS.POSIX://" + PAIR + "\0");
        uns("v", "DAOS.POSIX://" + PAIR);
        Path file = Files.createFile(root.directory().resolve("h"));
        OnDisk.attribute(file, "trusted.lov", OnDisk.foreignFile(2, PAIR));
        Ground seen = mounted(engine, "daos=" + prefix);
        for (String name : List.of("a", "b", "c", "u", "v", "h")) {
            assertThat(seen.lstat(name).kind()).as(name).isEqualTo("symlink");
            assertThat(seen.readlink(name)).as(name).isEqualTo(prefix + "/" + PAIR);
            assertThat(seen.lstat(name).size()).as(name).isEqualTo((prefix + "/" + PAIR).length());
            assertThat(seen.content(name + "/f")).as(name).isEqualTo("in the container");
        }
        assertThat(seen.list(".").stream()
                        .filter(e -> e.name().equals("b"))
                        .findFirst()
                        .orElseThrow()
                        .type())
                .as("DT_LNK")
                .isEqualTo(10);
        assertThat(FEDERATION
                        .sh("cd $0/b && cat f && echo new > g && pwd -P", seen.path(""))
                        .ok()
                        .out())
                .isEqualTo("in the container" + prefix + "/" + PAIR + "\n");
        assertThat(prefix.resolve(PAIR).resolve("g")).exists();
    }

    @Test
    void foreignSymlinkIsTheSameOptionByItsOtherName() throws Exception {
        foreign("c", 1, PAIR);
        assertThat(mounted(Engine.KERNEL, "foreign_symlink=" + prefix).readlink("c"))
                .isEqualTo(prefix + "/" + PAIR);
    }

    @Test
    void behindAJunctionTheyAreLinksToo() throws Exception {
        Fileset inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
        OnDisk.attribute(
                Files.createDirectory(inner.directory().resolve("c")), "trusted.lmv", OnDisk.foreignDirectory(1, PAIR));
        assertThat(mounted(Engine.KERNEL, "daos=" + prefix).content("j/c/f")).isEqualTo("in the container");
    }

    @ParameterizedTest
    @EnumSource
    void aMissingPrefixIsADanglingLinkAndNothingElse(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        Ground seen = mounted(engine, "daos=/no/such/prefix");
        assertThat(Seen.all(seen.lstat("c").kind(), seen.content("c/f"), seen.names(".")))
                .isEqualTo("symlink ENOENT c");
        assertThat(FEDERATION.sh("ls -l $0", seen.path("")).ok().out()).contains("/no/such/prefix/" + PAIR);
    }

    @ParameterizedTest
    @EnumSource
    void hostileValuesStayOrdinaryDirectories(Engine engine) throws Exception {
        uns("dots", "DAOS.POSIX://../..");
        uns("absolute", "DAOS.POSIX:///etc/passwd");
        uns("newline", "DAOS.POSIX://" + POOL + "\n/" + CONTAINER);
        uns("nul", "DAOS.POSIX://" + POOL + "/" + CONTAINER.replace('a', '\0'));
        uns("label", "DAOS.POSIX://mypool/mycont");
        uns("other", "GPFS.POSIX://" + PAIR);
        uns("empty", "");
        uns("long", "DAOS.POSIX://" + PAIR + "/" + "x".repeat(3000));
        foreign("lustre-dots", 1, POOL + "/../..");
        foreign("lustre-text", 1, "not a container at all");
        byte[] cut = OnDisk.foreignDirectory(1, PAIR);
        OnDisk.attribute(entry("cut"), "trusted.lmv", Arrays.copyOf(cut, 12));
        OnDisk.attribute(entry("short"), "trusted.lmv", Arrays.copyOf(cut, cut.length - 5));
        OnDisk.attribute(entry("type"), "trusted.lmv", OnDisk.foreign(0x0CD50CD0, 2, 1, PAIR));
        OnDisk.attribute(entry("magic"), "trusted.lmv", OnDisk.foreign(0x0BD70BD0, 0xda05, 1, PAIR));
        Ground seen = mounted(engine, "daos=" + prefix);
        for (String name : seen.names(".").split(",")) {
            assertThat(seen.lstat(name).kind()).as(name).isEqualTo("dir");
            assertThat(seen.makeFile(name + "/f", "x").content(name + "/f"))
                    .as(name)
                    .isEqualTo("x");
        }
    }

    @Test
    void aValueThatIsNoLinkIsLoggedOnceWithPathAndFault() throws Exception {
        uns("dots", "DAOS.POSIX://../..");
        foreign("both", 1, PAIR);
        OnDisk.attribute(
                root.directory().resolve("both"),
                "user.daos",
                ("DAOS.POSIX://" + CONTAINER + "/" + POOL).getBytes(StandardCharsets.ISO_8859_1));
        Mount mount = FEDERATION
                .mount(root)
                .option("daos=" + prefix)
                .option("attr_timeout=0")
                .option("entry_timeout=0")
                .start();
        for (int i = 0; i < 3; i++) {
            assertThat(mount.seen().lstat("dots").kind()).isEqualTo("dir");
            assertThat(mount.seen().readlink("both")).isEqualTo(prefix + "/" + PAIR);
        }
        String log = Files.readString(
                FEDERATION.top().resolve("log").resolve(mount.point().getFileName() + ".log"));
        assertThat(log.lines().filter(l -> l.contains(root.directory() + "/dots ")))
                .singleElement()
                .asString()
                .contains("user.daos: the value is not DAOS.<TYPE>");
        assertThat(log.lines().filter(l -> l.contains(root.directory() + "/both ")))
                .singleElement()
                .asString()
                .contains("has user.daos beside trusted.lmv");
    }

    @ParameterizedTest
    @EnumSource
    void aLinkHasTheEntrysRightsOwnerAndTimes(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        Ground below = root.below();
        below.chmod("c", 0750);
        below.chown("c", 1234, 5678);
        below.utimes("c", 1000, 1, 2000, 2, 0);
        Ground seen = mounted(engine, "daos=" + prefix);
        Stat link = seen.lstat("c");
        assertThat(Seen.all(link.kind(), link.mode(), link.owner(), link.mtime(), link.size()))
                .isEqualTo("symlink 0750 1234:5678 2000.000000002 " + (prefix + "/" + PAIR).length());
        assertThat(seen.lchown("c", 4321, -1)).isZero();
        assertThat(Seen.all(
                        seen.lstat("c").owner(),
                        below.lstat("c").owner(),
                        below.lstat("c").kind()))
                .isEqualTo("4321:5678 4321:5678 dir");
        assertThat(seen.chmod("c", 0700)).as("follows the link").isZero();
        assertThat(below.lstat("c").mode()).isEqualTo("0750");
        assertThat(Files.getPosixFilePermissions(prefix.resolve(PAIR))).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource
    void theBytesOfTheAttributeCanStillBeRead(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        Path file = Files.createFile(root.directory().resolve("h"));
        OnDisk.attribute(file, "trusted.lov", OnDisk.foreignFile(2, PAIR));
        Ground seen = mounted(engine, "daos=" + prefix);
        String directory = "0x" + HexFormat.of().formatHex(OnDisk.foreignDirectory(1, PAIR));
        String regular = "0x" + HexFormat.of().formatHex(OnDisk.foreignFile(2, PAIR));
        for (String[] want : new String[][] {
            {"c", "trusted.lmv", directory},
            {"c", "lustre.lmv", directory},
            {"h", "trusted.lov", regular},
            {"h", "lustre.lov", regular}
        }) {
            assertThat(FEDERATION
                            .sh(
                                    "getfattr -h --absolute-names --only-values -e hex -n $1 $0 | od -An -v -tx1 | tr -d ' \\n'",
                                    seen.path(want[0]),
                                    want[1])
                            .out())
                    .as(want[0] + " " + want[1])
                    .isEqualTo(want[2].substring(2));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEntryIsNotRemovedByTheWay(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        uns("u", "DAOS.POSIX://" + PAIR);
        OnDisk.attribute(Files.createFile(root.directory().resolve("h")), "trusted.lov", OnDisk.foreignFile(2, PAIR));
        root.below().makeDir("d").makeFile("f", "x");
        Ground seen = mounted(engine, "daos=" + prefix);
        assertThat(Seen.all(
                        seen.unlink("c"),
                        seen.unlink("u"),
                        seen.unlink("h"),
                        seen.rename("f", "c"),
                        seen.rename("f", "h"),
                        seen.rename("c", "moved"),
                        seen.readlink("moved")))
                .isEqualTo("EPERM EPERM EPERM EPERM EPERM 0 " + prefix + "/" + PAIR);
        assertThat(FEDERATION.sh("rm -rf $0/*", seen.path("")).code()).isNotZero();
        assertThat(seen.names(".")).isEqualTo("h,moved,u");
        assertThat(prefix.resolve(PAIR).resolve("f")).exists();
        FEDERATION
                .fedfs("daos", "unlink", root.directory().resolve("moved").toString())
                .ok();
        Await.until(Duration.ofSeconds(5), "h,u", () -> seen.names("."));
        assertThat(prefix.resolve(PAIR).resolve("f")).exists();
    }

    @ParameterizedTest
    @EnumSource
    void whereLinksAreOffAForeignEntryIsWhatLustreMakesOfIt(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        uns("u", "DAOS.POSIX://" + PAIR);
        OnDisk.attribute(Files.createFile(root.directory().resolve("h")), "trusted.lov", OnDisk.foreignFile(2, PAIR));
        root.below().makeDir("d").makeDir("empty");
        Ground seen = FEDERATION.mount(root).engine(engine).start().seen();
        assertThat(Seen.all(
                        seen.lstat("c").kind(),
                        seen.lstat("h").kind(),
                        seen.lstat("u").kind()))
                .isEqualTo("dir file dir");
        assertThat(FEDERATION.sh("ls $0", seen.path("c")).err()).contains("No data available");
        assertThat(FEDERATION.sh("stat $0/x", seen.path("c")).err()).contains("No data available");
        assertThat(FEDERATION.sh("echo x > $0/x", seen.path("c")).code()).isNotZero();
        assertThat(seen.mkdir("c/x", 0755)).isEqualTo(-Errno.ENODATA);
        for (String[] one : new String[][] {{"c", "lustre.lmv"}, {"h", "lustre.lov"}}) {
            assertThat(FEDERATION
                            .sh(
                                    "setpriv --reuid 65534 --clear-groups getfattr -n $1 --only-values $0",
                                    seen.path(one[0]),
                                    one[1])
                            .out())
                    .as(one[1])
                    .endsWith(PAIR);
        }
        assertThat(FEDERATION
                        .sh("getfattr -n lustre.lmv $0", seen.path("empty"))
                        .code())
                .as("an ordinary directory")
                .isNotZero();
        assertThat(seen.names("empty")).isEqualTo("");
        assertThat(seen.content("h")).isEqualTo("");
        int fd = seen.open("h", Sys.O_RDWR);
        assertThat(seen.write(fd, "x")).isEqualTo(-Errno.EBADF);
        seen.close(fd);
        assertThat(Seen.all(seen.rmdir("c"), seen.unlink("h"), seen.rename("d", "c"), seen.rename("c", "e")))
                .isEqualTo("EPERM EPERM EPERM 0");
        assertThat(seen.makeFile("u/f", "x").content("u/f")).isEqualTo("x");
        assertThat(FEDERATION.sh("rm -r $0", seen.path("u")).ok().code()).isZero();
        assertThat(root.directory().resolve("h")).isEmptyFile();
    }

    /** What {@code daos.md} says that tools make of a tree with entries: they copy links, do not descend, and do not remove. */
    @ParameterizedTest
    @EnumSource
    void toolsTakeEntriesForLinks(Engine engine) throws Exception {
        root.below().makeDir("t").makeFile("t/f", "data").makeDir("t/sub");
        foreign("t/c", 1, PAIR);
        uns("t/sub/u", "DAOS.POSIX://" + PAIR);
        Files.write(prefix.resolve(PAIR).resolve("big"), new byte[1 << 20]);
        Path out = FEDERATION.directory("out");
        Ground seen = mounted(engine, "daos=" + prefix);
        String target = prefix + "/" + PAIR;
        Path t = seen.path("t");

        FEDERATION
                .sh("cp -a $0 $1/cp && rsync -a $0/ $1/rsync && tar -C $0 -cf $1/tar .", t, out)
                .ok();
        FEDERATION.sh("mkdir $0/untar && tar -C $0/untar -xf $0/tar", out).ok();
        for (String copy : List.of("cp", "rsync", "untar")) {
            assertThat(Files.readSymbolicLink(out.resolve(copy).resolve("c")))
                    .as(copy)
                    .hasToString(target);
            assertThat(Files.readSymbolicLink(out.resolve(copy).resolve("sub/u")))
                    .hasToString(target);
            assertThat(out.resolve(copy).resolve("f")).hasContent("data");
        }
        // A copied link has the mode of every link.
        assertThat(FEDERATION
                        .sh("rsync -ani --no-perms $0/ $1/rsync", t, out)
                        .ok()
                        .out())
                .as("nothing differs")
                .isEmpty();
        assertThat(FEDERATION
                        .sh("cd $0 && find . | sort | tr '\\n' ' '", t)
                        .ok()
                        .out())
                .isEqualTo(". ./c ./f ./sub ./sub/u ");
        assertThat(FEDERATION
                        .sh("cd $0 && find . -type l | sort | tr '\\n' ' '", t)
                        .ok()
                        .out())
                .isEqualTo("./c ./sub/u ");
        assertThat(Integer.parseInt(FEDERATION.sh("du -sk $0 | cut -f1", t).ok().line()))
                .as("what is in the container does not count")
                .isLessThan(100);
        FEDERATION.sh("mv $0/c $0/sub/moved && mv $0/sub $0/dir", t).ok();
        assertThat(seen.readlink("t/dir/moved")).isEqualTo(target);
        FEDERATION.sh("cp -rL $0/dir/moved $1/copy", t, out).ok();
        assertThat(out.resolve("copy/f")).hasContent("in the container");
        assertThat(FEDERATION.sh("rm -rf $0", t).err()).contains("Operation not permitted");
        assertThat(FEDERATION
                        .sh("cd $0 && find . | sort | tr '\\n' ' '", t)
                        .ok()
                        .out())
                .isEqualTo(". ./dir ./dir/moved ./dir/u ");
        assertThat(prefix.resolve(PAIR).resolve("big")).exists();
    }

    @Test
    void otherValuesAreUnderstoodWhenTheSiteSaysSo() throws Exception {
        foreign("colon", 0, POOL + ":" + CONTAINER);
        foreign("at", 0, POOL + "@" + CONTAINER);
        Ground strict = mounted(Engine.KERNEL, "daos=" + prefix);
        assertThat(Seen.all(strict.lstat("colon").kind(), strict.lstat("at").kind()))
                .isEqualTo("dir dir");
        Ground seen = FEDERATION
                .mount(root)
                .option("daos=" + prefix)
                .option("daos_values=any")
                .start()
                .seen();
        assertThat(Seen.all(seen.readlink("colon"), seen.readlink("at")))
                .isEqualTo(prefix + "/" + PAIR + " " + prefix + "/" + PAIR);
    }

    @ParameterizedTest
    @EnumSource
    void aContainerCanBeCrossedInto(Engine engine) throws Exception {
        foreign("c", 1, PAIR);
        foreign("missing", 1, POOL + "/" + POOL);
        OnDisk.attribute(Files.createFile(root.directory().resolve("h")), "trusted.lov", OnDisk.foreignFile(2, PAIR));
        Mount mount = FEDERATION
                .mount(root)
                .engine(engine)
                .option("daos=" + prefix)
                .option("daos_mode=cross")
                .start();
        Ground seen = mount.seen();
        assertThat(Seen.all(
                        seen.lstat("c").kind(),
                        seen.lstat("h").kind(),
                        seen.content("c/f"),
                        seen.content("missing/f"),
                        seen.mkdir("c/new", 0755),
                        seen.names("c"),
                        seen.rmdir("c"),
                        seen.rename("c/f", "f")))
                .isEqualTo("dir symlink in the container ENOLINK 0 f,new EPERM EXDEV");
        assertThat(prefix.resolve(PAIR).resolve("new")).isDirectory();
        assertThat(FEDERATION.sh("cd $0 && pwd -P", mount.path("c")).ok().line())
                .isEqualTo(mount.path("c").toString());
        assertThat(FEDERATION
                        .fedfs("where", mount.path("c/f").toString(), "--json")
                        .ok()
                        .json()
                        .at("/attached/type")
                        .asText())
                .isEqualTo("daos");
        FEDERATION.fedfs("check", mount.point().toString()).ok();
        FEDERATION.fedfs("explain", mount.path("c/f").toString()).ok();
        Run check = FEDERATION.fedfs("daos", "check", mount.point().toString(), "--json");
        assertThat(check.code()).isEqualTo(FedFsStatus.NOT_ATTACHABLE.number());
        assertThat(check.json().at("/dangling/0/path").asText())
                .isEqualTo(mount.path("missing").toString());
    }

    @Test
    void anNsdbMaySayThatAFilesetIsAContainer() throws Exception {
        Fsn byUuid = nsdb.createFsn(300);
        Fsn byLabel = nsdb.createFsn(300);
        for (String[] location :
                new String[][] {{byUuid.toString(), "/" + PAIR}, {byLabel.toString(), "/pool-1/data_1"}}) {
            FEDERATION
                    .fedfs("fsl", "add", location[0], "--type", "daos", "--host", "daos", "--path", location[1])
                    .ok();
        }
        FEDERATION.junction(root, "uuid", byUuid);
        FEDERATION.junction(root, "label", byLabel);
        Files.createDirectories(prefix.resolve("pool-1/data_1/d"));
        Mount mount = FEDERATION.mount(root).option("daos=" + prefix).start();
        assertThat(Seen.all(mount.seen().content("uuid/f"), mount.seen().names("label")))
                .isEqualTo("in the container d");
        FEDERATION.fedfs("check", mount.point().toString()).ok();
        assertThat(FEDERATION.mount(root).start().seen().content("uuid/f")).isEqualTo("EHOSTDOWN");
    }

    /** By the daemon's own counter; scripts/bench counts the system calls. */
    @Test
    void anOrdinaryLookupIsExaminedOnceWhereLinksAreOnAndNeverWhereTheyAreOff() {
        for (int i = 0; i < 50; i++) {
            root.below().makeDir("d" + i).makeFile("d" + i + "/f", "x");
        }
        Mount off = FEDERATION.mount(root).start();
        FEDERATION.sh("ls -lR $0 && cat $0/*/f", off.point()).ok();
        assertThat(examined(off)).isZero();
        Mount on = FEDERATION.mount(root).option("daos=" + prefix).start();
        for (int i = 0; i < 3; i++) {
            FEDERATION.sh("ls -lR $0 && cat $0/*/f && sleep 1.2", on.point()).ok();
        }
        assertThat(examined(on)).isEqualTo(50);
    }

    private static long examined(Mount mount) {
        return FEDERATION
                .fedfs("status", mount.point().toString(), "--json")
                .ok()
                .json()
                .at("/counters/foreign_examined")
                .asLong(-1);
    }
}

package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * DAOS containers in the tree. The tree behind the prefix is an ordinary directory standing in for DFuse: this proves how
 * links are made and walked, nothing about DFuse itself.
 */
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
    void withoutTheOptionNothingIsALink() throws Exception {
        foreign("c", 1, PAIR);
        uns("u", "DAOS.POSIX://" + PAIR);
        Ground seen = FEDERATION.mount(root).start().seen();
        assertThat(Seen.all(seen.lstat("c").kind(), seen.lstat("u").kind())).isEqualTo("dir dir");
    }

    @Test
    void aLinkIsNotRemovedByUnlinkAndItsTargetStays() throws Exception {
        foreign("c", 1, PAIR);
        Ground seen = mounted(Engine.KERNEL, "daos=" + prefix);
        assertThat(Seen.all(seen.unlink("c"), seen.rename("c", "d"), seen.readlink("d")))
                .isEqualTo("EPERM 0 " + prefix + "/" + PAIR);
        assertThat(FEDERATION.sh("rm -rf $0", seen.path("d")).code()).isNotZero();
        assertThat(prefix.resolve(PAIR).resolve("f")).exists();
    }

    @Test
    void thePrefixIsChangedWhileMounted() throws Exception {
        foreign("c", 1, PAIR);
        Mount mount = FEDERATION.mount(root).option("daos=" + prefix).start();
        assertThat(mount.seen().readlink("c")).isEqualTo(prefix + "/" + PAIR);
        FEDERATION.fedfs("tune", mount.point().toString(), "daos_prefix=/other").ok();
        Await.until(java.time.Duration.ofSeconds(3), "/other/" + PAIR, () -> mount.seen()
                .readlink("c"));
        FEDERATION.fedfs("tune", mount.point().toString(), "daos_enable=0").ok();
        Await.until(java.time.Duration.ofSeconds(3), "dir", () -> mount.seen()
                .lstat("c")
                .kind());
    }
}

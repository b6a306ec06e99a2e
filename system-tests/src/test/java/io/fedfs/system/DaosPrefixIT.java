package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Links into a prefix that behaves like DFuse in system mode, and what happens when it dies. */
final class DaosPrefixIT {
    private static final String POOL = "8a8a8a8a-0001-4001-8001-00000000abcd";
    private static final String CONTAINER = "12345678-90ab-4cde-8f01-234567890abc";
    private static final String SECOND = "22345678-90ab-4cde-8f01-234567890abc";
    private static final String GONE = "32345678-90ab-4cde-8f01-234567890abc";
    private static final String PAIR = POOL + "/" + CONTAINER;

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private DfuseStandIn dfuse;

    @BeforeEach
    void start() throws Exception {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        root.below().makeDir("d").makeFile("plain", "plain");
        entry("c", PAIR);
        dfuse = new DfuseStandIn(FEDERATION);
        Files.writeString(dfuse.container(PAIR).resolve("f"), "in the container");
        dfuse.container(POOL + "/" + SECOND);
        dfuse.start();
    }

    @AfterEach
    void end() {
        dfuse.close();
    }

    private void entry(String name, String value) throws Exception {
        OnDisk.attribute(
                Files.createDirectory(root.directory().resolve(name)),
                "trusted.lmv",
                OnDisk.foreignDirectory(1, value));
    }

    private Mount mount(Engine engine, String... options) {
        Mount mount = FEDERATION.mount(root).engine(engine).option("daos=" + dfuse.prefix());
        for (String option : options) {
            mount.option(option);
        }
        return mount.start();
    }

    @ParameterizedTest
    @EnumSource
    void theDaemonNeverTouchesThePrefix(Engine engine) throws Exception {
        entry("second", POOL + "/" + SECOND);
        Mount mount = mount(engine);
        Ground seen = mount.seen();
        long before = dfuse.requests();
        assertThat(Seen.all(seen.lstat("c").kind(), seen.readlink("c"), seen.names(".")))
                .isEqualTo("symlink " + dfuse.prefix() + "/" + PAIR + " c,d,plain,second");
        FEDERATION.sh("ls -l $0", mount.point()).ok();
        FEDERATION.fedfs("where", mount.path("c").toString()).ok();
        assertThat(dfuse.requests())
                .as("nobody needs the prefix to see the link")
                .isEqualTo(before);
        FEDERATION
                .sh(
                        "cat $0/c/f && echo new > $0/c/new && mkdir $0/c/dir && cp $0/c/new $0/c/dir && ls -l $0/c/",
                        mount.point())
                .ok();
        assertThat(dfuse.container(PAIR).resolve("dir/new")).hasContent("new\n");
        assertThat(FEDERATION
                        .sh("mv $0/c/new $0/second/new", mount.point())
                        .ok()
                        .code())
                .isZero();
        assertThat(Seen.all(seen.rename("c/f", "second/f"), seen.link("c/f", "c/g"), seen.chmod("c/dir", 01755)))
                .isEqualTo("EXDEV EOPNOTSUPP EOPNOTSUPP");
        FEDERATION.fedfs("daos", "check", mount.point().toString()).ok();
        assertThat(dfuse.requests()).isGreaterThan(before);
        assertThat(dfuse.requestsBy(mount.daemon().pid())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aPrefixThatDiesIsNoticedThroughTheLinksOnly(Engine engine) throws Exception {
        Mount mount = mount(engine);
        Ground seen = mount.seen();
        assertThat(seen.content("c/f")).isEqualTo("in the container");
        seen.close();
        dfuse.kill();
        assertThat(Seen.all(
                        seen.content("c/f"),
                        seen.mkdir("c/new", 0755),
                        seen.lstat("c").kind(),
                        seen.readlink("c"),
                        seen.content("plain"),
                        seen.makeFile("d/new", "x").content("d/new"),
                        seen.names(".")))
                .isEqualTo("ENOTCONN ENOTCONN symlink " + dfuse.prefix() + "/" + PAIR + " plain x c,d,plain");
        FEDERATION.sh("ls -l $0", mount.point()).ok();
        FEDERATION.fedfs("status", mount.point().toString()).ok();
        Run check = FEDERATION.fedfs("daos", "check", mount.point().toString(), "--json");
        assertThat(check.json().at("/dangling/0/errno").asText()).isEqualTo("ENOTCONN");
        assertThat(check.json().at("/dangling/0/state").asText()).isEqualTo("dead");
    }

    /** Rights are checked by the kernel for the program, as everywhere. */
    @Test
    void whoMayNotEnterThePrefixIsRefusedThere() {
        Mount mount = mount(Engine.KERNEL);
        Ground user = mount.seen("", Caller.ALICE);
        assertThat(Seen.all(user.content("c/f"), user.lstat("c").kind(), user.content("plain")))
                .isEqualTo("EACCES symlink plain");
    }

    @Test
    void troubleAtTheTargetIsToldApart() throws Exception {
        // Inside a container names are free, so its own entry points can be had below a prefix in it.
        Path below = dfuse.container(PAIR).resolve(POOL);
        Files.createDirectories(below);
        uns(below.resolve(GONE), "DAOS.POSIX://" + POOL + "/" + GONE);
        uns(below.resolve(SECOND), "DAOS.HDF5://" + POOL + "/" + SECOND);
        uns(below.resolve(CONTAINER), "DAOS.POSIX://" + POOL + "/" + SECOND);
        String inside = dfuse.prefix() + "/" + PAIR;
        assertThat(answer(CONTAINER, inside)).isEqualTo("ok ");
        assertThat(answer(GONE, inside)).isEqualTo("broken ENOLINK");
        assertThat(answer(SECOND, inside)).isEqualTo("unsupported EOPNOTSUPP");
        assertThat(answer(GONE, dfuse.prefix().toString())).isEqualTo("missing ENOENT");
        assertThat(answer(CONTAINER, dfuse.prefix().toString())).isEqualTo("ok ");
        dfuse.kill();
        assertThat(answer(CONTAINER, dfuse.prefix().toString())).isEqualTo("dead ENOTCONN");
    }

    private static void uns(Path path, String value) throws Exception {
        OnDisk.attribute(Files.createDirectory(path), "user.daos", value.getBytes(StandardCharsets.US_ASCII));
    }

    private String answer(String container, String prefix) throws Exception {
        Path entry = root.directory().resolve("shown-" + container);
        if (!Files.exists(entry)) {
            entry("shown-" + container, POOL + "/" + container);
        }
        JsonNode shown = FEDERATION
                .fedfs("daos", "show", entry.toString(), "--prefix", prefix, "--json")
                .ok()
                .json();
        String errno = shown.at("/answer/errno").asText();
        return shown.at("/answer/state").asText() + " " + (errno.equals("ENOTSUP") ? "EOPNOTSUPP" : errno);
    }

    @ParameterizedTest
    @EnumSource
    void containersAreCrossedIntoWithoutListingThePrefix(Engine engine) throws Exception {
        entry("missing", POOL + "/" + GONE);
        entry("other", POOL + "/" + SECOND);
        Mount mount = mount(engine, "daos_mode=cross");
        Ground seen = mount.seen();
        assertThat(Seen.all(
                        seen.content("c/f"),
                        seen.makeFile("c/new", "new").content("c/new"),
                        seen.names("c"),
                        seen.content("missing/f"),
                        seen.mkdir("missing/d", 0755)))
                .isEqualTo("in the container new f,new ENOLINK ENOLINK");
        assertThat(dfuse.requestsBy(mount.daemon().pid()))
                .isNotEmpty()
                .noneMatch(r -> r.matches("(OPENDIR|READDIR|GETXATTR|LISTXATTR) [^/]*/?"));
        assertThat(dfuse.container(PAIR).resolve("new")).hasContent("new");
        seen.close();
        dfuse.kill();
        assertThat(Seen.all(seen.content("c/f"), seen.content("plain"), seen.names(".")))
                .isEqualTo("ENOTCONN plain c,d,missing,other,plain");
        assertThat(seen.content("other/f")).isEqualTo("EHOSTDOWN");
    }
}

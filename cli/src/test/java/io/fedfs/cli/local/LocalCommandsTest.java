package io.fedfs.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.cli.Shell;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCommandsTest {
    private static final String FSN = "nsdb://nsdb.example.org:7532/12345678-1234-4abc-8def-1234567890ab";
    private static final String POOL = "aaaaaaaa-1234-4abc-8def-1234567890ab";
    private static final String CONTAINER = "bbbbbbbb-1234-4abc-8def-1234567890ab";

    @TempDir
    Path directory;

    private Shell shell;

    @BeforeEach
    void start() {
        shell = new Shell(directory, Map.of());
    }

    @Test
    void junctionIsMadeShownListedAnnotatedAndDeleted() {
        Shell.Ran made = shell.fedfs("junction", "create", "a", FSN, "--annotation", "owner=Joe");
        assertThat(made.err()).isEmpty();
        assertThat(made.out()).isEqualTo(directory.resolve("a") + " leads to " + FSN + "\n");
        assertThat(shell.fedfs("junction", "show", "a", "--json")
                        .json()
                        .get("fsn")
                        .asText())
                .isEqualTo(FSN);
        assertThat(shell.fedfs("junction", "show", "a").out()).contains("owner = Joe");
        assertThat(shell.fedfs("junction", "annotate", "a", "--set", "x=1", "--remove", "owner")
                        .out())
                .isEqualTo("x = 1\n");
        assertThat(shell.fedfs("junction", "list", ".", "--json")
                        .json()
                        .at("/junctions/0/path")
                        .asText())
                .isEqualTo(directory.resolve("a").toString());
        assertThat(shell.fedfs("junction", "create", "a", FSN).exit()).isEqualTo(FedFsStatus.EXIST.number());
        assertThat(shell.fedfs("junction", "delete", "a").exit()).isZero();
        assertThat(directory.resolve("a")).isDirectory();
        assertThat(shell.fedfs("junction", "delete", "a").exit()).isEqualTo(FedFsStatus.NOTJUNCT.number());
    }

    @Test
    void ordinaryDirectoryIsNotAJunction() throws Exception {
        Files.createDirectory(directory.resolve("plain"));
        Shell.Ran ran = shell.fedfs("junction", "show", "plain", "--json");
        assertThat(ran.exit()).isEqualTo(11);
        assertThat(ran.json().at("/error/name").asText()).isEqualTo("FEDFS_ERR_NOTJUNCT");
        assertThat(shell.fedfs("junction", "show", "missing").err())
                .hasLineCount(1)
                .contains("missing");
    }

    @Test
    void uuidAloneNeedsAnNsdb() {
        String uuid = FSN.substring(FSN.lastIndexOf('/') + 1);
        assertThat(shell.fedfs("junction", "create", "a", uuid).exit()).isEqualTo(FedFsStatus.NSDB_PARAMS.number());
        assertThat(shell.fedfs("junction", "create", "a", uuid, "--nsdb", "nsdb.example.org")
                        .out())
                .endsWith(FSN + "\n");
    }

    @Test
    void containerEntryIsMadeAndShown() {
        Shell.Ran made = shell.fedfs("daos", "link", "c", POOL + "/" + CONTAINER);
        assertThat(made.err()).isEmpty();
        Shell.Ran shown = shell.fedfs("daos", "show", "c", "--json");
        assertThat(shown.json().get("pool").asText()).isEqualTo(POOL);
        assertThat(shown.json().get("container").asText()).isEqualTo(CONTAINER);
        assertThat(shown.json().get("attribute").asText()).isEqualTo("user.daos");
        assertThat(shell.fedfs("daos", "link", "c", POOL + "/" + CONTAINER).exit())
                .isEqualTo(FedFsStatus.EXIST.number());
        assertThat(shell.fedfs("daos", "link", "d", POOL).exit()).isEqualTo(8);
        assertThat(shell.fedfs("daos", "link", "d", POOL + "/label").exit()).isEqualTo(8);
    }

    @Test
    void aForeignEntryIsMadeShownWithItsTargetAndRemoved() throws Exception {
        org.assertj.core.api.Assumptions.assumeThat(io.fedfs.linux.Sys.geteuid())
                .isZero();
        shell.fedfs("daos", "link", "h", POOL + "/" + CONTAINER, "--type", "hdf5", "--as", "foreign");
        assertThat(directory.resolve("h")).isEmptyFile();
        // struct lov_foreign_md of Lustre: magic, length, type 0xda05, DAOS's layout number for HDF5, the two UUIDs.
        assertThat(io.fedfs.linux.Xattrs.get(directory.resolve("h"), "trusted.lov", false))
                .hasValue(java.util.HexFormat.of()
                        .parseHex("d00bd70b" + "49000000" + "05da0000" + "02000000"
                                + java.util.HexFormat.of()
                                        .formatHex((POOL + "/" + CONTAINER)
                                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII))));
        Shell.Ran shown = shell.fedfs("daos", "show", "h", "--prefix", directory + "/p/", "--json");
        String target = directory + "/p/" + POOL + "/" + CONTAINER;
        assertThat(shown.json().get("type").asText()).isEqualTo("HDF5");
        assertThat(shown.json().get("attribute").asText()).isEqualTo("trusted.lov");
        assertThat(shown.json().get("generation").asText()).isEqualTo("C");
        assertThat(shown.json().get("target").asText()).isEqualTo(target);
        assertThat(shown.json().at("/answer/errno").asText()).isEqualTo("ENOENT");
        assertThat(shown.json().at("/answer/detail").asText()).startsWith(directory + "/p: ");
        Files.createDirectories(directory.resolve("p/" + POOL + "/" + CONTAINER));
        assertThat(shell.fedfs("daos", "show", "h", "--prefix", directory + "/p")
                        .out())
                .contains("generation C", "target: " + target, "answers");
        assertThat(shell.fedfs("daos", "show", "h", "--prefix", "p").exit()).isEqualTo(8);
        assertThat(shell.fedfs("daos", "unlink", "h").exit()).isZero();
        assertThat(directory.resolve("h")).doesNotExist();
        assertThat(shell.fedfs("daos", "unlink", "h").exit()).isEqualTo(8);
        assertThat(directory.resolve("p/" + POOL + "/" + CONTAINER)).isDirectory();
        assertThat(shell.fedfs("daos", "link", "x", POOL + "/" + CONTAINER, "--as", "other")
                        .exit())
                .isEqualTo(8);
        Shell.Ran unknown = shell.fedfs("daos", "link", "x", POOL + "/" + CONTAINER, "--type", "UNKNOWN");
        assertThat(unknown.exit()).isEqualTo(8);
        assertThat(unknown.err()).contains("no container type \"UNKNOWN\"").doesNotContain("label");
    }

    @Test
    void danglingLinksAreFound() throws Exception {
        String target = directory + "/p/" + POOL + "/" + CONTAINER;
        Files.createDirectories(directory.resolve("m/d"));
        Files.createSymbolicLink(directory.resolve("m/d/a"), Path.of(target));
        Files.createSymbolicLink(directory.resolve("m/b"), Path.of(target));
        Files.createSymbolicLink(directory.resolve("m/other"), Path.of("/nowhere"));
        Shell.Ran ran = shell.fedfs("daos", "check", "m", "--json");
        assertThat(ran.exit()).isEqualTo(FedFsStatus.NOT_ATTACHABLE.number());
        assertThat(ran.json().get("links").asInt()).isEqualTo(2);
        assertThat(ran.json().get("containers").asInt()).isEqualTo(1);
        assertThat(ran.json().get("dangling")).hasSize(2);
        assertThat(shell.fedfs("daos", "show", "m/b").out())
                .contains("is a link to the container " + POOL + "/" + CONTAINER, "ENOENT");
        assertThat(shell.fedfs("daos", "show", "m/b", "--json")
                        .json()
                        .get("pool")
                        .asText())
                .isEqualTo(POOL);
        Files.createDirectories(Path.of(target));
        assertThat(shell.fedfs("daos", "check", "m").out()).isEqualTo("2 links to 1 containers, 0 dangle\n");
        assertThat(shell.fedfs("daos", "show", "m/other").exit()).isEqualTo(FedFsStatus.NOTJUNCT.number());
        Files.createDirectory(directory.resolve("no-links"));
        for (String wrong : new String[] {"none", "m/b/none", "no-links"}) {
            assertThat(shell.fedfs("daos", "check", wrong).exit()).as(wrong).isEqualTo(FedFsStatus.INVAL.number());
        }
        assertThat(shell.fedfs("daos", "check", "m", "--timeout", "0").exit()).isEqualTo(FedFsStatus.INVAL.number());
        assertThat(shell.fedfs("daos", "show", "m/b", "--timeout", "-1").exit()).isEqualTo(FedFsStatus.INVAL.number());
    }

    @Test
    void anEntryOfLustresExamplesIsShownToo() throws Exception {
        org.assertj.core.api.Assumptions.assumeThat(io.fedfs.linux.Sys.geteuid())
                .isZero();
        Path entry = Files.createDirectory(directory.resolve("e"));
        byte[] ea = java.util.HexFormat.of().parseHex("d00cd50c" + "49000000" + "05da0000" + "00000000");
        byte[] value = (POOL + ":" + CONTAINER).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] all = java.util.Arrays.copyOf(ea, ea.length + value.length);
        System.arraycopy(value, 0, all, ea.length, value.length);
        io.fedfs.linux.Xattrs.set(entry, "trusted.lmv", all, 0, false);
        assertThat(shell.fedfs("daos", "show", "e").out()).contains(POOL + "/" + CONTAINER, "generation SITE");
    }

    @Test
    void ordinaryEntryIsNoContainer() throws Exception {
        Files.createDirectory(directory.resolve("plain"));
        assertThat(shell.fedfs("daos", "show", "plain").exit()).isEqualTo(FedFsStatus.NOTJUNCT.number());
    }
}

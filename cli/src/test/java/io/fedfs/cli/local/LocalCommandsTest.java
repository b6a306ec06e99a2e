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
    void ordinaryEntryIsNoContainer() throws Exception {
        Files.createDirectory(directory.resolve("plain"));
        assertThat(shell.fedfs("daos", "show", "plain").exit()).isEqualTo(FedFsStatus.NOTJUNCT.number());
    }
}

package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.Namespace;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceTest {
    private static final String ROOT = "nsdb://other.example.org:7532/11111111-2222-4333-8444-555555555555";

    @TempDir
    Path directory;

    private TestNsdb nsdb;

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
    }

    @AfterEach
    void close() {
        nsdb.close();
    }

    private Namespace create(String name, String root) {
        return nsdb.nsdb.createNamespace(CreateNamespaceRequest.newBuilder()
                .setNamespace(
                        Namespace.newBuilder().setName(name).setRootFsn(root).setDescription("the lab's tree"))
                .build());
    }

    private Namespace get(String name) {
        return nsdb.nsdb.getNamespace(
                GetNamespaceRequest.newBuilder().setName(name).build());
    }

    @Test
    void namespaceIsFoundByNameAndAlone() {
        Namespace made = create("example.org", "NSDB://Other.Example.org/11111111-2222-4333-8444-555555555555");
        assertThat(made.getRootFsn()).isEqualTo(ROOT);
        assertThat(made.getRevision()).isEqualTo(1);
        assertThat(get("example.org")).isEqualTo(made);
        assertThat(get("")).isEqualTo(made);
    }

    @Test
    void namelessQuestionNeedsExactlyOneNamespace() {
        refused(FedFsStatus.NO_NAMESPACE, () -> get(""));
        create("a", ROOT);
        create("b", ROOT);
        refused(FedFsStatus.NAMESPACE_AMBIGUOUS, () -> get(""));
        refused(FedFsStatus.NO_NAMESPACE, () -> get("c"));
    }

    @Test
    void nameIsTakenOnceAndFreeAfterDeletion() {
        Namespace a = create("a", ROOT);
        refused(FedFsStatus.EXIST, () -> create("a", ROOT));
        DeleteNamespaceRequest stale = DeleteNamespaceRequest.newBuilder()
                .setName("a")
                .setExpectedRevision(a.getRevision() + 1)
                .build();
        refused(FedFsStatus.REVISION_MISMATCH, () -> nsdb.nsdb.deleteNamespace(stale));
        assertThat(nsdb.nsdb
                        .deleteNamespace(stale.toBuilder()
                                .setExpectedRevision(a.getRevision())
                                .build())
                        .getRevision())
                .isEqualTo(2);
        refused(FedFsStatus.NO_NAMESPACE, () -> nsdb.nsdb.deleteNamespace(stale));
        assertThat(create("a", ROOT).getRevision()).isEqualTo(3);
    }

    @Test
    void listIsPagedByName() {
        for (String name : new String[] {"c", "a", "b"}) {
            create(name, ROOT);
        }
        var first = nsdb.nsdb.listNamespaces(
                ListNamespacesRequest.newBuilder().setPageSize(2).build());
        var second = nsdb.nsdb.listNamespaces(ListNamespacesRequest.newBuilder()
                .setPageSize(2)
                .setPageToken(first.getNextPageToken())
                .build());
        assertThat(first.getNamespacesList()).extracting(Namespace::getName).containsExactly("a", "b");
        assertThat(second.getNamespacesList()).extracting(Namespace::getName).containsExactly("c");
        assertThat(second.getNextPageToken()).isEmpty();
    }

    @Test
    void badNamesAndRootsAreRefused() {
        refused(FedFsStatus.BADNAME, () -> create("", ROOT));
        refused(FedFsStatus.BADNAME, () -> create("a/b", ROOT));
        refused(FedFsStatus.BADNAME, () -> create("..", ROOT));
        refused(FedFsStatus.BADCHAR, () -> create("a\nb", ROOT));
        refused(FedFsStatus.NAMETOOLONG, () -> create("n".repeat(256), ROOT));
        assertThat(refused(FedFsStatus.BADNAME, () -> create("11111111-2222-4333-8444-555555555555", ROOT))
                        .getMessage())
                .contains("UUID");
        assertThat(refused(FedFsStatus.INVAL, () -> create("a", "files:/export"))
                        .getField())
                .isEqualTo("root_fsn");
    }
}

package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ListReferencesRequest;
import io.fedfs.v1.ListReferencesResponse;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Operation;
import io.fedfs.v1.Reference;
import io.fedfs.v1.RemoveReferenceRequest;
import io.fedfs.v1.TransactRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who points where, and what follows for filesets that belong to one namespace only. */
class ReferenceTest {
    private static final String EXCLUSIVE = "fedfs.exclusive";

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

    private static String uri(String uuid) {
        return "nsdb://localhost:7532/" + uuid;
    }

    private String fsn() {
        return nsdb.newFsn().getUuid();
    }

    private String exclusive(String namespace) {
        return nsdb.nsdb
                .createFsn(CreateFsnRequest.newBuilder()
                        .addAnnotations(
                                Annotation.newBuilder().setKey(EXCLUSIVE).setValue(namespace))
                        .build())
                .getUuid();
    }

    private static AddReferenceRequest adding(String from, String path, String to) {
        return AddReferenceRequest.newBuilder()
                .setReference(Reference.newBuilder()
                        .setFsnUuid(to)
                        .setFromFsn(uri(from))
                        .setPath(path))
                .build();
    }

    private Reference add(String from, String path, String to) {
        return nsdb.nsdb.addReference(adding(from, path, to));
    }

    private void remove(String from, String path, String to) {
        var unused = nsdb.nsdb.removeReference(RemoveReferenceRequest.newBuilder()
                .setFsnUuid(to)
                .setFromFsn(uri(from))
                .setPath(path)
                .build());
    }

    private void setExclusive(String fsn, String namespace) {
        AnnotateRequest.Builder request = AnnotateRequest.newBuilder().setFsnUuid(fsn);
        if (namespace.isEmpty()) {
            request.addRemoveKeys(EXCLUSIVE);
        } else {
            request.addSet(Annotation.newBuilder().setKey(EXCLUSIVE).setValue(namespace));
        }
        var unused = nsdb.nsdb.annotate(request.build());
    }

    private void namespace(String name, String root) {
        var unused = nsdb.nsdb.createNamespace(CreateNamespaceRequest.newBuilder()
                .setNamespace(Namespace.newBuilder().setName(name).setRootFsn(uri(root)))
                .build());
    }

    private List<String> to(String fsn) {
        return list(ListReferencesRequest.newBuilder().setFsnUuid(fsn));
    }

    private List<String> list(ListReferencesRequest.Builder request) {
        List<String> found = new ArrayList<>();
        do {
            ListReferencesResponse page =
                    nsdb.nsdb.listReferences(request.setPageSize(2).build());
            page.getReferencesList().forEach(r -> found.add(r.getPath()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return found;
    }

    @Test
    void whoPointsHereAndWhatPointsFromHere() {
        String a = fsn();
        String b = fsn();
        String elsewhere = UUID.randomUUID().toString();
        Reference first = add(a, "x//y/", b);
        assertThat(first.getPath()).as("one spelling").isEqualTo("x/y");
        add(a, "z", b);
        add(elsewhere, "w", b);
        add(b, "loop", b);
        assertThat(add(a, "x/y", b)).as("known already").isEqualTo(first);
        assertThat(to(b)).containsExactlyInAnyOrder("x/y", "z", "w", "loop");
        assertThat(to(a)).isEmpty();
        assertThat(list(ListReferencesRequest.newBuilder().setFromFsn(uri(a)))).containsExactlyInAnyOrder("x/y", "z");
        assertThat(list(ListReferencesRequest.newBuilder())).hasSize(4);

        remove(a, "z", b);
        assertThat(to(b)).containsExactlyInAnyOrder("x/y", "w", "loop");
        refused(FedFsStatus.NOTJUNCT, () -> remove(a, "z", b));
    }

    @Test
    void referencesOutliveTheirFsnAndDoNotChangeIt() {
        String a = fsn();
        String b = fsn();
        long revision = nsdb.nsdb
                .getFsn(GetFsnRequest.newBuilder().setUuid(b).build())
                .getFsn()
                .getRevision();
        add(a, "x", b);
        assertThat(nsdb.nsdb
                        .getFsn(GetFsnRequest.newBuilder().setUuid(b).build())
                        .getFsn()
                        .getRevision())
                .isEqualTo(revision);
        var unused =
                nsdb.nsdb.deleteFsn(DeleteFsnRequest.newBuilder().setUuid(b).build());
        assertThat(to(b)).as("a dangling junction").containsExactly("x");
        remove(a, "x", b);
        assertThat(to(b)).isEmpty();
    }

    @Test
    void badReferencesAreRefused() {
        String a = fsn();
        refused(FedFsStatus.NSDB_NOFSN, () -> add(a, "x", UUID.randomUUID().toString()));
        refused(FedFsStatus.BADNAME, () -> add(a, "/x", a));
        refused(FedFsStatus.BADNAME, () -> add(a, "x/../y", a));
        refused(FedFsStatus.BADNAME, () -> add(a, "", a));
        refused(FedFsStatus.INVAL, () -> add("nobody", "x", a));
    }

    @Test
    void anExclusiveFilesetIsRootOfItsNamespaceOnly() {
        String root = exclusive("home");
        refused(FedFsStatus.EXCLUSIVE, () -> namespace("other", root));
        namespace("home", root);
        String shared = fsn();
        namespace("one", shared);
        namespace("two", shared);
        refused(FedFsStatus.EXCLUSIVE, () -> setExclusive(shared, "one"));
    }

    @Test
    void onlyFilesetsOfTheSameNamespacePointToAnExclusiveOne() {
        String root = exclusive("home");
        String inside = exclusive("home");
        String outside = fsn();
        String other = exclusive("work");
        add(root, "in", inside);
        add(inside, "self", inside);
        refused(FedFsStatus.EXCLUSIVE, () -> add(outside, "in", inside));
        refused(FedFsStatus.EXCLUSIVE, () -> add(other, "in", inside));
        refused(FedFsStatus.EXCLUSIVE, () -> add(UUID.randomUUID().toString(), "in", inside));
        add(inside, "out", outside);

        refused(FedFsStatus.EXCLUSIVE, () -> setExclusive(root, ""));
        refused(FedFsStatus.EXCLUSIVE, () -> setExclusive(root, "work"));
        refused(FedFsStatus.EXCLUSIVE, () -> setExclusive(inside, "work"));
        remove(root, "in", inside);
        setExclusive(root, "");
        add(outside, "back", root);
        refused(FedFsStatus.EXCLUSIVE, () -> setExclusive(root, "home"));
        refused(FedFsStatus.NAMETOOLONG, () -> setExclusive(outside, "x".repeat(300)));
    }

    @Test
    void aTransactionMakesAWholeNamespaceExclusive() {
        String root = fsn();
        String inside = fsn();
        add(root, "in", inside);
        Annotation home =
                Annotation.newBuilder().setKey(EXCLUSIVE).setValue("home").build();
        var unused = nsdb.nsdb.transact(TransactRequest.newBuilder()
                .addOperations(Operation.newBuilder()
                        .setAnnotate(
                                AnnotateRequest.newBuilder().setFsnUuid(root).addSet(home)))
                .addOperations(Operation.newBuilder()
                        .setAnnotate(
                                AnnotateRequest.newBuilder().setFsnUuid(inside).addSet(home)))
                .addOperations(Operation.newBuilder().setAddReference(adding(root, "also", inside)))
                .build());
        assertThat(to(inside)).containsExactlyInAnyOrder("in", "also");
        refused(FedFsStatus.EXCLUSIVE, () -> add(fsn(), "x", inside));
    }
}

package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.AnnotateResponse;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FslKey;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.Namespace;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotationTest {
    @TempDir
    Path directory;

    private TestNsdb nsdb;
    private Fsn fsn;

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
        fsn = nsdb.newFsn();
    }

    @AfterEach
    void close() {
        nsdb.close();
    }

    private static Annotation pair(String key, String value) {
        return Annotation.newBuilder().setKey(key).setValue(value).build();
    }

    private AnnotateResponse annotate(AnnotateRequest.Builder request) {
        return nsdb.nsdb.annotate(request.build());
    }

    private AnnotateRequest.Builder onFsn() {
        return AnnotateRequest.newBuilder().setFsnUuid(fsn.getUuid());
    }

    @Test
    void setReplacesRemoveRemovesAndTheRestStays() {
        annotate(onFsn().addSet(pair("owner", "joe")).addSet(pair("site", "a")).addSet(pair("x", "")));
        AnnotateResponse answer =
                annotate(onFsn().addSet(pair("owner", "ann")).addRemoveKeys("x").addRemoveKeys("never there"));

        assertThat(answer.getAnnotationsList()).containsExactly(pair("owner", "ann"), pair("site", "a"));
        Fsn kept = nsdb.nsdb
                .getFsn(GetFsnRequest.newBuilder().setUuid(fsn.getUuid()).build())
                .getFsn();
        assertThat(kept.getAnnotationsList()).isEqualTo(answer.getAnnotationsList());
        assertThat(kept.getRevision()).isEqualTo(answer.getRevision());
    }

    @Test
    void locationsAndNamespacesHaveThemToo() {
        Fsl fsl = nsdb.newFsl(fsn, "/a");
        annotate(AnnotateRequest.newBuilder()
                .setFsl(FslKey.newBuilder().setFsnUuid(fsn.getUuid()).setFslUuid(fsl.getUuid()))
                .addSet(pair("rack", "7")));
        nsdb.nsdb.createNamespace(CreateNamespaceRequest.newBuilder()
                .setNamespace(Namespace.newBuilder()
                        .setName("lab")
                        .setRootFsn("nsdb://a/" + fsn.getUuid())
                        .addAnnotations(pair("old", "1")))
                .build());
        annotate(AnnotateRequest.newBuilder()
                .setNamespace("lab")
                .addSet(pair("new", "2"))
                .addRemoveKeys("old"));

        FsnWithFsls kept = nsdb.nsdb.getFsn(
                GetFsnRequest.newBuilder().setUuid(fsn.getUuid()).build());
        assertThat(kept.getFsls(0).getAnnotationsList()).containsExactly(pair("rack", "7"));
        assertThat(nsdb.nsdb
                        .getNamespace(GetNamespaceRequest.getDefaultInstance())
                        .getAnnotationsList())
                .containsExactly(pair("new", "2"));
    }

    @Test
    void expectedRevisionIsHeeded() {
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> annotate(onFsn().addSet(pair("a", "b")).setExpectedRevision(fsn.getRevision() + 1)));
    }

    @Test
    void missingTargetsAreToldApart() {
        String nowhere = UUID.randomUUID().toString();
        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> annotate(AnnotateRequest.newBuilder().setFsnUuid(nowhere).addSet(pair("a", "b"))));
        refused(
                FedFsStatus.NO_FSL,
                () -> annotate(AnnotateRequest.newBuilder()
                        .setFsl(FslKey.newBuilder().setFsnUuid(fsn.getUuid()).setFslUuid(nowhere))
                        .addSet(pair("a", "b"))));
        refused(
                FedFsStatus.NO_NAMESPACE,
                () -> annotate(AnnotateRequest.newBuilder().setNamespace("none").addSet(pair("a", "b"))));
        refused(FedFsStatus.INVAL, () -> annotate(AnnotateRequest.newBuilder().addSet(pair("a", "b"))));
    }

    @Test
    void limitsHold() {
        refused(FedFsStatus.BADNAME, () -> annotate(onFsn().addSet(pair("", "v"))));
        refused(FedFsStatus.NAMETOOLONG, () -> annotate(onFsn().addSet(pair("k".repeat(256), "v"))));
        refused(FedFsStatus.NAMETOOLONG, () -> annotate(onFsn().addSet(pair("k", "v".repeat(4097)))));
        refused(FedFsStatus.BADCHAR, () -> annotate(onFsn().addSet(pair("k", "\0"))));
        refused(FedFsStatus.INVAL, () -> annotate(onFsn()));
        refused(FedFsStatus.INVAL, () -> annotate(onFsn().addSet(pair("k", "1")).addSet(pair("k", "2"))));
        refused(FedFsStatus.INVAL, () -> annotate(onFsn().addSet(pair("k", "1")).addRemoveKeys("k")));
        annotate(onFsn().addSet(pair("k".repeat(255), "v".repeat(4096))));

        for (int i = 0; i < 63; i++) {
            annotate(onFsn().addSet(pair("k" + i, "v")));
        }
        refused(FedFsStatus.INVAL, () -> annotate(onFsn().addSet(pair("one more", "v"))));

        CreateFsnRequest.Builder heavy = CreateFsnRequest.newBuilder();
        for (int i = 0; i < 15; i++) {
            heavy.addAnnotations(pair("k" + i, "v".repeat(4096)));
        }
        assertThat(refused(FedFsStatus.INVAL, () -> nsdb.nsdb.createFsn(heavy.build()))
                        .getMessage())
                .contains("49152");
    }
}

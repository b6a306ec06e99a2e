package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.local;
import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.ListFslsRequest;
import io.fedfs.v1.ListFslsResponse;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListTest {
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

    private Fsn fixed(String firstGroup) {
        return nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder()
                .setUuid(firstGroup + "-0000-4000-8000-000000000000")
                .build());
    }

    private List<String> uuids(ListFsnsResponse page) {
        return page.getFsnsList().stream()
                .map(f -> f.getFsn().getUuid().substring(0, 8))
                .toList();
    }

    private ListFsnsResponse page(String token) {
        return nsdb.nsdb.listFsns(
                ListFsnsRequest.newBuilder().setPageSize(2).setPageToken(token).build());
    }

    @Test
    void pagesNeitherRepeatNorLoseEntriesWhileOthersComeAndGo() {
        for (String group : new String[] {"10000000", "f0000000", "30000000", "90000000", "50000000"}) {
            fixed(group);
        }
        ListFsnsResponse first = page("");
        assertThat(uuids(first)).containsExactly("10000000", "30000000");
        fixed("20000000");
        fixed("60000000");
        nsdb.nsdb.deleteFsn(DeleteFsnRequest.newBuilder()
                .setUuid("30000000-0000-4000-8000-000000000000")
                .build());

        ListFsnsResponse second = page(first.getNextPageToken());
        ListFsnsResponse third = page(second.getNextPageToken());
        assertThat(uuids(second)).containsExactly("50000000", "60000000");
        assertThat(uuids(third)).containsExactly("90000000", "f0000000");
        assertThat(third.getNextPageToken()).isEmpty();
    }

    @Test
    void entriesCarryTheirLocations() {
        Fsn fsn = nsdb.newFsn();
        Fsl fsl = nsdb.newFsl(fsn, "/a");
        FsnWithFsls entry =
                nsdb.nsdb.listFsns(ListFsnsRequest.getDefaultInstance()).getFsns(0);
        assertThat(entry.getFsn()).isEqualTo(fsn);
        assertThat(entry.getFslsList()).containsExactly(fsl);
    }

    @Test
    void filtersNarrow() {
        Fsn plain = nsdb.newFsn();
        Fsn joes = nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder()
                .addAnnotations(Annotation.newBuilder().setKey("owner").setValue("joe"))
                .build());
        Fsn anns = nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder()
                .addAnnotations(Annotation.newBuilder().setKey("owner").setValue("ann"))
                .addAnnotations(Annotation.newBuilder().setKey("other").setValue("joe"))
                .build());
        nsdb.nsdb.setFsnState(SetFsnStateRequest.newBuilder()
                .setUuid(plain.getUuid())
                .setState(State.STATE_INVALID)
                .build());

        assertThat(list(ListFsnsRequest.newBuilder().setState(State.STATE_INVALID)))
                .containsExactly(plain.getUuid());
        assertThat(list(ListFsnsRequest.newBuilder().setState(State.STATE_VALID)))
                .containsExactlyInAnyOrder(joes.getUuid(), anns.getUuid());
        assertThat(list(ListFsnsRequest.newBuilder().setAnnotationKey("owner")))
                .containsExactlyInAnyOrder(joes.getUuid(), anns.getUuid());
        assertThat(list(ListFsnsRequest.newBuilder().setAnnotationKey("owner").setAnnotationValue("joe")))
                .containsExactly(joes.getUuid());
        refused(FedFsStatus.INVAL, () -> list(ListFsnsRequest.newBuilder().setAnnotationValue("joe")));
    }

    private List<String> list(ListFsnsRequest.Builder request) {
        return nsdb.nsdb.listFsns(request.build()).getFsnsList().stream()
                .map(f -> f.getFsn().getUuid())
                .toList();
    }

    @Test
    void locationsAreFoundByHostAndPath() {
        Fsn fsn = nsdb.newFsn();
        Fsl a1 = add(local(fsn.getUuid(), "/a").setHost("one"));
        Fsl a2 = add(local(fsn.getUuid(), "/a").setHost("two"));
        Fsl b1 = add(local(nsdb.newFsn().getUuid(), "/b").setHost("one"));

        assertThat(fsls("ONE", "")).containsExactlyInAnyOrder(a1, b1);
        assertThat(fsls("", "/a/")).containsExactlyInAnyOrder(a1, a2);
        assertThat(fsls("two", "/a")).containsExactly(a2);
        assertThat(fsls("two", "/b")).isEmpty();
        assertThat(fsls("", "")).hasSize(3);
        refused(FedFsStatus.BADNAME, () -> fsls("", "relative"));
    }

    private Fsl add(Fsl.Builder fsl) {
        return nsdb.nsdb.addFsl(AddFslRequest.newBuilder().setFsl(fsl).build());
    }

    private List<Fsl> fsls(String host, String path) {
        List<Fsl> all = new ArrayList<>();
        String token = "";
        do {
            ListFslsResponse page = nsdb.nsdb.listFsls(ListFslsRequest.newBuilder()
                    .setHost(host)
                    .setExportPath(path)
                    .setPageSize(1)
                    .setPageToken(token)
                    .build());
            all.addAll(page.getFslsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    @Test
    void tokenOfAnotherListOrOfNobodyIsRefused() {
        fixed("10000000");
        fixed("20000000");
        fixed("30000000");
        String token = page("").getNextPageToken();
        for (String bad : new String[] {"%%%", "Zg", "bm9uZQ", token.substring(3)}) {
            assertThat(refused(FedFsStatus.INVAL, () -> page(bad)).getField()).isEqualTo("page_token");
        }
        refused(
                FedFsStatus.INVAL,
                () -> nsdb.nsdb.listFsls(
                        ListFslsRequest.newBuilder().setPageToken(token).build()));
    }

    @Test
    void heavyEntriesMakeShorterPages() {
        CreateFsnRequest.Builder heavy = CreateFsnRequest.newBuilder();
        for (int i = 0; i < 10; i++) {
            heavy.addDescriptions("d".repeat(4000));
        }
        for (int i = 0; i < 40; i++) {
            nsdb.nsdb.createFsn(heavy.build());
        }
        ListFsnsResponse page = nsdb.nsdb.listFsns(
                ListFsnsRequest.newBuilder().setPageSize(1_000_000).build());
        assertThat(page.getSerializedSize()).isLessThan(4 << 20);
        assertThat(page.getFsnsCount()).isBetween(1, 39);
        assertThat(page.getNextPageToken()).isNotEmpty();
    }
}

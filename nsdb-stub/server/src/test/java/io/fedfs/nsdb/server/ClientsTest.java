package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Attached;
import io.fedfs.v1.Client;
import io.fedfs.v1.ClientOfFileset;
import io.fedfs.v1.ListClientsRequest;
import io.fedfs.v1.ListClientsResponse;
import io.fedfs.v1.ReportAttachedRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients say that they use. */
class ClientsTest {
    @TempDir
    Path directory;

    private TestNsdb nsdb;
    private final String fsn = UUID.randomUUID().toString();
    private final String fsl = UUID.randomUUID().toString();

    @BeforeEach
    void open() {
        nsdb = new TestNsdb(directory);
    }

    @AfterEach
    void close() {
        nsdb.close();
    }

    private static Client client(UUID id) {
        return Client.newBuilder()
                .setId(id.toString())
                .setHost("host1")
                .setName("/mnt/fed")
                .setPrincipal("who it says it is")
                .build();
    }

    private boolean report(UUID id, Attached... attached) {
        return nsdb.nsdb
                .reportAttached(ReportAttachedRequest.newBuilder()
                        .setClient(client(id))
                        .addAllAttached(List.of(attached))
                        .build())
                .getKnown();
    }

    private boolean unchanged(UUID id) {
        return changed(id, List.of());
    }

    private boolean changed(UUID id, List<String> gone, Attached... attached) {
        return nsdb.nsdb
                .reportAttached(ReportAttachedRequest.newBuilder()
                        .setClient(client(id))
                        .setChangesOnly(true)
                        .addAllAttached(List.of(attached))
                        .addAllGone(gone)
                        .build())
                .getKnown();
    }

    private Attached using(long revision) {
        return Attached.newBuilder()
                .setFsnUuid(fsn)
                .addFslUuids(fsl)
                .setRevision(revision)
                .build();
    }

    private List<ClientOfFileset> users() {
        List<ClientOfFileset> users = new ArrayList<>();
        ListClientsRequest.Builder request =
                ListClientsRequest.newBuilder().setFsnUuid(fsn).setPageSize(2);
        do {
            ListClientsResponse page = nsdb.nsdb.listClients(request.build());
            users.addAll(page.getClientsList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return users;
    }

    @Test
    void theLastReportHoldsAndWhoItIsIsNotTakenFromIt() {
        UUID id = UUID.randomUUID();
        assertThat(users()).isEmpty();
        report(id, using(7));
        assertThat(users()).singleElement().satisfies(user -> {
            assertThat(user.getAttached().getFslUuidsList()).containsExactly(fsl);
            assertThat(user.getAttached().getRevision()).isEqualTo(7);
            assertThat(user.getClient().getName()).isEqualTo("/mnt/fed");
            assertThat(user.getClient().getPrincipal()).isEqualTo("nobody");
            assertThat(user.getClient().getReportedMs()).isEqualTo(TestNsdb.T0);
        });
        report(id, using(8));
        assertThat(users())
                .singleElement()
                .satisfies(u -> assertThat(u.getAttached().getRevision()).isEqualTo(8));
        report(id);
        assertThat(users()).as("left").isEmpty();
        for (int i = 0; i < 5; i++) {
            report(UUID.randomUUID(), using(i));
        }
        assertThat(users()).hasSize(5);
    }

    @Test
    void changesLeaveTheRestAsItWasSaid() {
        UUID id = UUID.randomUUID();
        String other = new UUID(1, 1).toString();
        Attached another = Attached.newBuilder().setFsnUuid(other).build();
        assertThat(changed(id, List.of(), using(7))).as("changes to nothing").isFalse();
        assertThat(users()).isEmpty();
        report(id, using(7));
        assertThat(changed(id, List.of(), another)).isTrue();
        assertThat(users())
                .singleElement()
                .satisfies(u -> assertThat(u.getAttached().getRevision()).isEqualTo(7));
        assertThat(changed(id, List.of(other), using(8))).isTrue();
        assertThat(users())
                .singleElement()
                .satisfies(u -> assertThat(u.getAttached().getRevision()).isEqualTo(8));
        assertThat(changed(id, List.of(fsn))).isTrue();
        assertThat(users()).isEmpty();
        // Removed and in use again, in one report.
        assertThat(changed(id, List.of(fsn), using(9))).isTrue();
        assertThat(users()).hasSize(1);
    }

    @Test
    void whoIsSilentTooLongIsForgottenAndToldSo() {
        UUID id = UUID.randomUUID();
        assertThat(unchanged(id)).isFalse();
        report(id, using(1));
        nsdb.nowMs.addAndGet(Clients.LEASE.toMillis() - 1);
        assertThat(unchanged(id)).isTrue();
        nsdb.nowMs.addAndGet(Clients.LEASE.toMillis());
        assertThat(users()).hasSize(1);
        nsdb.nowMs.addAndGet(1);
        assertThat(users()).isEmpty();
        assertThat(unchanged(id)).as("say all of it").isFalse();
    }

    @Test
    void badReportsAreRefused() {
        refused(FedFsStatus.INVAL, () -> report(UUID.randomUUID(), Attached.getDefaultInstance()));
        refused(FedFsStatus.INVAL, () -> unchanged(new UUID(0, 0)));
        Attached[] many = new Attached[10_001];
        for (int i = 0; i < many.length; i++) {
            many[i] = Attached.newBuilder()
                    .setFsnUuid(new UUID(1, i + 1).toString())
                    .build();
        }
        refused(FedFsStatus.INVAL, () -> report(UUID.randomUUID(), many));
        UUID id = UUID.randomUUID();
        report(id, Arrays.copyOf(many, 10_000));
        refused(FedFsStatus.INVAL, () -> changed(id, List.of(), using(1)));
        refused(FedFsStatus.INVAL, () -> changed(id, List.of("no UUID")));
        assertThat(users()).isEmpty();
        assertThat(changed(id, List.of(many[0].getFsnUuid()), using(1))).isTrue();
        assertThat(users()).hasSize(1);
    }
}

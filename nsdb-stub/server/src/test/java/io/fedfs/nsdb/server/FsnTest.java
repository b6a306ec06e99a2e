package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.UpdateFsnRequest;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FsnTest {
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

    private Fsn create(String uuid, boolean recover) {
        return nsdb.nsdb.createFsn(
                CreateFsnRequest.newBuilder().setUuid(uuid).setRecover(recover).build());
    }

    private Fsn state(Fsn fsn, State state, String reason) {
        return nsdb.nsdb.setFsnState(SetFsnStateRequest.newBuilder()
                .setUuid(fsn.getUuid())
                .setState(state)
                .setReason(reason)
                .build());
    }

    private FsnWithFsls get(String uuid) {
        return nsdb.nsdb.getFsn(GetFsnRequest.newBuilder().setUuid(uuid).build());
    }

    @Test
    void newFsnHasRandomUuidDefaultTtlAndNextRevision() {
        Fsn first = nsdb.newFsn();
        Fsn second = nsdb.newFsn();

        assertThat(UUID.fromString(first.getUuid()).version()).isEqualTo(4);
        assertThat(first.getTtlSeconds()).isEqualTo(300);
        assertThat(first.getState().getState()).isEqualTo(State.STATE_VALID);
        assertThat(first.getState().getSinceMs()).isZero();
        assertThat(first.getCreatedMs()).isEqualTo(TestNsdb.T0);
        assertThat(first.getRevision()).isEqualTo(1);
        assertThat(second.getRevision()).isEqualTo(2);
        assertThat(get(first.getUuid()).getFsn()).isEqualTo(first);
    }

    @Test
    void everythingGivenIsKept() {
        String uuid = UUID.randomUUID().toString();
        Fsn fsn = nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder()
                .setUuid(uuid.toUpperCase(java.util.Locale.ROOT))
                .setTtlSeconds(-1)
                .addAnnotations(Annotation.newBuilder().setKey("owner").setValue("Joe \"S\" Smith\\"))
                .addDescriptions("line one\nline two")
                .addDescriptions("zweite, größere")
                .build());

        assertThat(fsn.getUuid()).isEqualTo(uuid);
        assertThat(get(uuid).getFsn()).isEqualTo(fsn);
        assertThat(Integer.toUnsignedLong(fsn.getTtlSeconds())).isEqualTo(4294967295L);
        assertThat(fsn.getDescriptionsList()).containsExactly("line one\nline two", "zweite, größere");
        assertThat(fsn.getAnnotations(0).getValue()).isEqualTo("Joe \"S\" Smith\\");
    }

    @Test
    void ttlOfZeroIsNotTheDefault() {
        Fsn fsn = nsdb.nsdb.createFsn(
                CreateFsnRequest.newBuilder().setTtlSeconds(0).build());
        assertThat(get(fsn.getUuid()).getFsn().getTtlSeconds()).isZero();
    }

    @Test
    void liveUuidIsRefusedEvenForRecovery() {
        Fsn fsn = nsdb.newFsn();
        assertThat(refused(FedFsStatus.EXIST, () -> create(fsn.getUuid(), false))
                        .getField())
                .isEqualTo("uuid");
        refused(FedFsStatus.EXIST, () -> create(fsn.getUuid(), true));
    }

    @Test
    void invalidatedUuidIsTakenOnlyForRecovery() {
        Fsn fsn = nsdb.newFsn();
        nsdb.newFsl(fsn, "/old");
        state(fsn, State.STATE_INVALID, "disk lost");

        assertThat(refused(FedFsStatus.EXIST, () -> create(fsn.getUuid(), false))
                        .getMessage())
                .contains("recover");
        Fsn recovered = create(fsn.getUuid(), true);

        assertThat(recovered.getState().getState()).isEqualTo(State.STATE_VALID);
        refused(
                FedFsStatus.NSDB_NOFSL,
                () -> nsdb.nsdb.resolve(
                        ResolveRequest.newBuilder().setFsnUuid(fsn.getUuid()).build()));
        assertThat(get(fsn.getUuid()).getFsls(0).getState().getState())
                .as("the old life's location is kept, and not used")
                .isEqualTo(State.STATE_INVALID);
    }

    @Test
    void recoveryOfFreeUuidCreatesItAndWithoutUuidIsRefused() {
        String uuid = UUID.randomUUID().toString();
        assertThat(create(uuid, true).getUuid()).isEqualTo(uuid);
        refused(FedFsStatus.INVAL, () -> create("", true));
    }

    @Test
    void updateChangesOnlyWhatItNames() {
        Fsn fsn = nsdb.nsdb.createFsn(CreateFsnRequest.newBuilder()
                .addDescriptions("kept")
                .setTtlSeconds(7)
                .build());
        Fsn ttl = nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                .setUuid(fsn.getUuid())
                .setTtlSeconds(0)
                .build());
        assertThat(ttl.getTtlSeconds()).isZero();
        assertThat(ttl.getDescriptionsList()).containsExactly("kept");

        Fsn text = nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                .setUuid(fsn.getUuid())
                .setSetDescriptions(true)
                .build());
        assertThat(text.getDescriptionsList()).isEmpty();
        assertThat(text.getTtlSeconds()).isZero();
        assertThat(text.getRevision()).isGreaterThan(ttl.getRevision());
    }

    @Test
    void writeThatExpectsAnotherRevisionChangesNothing() {
        Fsn fsn = nsdb.newFsn();
        long stale = fsn.getRevision() + 7;
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                        .setUuid(fsn.getUuid())
                        .setTtlSeconds(1)
                        .setExpectedRevision(stale)
                        .build()));
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> nsdb.nsdb.setFsnState(SetFsnStateRequest.newBuilder()
                        .setUuid(fsn.getUuid())
                        .setState(State.STATE_INVALID)
                        .setExpectedRevision(stale)
                        .build()));
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> nsdb.nsdb.deleteFsn(DeleteFsnRequest.newBuilder()
                        .setUuid(fsn.getUuid())
                        .setExpectedRevision(stale)
                        .build()));
        assertThat(get(fsn.getUuid()).getFsn()).isEqualTo(fsn);
        assertThat(nsdb.store.revision()).isEqualTo(fsn.getRevision());

        Fsn updated = nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                .setUuid(fsn.getUuid())
                .setTtlSeconds(1)
                .setExpectedRevision(fsn.getRevision())
                .build());
        assertThat(updated.getTtlSeconds()).isEqualTo(1);
    }

    @Test
    void stateKeepsReasonAndTheTimeOfItsLastChange() {
        Fsn fsn = nsdb.newFsn();
        nsdb.nowMs.set(5_000);
        assertThat(state(fsn, State.STATE_INVALID, "moved out").getState().getSinceMs())
                .isEqualTo(5_000);
        nsdb.nowMs.set(6_000);
        Fsn again = state(fsn, State.STATE_INVALID, "gone for good");
        assertThat(again.getState().getSinceMs()).isEqualTo(5_000);
        assertThat(again.getState().getReason()).isEqualTo("gone for good");
        assertThat(state(fsn, State.STATE_VALID, "back").getState().getSinceMs())
                .isEqualTo(6_000);
    }

    @Test
    void fsnWithLocationsIsDeletedOnlyWithThem() {
        Fsn fsn = nsdb.newFsn();
        nsdb.newFsl(fsn, "/a");
        nsdb.newFsl(fsn, "/b");
        DeleteFsnRequest plain =
                DeleteFsnRequest.newBuilder().setUuid(fsn.getUuid()).build();
        refused(FedFsStatus.FSN_HAS_FSLS, () -> nsdb.nsdb.deleteFsn(plain));

        nsdb.nsdb.deleteFsn(plain.toBuilder().setWithFsls(true).build());

        refused(FedFsStatus.NSDB_NOFSN, () -> get(fsn.getUuid()));
        assertThat(nsdb.store.info().fsls()).isZero();
        assertThat(nsdb.store.info().fsns()).isZero();
        assertThat(create(fsn.getUuid(), false).getUuid())
                .as("a deleted UUID is free")
                .isEqualTo(fsn.getUuid());
    }

    @Test
    void unknownFsnIsNotFound() {
        String uuid = UUID.randomUUID().toString();
        refused(FedFsStatus.NSDB_NOFSN, () -> get(uuid));
        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> nsdb.nsdb.deleteFsn(
                        DeleteFsnRequest.newBuilder().setUuid(uuid).build()));
        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> nsdb.nsdb.updateFsn(
                        UpdateFsnRequest.newBuilder().setUuid(uuid).build()));
    }

    @Test
    void badRequestsNameTheField() {
        assertThat(refused(FedFsStatus.INVAL, () -> create("no-uuid", false)).getField())
                .isEqualTo("uuid");
        refused(FedFsStatus.INVAL, () -> create("00000000-0000-0000-0000-000000000000", false));
        Fsn fsn = nsdb.newFsn();
        assertThat(refused(FedFsStatus.INVAL, () -> state(fsn, State.STATE_UNSPECIFIED, ""))
                        .getField())
                .isEqualTo("state");
        assertThat(refused(FedFsStatus.NAMETOOLONG, () -> state(fsn, State.STATE_INVALID, "x".repeat(1025)))
                        .getField())
                .isEqualTo("reason");
        assertThat(refused(
                                FedFsStatus.INVAL,
                                () -> nsdb.nsdb.updateFsn(UpdateFsnRequest.newBuilder()
                                        .setUuid(fsn.getUuid())
                                        .setExpectedRevision(-1)
                                        .build()))
                        .getField())
                .isEqualTo("expected_revision");
    }
}

package io.fedfs.nsdb.server;

import static io.fedfs.nsdb.server.TestNsdb.local;
import static io.fedfs.nsdb.server.TestNsdb.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Wire;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NfsAttributes;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.UpdateFslRequest;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locations and what Resolve makes of them. */
class FslTest {
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

    private Fsl add(Fsl.Builder fsl) {
        return nsdb.nsdb.addFsl(AddFslRequest.newBuilder().setFsl(fsl).build());
    }

    private Referral resolve() {
        return nsdb.nsdb.resolve(
                ResolveRequest.newBuilder().setFsnUuid(fsn.getUuid()).build());
    }

    private Fsl state(Fsl fsl, State state) {
        return nsdb.nsdb.setFslState(SetFslStateRequest.newBuilder()
                .setFsnUuid(fsl.getFsnUuid())
                .setFslUuid(fsl.getUuid())
                .setState(state)
                .setReason("test")
                .build());
    }

    private Fsl full() {
        return Fsl.newBuilder()
                .setUuid(UUID.randomUUID().toString())
                .setFsnUuid(fsn.getUuid())
                .setType("nfs")
                .setHost("files1.example.org")
                .setPort(2049)
                .setExportPath("/export/home")
                .setPathInside("joe/data")
                .setVolume("vol7")
                .putOptions("vers", "4.2")
                .putOptions("sec", "krb5p")
                .setWritable(true)
                .setDraining(true)
                .setCurrency(-1)
                .setReadRank(1)
                .setReadOrder(2)
                .setWriteRank(3)
                .setWriteOrder(255)
                .setNfs(NfsAttributes.newBuilder()
                        .setSplit(true)
                        .setRdma(true)
                        .setClassSimul(1)
                        .setClassHandle(2)
                        .setClassFileid(3)
                        .setClassWritever(4)
                        .setClassChange(5)
                        .setClassReaddir(6)
                        .setVarsub(true)
                        .setValidFor(-7))
                .addAnnotations(Annotation.newBuilder().setKey("site").setValue("backup"))
                .addDescriptions("the second building")
                .build();
    }

    @Test
    void everyFieldIsKept() {
        Fsl given = full();
        Fsl kept = add(given.toBuilder());

        assertThat(kept.toBuilder()
                        .clearRevision()
                        .clearCreatedMs()
                        .clearState()
                        .build())
                .isEqualTo(given);
        assertThat(nsdb.nsdb
                        .getFsn(GetFsnRequest.newBuilder()
                                .setUuid(fsn.getUuid())
                                .build())
                        .getFslsList())
                .containsExactly(kept);
        assertThat(resolve().getFslsList()).containsExactly(kept);
    }

    @Test
    void uuidIsMadeWhenNoneIsGivenAndRefusedWhenTaken() {
        Fsl fsl = nsdb.newFsl(fsn, "/a");
        assertThat(UUID.fromString(fsl.getUuid()).version()).isEqualTo(4);
        refused(FedFsStatus.EXIST, () -> add(local(fsn.getUuid(), "/b").setUuid(fsl.getUuid())));
        Fsn other = nsdb.newFsn();
        assertThat(add(local(other.getUuid(), "/b").setUuid(fsl.getUuid())).getFsnUuid())
                .as("unique below one FSN is enough")
                .isEqualTo(other.getUuid());
    }

    @Test
    void updateReplacesAllButStateAnnotationsAndBirth() {
        Fsl before = state(add(full().toBuilder()), State.STATE_INVALID);
        nsdb.nowMs.addAndGet(1_000);
        Fsl after = nsdb.nsdb.updateFsl(UpdateFslRequest.newBuilder()
                .setFsl(local(fsn.getUuid(), "/new").setUuid(before.getUuid()).setCreatedMs(1))
                .setExpectedRevision(before.getRevision())
                .build());

        assertThat(after.getExportPath()).isEqualTo("/new");
        assertThat(after.getPathInside()).isEmpty();
        assertThat(after.getOptionsMap()).isEmpty();
        assertThat(after.hasNfs()).isFalse();
        assertThat(after.getDescriptionsList()).isEmpty();
        assertThat(after.getAnnotationsList()).isEqualTo(before.getAnnotationsList());
        assertThat(after.getState()).isEqualTo(before.getState());
        assertThat(after.getCreatedMs()).isEqualTo(before.getCreatedMs());
        assertThat(after.getRevision()).isGreaterThan(before.getRevision());
    }

    @Test
    void writeThatExpectsAnotherRevisionIsRefused() {
        Fsl fsl = nsdb.newFsl(fsn, "/a");
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> nsdb.nsdb.updateFsl(UpdateFslRequest.newBuilder()
                        .setFsl(fsl)
                        .setExpectedRevision(fsl.getRevision() + 1)
                        .build()));
        refused(
                FedFsStatus.REVISION_MISMATCH,
                () -> nsdb.nsdb.deleteFsl(DeleteFslRequest.newBuilder()
                        .setFsnUuid(fsn.getUuid())
                        .setFslUuid(fsl.getUuid())
                        .setExpectedRevision(fsl.getRevision() + 1)
                        .build()));
    }

    @Test
    void missingFsnAndMissingLocationAreToldApart() {
        String nowhere = UUID.randomUUID().toString();
        refused(FedFsStatus.NSDB_NOFSN, () -> add(local(nowhere, "/a")));
        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> nsdb.nsdb.deleteFsl(DeleteFslRequest.newBuilder()
                        .setFsnUuid(nowhere)
                        .setFslUuid(nowhere)
                        .build()));
        refused(
                FedFsStatus.NO_FSL,
                () -> nsdb.nsdb.deleteFsl(DeleteFslRequest.newBuilder()
                        .setFsnUuid(fsn.getUuid())
                        .setFslUuid(nowhere)
                        .build()));
    }

    @Test
    void resolveGivesValidLocationsByRankOrderAndUuid() {
        Fsl third = add(local(fsn.getUuid(), "/3").setReadRank(1));
        Fsl second = add(local(fsn.getUuid(), "/2").setReadOrder(1));
        Fsl first = add(local(fsn.getUuid(), "/1").setDraining(true));
        Fsl gone = add(local(fsn.getUuid(), "/0"));
        Fsl tieA = add(local(fsn.getUuid(), "/t").setReadRank(9).setUuid("aaaaaaaa-0000-4000-8000-000000000000"));
        Fsl tieB = add(local(fsn.getUuid(), "/t").setReadRank(9).setUuid("11111111-0000-4000-8000-000000000000"));
        long last = state(gone, State.STATE_INVALID).getRevision();

        Referral referral = resolve();

        assertThat(referral.getFslsList()).containsExactly(first, second, third, tieB, tieA);
        assertThat(referral.getFsn()).isEqualTo(fsn);
        assertThat(referral.getRevision()).isEqualTo(last);
        assertThat(referral.getNsdbRevision()).isEqualTo(last);
    }

    @Test
    void referralRevisionGrowsWithEveryChangeEvenADeletion() {
        nsdb.newFsl(fsn, "/a");
        Fsl b = nsdb.newFsl(fsn, "/b");
        long before = resolve().getRevision();
        nsdb.nsdb.deleteFsl(DeleteFslRequest.newBuilder()
                .setFsnUuid(fsn.getUuid())
                .setFslUuid(b.getUuid())
                .build());
        assertThat(resolve().getRevision()).isGreaterThan(before);

        long deleted = resolve().getRevision();
        nsdb.newFsn();
        assertThat(resolve().getRevision()).as("others do not count").isEqualTo(deleted);
        assertThat(resolve().getNsdbRevision()).isEqualTo(deleted + 1);
    }

    @Test
    void resolveRefusesUnknownInvalidatedAndPlacelessFsns() {
        refused(FedFsStatus.NSDB_NOFSL, this::resolve);
        Fsl fsl = nsdb.newFsl(fsn, "/a");
        assertThat(resolve().getFslsCount()).isEqualTo(1);
        state(fsl, State.STATE_INVALID);
        refused(FedFsStatus.NSDB_NOFSL, this::resolve);
        state(fsl, State.STATE_VALID);

        Consumer<State> set = s -> nsdb.nsdb.setFsnState(SetFsnStateRequest.newBuilder()
                .setUuid(fsn.getUuid())
                .setState(s)
                .setReason("flooded")
                .build());
        set.accept(State.STATE_INVALID);
        assertThat(refused(FedFsStatus.FSN_INVALIDATED, this::resolve).getMessage())
                .contains("flooded");
        set.accept(State.STATE_VALID);
        assertThat(resolve().getFslsCount()).as("revived with its locations").isEqualTo(1);

        refused(
                FedFsStatus.NSDB_NOFSN,
                () -> nsdb.nsdb.resolve(ResolveRequest.newBuilder()
                        .setFsnUuid(UUID.randomUUID().toString())
                        .build()));
    }

    private List<String> outcomes(List<String> asked) {
        return nsdb
                .nsdb
                .resolveMany(
                        ResolveManyRequest.newBuilder().addAllFsnUuids(asked).build())
                .getOutcomesList()
                .stream()
                .map(o -> o.hasReferral()
                        ? o.getReferral().getFsn().getUuid()
                        : FedFsStatus.of(o.getRefusal().getStatus()).name())
                .toList();
    }

    @Test
    void severalAreResolvedAsEachWouldBe() {
        nsdb.newFsl(fsn, "/a");
        Fsn empty = nsdb.newFsn();
        Fsn invalid = nsdb.newFsn();
        nsdb.newFsl(invalid, "/b");
        nsdb.nsdb.setFsnState(SetFsnStateRequest.newBuilder()
                .setUuid(invalid.getUuid())
                .setState(State.STATE_INVALID)
                .build());
        long before = nsdb.nsdb.getInfo(GetInfoRequest.getDefaultInstance()).getResolveCount();

        assertThat(outcomes(List.of(
                        fsn.getUuid(),
                        "no uuid",
                        empty.getUuid(),
                        invalid.getUuid(),
                        UUID.randomUUID().toString(),
                        fsn.getUuid())))
                .containsExactly(fsn.getUuid(), "INVAL", "NSDB_NOFSL", "FSN_INVALIDATED", "NSDB_NOFSN", fsn.getUuid());
        assertThat(nsdb.nsdb
                        .resolveMany(ResolveManyRequest.newBuilder()
                                .addFsnUuids(fsn.getUuid())
                                .build())
                        .getOutcomes(0)
                        .getReferral())
                .isEqualTo(resolve());
        assertThat(nsdb.nsdb.getInfo(GetInfoRequest.getDefaultInstance()).getResolveCount())
                .as("each counts")
                .isEqualTo(before + 8);
    }

    @Test
    void soManyAreResolvedAtOnceAndNoMore() {
        nsdb.newFsl(fsn, "/a");
        List<String> most = Collections.nCopies(Wire.MOST_RESOLVED_AT_ONCE, fsn.getUuid());
        assertThat(outcomes(most)).isEqualTo(most);
        assertThat(refused(
                                FedFsStatus.INVAL,
                                () -> outcomes(Collections.nCopies(Wire.MOST_RESOLVED_AT_ONCE + 1, fsn.getUuid())))
                        .getMessage())
                .contains("256");
        assertThat(outcomes(List.of())).isEmpty();
    }

    @Test
    void anAnswerOfSeveralEndsBeforeTheMessageIsFull() {
        for (int i = 0; i < 10; i++) {
            add(local(fsn.getUuid(), "/a" + i).addDescriptions("d".repeat(4_000)));
        }
        List<String> asked = Collections.nCopies(100, fsn.getUuid());
        List<String> answered = outcomes(asked);
        assertThat(answered.size()).isBetween(10, 20);
        assertThat(asked).startsWith(answered.toArray(String[]::new));
    }

    @Test
    void pathsHaveOneSpelling() {
        Fsl fsl =
                add(local(fsn.getUuid(), "//srv///data/").setPathInside("a//b/").setHost("Files1.Example.ORG"));
        assertThat(fsl.getExportPath()).isEqualTo("/srv/data");
        assertThat(fsl.getPathInside()).isEqualTo("a/b");
        assertThat(fsl.getHost()).isEqualTo("files1.example.org");
        assertThat(add(local(fsn.getUuid(), "/")).getExportPath()).isEqualTo("/");
    }

    @Test
    void badFieldsAreNamed() {
        bad(FedFsStatus.BADNAME, "export_path", f -> f.setExportPath("srv"));
        bad(FedFsStatus.BADNAME, "export_path", f -> f.setExportPath(""));
        bad(FedFsStatus.BADNAME, "export_path", f -> f.setExportPath("/srv/../etc"));
        bad(FedFsStatus.BADCHAR, "export_path", f -> f.setExportPath("/srv/\0"));
        bad(FedFsStatus.NAMETOOLONG, "export_path", f -> f.setExportPath("/" + "a/".repeat(2048)));
        bad(FedFsStatus.NAMETOOLONG, "export_path", f -> f.setExportPath("/" + "ä".repeat(128)));
        bad(FedFsStatus.BADNAME, "path_inside", f -> f.setPathInside("/abs"));
        bad(FedFsStatus.BADNAME, "path_inside", f -> f.setPathInside("a/.."));
        bad(FedFsStatus.BADNAME, "type", f -> f.setType("Local"));
        bad(FedFsStatus.BADNAME, "type", Fsl.Builder::clearType);
        bad(FedFsStatus.BADNAME, "type", f -> f.setType("a".repeat(33)));
        bad(FedFsStatus.BADNAME, "host", f -> f.setHost("two words"));
        bad(FedFsStatus.NAMETOOLONG, "host", f -> f.setHost("h".repeat(254)));
        bad(FedFsStatus.BADNAME, "host", f -> f.setType("nfs").clearHost());
        bad(FedFsStatus.INVAL, "port", f -> f.setPort(65536));
        bad(FedFsStatus.INVAL, "read_rank", f -> f.setReadRank(256));
        bad(FedFsStatus.INVAL, "read_order", f -> f.setReadOrder(-1));
        bad(FedFsStatus.INVAL, "write_rank", f -> f.setWriteRank(1000));
        bad(FedFsStatus.INVAL, "write_order", f -> f.setWriteOrder(1000));
        bad(FedFsStatus.INVAL, "nfs.class_fileid", f -> f.getNfsBuilder().setClassFileid(256));
        bad(FedFsStatus.BADCHAR, "volume", f -> f.setVolume("a\nb"));
        bad(FedFsStatus.INVAL, "uuid", f -> f.setUuid("x"));
        bad(FedFsStatus.INVAL, "fsn_uuid", f -> f.setFsnUuid(""));
        bad(FedFsStatus.BADNAME, "options", f -> f.putOptions("", "x"));
        bad(FedFsStatus.NAMETOOLONG, "options", f -> f.putOptions("x", "y".repeat(4097)));
        bad(FedFsStatus.INVAL, "options", f -> {
            for (int i = 0; i < 65; i++) {
                f.putOptions("o" + i, "");
            }
        });
        bad(FedFsStatus.INVAL, "", f -> {
            for (int i = 0; i < 16; i++) {
                f.putOptions("o" + i, "v".repeat(4000));
            }
        });
        assertThat(nsdb.store.info().fsls()).isZero();
    }

    private void bad(FedFsStatus status, String field, Consumer<Fsl.Builder> change) {
        Fsl.Builder fsl = local(fsn.getUuid(), "/srv");
        change.accept(fsl);
        assertThat(refused(status, () -> add(fsl)).getField()).isEqualTo(field);
    }

    @Test
    void filesetTakesOnlySoManyLocations() {
        for (int i = 0; i < Checks.FSLS; i++) {
            nsdb.newFsl(fsn, "/" + i);
        }
        refused(FedFsStatus.INVAL, () -> nsdb.newFsl(fsn, "/more"));
    }
}

package io.fedfs.nsdb.store;

import static io.fedfs.nsdb.store.Records.add;
import static io.fedfs.nsdb.store.Records.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreBackupTest {
    private static final StoreSettings SETTINGS = new StoreSettings(1_000, 1 << 20, 100, 4);

    @TempDir
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private Path file() {
        return directory.resolve("backup.nsdb");
    }

    private static void refused(FedFsStatus status, String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        NsdbException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContaining(message);
    }

    @Test
    void backupOfAStoreInUseIsRestoredWhole() {
        UUID kept;
        UUID later;
        long lost;
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            kept = add(store);
            done(store.write(Records.fsl(kept, "/a")));
            done(store.write(transaction -> {
                transaction.put(new NamespaceRecord(
                        "lab", Fsn.parse("nsdb://h/" + kept), "", Map.of("a", "b"), transaction.revision(), 1));
                return null;
            }));
            StoreBackup.backup(data(), file());
            later = add(store);
            lost = store.revision();
        }
        Path restored = directory.resolve("restored");
        StoreCheck found = StoreBackup.restore(file(), restored, false);

        assertThat(found.problems()).isEmpty();
        assertThat(List.of(found.fsns(), found.fsls(), found.namespaces())).containsExactly(1L, 1L, 1L);
        try (SqliteStore store = SqliteStore.open(restored, SETTINGS)) {
            Fileset fileset = store.fileset(kept).orElseThrow();
            assertThat(fileset.locations()).hasSize(1);
            assertThat(store.fileset(later)).isEmpty();
            assertThat(store.namespace("lab"))
                    .hasValueSatisfying(n -> assertThat(n.annotations()).containsEntry("a", "b"));
            assertThat(fileset.revision())
                    .as("newer than anything that the lost store told")
                    .isGreaterThan(lost);
            assertThat(store.changesAfter(lost, 10).complete())
                    .as("watchers of the lost store start again")
                    .isFalse();
            assertThat(add(store)).isNotNull();
        }
        assertThat(StoreCheck.ofDirectory(restored).problems()).isEmpty();
    }

    @Test
    void newBackupReplacesTheOldOne() {
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            StoreBackup.backup(data(), file());
            add(store);
            StoreBackup.backup(data(), file());
        }
        assertThat(StoreCheck.ofFile(file()).fsns()).isEqualTo(1);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("data", "backup.nsdb");
    }

    @Test
    void storeThatIsThereIsReplacedOnlyByForceAndNothingOfItStays() {
        UUID backedUp;
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            backedUp = add(store);
        }
        StoreBackup.backup(data(), file());
        UUID newer;
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            newer = add(store);
        }
        refused(FedFsStatus.EXIST, "already", () -> StoreBackup.restore(file(), data(), false));

        StoreBackup.restore(file(), data(), true);

        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            assertThat(store.fileset(backedUp)).isPresent();
            assertThat(store.fileset(newer)).isEmpty();
        }
    }

    @Test
    void whatIsNotABackupIsRefusedAndTouchesNothing() throws Exception {
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            for (int i = 0; i < 500; i++) {
                add(store);
            }
        }
        refused(FedFsStatus.INVAL, "no such backup", () -> StoreBackup.restore(file(), data(), true));
        Files.writeString(file(), "no database, ".repeat(1000));
        refused(FedFsStatus.IO, "cannot read", () -> StoreBackup.restore(file(), data(), true));
        StoreBackup.backup(data(), file());
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[3000]), channel.size() - 3500);
        }
        refused(FedFsStatus.IO, "", () -> StoreBackup.restore(file(), data(), true));
        assertThat(StoreCheck.ofDirectory(data()).fsns()).isEqualTo(500);
        refused(FedFsStatus.INVAL, "no NSDB store", () -> StoreBackup.backup(directory.resolve("none"), file()));
    }

    @Test
    void checkNamesWhatBreaksTheRules() throws SQLException {
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS)) {
            done(store.write(Records.fsl(add(store), "/a")));
        }
        assertThat(StoreCheck.ofDirectory(data()).problems()).isEmpty();
        try (Connection connection = Sqlite.openAsItIs(new StoreDirectory(data()).database());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA foreign_keys = OFF");
            statement.execute("UPDATE fsl SET fsn_uuid = '22222222-0000-4000-8000-000000000000'");
            statement.execute("UPDATE fsn SET revision = 9");
        }
        assertThat(StoreCheck.ofDirectory(data()).problems())
                .hasSize(2)
                .anySatisfy(p -> assertThat(p).contains("belongs to no FSN", "22222222"))
                .anySatisfy(p -> assertThat(p).contains("revision"));
    }
}

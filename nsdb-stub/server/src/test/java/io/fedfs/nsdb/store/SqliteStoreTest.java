package io.fedfs.nsdb.store;

import static io.fedfs.nsdb.store.Records.add;
import static io.fedfs.nsdb.store.Records.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest {
    private static final StoreSettings SETTINGS = new StoreSettings(1_000, 1 << 20, 100, 4);

    @TempDir
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private SqliteStore open() {
        return SqliteStore.open(data(), SETTINGS);
    }

    private static void refused(FedFsStatus status, String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOfSatisfying(
                        NsdbException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContaining(message);
    }

    @Test
    void directoryIsMadeForItsOwnerOnly() throws Exception {
        open().close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(new StoreDirectory(data()).database())))
                .isEqualTo("rw-------");
    }

    @Test
    void recordsRevisionAndCountsSurviveReopening() {
        UUID fsn;
        try (SqliteStore store = open()) {
            fsn = add(store);
            done(store.write(Records.fsl(fsn, "/a")));
        }
        try (SqliteStore store = open()) {
            assertThat(store.info()).isEqualTo(new StoreInfo(Schema.FORMAT, 2, 1, 1));
            assertThat(store.fileset(fsn)).hasValueSatisfying(f -> {
                assertThat(f.locations()).hasSize(1);
                assertThat(f.revision()).isEqualTo(2);
                assertThat(f.fsn().revision()).isEqualTo(1);
            });
        }
    }

    @Test
    void writeThatFailsLeavesNothingAndTakesNothingWithIt() {
        try (SqliteStore store = open()) {
            UUID lost = UUID.randomUUID();
            CountDownLatch go = new CountDownLatch(1);
            // The first write holds the committing thread until the others wait, so that they share a commit.
            CompletableFuture<UUID> first = store.write(transaction -> {
                await(go);
                return Records.fsn(UUID.randomUUID()).apply(transaction);
            });
            CompletableFuture<UUID> before = store.write(Records.fsn(UUID.randomUUID()));
            CompletableFuture<UUID> failing = store.write(transaction -> {
                Records.fsn(lost).apply(transaction);
                throw new IllegalStateException("refused");
            });
            CompletableFuture<UUID> after = store.write(Records.fsn(UUID.randomUUID()));
            go.countDown();

            assertThat(List.of(done(first), done(before), done(after)))
                    .allSatisfy(uuid -> assertThat(store.fileset(uuid)).isPresent());
            assertThatThrownBy(failing::join).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(store.fileset(lost)).isEmpty();
            assertThat(store.info()).isEqualTo(new StoreInfo(Schema.FORMAT, 3, 3, 0));
            assertThat(store.changesAfter(0, 100).changes()).hasSize(3);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void failureOfTheDatabaseFailsTheWholeGroupAndTheNextOneWorks() {
        try (SqliteStore store = open()) {
            CountDownLatch go = new CountDownLatch(1);
            UUID lost = UUID.randomUUID();
            CompletableFuture<UUID> first = store.write(transaction -> {
                await(go);
                return Records.fsn(lost).apply(transaction);
            });
            // A location without its FSN: no operation does that, and the database refuses it.
            CompletableFuture<UUID> orphan = store.write(Records.fsl(UUID.randomUUID(), "/a"));
            go.countDown();

            refused(FedFsStatus.IO, "store failed", () -> unwrap(orphan));
            refused(FedFsStatus.IO, "store failed", () -> unwrap(first));
            assertThat(store.fileset(lost)).isEmpty();
            assertThat(store.revision()).isZero();
            add(store);
            assertThat(store.info()).isEqualTo(new StoreInfo(Schema.FORMAT, 1, 1, 0));
        }
    }

    @Test
    void writeThatChangesNothingTakesNoRevision() {
        try (SqliteStore store = open()) {
            assertThat(nothing(store)).isEqualTo(1);
            assertThat(store.revision()).isZero();
        }
    }

    private static long nothing(SqliteStore store) {
        CompletableFuture<Long> write = store.write(WriteTransaction::revision);
        return done(write);
    }

    @Test
    void tooManyWaitingWritesAreRefusedAtOnce() {
        try (SqliteStore store = SqliteStore.open(data(), new StoreSettings(1_000, 1 << 20, 5, 4))) {
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch running = new CountDownLatch(1);
            CompletableFuture<Long> first = store.write(transaction -> {
                running.countDown();
                await(go);
                return transaction.revision();
            });
            await(running);
            List<CompletableFuture<UUID>> waiting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                waiting.add(store.write(Records.fsn(UUID.randomUUID())));
            }
            assertThat(waiting.get(5)).isCompletedExceptionally();
            refused(FedFsStatus.DELAY, "try again", () -> unwrap(waiting.get(5)));
            go.countDown();
            done(first);
            waiting.subList(0, 5).forEach(Records::done);
            assertThat(store.info().fsns()).isEqualTo(5);
        }
    }

    private static void unwrap(CompletableFuture<?> future) {
        try {
            future.join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    @Test
    void writesThatWaitAtTheEndAreCommittedLaterOnesRefused() {
        SqliteStore store = open();
        List<CompletableFuture<UUID>> writes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            writes.add(store.write(Records.fsn(UUID.randomUUID())));
        }
        store.close();
        assertThat(writes).allSatisfy(w -> assertThat(w).isCompleted());
        refused(FedFsStatus.NSDB_DOWN, "stopping", () -> unwrap(store.write(Records.fsn(UUID.randomUUID()))));
        refused(FedFsStatus.NSDB_DOWN, "stopping", () -> store.namespaces("", 1));
        try (SqliteStore again = open()) {
            assertThat(again.info().fsns()).isEqualTo(50);
        }
    }

    @Test
    void commitIsToldAfterItCanBeReadAndBeforeItIsAcknowledged() {
        try (SqliteStore store = open()) {
            List<Long> told = new ArrayList<>();
            store.onCommit(revision -> {
                assertThat(store.revision()).isEqualTo(revision);
                told.add(revision);
                throw new IllegalStateException("a bad listener hurts nobody");
            });
            add(store);
            add(store);
            assertThat(told).containsExactly(1L, 2L);
        }
    }

    @Test
    void historyIsGivenInWholeRevisions() {
        try (SqliteStore store = open()) {
            done(store.write(transaction -> {
                for (int i = 0; i < 5; i++) {
                    Records.fsn(UUID.randomUUID()).apply(transaction);
                }
                return null;
            }));
            add(store);
            add(store);

            History whole = store.changesAfter(0, 2);
            assertThat(whole.changes()).hasSize(5).allMatch(c -> c.revision() == 1);
            assertThat(whole.upTo()).isEqualTo(1);
            History cut = store.changesAfter(0, 6);
            assertThat(cut.changes()).extracting(Change::revision).containsExactly(1L, 1L, 1L, 1L, 1L, 2L);
            assertThat(cut.upTo()).isEqualTo(2);
            assertThat(store.changesAfter(2, 6).upTo()).isEqualTo(3);
            assertThat(store.changesAfter(3, 6).changes()).isEmpty();
        }
    }

    @Test
    void logIsTrimmedToItsBoundAndSaysSo() {
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS.withChangeLog(10))) {
            for (int i = 0; i < 50; i++) {
                add(store);
            }
            assertThat(store.changesAfter(39, 100).complete()).isFalse();
            assertThat(store.changesAfter(40, 100).changes()).hasSize(10);
            assertThat(store.changesAfter(51, 100).complete()).as("the future").isFalse();
        }
        try (SqliteStore store = SqliteStore.open(data(), SETTINGS.withChangeLog(10))) {
            add(store);
            assertThat(store.changesAfter(40, 100).complete()).isFalse();
            assertThat(store.changesAfter(41, 100).complete()).isTrue();
        }
    }

    @Test
    void newerFormatIsRefused() throws SQLException {
        open().close();
        execute("PRAGMA user_version = 3");
        refused(FedFsStatus.NOTSUPP, "format 3", this::open);
        refused(FedFsStatus.NOTSUPP, "format 3", () -> StoreCheck.ofDirectory(data()));
    }

    @Test
    void otherDatabasesAndOtherFilesAreRefused() throws Exception {
        open().close();
        execute("PRAGMA application_id = 7");
        refused(FedFsStatus.INVAL, "not the store of an NSDB", this::open);
        Files.writeString(new StoreDirectory(data()).database(), "this is no database at all, ".repeat(100));
        refused(FedFsStatus.IO, "cannot open the store", this::open);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = Sqlite.openAsItIs(new StoreDirectory(data()).database());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void dataThatIsAFileIsRefused() throws Exception {
        Files.writeString(data(), "x");
        refused(FedFsStatus.INVAL, "not a directory", this::open);
    }

    @Test
    void oddDirectoryNamesAreNames() {
        Path odd = directory.resolve("a b?c=d#e%20f;g");
        try (SqliteStore store = SqliteStore.open(odd, SETTINGS)) {
            add(store);
        }
        assertThat(new StoreDirectory(odd).database()).exists();
        assertThat(StoreCheck.ofDirectory(odd).fsns()).isEqualTo(1);
    }

    /** What a power loss leaves: the log ends in the middle of a transaction, or in bytes that were never written. */
    @Test
    void tornTailOfTheLogIsDroppedAndTheRestKept() throws Exception {
        Path torn = directory.resolve("torn");
        Path garbled = directory.resolve("garbled");
        UUID early;
        UUID late;
        try (SqliteStore store = open()) {
            early = add(store);
            long whole = Files.size(log(data()));
            late = add(store);
            Files.createDirectories(torn);
            Files.createDirectories(garbled);
            for (Path copy : List.of(torn, garbled)) {
                Files.copy(new StoreDirectory(data()).database(), new StoreDirectory(copy).database());
                Files.copy(log(data()), log(copy));
            }
            try (FileChannel channel = FileChannel.open(log(torn), StandardOpenOption.WRITE)) {
                channel.truncate(whole + 100);
            }
            try (FileChannel channel = FileChannel.open(log(garbled), StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap("garbage ".repeat(64).getBytes(StandardCharsets.US_ASCII)), whole + 64);
            }
        }
        for (Path copy : List.of(torn, garbled)) {
            try (SqliteStore store = SqliteStore.open(copy, SETTINGS)) {
                assertThat(store.fileset(early)).isPresent();
                assertThat(store.fileset(late)).isEmpty();
                assertThat(store.info()).isEqualTo(new StoreInfo(Schema.FORMAT, 1, 1, 0));
                add(store);
            }
            assertThat(StoreCheck.ofDirectory(copy).problems()).isEmpty();
        }
    }

    private static Path log(Path data) {
        return data.resolve("nsdb.sqlite-wal");
    }

    @Test
    void aStoreOfTheFirstFormatIsBroughtUpToDateAndKeepsWhatItHas() throws Exception {
        Path data = directory.resolve("old");
        UUID uuid = UUID.randomUUID();
        try (SqliteStore store = SqliteStore.open(data, StoreSettings.defaults())) {
            done(store.write(Records.fsn(uuid)));
        }
        try (Connection old =
                        java.sql.DriverManager.getConnection("jdbc:sqlite:" + new StoreDirectory(data).database());
                Statement statement = old.createStatement()) {
            statement.execute("DROP TABLE reference");
            statement.execute("PRAGMA user_version = 1");
        }
        assertThat(StoreCheck.ofDirectory(data).problems()).isEmpty();
        try (SqliteStore store = SqliteStore.open(data, StoreSettings.defaults())) {
            assertThat(store.fileset(uuid)).isPresent();
            assertThat(store.references(ReferenceFilter.ALL, Optional.empty(), 10))
                    .isEmpty();
        }
        assertThat(StoreCheck.ofDirectory(data).format()).isEqualTo(2);
    }
}

package io.fedfs.nsdb.store;

import static io.fedfs.nsdb.store.Records.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committing thread on a disk that is full or gone for a while. */
class GroupCommitTest {
    @TempDir
    Path directory;

    private final AtomicBoolean full = new AtomicBoolean();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final List<Long> committed = new ArrayList<>();
    private final List<StoreInfo> reopened = new ArrayList<>();
    private GroupCommit commits;

    @BeforeEach
    void open() throws SQLException {
        SqliteStore.open(directory, new StoreSettings(1_000, 1 << 20, 100, 1)).close();
        commits = new GroupCommit(session(), this::session, 100, new GroupCommit.Observer() {
            @Override
            public void committed(long revision, List<SqliteTransaction> writes) {
                committed.add(revision);
            }

            @Override
            public void reopened(StoreInfo info) {
                reopened.add(info);
            }
        });
    }

    @AfterEach
    void close() {
        commits.close();
    }

    private WriterSession session() throws SQLException {
        if (gone.get()) {
            throw new SQLException("the disk is gone");
        }
        Connection connection = Sqlite.openForWriting(new StoreDirectory(directory).database());
        if (full.get()) {
            // SQLite then answers as it does when the disk has no room: by SQLITE_FULL.
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA max_page_count = 1");
            }
        }
        return new WriterSession(connection, 1_000);
    }

    private CompletableFuture<UUID> add() {
        return commits.submit(Records.fsn(UUID.randomUUID()));
    }

    private static FedFsStatus refusal(CompletableFuture<?> write) {
        Throwable failure = catchThrowable(() -> write.get(60, TimeUnit.SECONDS));
        assertThat(failure).hasCauseInstanceOf(NsdbException.class);
        return ((NsdbException) failure.getCause()).status();
    }

    /** Makes the next commits run in a new session. */
    private void failOnce() {
        assertThat(refusal(commits.submit(Records.fsl(UUID.randomUUID(), "/of no FSN"))))
                .isEqualTo(FedFsStatus.IO);
    }

    @Test
    void everyWriteIsAnsweredWhileTheDiskIsFullAndWorksWhenItHasRoomAgain() {
        done(add());
        full.set(true);
        failOnce();
        List<CompletableFuture<UUID>> refused = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            refused.add(commits.submit(transaction -> {
                UUID last = null;
                for (int n = 0; n < 100; n++) {
                    last = Records.fsn(UUID.randomUUID()).apply(transaction);
                }
                return last;
            }));
        }
        assertThat(refused).allSatisfy(write -> assertThat(refusal(write)).isEqualTo(FedFsStatus.NOSPC));

        full.set(false);
        failOnce();
        done(add());
        assertThat(committed).containsExactly(1L, 2L);
        assertThat(reopened).isNotEmpty().allSatisfy(info -> assertThat(info)
                .isEqualTo(new StoreInfo(Schema.FORMAT, 1, 1, 0)));
    }

    @Test
    void everyWriteIsAnsweredWhileTheDatabaseCannotBeOpened() {
        gone.set(true);
        failOnce();
        for (int i = 0; i < 5; i++) {
            assertThat(refusal(add())).isEqualTo(FedFsStatus.IO);
        }
        gone.set(false);
        done(add());
        assertThat(committed).containsExactly(1L);
    }
}

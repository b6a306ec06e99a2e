package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. A durable commit costs a sync of the disk, so all writes that wait when the last commit is done
 * share the next one; each stands on a savepoint of its own, so one that is refused takes nothing with it. A failure of the
 * database itself fails the whole group: none of it was acknowledged, none of it is there.
 *
 * <p>After the commit, and before any write of the group is acknowledged, the {@link Published} hook runs: there the store
 * drops what it had cached.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    /** The sync is shared by so many writes; more would only make the first ones wait for the last. */
    private static final int GROUP_WRITES = 256;

    private static final int GROUP_CHANGES = 1_000;
    private static final long CLOSE_SECONDS = 30;

    /** Told of each committed group, oldest write first, before it is acknowledged. */
    interface Published {
        void committed(long revision, List<SqliteTransaction> writes);
    }

    private final Connection connection;
    private final Statements statements;
    private final RecordQueries queries;
    private final Published published;
    private final int changeLog;
    private final BlockingQueue<Pending<?>> waiting;
    private final Thread thread;
    /** Behind the last write that is taken. */
    private final Pending<?> end = new Pending<>(transaction -> null);
    /** Guards the queue against writes that arrive after its end. */
    private final Object door = new Object();

    private boolean closed;
    /** Only the committing thread's, as all below. */
    private long revision;

    private long logged;

    GroupCommit(Connection connection, StoreSettings settings, Published published) throws SQLException {
        this.connection = connection;
        this.statements = new Statements(connection);
        this.queries = new RecordQueries(statements);
        this.published = published;
        this.changeLog = settings.changeLog();
        this.waiting = new ArrayBlockingQueue<>(settings.waitingWrites());
        this.revision = number("SELECT revision FROM meta");
        this.logged = number("SELECT count(*) FROM change");
        this.thread = new Thread(this::run, "nsdb-commit");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** See {@link NsdbStore#write}. */
    <T> CompletableFuture<T> submit(Write<T> write) {
        Pending<T> pending = new Pending<>(write);
        synchronized (door) {
            if (closed) {
                pending.future.completeExceptionally(new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping"));
            } else if (!waiting.offer(pending)) {
                pending.future.completeExceptionally(
                        new NsdbException(FedFsStatus.DELAY, "too many writes wait on the NSDB: try again"));
            }
        }
        return pending.future;
    }

    private void run() {
        while (true) {
            try {
                Pending<?> first = waiting.take();
                if (first == end) {
                    return;
                }
                commit(first);
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread; ending on it would leave writers waiting for ever.
                log.warn("the committing thread was interrupted", e);
            }
        }
    }

    /** Commits a write together with those that wait behind it. */
    private void commit(Pending<?> first) {
        List<Pending<?>> group = new ArrayList<>();
        List<SqliteTransaction> done = new ArrayList<>();
        long before = revision;
        long loggedBefore = logged;
        try {
            statements.update("BEGIN IMMEDIATE");
            int changes = 0;
            for (Pending<?> next = first; next != null; next = follower(group.size(), changes)) {
                group.add(next);
                SqliteTransaction transaction = next.runIn(this);
                if (transaction != null) {
                    done.add(transaction);
                    changes += transaction.changes().size();
                }
            }
            if (revision != before) {
                statements.update("UPDATE meta SET revision = ?", revision);
                trimLog();
            }
            statements.update("COMMIT");
        } catch (SQLException | RuntimeException | Error e) {
            // Errors too: were this thread to end, every later write would wait for ever.
            revision = before;
            logged = loggedBefore;
            rollBack();
            NsdbException failure = failure(e);
            group.forEach(p -> p.fail(failure));
            return;
        }
        published.committed(revision, done);
        group.forEach(Pending::acknowledge);
    }

    /** The next write of this group; null when none waits or the group is large enough. */
    private Pending<?> follower(int writes, int changes) {
        if (writes >= GROUP_WRITES || changes >= GROUP_CHANGES || waiting.peek() == end) {
            return null;
        }
        return waiting.poll();
    }

    /** Runs one write on its savepoint; null when it was refused or changed nothing. */
    private <T> SqliteTransaction run(Pending<T> pending) throws SQLException {
        SqliteTransaction transaction = new SqliteTransaction(statements, queries, revision + 1);
        statements.update("SAVEPOINT w");
        try {
            pending.result = pending.write.apply(transaction);
            logged += transaction.log();
        } catch (SqlFailure e) {
            throw e.sql();
        } catch (RuntimeException e) {
            statements.update("ROLLBACK TO w");
            statements.update("RELEASE w");
            pending.failure = e;
            return null;
        }
        statements.update("RELEASE w");
        if (transaction.changedNothing()) {
            return null;
        }
        revision++;
        return transaction;
    }

    /** Cuts the log to its bound, a hundredth at a time, so that not every commit pays for it. */
    private void trimLog() throws SQLException {
        if (logged <= changeLog + changeLog / 100) {
            return;
        }
        long floor;
        try (ResultSet row = statements
                .of("SELECT revision FROM change ORDER BY revision DESC LIMIT 1 OFFSET ?", changeLog)
                .executeQuery()) {
            floor = row.getLong(1);
        }
        logged -= statements.update("DELETE FROM change WHERE revision <= ?", floor);
        statements.update("UPDATE meta SET log_floor = ?", floor);
    }

    private static NsdbException failure(Throwable e) {
        if (e instanceof SQLException sql) {
            return Sqlite.failure("a commit", sql);
        }
        log.error("a commit failed", e);
        return new NsdbException(FedFsStatus.SVRFAULT, "the NSDB failed", e);
    }

    private void rollBack() {
        try {
            statements.update("ROLLBACK");
        } catch (SQLException e) {
            // Some failures (disk full) have rolled back already; then there is no transaction, and that is what is
            // wanted.
            log.debug("rollback after a failed commit", e);
        }
    }

    private long number(String query) throws SQLException {
        try (ResultSet row = statements.of(query).executeQuery()) {
            return row.getLong(1);
        }
    }

    /** Takes no more writes, commits those that wait, closes the connection. */
    @Override
    public void close() {
        try {
            synchronized (door) {
                if (!closed) {
                    closed = true;
                    // Blocks while the queue is full; the committing thread makes room without needing the door.
                    waiting.put(end);
                }
            }
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            // The connection is the thread's: it is left to the end of the process rather than torn from under it.
            log.error("writes are still being committed after {} s", CLOSE_SECONDS);
            return;
        }
        Sqlite.closeQuietly(connection);
    }

    /** One write, its result, and who waits for it. */
    private static final class Pending<T> {
        private final Write<T> write;
        private final CompletableFuture<T> future = new CompletableFuture<>();
        private T result;
        private RuntimeException failure;

        Pending(Write<T> write) {
            this.write = write;
        }

        SqliteTransaction runIn(GroupCommit commit) throws SQLException {
            return commit.run(this);
        }

        void acknowledge() {
            if (failure == null) {
                future.complete(result);
            } else {
                future.completeExceptionally(failure);
            }
        }

        /** The group failed. Refusals in it count no more: they may rest on writes that are not there. */
        void fail(RuntimeException groupFailure) {
            future.completeExceptionally(groupFailure);
        }
    }
}

package io.fedfs.nsdb.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The writing connection and the transaction open on it. For the committing thread only. After any failure it is closed and
 * another is opened: what SQLite rolled back by itself and which statements the driver gave up differs from failure to
 * failure, and a new connection depends on none of it.
 */
final class WriterSession implements AutoCloseable {
    private final Connection connection;
    private final Statements statements;
    private final RecordQueries queries;
    private final int changeLog;
    private final StoreInfo opened;
    private long revision;
    private long committed;
    private long logged;

    /** Takes the connection over; it is closed when this fails. */
    WriterSession(Connection connection, int changeLog) throws SQLException {
        this.connection = connection;
        this.statements = new Statements(connection);
        this.queries = new RecordQueries(statements);
        this.changeLog = changeLog;
        try {
            this.revision = number("SELECT revision FROM meta");
            this.committed = revision;
            this.logged = number("SELECT count(*) FROM change");
            this.opened = new StoreInfo(
                    Schema.FORMAT, revision, number("SELECT count(*) FROM fsn"), number("SELECT count(*) FROM fsl"));
        } catch (SQLException e) {
            Sqlite.closeQuietly(connection);
            throw e;
        }
    }

    /** The store as it was when this session began. */
    StoreInfo opened() {
        return opened;
    }

    /** The revision of the last write kept. */
    long revision() {
        return revision;
    }

    void begin() throws SQLException {
        statements.update("BEGIN IMMEDIATE");
    }

    /** A write of its own inside the open transaction, to be kept or undone. */
    SqliteTransaction write() throws SQLException {
        statements.update("SAVEPOINT w");
        return new SqliteTransaction(statements, queries, revision + 1);
    }

    void keep(SqliteTransaction write) throws SQLException {
        logged += write.log();
        statements.update("RELEASE w");
        if (!write.changedNothing()) {
            revision++;
        }
    }

    void undo() throws SQLException {
        statements.update("ROLLBACK TO w");
        statements.update("RELEASE w");
    }

    /** Makes everything kept durable. */
    void commit() throws SQLException {
        if (revision != committed) {
            statements.update("UPDATE meta SET revision = ?", revision);
            trimLog();
        }
        statements.update("COMMIT");
        committed = revision;
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

    private long number(String query) throws SQLException {
        try (ResultSet row = statements.of(query).executeQuery()) {
            return row.getLong(1);
        }
    }

    /** What was not committed is not there. */
    @Override
    public void close() {
        Sqlite.closeQuietly(connection);
    }
}

package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Connections to the database file, and what its failures mean. */
final class Sqlite {
    private static final Logger log = LoggerFactory.getLogger(Sqlite.class);
    private static final int BUSY_MS = 5_000;
    /** Bounds the log file after a burst of large transactions. */
    private static final int LOG_FILE_BYTES = 64 << 20;

    /** Random UUIDs touch pages all over the tables: with too few in memory every write would read from disk first. */
    private static final int WRITER_CACHE_KIB = 16 * 1024;
    /** How many pages the log takes before they go into the database: a page that is written again meanwhile goes once. */
    private static final int LOG_PAGES = 4_000;

    private Sqlite() {}

    /** The one connection that writes: write-ahead log, every commit synced before it returns. */
    static Connection openForWriting(Path database) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setJournalSizeLimit(LOG_FILE_BYTES);
        config.setCacheSize(-WRITER_CACHE_KIB);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_MS);
        Connection connection = JDBC.createConnection(url(database), config.toProperties());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = " + LOG_PAGES);
        }
        return connection;
    }

    /**
     * A connection that only reads; without autocommit, so that what is read until the next commit is one snapshot. It is
     * opened writable (a log left by a killed process may have to be recovered) and then bound not to write.
     */
    static Connection openForReading(Path database) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MS);
        Connection connection = JDBC.createConnection(url(database), config.toProperties());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
        }
        connection.setAutoCommit(false);
        return connection;
    }

    /** A connection that leaves the database's mode as it finds it: for copies, and for files that are not our store. */
    static Connection openAsItIs(Path database) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MS);
        return JDBC.createConnection(url(database), config.toProperties());
    }

    /** As a URI, because a question mark in a plain name would begin the driver's options. */
    private static String url(Path database) {
        return JDBC.PREFIX + "file:" + database.toAbsolutePath().toUri().getRawPath();
    }

    /** What the client hears of a database failure; the details go to the log, not over the wire. */
    static NsdbException failure(String doing, SQLException e) {
        SQLiteErrorCode code = e instanceof SQLiteException s ? s.getResultCode() : SQLiteErrorCode.SQLITE_ERROR;
        log.error("{} failed", doing, e);
        return switch (code) {
            case SQLITE_FULL -> new NsdbException(FedFsStatus.NOSPC, "no space left on the NSDB's disk", e);
            case SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED ->
                new NsdbException(FedFsStatus.DELAY, "the NSDB's store is busy", e);
            default -> new NsdbException(FedFsStatus.IO, "the NSDB's store failed", e);
        };
    }

    /** Closes what the caller gives up anyway; a failure is logged, because nothing more can be done. */
    static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            log.warn("closing {} failed", resource.getClass().getSimpleName(), e);
        }
    }
}

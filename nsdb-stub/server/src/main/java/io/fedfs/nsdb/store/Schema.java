package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The store's format. Its number stands in the database's user_version; the application id tells an NSDB from any other
 * SQLite database.
 *
 * <p>Tables are readable with the sqlite3 command on purpose. Annotations, options, descriptions and NFS attributes are JSON,
 * NULL when there are none. {@code fsn.fileset_revision} also moves when a location changes or goes.
 * {@code meta.log_floor} is the oldest revision after which the change log is whole. A reference may point to an FSN that is gone.
 * Format 2 added references; an older store gets them when it is opened for writing.
 */
final class Schema {
    static final int FORMAT = 2;
    /** "FdNs". */
    private static final int APPLICATION_ID = 0x46644e73;

    private static final List<String> REFERENCES = List.of(
            """
            CREATE TABLE reference (
              to_uuid TEXT NOT NULL, from_uuid TEXT NOT NULL, path TEXT NOT NULL,
              from_fsn TEXT NOT NULL, revision INTEGER NOT NULL, created_ms INTEGER NOT NULL,
              PRIMARY KEY (to_uuid, from_uuid, path)) STRICT, WITHOUT ROWID""",
            "CREATE INDEX reference_from ON reference (from_uuid)");

    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE meta (
              id INTEGER PRIMARY KEY CHECK (id = 1),
              revision INTEGER NOT NULL,
              log_floor INTEGER NOT NULL) STRICT""",
            "INSERT INTO meta VALUES (1, 0, 0)",
            """
            CREATE TABLE fsn (
              uuid TEXT PRIMARY KEY,
              ttl INTEGER NOT NULL,
              valid INTEGER NOT NULL, reason TEXT NOT NULL, since_ms INTEGER NOT NULL,
              annotations TEXT, descriptions TEXT,
              revision INTEGER NOT NULL, created_ms INTEGER NOT NULL,
              fileset_revision INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
            """
            CREATE TABLE fsl (
              fsn_uuid TEXT NOT NULL REFERENCES fsn (uuid), uuid TEXT NOT NULL,
              type TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
              export_path TEXT NOT NULL, path_inside TEXT NOT NULL, volume TEXT NOT NULL, options TEXT,
              writable INTEGER NOT NULL, draining INTEGER NOT NULL, currency INTEGER NOT NULL,
              read_rank INTEGER NOT NULL, read_order INTEGER NOT NULL,
              write_rank INTEGER NOT NULL, write_order INTEGER NOT NULL,
              nfs TEXT,
              valid INTEGER NOT NULL, reason TEXT NOT NULL, since_ms INTEGER NOT NULL,
              annotations TEXT, descriptions TEXT,
              revision INTEGER NOT NULL, created_ms INTEGER NOT NULL,
              PRIMARY KEY (fsn_uuid, uuid)) STRICT, WITHOUT ROWID""",
            "CREATE INDEX fsl_host ON fsl (host)",
            "CREATE INDEX fsl_path ON fsl (export_path)",
            """
            CREATE TABLE namespace (
              name TEXT PRIMARY KEY,
              root_fsn TEXT NOT NULL, description TEXT NOT NULL, annotations TEXT,
              revision INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
            """
            CREATE TABLE change (
              revision INTEGER NOT NULL, record TEXT NOT NULL, kind INTEGER NOT NULL,
              PRIMARY KEY (revision, record)) STRICT, WITHOUT ROWID""");

    private Schema() {}

    /** Makes the tables in a new database, or checks that an old one is of a format this version knows. */
    static void createOrVerify(Connection connection, StoreDirectory directory) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (number(statement, "PRAGMA application_id") == 0
                    && number(statement, "PRAGMA user_version") == 0
                    && number(statement, "SELECT count(*) FROM sqlite_schema") == 0) {
                statement.execute("BEGIN IMMEDIATE");
                for (String table : TABLES) {
                    statement.execute(table);
                }
                for (String table : REFERENCES) {
                    statement.execute(table);
                }
                statement.execute("PRAGMA application_id = " + APPLICATION_ID);
                statement.execute("PRAGMA user_version = " + FORMAT);
                statement.execute("COMMIT");
                StoreDirectory.sync(directory.path());
                return;
            }
        } catch (IOException e) {
            throw new NsdbException(
                    FedFsStatus.IO, "cannot sync " + directory.path() + ": " + StoreDirectory.reason(e), e);
        }
        verify(connection, directory.database());
        upgrade(connection);
    }

    /** Brings a store of an older format to this one, whole or not at all. */
    static void upgrade(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (number(statement, "PRAGMA user_version") == FORMAT) {
                return;
            }
            statement.execute("BEGIN IMMEDIATE");
            for (String table : REFERENCES) {
                statement.execute(table);
            }
            statement.execute("PRAGMA user_version = " + FORMAT);
            statement.execute("COMMIT");
        }
    }

    /**
     * Checks that a database is an NSDB's and of a format this version knows.
     *
     * @throws NsdbException INVAL for another kind of database, NOTSUPP for a newer format
     */
    static void verify(Connection connection, Path database) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (number(statement, "PRAGMA application_id") != APPLICATION_ID) {
                throw new NsdbException(FedFsStatus.INVAL, database + " is not the store of an NSDB");
            }
            long format = number(statement, "PRAGMA user_version");
            if (format < 1 || format > FORMAT) {
                throw new NsdbException(
                        FedFsStatus.NOTSUPP,
                        database + " has the format " + format + ", this fedfs-nsdb knows formats up to " + FORMAT
                                + ": use a newer version");
            }
        }
    }

    static long number(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.getLong(1);
        }
    }
}

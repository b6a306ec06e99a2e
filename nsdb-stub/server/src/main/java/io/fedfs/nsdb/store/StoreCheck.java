package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks a store over: the database's own integrity, the format, and the rules that hold between records.
 *
 * @param format of the store
 * @param revision of its last write
 * @param invalidFsns how many of the FSNs are invalidated
 * @param changesAfter revision after which its change log is whole
 * @param problems what is wrong, one sentence each; empty: the store is sound
 */
public record StoreCheck(
        long format,
        long revision,
        long fsns,
        long invalidFsns,
        long fsls,
        long namespaces,
        long changesAfter,
        List<String> problems) {

    private static final int MOST_PROBLEMS = 100;

    private record Rule(String query, String broken) {}

    private static final List<Rule> RULES = List.of(
            new Rule(
                    "SELECT fsn_uuid || '/' || uuid FROM fsl WHERE fsn_uuid NOT IN (SELECT uuid FROM fsn)",
                    "a location belongs to no FSN"),
            new Rule("SELECT uuid FROM fsn WHERE " + notUuid("uuid"), "an FSN's key is not a UUID"),
            new Rule(
                    "SELECT fsn_uuid || '/' || uuid FROM fsl WHERE " + notUuid("uuid"),
                    "a location's key is not a UUID"),
            new Rule(
                    "SELECT uuid FROM fsn, meta WHERE max(fsn.revision, fileset_revision) > meta.revision"
                            + " OR fsn.revision < 1 OR fileset_revision < fsn.revision",
                    "an FSN's revision is not of this store's past"),
            new Rule(
                    "SELECT fsl.fsn_uuid || '/' || fsl.uuid FROM fsl JOIN fsn ON fsn.uuid = fsl.fsn_uuid"
                            + " WHERE fsl.revision > fileset_revision OR fsl.revision < 1",
                    "a location's revision is above its fileset's"),
            new Rule(
                    "SELECT name FROM namespace, meta WHERE namespace.revision > meta.revision",
                    "a namespace's revision is above the store's"),
            new Rule(
                    "SELECT change.revision FROM change, meta WHERE change.revision > meta.revision",
                    "a logged change is above the store's revision"));

    public StoreCheck {
        problems = List.copyOf(problems);
    }

    /** Checks the store of a directory; it may be in use. */
    public static StoreCheck ofDirectory(Path path) {
        StoreDirectory directory = new StoreDirectory(path);
        directory.requireStore();
        return ofFile(directory.database());
    }

    /**
     * Checks a database file.
     *
     * @throws NsdbException when it is not an NSDB's, of a newer format, or too damaged to be read at all
     */
    public static StoreCheck ofFile(Path database) {
        try (Connection connection = Sqlite.openForReading(database);
                Statement statement = connection.createStatement()) {
            Schema.verify(connection, database);
            List<String> problems = new ArrayList<>();
            collect(statement, "PRAGMA integrity_check(" + MOST_PROBLEMS + ")", "", problems);
            problems.removeIf("ok"::equals);
            if (problems.isEmpty()) {
                for (Rule rule : RULES) {
                    collect(statement, rule.query + " LIMIT " + MOST_PROBLEMS, rule.broken + ": ", problems);
                }
            }
            return new StoreCheck(
                    Schema.number(statement, "PRAGMA user_version"),
                    Schema.number(statement, "SELECT revision FROM meta"),
                    Schema.number(statement, "SELECT count(*) FROM fsn"),
                    Schema.number(statement, "SELECT count(*) FROM fsn WHERE NOT valid"),
                    Schema.number(statement, "SELECT count(*) FROM fsl"),
                    Schema.number(statement, "SELECT count(*) FROM namespace"),
                    Schema.number(statement, "SELECT log_floor FROM meta"),
                    problems);
        } catch (SQLException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot read " + database + ": " + e.getMessage(), e);
        }
    }

    private static void collect(Statement statement, String query, String prefix, List<String> problems)
            throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next() && problems.size() < MOST_PROBLEMS) {
                problems.add(prefix + rows.getString(1));
            }
        }
    }

    private static String notUuid(String column) {
        return "length(" + column + ") <> 36 OR " + column + " GLOB '*[^0-9a-f-]*'";
    }
}

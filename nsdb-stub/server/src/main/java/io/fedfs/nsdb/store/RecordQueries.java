package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import io.fedfs.protocol.Fsn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Reads records on one connection: a reader's snapshot, or the writer's open transaction. */
final class RecordQueries {
    private final Statements statements;

    RecordQueries(Statements statements) {
        this.statements = statements;
    }

    Optional<FsnRecord> fsn(UUID uuid) throws SQLException {
        return first(statements.of("SELECT * FROM fsn WHERE uuid = ?", uuid.toString()), RecordQueries::fsnRow);
    }

    Optional<Fileset> fileset(UUID uuid) throws SQLException {
        Optional<FilesetHead> head =
                first(statements.of("SELECT * FROM fsn WHERE uuid = ?", uuid.toString()), RecordQueries::headRow);
        return head.isEmpty() ? Optional.empty() : Optional.of(whole(head.get()));
    }

    List<Fileset> filesets(FsnFilter filter, Optional<UUID> after, int limit) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT * FROM fsn WHERE uuid > ?");
        List<Object> parameters = new ArrayList<>();
        parameters.add(after.map(UUID::toString).orElse(""));
        if (filter.valid().isPresent()) {
            sql.append(" AND valid = ?");
            parameters.add(filter.valid().get());
        }
        if (!filter.annotationKey().isEmpty()) {
            sql.append(" AND EXISTS (SELECT 1 FROM json_each(fsn.annotations) a WHERE a.key = ?");
            parameters.add(filter.annotationKey());
            if (!filter.annotationValue().isEmpty()) {
                sql.append(" AND a.value = ?");
                parameters.add(filter.annotationValue());
            }
            sql.append(')');
        }
        sql.append(" ORDER BY uuid LIMIT ?");
        parameters.add(limit);
        List<Fileset> page = new ArrayList<>();
        for (FilesetHead head : all(statements.of(sql.toString(), parameters.toArray()), RecordQueries::headRow)) {
            page.add(whole(head));
        }
        return page;
    }

    List<FslRecord> fsls(UUID fsn) throws SQLException {
        return all(
                statements.of("SELECT * FROM fsl WHERE fsn_uuid = ? ORDER BY uuid", fsn.toString()),
                RecordQueries::fslRow);
    }

    Optional<FslRecord> fsl(FslKey key) throws SQLException {
        return first(
                statements.of(
                        "SELECT * FROM fsl WHERE fsn_uuid = ? AND uuid = ?",
                        key.fsn().toString(),
                        key.fsl().toString()),
                RecordQueries::fslRow);
    }

    List<FslRecord> locations(FslFilter filter, Optional<FslKey> after, int limit) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT * FROM fsl WHERE (fsn_uuid, uuid) > (?, ?)");
        List<Object> parameters = new ArrayList<>();
        parameters.add(after.map(k -> k.fsn().toString()).orElse(""));
        parameters.add(after.map(k -> k.fsl().toString()).orElse(""));
        if (!filter.host().isEmpty()) {
            sql.append(" AND host = ?");
            parameters.add(filter.host());
        }
        if (!filter.exportPath().isEmpty()) {
            sql.append(" AND export_path = ?");
            parameters.add(filter.exportPath());
        }
        sql.append(" ORDER BY fsn_uuid, uuid LIMIT ?");
        parameters.add(limit);
        return all(statements.of(sql.toString(), parameters.toArray()), RecordQueries::fslRow);
    }

    Optional<NamespaceRecord> namespace(String name) throws SQLException {
        return first(statements.of("SELECT * FROM namespace WHERE name = ?", name), RecordQueries::namespaceRow);
    }

    List<NamespaceRecord> namespaces(String after, int limit) throws SQLException {
        return all(
                statements.of("SELECT * FROM namespace WHERE name > ? ORDER BY name LIMIT ?", after, limit),
                RecordQueries::namespaceRow);
    }

    /** See {@link NsdbStore#changesAfter}; one snapshot gives the log's bounds and its rows. */
    History changesAfter(long revision, int limit) throws SQLException {
        long newest;
        try (ResultSet meta =
                statements.of("SELECT revision, log_floor FROM meta").executeQuery()) {
            newest = meta.getLong(1);
            if (revision < meta.getLong(2) || revision > newest) {
                return new History(false, newest, List.of());
            }
        }
        List<Change> changes = all(
                statements.of(
                        "SELECT revision, record, kind FROM change WHERE revision > ? ORDER BY revision, record LIMIT ?",
                        revision,
                        limit + 1),
                RecordQueries::changeRow);
        if (changes.size() <= limit) {
            return new History(true, newest, changes);
        }
        // The page ends inside a revision or at its end: it is cut back to whole ones, or, when it is all of one
        // revision,
        // that revision is taken whole.
        long cut = changes.get(limit).revision();
        List<Change> whole = changes.stream().filter(c -> c.revision() < cut).toList();
        if (!whole.isEmpty()) {
            return new History(true, cut - 1, whole);
        }
        List<Change> one = all(
                statements.of("SELECT revision, record, kind FROM change WHERE revision = ? ORDER BY record", cut),
                RecordQueries::changeRow);
        return new History(true, cut, one);
    }

    private Fileset whole(FilesetHead head) throws SQLException {
        return new Fileset(head.fsn(), fsls(head.fsn().uuid()), head.filesetRevision());
    }

    private record FilesetHead(FsnRecord fsn, long filesetRevision) {}

    private static FilesetHead headRow(ResultSet row) throws SQLException {
        return new FilesetHead(fsnRow(row), row.getLong("fileset_revision"));
    }

    private static FsnRecord fsnRow(ResultSet row) throws SQLException {
        return new FsnRecord(
                UUID.fromString(row.getString("uuid")),
                row.getLong("ttl"),
                state(row),
                JsonColumn.map(row.getString("annotations")),
                JsonColumn.list(row.getString("descriptions")),
                row.getLong("revision"),
                row.getLong("created_ms"));
    }

    private static FslRecord fslRow(ResultSet row) throws SQLException {
        return new FslRecord(
                new FslKey(UUID.fromString(row.getString("fsn_uuid")), UUID.fromString(row.getString("uuid"))),
                new Place(
                        row.getString("type"),
                        row.getString("host"),
                        row.getInt("port"),
                        row.getString("export_path"),
                        row.getString("path_inside"),
                        row.getString("volume"),
                        JsonColumn.map(row.getString("options"))),
                new Preference(
                        row.getBoolean("writable"),
                        row.getBoolean("draining"),
                        row.getInt("currency"),
                        row.getInt("read_rank"),
                        row.getInt("read_order"),
                        row.getInt("write_rank"),
                        row.getInt("write_order")),
                nfs(row),
                state(row),
                JsonColumn.map(row.getString("annotations")),
                JsonColumn.list(row.getString("descriptions")),
                row.getLong("revision"),
                row.getLong("created_ms"));
    }

    private static NfsAttributes nfs(ResultSet row) throws SQLException {
        return JsonColumn.nfs(row.getString("nfs"));
    }

    private static RecordState state(ResultSet row) throws SQLException {
        boolean valid = row.getBoolean("valid");
        String reason = row.getString("reason");
        long sinceMs = row.getLong("since_ms");
        return valid && sinceMs == 0 && reason.isEmpty() ? RecordState.NEW : new RecordState(valid, reason, sinceMs);
    }

    private static NamespaceRecord namespaceRow(ResultSet row) throws SQLException {
        return new NamespaceRecord(
                row.getString("name"),
                Fsn.parse(row.getString("root_fsn")),
                row.getString("description"),
                JsonColumn.map(row.getString("annotations")),
                row.getLong("revision"),
                row.getLong("created_ms"));
    }

    private static Change changeRow(ResultSet row) throws SQLException {
        return new Change(Change.Kind.of(row.getInt("kind")), row.getString("record"), row.getLong("revision"));
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> Optional<T> first(PreparedStatement statement, Row<T> as) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(as.read(rows)) : Optional.empty();
        }
    }

    private static <T> List<T> all(PreparedStatement statement, Row<T> as) throws SQLException {
        List<T> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(as.read(rows));
            }
        }
        return found;
    }
}

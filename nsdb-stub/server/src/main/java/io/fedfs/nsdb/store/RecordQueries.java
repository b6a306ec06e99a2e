package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
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
    /** Columns are read by position, in the order of these lists: by name each read would look the name up again. */
    private static final String FSN = "SELECT uuid, ttl, valid, reason, since_ms, annotations, descriptions, revision,"
            + " created_ms, fileset_revision FROM fsn";

    private static final String FSL =
            "SELECT fsn_uuid, uuid, type, host, port, export_path, path_inside, volume, options,"
                    + " writable, draining, currency, read_rank, read_order, write_rank, write_order, nfs,"
                    + " valid, reason, since_ms, annotations, descriptions, revision, created_ms FROM fsl";

    private static final String NAMESPACE =
            "SELECT name, root_fsn, description, annotations, revision, created_ms FROM namespace";

    private static final String REFERENCE =
            "SELECT to_uuid, from_uuid, path, from_fsn, revision, created_ms FROM reference";

    private static final String CHANGE = "SELECT kind, record, revision FROM change";

    private final Statements statements;

    RecordQueries(Statements statements) {
        this.statements = statements;
    }

    Optional<FsnRecord> fsn(UUID uuid) throws SQLException {
        return first(statements.of(FSN + " WHERE uuid = ?", uuid.toString()), RecordQueries::fsnRow);
    }

    Optional<Fileset> fileset(UUID uuid) throws SQLException {
        Optional<FilesetHead> head =
                first(statements.of(FSN + " WHERE uuid = ?", uuid.toString()), RecordQueries::headRow);
        return head.isEmpty() ? Optional.empty() : Optional.of(whole(head.get()));
    }

    List<Fileset> filesets(FsnFilter filter, Optional<UUID> after, int limit) throws SQLException {
        StringBuilder sql = new StringBuilder(FSN + " WHERE uuid > ?");
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
        return all(statements.of(FSL + " WHERE fsn_uuid = ? ORDER BY uuid", fsn.toString()), RecordQueries::fslRow);
    }

    Optional<FslRecord> fsl(FslKey key) throws SQLException {
        return first(
                statements.of(
                        FSL + " WHERE fsn_uuid = ? AND uuid = ?",
                        key.fsn().toString(),
                        key.fsl().toString()),
                RecordQueries::fslRow);
    }

    List<FslRecord> locations(FslFilter filter, Optional<FslKey> after, int limit) throws SQLException {
        StringBuilder sql = new StringBuilder(FSL + " WHERE (fsn_uuid, uuid) > (?, ?)");
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
        return first(statements.of(NAMESPACE + " WHERE name = ?", name), RecordQueries::namespaceRow);
    }

    List<NamespaceRecord> namespaces(String after, int limit) throws SQLException {
        return all(
                statements.of(NAMESPACE + " WHERE name > ? ORDER BY name LIMIT ?", after, limit),
                RecordQueries::namespaceRow);
    }

    List<NamespaceRecord> namespacesOf(UUID root) throws SQLException {
        return all(
                statements.of(NAMESPACE + " WHERE substr(root_fsn, -36) = ?", root.toString()),
                RecordQueries::namespaceRow);
    }

    Optional<ReferenceRecord> reference(ReferenceKey key) throws SQLException {
        return first(
                statements.of(
                        REFERENCE + " WHERE to_uuid = ? AND from_uuid = ? AND path = ?",
                        key.to().toString(),
                        key.from().toString(),
                        key.path()),
                RecordQueries::referenceRow);
    }

    List<ReferenceRecord> references(ReferenceFilter filter, Optional<ReferenceKey> after, int limit)
            throws SQLException {
        StringBuilder sql = new StringBuilder(REFERENCE + " WHERE (to_uuid, from_uuid, path) > (?, ?, ?)");
        List<Object> parameters = new ArrayList<>();
        parameters.add(after.map(k -> k.to().toString()).orElse(""));
        parameters.add(after.map(k -> k.from().toString()).orElse(""));
        parameters.add(after.map(ReferenceKey::path).orElse(""));
        filter.to().ifPresent(to -> {
            sql.append(" AND to_uuid = ?");
            parameters.add(to.toString());
        });
        filter.from().ifPresent(from -> {
            sql.append(" AND from_uuid = ?");
            parameters.add(from.toString());
        });
        sql.append(" ORDER BY to_uuid, from_uuid, path LIMIT ?");
        parameters.add(limit);
        return all(statements.of(sql.toString(), parameters.toArray()), RecordQueries::referenceRow);
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
                statements.of(CHANGE + " WHERE revision > ? ORDER BY revision, record LIMIT ?", revision, limit + 1),
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
        List<Change> one =
                all(statements.of(CHANGE + " WHERE revision = ? ORDER BY record", cut), RecordQueries::changeRow);
        return new History(true, cut, one);
    }

    private Fileset whole(FilesetHead head) throws SQLException {
        return new Fileset(head.fsn(), fsls(head.fsn().uuid()), head.filesetRevision());
    }

    private record FilesetHead(FsnRecord fsn, long filesetRevision) {}

    private static FilesetHead headRow(Columns row) throws SQLException {
        return new FilesetHead(fsnRow(row), row.number());
    }

    private static FsnRecord fsnRow(Columns row) throws SQLException {
        return new FsnRecord(
                row.uuid(),
                row.number(),
                state(row),
                JsonColumn.map(row.text()),
                JsonColumn.list(row.text()),
                row.number(),
                row.number());
    }

    private static FslRecord fslRow(Columns row) throws SQLException {
        return new FslRecord(
                new FslKey(row.uuid(), row.uuid()),
                new Place(
                        row.text(),
                        row.text(),
                        row.smallNumber(),
                        row.text(),
                        row.text(),
                        row.text(),
                        JsonColumn.map(row.text())),
                new Preference(
                        row.flag(),
                        row.flag(),
                        row.smallNumber(),
                        row.smallNumber(),
                        row.smallNumber(),
                        row.smallNumber(),
                        row.smallNumber()),
                JsonColumn.nfs(row.text()),
                state(row),
                JsonColumn.map(row.text()),
                JsonColumn.list(row.text()),
                row.number(),
                row.number());
    }

    private static RecordState state(Columns row) throws SQLException {
        RecordState state = new RecordState(row.flag(), row.text(), row.number());
        // Nearly every record in the cache is in this one.
        return state.equals(RecordState.NEW) ? RecordState.NEW : state;
    }

    private static NamespaceRecord namespaceRow(Columns row) throws SQLException {
        return new NamespaceRecord(
                row.text(), Fsn.parse(row.text()), row.text(), JsonColumn.map(row.text()), row.number(), row.number());
    }

    private static ReferenceRecord referenceRow(Columns row) throws SQLException {
        return new ReferenceRecord(
                new ReferenceKey(row.uuid(), row.uuid(), row.text()),
                Fsn.parse(row.text()),
                row.number(),
                row.number());
    }

    private static Change changeRow(Columns row) throws SQLException {
        return new Change(Change.Kind.of(row.smallNumber()), row.text(), row.number());
    }

    /** The columns of a row, from the first to the last; each call gives the next. */
    private static final class Columns {
        private final ResultSet row;
        private int last;

        Columns(ResultSet row) {
            this.row = row;
        }

        String text() throws SQLException {
            return row.getString(++last);
        }

        long number() throws SQLException {
            return row.getLong(++last);
        }

        int smallNumber() throws SQLException {
            return row.getInt(++last);
        }

        boolean flag() throws SQLException {
            return row.getInt(++last) != 0;
        }

        UUID uuid() throws SQLException {
            return UUID.fromString(text());
        }
    }

    private interface Row<T> {
        T read(Columns row) throws SQLException;
    }

    private static <T> Optional<T> first(PreparedStatement statement, Row<T> as) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(as.read(new Columns(rows))) : Optional.empty();
        }
    }

    private static <T> List<T> all(PreparedStatement statement, Row<T> as) throws SQLException {
        List<T> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(as.read(new Columns(rows)));
            }
        }
        return found;
    }
}

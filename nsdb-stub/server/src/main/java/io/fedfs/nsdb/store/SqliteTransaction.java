package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One write in the committing thread's open transaction. It remembers what it changed, for the log and the cache. */
final class SqliteTransaction implements WriteTransaction {
    private final Statements statements;
    private final RecordQueries queries;
    private final long revision;
    /** By record, because the last change of a record in one revision is the one that counts. */
    private final Map<String, Change> changes = new HashMap<>();

    private int fsnsAdded;
    private int fslsAdded;

    SqliteTransaction(Statements statements, RecordQueries queries, long revision) {
        this.statements = statements;
        this.queries = queries;
        this.revision = revision;
    }

    Collection<Change> changes() {
        return changes.values();
    }

    boolean changedNothing() {
        return changes.isEmpty();
    }

    int fsnsAdded() {
        return fsnsAdded;
    }

    int fslsAdded() {
        return fslsAdded;
    }

    /** Writes what changed to the log; gives the number of entries. */
    int log() throws SQLException {
        for (Change change : changes.values()) {
            statements.update(
                    "INSERT INTO change (revision, record, kind) VALUES (?, ?, ?)",
                    change.revision(),
                    change.key(),
                    change.kind().number());
        }
        return changes.size();
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public Optional<FsnRecord> fsn(UUID uuid) {
        return sql(() -> queries.fsn(uuid));
    }

    @Override
    public List<FslRecord> fsls(UUID fsn) {
        return sql(() -> queries.fsls(fsn));
    }

    @Override
    public Optional<FslRecord> fsl(FslKey key) {
        return sql(() -> queries.fsl(key));
    }

    @Override
    public Optional<NamespaceRecord> namespace(String name) {
        return sql(() -> queries.namespace(name));
    }

    @Override
    public List<NamespaceRecord> namespacesOf(UUID root) {
        return sql(() -> queries.namespacesOf(root));
    }

    @Override
    public Optional<ReferenceRecord> reference(ReferenceKey key) {
        return sql(() -> queries.reference(key));
    }

    @Override
    public List<ReferenceRecord> references(ReferenceFilter filter) {
        return sql(() -> queries.references(filter, Optional.empty(), Integer.MAX_VALUE));
    }

    @Override
    public void put(ReferenceRecord reference) {
        sql(() -> statements.update(
                """
                INSERT INTO reference (to_uuid, from_uuid, path, from_fsn, revision, created_ms)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT DO UPDATE SET from_fsn = ?4, revision = ?5, created_ms = ?6""",
                reference.key().to().toString(),
                reference.key().from().toString(),
                reference.key().path(),
                reference.from().toString(),
                reference.revision(),
                reference.createdMs()));
        referenceChanged(reference.key());
    }

    @Override
    public void deleteReference(ReferenceKey key) {
        sql(() -> statements.update(
                "DELETE FROM reference WHERE to_uuid = ? AND from_uuid = ? AND path = ?",
                key.to().toString(),
                key.from().toString(),
                key.path()));
        referenceChanged(key);
    }

    /** A name of its own in the log, so that it does not stand in for a change of the FSN in the same revision. */
    private void referenceChanged(ReferenceKey key) {
        changed(Change.Kind.REFERENCE, "reference " + key.to());
    }

    @Override
    public void put(FsnRecord fsn) {
        fsnsAdded += insertOrUpdate(
                """
                INSERT INTO fsn (uuid, ttl, valid, reason, since_ms, annotations, descriptions, revision, created_ms,
                  fileset_revision)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8) ON CONFLICT DO NOTHING""",
                """
                UPDATE fsn SET ttl = ?2, valid = ?3, reason = ?4, since_ms = ?5, annotations = ?6, descriptions = ?7,
                  revision = ?8, created_ms = ?9, fileset_revision = ?8
                WHERE uuid = ?1""",
                fsn.uuid().toString(),
                fsn.ttlSeconds(),
                fsn.state().valid(),
                fsn.state().reason(),
                fsn.state().sinceMs(),
                sql(() -> JsonColumn.ofMap(fsn.annotations())),
                sql(() -> JsonColumn.ofList(fsn.descriptions())),
                fsn.revision(),
                fsn.createdMs());
        changed(Change.Kind.FSN, fsn.uuid().toString());
    }

    @Override
    public void put(FslRecord fsl) {
        Place place = fsl.place();
        Preference preference = fsl.preference();
        fslsAdded += insertOrUpdate(
                """
                INSERT INTO fsl (fsn_uuid, uuid, type, host, port, export_path, path_inside, volume, options,
                  writable, draining, currency, read_rank, read_order, write_rank, write_order, nfs,
                  valid, reason, since_ms, annotations, descriptions, revision, created_ms)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                  ?22, ?23, ?24) ON CONFLICT DO NOTHING""",
                """
                UPDATE fsl SET type = ?3, host = ?4, port = ?5, export_path = ?6, path_inside = ?7, volume = ?8,
                  options = ?9, writable = ?10, draining = ?11, currency = ?12, read_rank = ?13, read_order = ?14,
                  write_rank = ?15, write_order = ?16, nfs = ?17, valid = ?18, reason = ?19, since_ms = ?20,
                  annotations = ?21, descriptions = ?22, revision = ?23, created_ms = ?24
                WHERE fsn_uuid = ?1 AND uuid = ?2""",
                fsl.key().fsn().toString(),
                fsl.key().fsl().toString(),
                place.type(),
                place.host(),
                place.port(),
                place.exportPath(),
                place.pathInside(),
                place.volume(),
                sql(() -> JsonColumn.ofMap(place.options())),
                preference.writable(),
                preference.draining(),
                preference.currency(),
                preference.readRank(),
                preference.readOrder(),
                preference.writeRank(),
                preference.writeOrder(),
                sql(() -> JsonColumn.ofNfs(fsl.nfs())),
                fsl.state().valid(),
                fsl.state().reason(),
                fsl.state().sinceMs(),
                sql(() -> JsonColumn.ofMap(fsl.annotations())),
                sql(() -> JsonColumn.ofList(fsl.descriptions())),
                fsl.revision(),
                fsl.createdMs());
        filesetChanged(fsl.key().fsn());
    }

    /** Two statements over the same parameters; gives 1 when the record is new, else 0. */
    private int insertOrUpdate(String insert, String update, Object... parameters) {
        return sql(() -> {
            int inserted = statements.update(insert, parameters);
            if (inserted == 0) {
                statements.update(update, parameters);
            }
            return inserted;
        });
    }

    @Override
    public void put(NamespaceRecord namespace) {
        sql(() -> statements.update(
                """
                INSERT INTO namespace (name, root_fsn, description, annotations, revision, created_ms)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT DO UPDATE SET root_fsn = ?2, description = ?3, annotations = ?4, revision = ?5,
                  created_ms = ?6""",
                namespace.name(),
                namespace.root().toString(),
                namespace.description(),
                JsonColumn.ofMap(namespace.annotations()),
                namespace.revision(),
                namespace.createdMs()));
        changed(Change.Kind.NAMESPACE, namespace.name());
    }

    @Override
    public void deleteFsn(UUID uuid) {
        sql(() -> {
            fslsAdded -= statements.update("DELETE FROM fsl WHERE fsn_uuid = ?", uuid.toString());
            fsnsAdded -= statements.update("DELETE FROM fsn WHERE uuid = ?", uuid.toString());
            return null;
        });
        changed(Change.Kind.FSN_DELETED, uuid.toString());
    }

    @Override
    public void deleteFsl(FslKey key) {
        sql(() -> fslsAdded -= statements.update(
                "DELETE FROM fsl WHERE fsn_uuid = ? AND uuid = ?",
                key.fsn().toString(),
                key.fsl().toString()));
        filesetChanged(key.fsn());
    }

    @Override
    public void deleteNamespace(String name) {
        sql(() -> statements.update("DELETE FROM namespace WHERE name = ?", name));
        changed(Change.Kind.NAMESPACE_DELETED, name);
    }

    private void filesetChanged(UUID fsn) {
        sql(() -> statements.update("UPDATE fsn SET fileset_revision = ? WHERE uuid = ?", revision, fsn.toString()));
        changed(Change.Kind.FSN, fsn.toString());
    }

    private void changed(Change.Kind kind, String key) {
        changes.put(key, new Change(kind, key, revision));
    }

    private interface Sql<T> {
        T run() throws SQLException;
    }

    private static <T> T sql(Sql<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw new SqlFailure(e);
        }
    }
}

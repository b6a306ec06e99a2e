package io.fedfs.nsdb.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded store: one SQLite database in a directory that this process has locked.
 *
 * <p>Why a read is never older than an acknowledged write: the writer takes the filesets it changed out of the cache after
 * the commit and before it acknowledges. The cache's map loads a fileset and removes it atomically, so a load that began
 * before the commit is removed with it, and one that begins after the removal reads the committed state.
 */
public final class SqliteStore implements NsdbStore {
    private static final Logger log = LoggerFactory.getLogger(SqliteStore.class);

    private final StoreLock lock;
    private final ReaderPool readers;
    private final GroupCommit commits;
    private final Cache<UUID, Fileset> filesets;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private volatile StoreInfo info;

    private SqliteStore(StoreLock lock, StoreDirectory directory, StoreSettings settings, WriterSession writer) {
        this.lock = lock;
        this.info = writer.opened();
        this.readers = new ReaderPool(directory.database(), settings.readers());
        this.filesets = Caffeine.newBuilder()
                .maximumWeight(settings.cacheBytes())
                .weigher((UUID uuid, Fileset fileset) -> weigh(fileset))
                .executor(Runnable::run)
                .build();
        this.commits = new GroupCommit(
                writer,
                () -> new WriterSession(Sqlite.openForWriting(directory.database()), settings.changeLog()),
                settings.waitingWrites(),
                new Observer());
    }

    /**
     * Opens the store in a directory, making both when they are not there. What a killed process left in the log is
     * recovered here: whole transactions are kept, a torn one at the end was never acknowledged and is dropped.
     *
     * @throws NsdbException with a message for the administrator: DELAY when another process has the store, NOTSUPP when
     *     it is of a newer format, INVAL when it is no NSDB's, ACCESS or IO when the directory cannot be used
     */
    public static SqliteStore open(Path path, StoreSettings settings) {
        StoreDirectory directory = new StoreDirectory(path);
        directory.create();
        StoreLock lock = StoreLock.take(directory);
        Connection writer = null;
        try {
            directory.createDatabase();
            writer = Sqlite.openForWriting(directory.database());
            Schema.createOrVerify(writer, directory);
            return new SqliteStore(lock, directory, settings, new WriterSession(writer, settings.changeLog()));
        } catch (SQLException e) {
            giveUp(writer, lock);
            throw new NsdbException(
                    FedFsStatus.IO, "cannot open the store " + directory.database() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            giveUp(writer, lock);
            throw e;
        }
    }

    private static void giveUp(Connection writer, StoreLock lock) {
        if (writer != null) {
            Sqlite.closeQuietly(writer);
        }
        lock.close();
    }

    @Override
    public StoreInfo info() {
        return info;
    }

    @Override
    public long revision() {
        return info.revision();
    }

    @Override
    public Optional<Fileset> fileset(UUID fsn) {
        return Optional.ofNullable(
                filesets.get(fsn, uuid -> readers.read(q -> q.fileset(uuid)).orElse(null)));
    }

    @Override
    public List<Fileset> filesets(FsnFilter filter, Optional<UUID> after, int limit) {
        return readers.read(q -> q.filesets(filter, after, limit));
    }

    @Override
    public List<FslRecord> locations(FslFilter filter, Optional<FslKey> after, int limit) {
        return readers.read(q -> q.locations(filter, after, limit));
    }

    @Override
    public Optional<NamespaceRecord> namespace(String name) {
        return readers.read(q -> q.namespace(name));
    }

    @Override
    public List<NamespaceRecord> namespaces(String after, int limit) {
        return readers.read(q -> q.namespaces(after, limit));
    }

    @Override
    public List<ReferenceRecord> references(ReferenceFilter filter, Optional<ReferenceKey> after, int limit) {
        return readers.read(q -> q.references(filter, after, limit));
    }

    @Override
    public <T> CompletableFuture<T> write(Write<T> write) {
        return commits.submit(write);
    }

    @Override
    public History changesAfter(long revision, int limit) {
        return readers.read(q -> q.changesAfter(revision, limit));
    }

    @Override
    public void onCommit(LongConsumer listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        // Readers first: the connection that closes last writes the log back into the database and removes it.
        readers.close();
        commits.close();
        lock.close();
    }

    /** What the committing thread tells, before it acknowledges. */
    private final class Observer implements GroupCommit.Observer {
        @Override
        public void committed(long revision, List<SqliteTransaction> writes) {
            if (writes.isEmpty()) {
                return;
            }
            long fsns = info.fsns();
            long fsls = info.fsls();
            for (SqliteTransaction write : writes) {
                fsns += write.fsnsAdded();
                fsls += write.fslsAdded();
                for (Change change : write.changes()) {
                    if (change.kind() == Change.Kind.FSN || change.kind() == Change.Kind.FSN_DELETED) {
                        filesets.asMap().remove(UUID.fromString(change.key()));
                    }
                }
            }
            now(new StoreInfo(Schema.FORMAT, revision, fsns, fsls));
        }

        /** A commit that failed in its last step may have reached the disk: what is there counts. */
        @Override
        public void reopened(StoreInfo onDisk) {
            filesets.invalidateAll();
            now(onDisk);
        }
    }

    private void now(StoreInfo current) {
        info = current;
        for (LongConsumer listener : listeners) {
            try {
                listener.accept(current.revision());
            } catch (RuntimeException e) {
                // The writes are durable and must be acknowledged whatever becomes of those who watch.
                log.error("a commit listener failed", e);
            }
        }
    }

    /** About how many bytes of heap a fileset takes: objects and cache node by count, texts by length. */
    private static int weigh(Fileset fileset) {
        FsnRecord fsn = fileset.fsn();
        long bytes = 450 + textBytes(fsn.annotations(), fsn.descriptions());
        for (FslRecord fsl : fileset.locations()) {
            bytes += 650
                    + fsl.place().exportPath().length()
                    + fsl.place().pathInside().length()
                    + fsl.place().volume().length()
                    + textBytes(fsl.place().options(), List.of())
                    + textBytes(fsl.annotations(), fsl.descriptions());
        }
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    private static long textBytes(Map<String, String> map, List<String> list) {
        long bytes = 0;
        for (Map.Entry<String, String> entry : map.entrySet()) {
            bytes += 150 + 2L * (entry.getKey().length() + entry.getValue().length());
        }
        for (String text : list) {
            bytes += 56 + 2L * text.length();
        }
        return bytes;
    }
}

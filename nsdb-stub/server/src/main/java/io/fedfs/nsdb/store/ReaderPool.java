package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Connections that read, opened when they are first needed. The one used last is used next: its pages and statements are
 * warm.
 */
final class ReaderPool implements AutoCloseable {
    private static final long WAIT_SECONDS = 5;

    private final Path database;
    private final int size;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Reader> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    ReaderPool(Path database, int size) {
        this.database = database;
        this.size = size;
        this.permits = new Semaphore(size);
    }

    /** What a caller reads; everything in one query sees one snapshot. */
    interface Query<T> {
        T run(RecordQueries queries) throws SQLException;
    }

    /** Runs a query in a snapshot of its own. */
    <T> T read(Query<T> query) {
        acquire();
        Reader reader = null;
        boolean sound = false;
        try {
            reader = idle.pollFirst();
            if (reader == null) {
                reader = new Reader(Sqlite.openForReading(database));
            }
            T result = query.run(reader.queries);
            reader.connection.commit();
            sound = true;
            return result;
        } catch (SQLException e) {
            throw Sqlite.failure("a read", e);
        } finally {
            if (sound && !closed) {
                idle.addFirst(reader);
            } else if (reader != null) {
                Sqlite.closeQuietly(reader.connection);
            }
            permits.release();
        }
    }

    private void acquire() {
        try {
            if (!permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new NsdbException(FedFsStatus.DELAY, "too many reads wait on the NSDB: try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping");
        }
        if (closed) {
            permits.release();
            throw new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping");
        }
    }

    /** Waits for the reads that run, then closes every connection. */
    @Override
    public void close() {
        closed = true;
        try {
            if (permits.tryAcquire(size, WAIT_SECONDS, TimeUnit.SECONDS)) {
                permits.release(size);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Reader reader = idle.pollFirst(); reader != null; reader = idle.pollFirst()) {
            Sqlite.closeQuietly(reader.connection);
        }
    }

    private static final class Reader {
        private final Connection connection;
        private final RecordQueries queries;

        Reader(Connection connection) {
            this.connection = connection;
            this.queries = new RecordQueries(new Statements(connection));
        }
    }
}

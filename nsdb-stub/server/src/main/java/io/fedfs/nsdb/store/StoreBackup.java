package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Copies of a whole store in one file: made while the daemon runs, checked and put in place while it does not. */
public final class StoreBackup {
    /**
     * How far a restored store's revision is ahead of the backup's. The store that was lost went on after the backup, and
     * clients saw its revisions; a restored one must not give the same numbers to other contents, or a client would take
     * its old referral for the newer one. No store makes so many writes between two backups.
     */
    static final long REVISION_LEAP = 1_000_000_000L;

    private StoreBackup() {}

    /**
     * Writes the store of a directory, as of one moment, to a file, replacing it only with a whole and durable copy. The store
     * may be in use.
     */
    public static void backup(Path data, Path file) {
        StoreDirectory directory = new StoreDirectory(data);
        directory.requireStore();
        Path target = file.toAbsolutePath().normalize();
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            copy(directory.database(), part);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            StoreDirectory.sync(target.getParent());
        } catch (IOException e) {
            throw new NsdbException(
                    FedFsStatus.IO, "cannot write the backup " + target + ": " + StoreDirectory.reason(e), e);
        } catch (SQLException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot copy the store to " + part + ": " + e.getMessage(), e);
        }
    }

    /**
     * Puts a backup in a directory's place of the store. It is verified first; a crash at any moment leaves either the old
     * store or the restored one. Every record gets a new revision ({@value #REVISION_LEAP} above the backup's), and watchers
     * of the lost store are told to start again.
     *
     * @param replace take the place of a store that is there
     * @return what was restored
     * @throws NsdbException EXIST when a store is there and {@code replace} is not set, DELAY when a daemon has it, IO when
     *     the backup is damaged
     */
    public static StoreCheck restore(Path file, Path data, boolean replace) {
        if (!Files.isRegularFile(file)) {
            throw new NsdbException(FedFsStatus.INVAL, "no such backup file: " + file);
        }
        StoreCheck found = StoreCheck.ofFile(file);
        if (!found.problems().isEmpty()) {
            throw new NsdbException(
                    FedFsStatus.IO,
                    "the backup " + file + " is damaged: " + found.problems().get(0));
        }
        StoreDirectory directory = new StoreDirectory(data);
        directory.create();
        StoreLock lock = StoreLock.take(directory);
        try {
            boolean there = Files.exists(directory.database());
            if (there && !replace) {
                throw new NsdbException(FedFsStatus.EXIST, "there is a store in " + directory.path() + " already");
            }
            copy(file, directory.restoring());
            leap(directory.restoring());
            if (there) {
                foldLog(directory.database());
            }
            Files.move(directory.restoring(), directory.database(), StandardCopyOption.ATOMIC_MOVE);
            StoreDirectory.sync(directory.path());
            return StoreCheck.ofFile(directory.database());
        } catch (IOException e) {
            throw new NsdbException(
                    FedFsStatus.IO, "cannot restore to " + directory.path() + ": " + StoreDirectory.reason(e), e);
        } catch (SQLException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot restore to " + directory.path() + ": " + e.getMessage(), e);
        } finally {
            lock.close();
        }
    }

    /** A compact copy in one snapshot, synced, readable by its owner only. */
    private static void copy(Path database, Path to) throws IOException, SQLException {
        Files.deleteIfExists(to);
        Files.createFile(to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (Connection connection = Sqlite.openAsItIs(database)) {
            Schema.verify(connection, database);
            try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
                vacuum.setString(1, to.toString());
                vacuum.execute();
            }
        }
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void leap(Path database) throws SQLException, IOException {
        try (Connection connection = Sqlite.openAsItIs(database);
                Statement statement = connection.createStatement()) {
            Schema.upgrade(connection);
            statement.execute("BEGIN IMMEDIATE");
            long revision = Schema.number(statement, "SELECT revision FROM meta") + REVISION_LEAP;
            statement.execute("UPDATE fsn SET revision = " + revision + ", fileset_revision = " + revision);
            statement.execute("UPDATE fsl SET revision = " + revision);
            statement.execute("UPDATE namespace SET revision = " + revision);
            statement.execute("UPDATE reference SET revision = " + revision);
            statement.execute("DELETE FROM change");
            statement.execute("UPDATE meta SET revision = " + revision + ", log_floor = " + revision);
            statement.execute("COMMIT");
        }
        foldLog(database);
    }

    /**
     * Writes the log back into the database and removes it. A log left beside a database that takes another's name would be
     * replayed into the wrong one.
     */
    private static void foldLog(Path database) throws SQLException, IOException {
        try (Connection connection = Sqlite.openAsItIs(database);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            statement.execute("PRAGMA journal_mode = DELETE");
        }
        Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-wal"));
        Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-shm"));
    }
}

package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The directory of one store: the names in it, and making it. */
public record StoreDirectory(Path path) {

    public StoreDirectory {
        path = path.toAbsolutePath().normalize();
    }

    /** The database; SQLite keeps its log and index beside it. */
    public Path database() {
        return path.resolve("nsdb.sqlite");
    }

    Path lock() {
        return path.resolve("lock");
    }

    /** Where a restore builds the new database before it takes the old one's place. */
    Path restoring() {
        return path.resolve("nsdb.sqlite.restoring");
    }

    /**
     * Makes the directory when it is not there, for its owner only: annotations may hold what not everybody should read.
     *
     * @throws NsdbException with a message for the administrator when it cannot be used
     */
    void create() {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path.getParent());
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                sync(path.getParent());
            }
        } catch (FileAlreadyExistsException e) {
            throw new NsdbException(FedFsStatus.INVAL, e.getFile() + " is not a directory", e);
        } catch (IOException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot make the directory " + path + ": " + reason(e), e);
        }
        if (!Files.isWritable(path) || !Files.isExecutable(path)) {
            throw new NsdbException(FedFsStatus.ACCESS, "cannot write in the directory " + path);
        }
    }

    /** Makes an empty database file for its owner only; SQLite gives the files beside it the same permissions. */
    void createDatabase() {
        try {
            if (!Files.exists(database())) {
                Files.createFile(
                        database(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot make " + database() + ": " + reason(e), e);
        }
    }

    /**
     * The directory, which must hold a store.
     *
     * @throws NsdbException with a message for the administrator when there is none
     */
    void requireStore() {
        if (!Files.isRegularFile(database())) {
            throw new NsdbException(FedFsStatus.INVAL, "no NSDB store in " + path);
        }
    }

    /** Makes names in a directory durable: without it a new file may be gone after a power loss. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What an I/O failure says, with its kind, for file system exceptions whose message is only the path. */
    static String reason(IOException e) {
        String kind = e.getClass().getSimpleName().replace("Exception", "");
        return e.getMessage() == null ? kind : kind + " (" + e.getMessage() + ")";
    }
}

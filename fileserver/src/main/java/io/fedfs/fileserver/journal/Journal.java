package io.fedfs.fileserver.journal;

import com.google.protobuf.TextFormat;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.server.v1.Intent;
import io.fedfs.service.ServiceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Intents, one text file each in a directory that belongs to one agent. Written whole or not at all, and on stable storage
 * when a method returns. Safe for use by any number of threads that each have intents of their own.
 */
public final class Journal implements AutoCloseable {
    private static final String SUFFIX = ".intent";

    private final Path directory;
    private final FileChannel lock;

    /** What is in the directory, by id. */
    private final Map<String, Intent> intents = new ConcurrentHashMap<>();

    private Journal(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes a state directory, which is made if it is not there.
     *
     * @throws ServiceException DELAY when another agent has it, IO when it cannot be used
     */
    public static Journal open(Path directory) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            FileChannel channel =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!taken(channel)) {
                channel.close();
                throw new ServiceException(
                        FedFsStatus.DELAY, "another file server agent uses the state directory " + directory);
            }
            Journal journal = new Journal(directory, channel);
            journal.read();
            return journal;
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot use the state directory " + directory + ": " + e, e);
        }
    }

    private static boolean taken(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Writes an intent, or writes it anew. */
    public void write(Intent intent) {
        Path file = file(intent.getId());
        Path fresh = directory.resolve(intent.getId() + ".new");
        byte[] text = TextFormat.printer().printToString(intent).getBytes(StandardCharsets.UTF_8);
        try {
            try (FileChannel out = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            sync();
            intents.put(intent.getId(), intent);
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot write to the state directory of the agent", e);
        }
    }

    /** Removes an intent: what it stands for is done, or undone. */
    public void remove(Intent intent) {
        try {
            Files.deleteIfExists(file(intent.getId()));
            sync();
            intents.remove(intent.getId());
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot write to the state directory of the agent", e);
        }
    }

    /** Every intent that is there, in no order. */
    public Collection<Intent> all() {
        return List.copyOf(intents.values());
    }

    private void read() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                Intent intent = TextFormat.parse(Files.readString(file), Intent.class);
                intents.put(intent.getId(), intent);
            }
        }
    }

    private Path file(String id) {
        return directory.resolve(id + SUFFIX);
    }

    private void sync() throws IOException {
        try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
            self.force(true);
        }
    }

    /** Lets another agent have the directory. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot close the state directory " + directory, e);
        }
    }
}

package io.fedfs.resolver.offline;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fedfs.offline.v1.OfflineCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * The file: magic (8 bytes), format version (int), CRC-32C of the rest (int), then one {@code OfflineCopy} message. Numbers are big
 * endian. A reader refuses every version but its own; fields added to the message need no new one.
 */
final class CopyFile {
    static final long MAGIC = 0x4645_4446_5352_4546L; // "FEDFSREF"
    static final int VERSION = 1;

    private static final int HEADER = Long.BYTES + 2 * Integer.BYTES;
    private static final long LARGEST = 256L << 20;

    private final Path file;

    CopyFile(Path file) {
        this.file = file;
    }

    Path path() {
        return file;
    }

    /**
     * What was written last; empty when nothing was.
     *
     * @throws IOException when there is a file and it cannot be used; the message says why
     */
    Optional<OfflineCopy> read() throws IOException {
        byte[] all;
        try {
            if (Files.size(file) > LARGEST) {
                throw new IOException("it is too large");
            }
            all = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (all.length < HEADER) {
            throw new IOException("it is cut short");
        }
        ByteBuffer bytes = ByteBuffer.wrap(all);
        if (bytes.getLong() != MAGIC) {
            throw new IOException("it is not a copy of referrals");
        }
        int version = bytes.getInt();
        if (version != VERSION) {
            throw new IOException("it has format " + version + ", this program reads " + VERSION);
        }
        int expected = bytes.getInt();
        if (checksum(bytes.slice()) != expected) {
            throw new IOException("its checksum is wrong");
        }
        try {
            return Optional.of(OfflineCopy.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("it cannot be parsed", e);
        }
    }

    /** Replaces the file; after a crash at any moment there is the old one or the new one, whole. */
    void write(OfflineCopy copy) throws IOException {
        byte[] message = copy.toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + message.length);
        bytes.putLong(MAGIC).putInt(VERSION).putInt(checksum(ByteBuffer.wrap(message)));
        bytes.put(message).flip();

        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        Path next = directory.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        // Where data live may be nobody else's business.
        try (FileChannel out = FileChannel.open(
                next,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}

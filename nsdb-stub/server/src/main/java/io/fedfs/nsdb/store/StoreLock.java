package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Who may write in a store's directory: one process at a time. The system's file lock goes with the process, however it
 * ends; the number in the file is only for the message, and is never taken as proof.
 */
final class StoreLock implements AutoCloseable {
    private final FileChannel channel;

    private StoreLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock or says who has it.
     *
     * @throws NsdbException DELAY when another process has it
     */
    static StoreLock take(StoreDirectory directory) {
        Path file = directory.lock();
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw inUse(directory);
                }
                channel.truncate(0);
                channel.write(
                        ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
                return new StoreLock(channel);
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw inUse(directory);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new NsdbException(FedFsStatus.IO, "cannot lock " + file + ": " + StoreDirectory.reason(e), e);
        }
    }

    private static NsdbException inUse(StoreDirectory directory) {
        return new NsdbException(
                FedFsStatus.DELAY,
                "the store " + directory.path() + " is in use by another fedfs-nsdb" + holder(directory));
    }

    private static String holder(StoreDirectory directory) {
        try {
            String pid = Files.readString(directory.lock(), StandardCharsets.US_ASCII)
                    .strip();
            return pid.isEmpty() ? "" : " (process " + pid + ")";
        } catch (IOException e) {
            // The number is a courtesy: without it the message still says what is wrong.
            return "";
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written that could be lost; the lock goes with the process at the latest.
            org.slf4j.LoggerFactory.getLogger(StoreLock.class).warn("closing the lock failed", e);
        }
    }
}

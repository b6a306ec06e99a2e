package io.fedfs.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * FUSE over io_uring turned on or off while this is open. The kernel looks at its parameter when a mount is made and not again, so it need not be
 * open for longer; the lock keeps two test runs on one machine from restoring each other's value.
 */
final class RingParameter implements AutoCloseable {
    private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path LOCK = Path.of("/run/fedfs-test-enable-uring.lock");

    private final FileChannel channel;
    private final FileLock lock;
    private final String before;

    RingParameter(boolean on) {
        try {
            channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = channel.lock();
            before = Files.readString(PARAMETER);
            Files.writeString(PARAMETER, on ? "Y" : "N");
        } catch (IOException e) {
            throw new UncheckedIOException("FUSE over io_uring cannot be turned on or off here", e);
        }
    }

    @Override
    public void close() {
        try {
            Files.writeString(PARAMETER, before);
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.fedfs.system;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a file server keeps of a file: {@code struct file_handle} (open_by_handle_at(2)). */
final class FileHandle {
    private static final int ROOM = 128;

    private final NativeBuffer handle;

    private FileHandle(NativeBuffer handle) {
        this.handle = handle;
    }

    /** The handle of a file; a symbolic link is not followed. */
    static FileHandle of(Path file) {
        NativeBuffer handle = new NativeBuffer(8 + ROOM);
        handle.putInt(0, ROOM);
        NativeBuffer mountId = new NativeBuffer(8);
        NativeBuffer path = path(file);
        Ground.must(Sys.nameToHandleAt(Sys.AT_FDCWD, path.address(), handle.address(), mountId.address(), 0));
        return new FileHandle(handle);
    }

    private static NativeBuffer path(Path file) {
        byte[] bytes = file.toString().getBytes(StandardCharsets.ISO_8859_1);
        NativeBuffer path = new NativeBuffer(bytes.length + 1);
        path.putCString(0, bytes);
        return path;
    }

    /** Opens the file on the file system that has this directory; a descriptor or a negated errno. */
    int open(Path mount, int flags) {
        int at = (int) Ground.must(Sys.openat(Sys.AT_FDCWD, path(mount).address(), Sys.O_RDONLY | Sys.O_DIRECTORY, 0));
        try {
            return Sys.openByHandleAt(at, handle.address(), flags);
        } finally {
            Sys.close(at);
        }
    }

    /** The file's content, or the name of the errno with which it could not be opened or read. */
    String content(Path mount) {
        int fd = open(mount, Sys.O_RDONLY);
        if (fd < 0) {
            return Seen.render(fd);
        }
        NativeBuffer to = new NativeBuffer(4096);
        long n = Sys.pread(fd, to.address(), 4096, 0);
        Sys.close(fd);
        return n < 0 ? Errno.name((int) -n) : new String(to.bytes(0, (int) n), StandardCharsets.ISO_8859_1);
    }

    /** The path that the kernel has for the opened file, or the name of the errno with which it could not be opened. */
    String path(Path mount, int flags) {
        int fd = open(mount, flags);
        if (fd < 0) {
            return Seen.render(fd);
        }
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } finally {
            Sys.close(fd);
        }
    }

    /** The names in the directory, or the errno's. */
    String names(Path mount) {
        int fd = open(mount, Sys.O_RDONLY | Sys.O_DIRECTORY);
        if (fd < 0) {
            return Seen.render(fd);
        }
        try (Ground there = new Ground(Path.of("/proc/self/fd/" + fd), Caller.ROOT)) {
            return there.names(".");
        } finally {
            Sys.close(fd);
        }
    }
}

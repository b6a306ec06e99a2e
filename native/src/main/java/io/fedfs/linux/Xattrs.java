package io.fedfs.linux;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Extended attributes by path, for code that is not hot. A last symbolic link is not followed. For a descriptor, give
 * {@link #ofDescriptor}: the link in /proc leads to that very inode, also for O_PATH descriptors, where fgetxattr(2) fails.
 */
public final class Xattrs {
    /** The kernel's bound on a value, XATTR_SIZE_MAX. */
    public static final int MAX_VALUE = 65_536;

    private static final int FIRST_TRY = 1024;

    /** XATTR_NAME_MAX and PATH_MAX, each with its NUL. */
    private static final int NAME_SIZE = 256;

    private static final int PATH_SIZE = 4096;

    /** For asking: path, name and value as they mostly are. Memory outside the heap is dear to get and to give back. */
    private static final ThreadLocal<NativeBuffer> SCRATCH =
            ThreadLocal.withInitial(() -> new NativeBuffer(PATH_SIZE + NAME_SIZE + FIRST_TRY));

    private Xattrs() {}

    /** The file that an open descriptor stands for, to be given to methods here as {@code path}, with {@code follow}. */
    public static Path ofDescriptor(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    /**
     * The value of an attribute; empty when there is none (ENODATA) or the file system has no such attributes
     * (EOPNOTSUPP).
     *
     * @param follow whether a symbolic link at the end of the path is followed
     * @throws ErrnoException for everything else, EACCES, EPERM and ENOENT included
     */
    public static Optional<byte[]> get(Path path, String name, boolean follow) throws ErrnoException {
        return get(bytes(path), name, follow);
    }

    /** As {@link #get(Path, String, boolean)}, for a path that may not be text: Linux names are bytes. */
    public static Optional<byte[]> get(byte[] path, String name, boolean follow) throws ErrnoException {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        int nameAt = path.length + 1;
        int valueAt = nameAt + nameBytes.length + 1;
        // Longer ones too: the kernel says what it thinks of them.
        boolean fits = valueAt <= PATH_SIZE + NAME_SIZE;
        NativeBuffer memory = fits ? SCRATCH.get() : new NativeBuffer(valueAt + FIRST_TRY);
        long p = memory.putCString(0, path);
        long n = memory.putCString(nameAt, nameBytes);
        long r = ask(p, n, memory.address(valueAt), FIRST_TRY, follow);
        NativeBuffer large = r == -Errno.ERANGE ? new NativeBuffer(MAX_VALUE) : null;
        if (large != null) {
            r = ask(p, n, large.address(), MAX_VALUE, follow);
        }
        Reference.reachabilityFence(memory);
        if (r >= 0) {
            return Optional.of(large == null ? memory.bytes(valueAt, (int) r) : large.bytes(0, (int) r));
        }
        if (r == -Errno.ENODATA || r == -Errno.EOPNOTSUPP) {
            return Optional.empty();
        }
        throw new ErrnoException((int) -r, "getxattr " + name + " of " + text(path));
    }

    private static long ask(long path, long name, long to, long size, boolean follow) {
        return follow ? Sys.getxattr(path, name, to, size) : Sys.lgetxattr(path, name, to, size);
    }

    /**
     * Sets an attribute.
     *
     * @param flags 0, {@link Sys#XATTR_CREATE} or {@link Sys#XATTR_REPLACE}
     */
    public static void set(Path path, String name, byte[] value, int flags, boolean follow) throws ErrnoException {
        NativeBuffer p = cString(bytes(path));
        NativeBuffer n = cString(name.getBytes(StandardCharsets.UTF_8));
        NativeBuffer v = new NativeBuffer(Math.max(1, value.length));
        v.put(0, value, 0, value.length);
        int r = follow
                ? Sys.setxattr(p.address(), n.address(), v.address(), value.length, flags)
                : Sys.lsetxattr(p.address(), n.address(), v.address(), value.length, flags);
        if (r < 0) {
            throw new ErrnoException(-r, "setxattr " + name + " of " + path);
        }
    }

    /** Removes an attribute; returns whether it was there. */
    public static boolean remove(Path path, String name, boolean follow) throws ErrnoException {
        NativeBuffer p = cString(bytes(path));
        NativeBuffer n = cString(name.getBytes(StandardCharsets.UTF_8));
        int r = follow ? Sys.removexattr(p.address(), n.address()) : Sys.lremovexattr(p.address(), n.address());
        if (r == -Errno.ENODATA || r == -Errno.EOPNOTSUPP) {
            return false;
        }
        if (r < 0) {
            throw new ErrnoException(-r, "removexattr " + name + " of " + path);
        }
        return true;
    }

    /** The names of a file's attributes that this process may see; none where the file system has no attributes. */
    public static List<String> list(Path path, boolean follow) throws ErrnoException {
        return list(bytes(path), follow);
    }

    /** As {@link #list(Path, boolean)}, for a path that may not be text. */
    public static List<String> list(byte[] path, boolean follow) throws ErrnoException {
        NativeBuffer p = cString(path);
        NativeBuffer list = new NativeBuffer(FIRST_TRY);
        long r = list(p, list, follow);
        if (r == -Errno.ERANGE) {
            list = new NativeBuffer(MAX_VALUE);
            r = list(p, list, follow);
        }
        if (r == -Errno.EOPNOTSUPP) {
            return List.of();
        }
        if (r < 0) {
            throw new ErrnoException((int) -r, "listxattr of " + text(path));
        }
        List<String> names = new ArrayList<>();
        for (int at = 0; at < r; ) {
            int end = list.indexOfNul(at, (int) r);
            names.add(new String(list.bytes(at, end - at), StandardCharsets.UTF_8));
            at = end + 1;
        }
        return names;
    }

    private static long list(NativeBuffer path, NativeBuffer to, boolean follow) {
        return follow
                ? Sys.listxattr(path.address(), to.address(), to.capacity())
                : Sys.llistxattr(path.address(), to.address(), to.capacity());
    }

    private static byte[] bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }

    private static NativeBuffer cString(byte[] text) {
        NativeBuffer buffer = new NativeBuffer(text.length + 1);
        buffer.putCString(0, text);
        return buffer;
    }
}

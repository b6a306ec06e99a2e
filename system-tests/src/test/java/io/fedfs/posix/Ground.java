package io.fedfs.posix;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The empty directory of one case, and the system calls below it as one {@link Caller}.
 *
 * <p>Paths are relative to it; a character is a byte (ISO 8859-1), so any name can be written. Calls are named as in section 2 of
 * the manual and return what it says, errors as negated errnos. {@code make…} and {@link #must} are for setups: they throw when
 * they fail. Descriptors are closed by {@link #close}.
 *
 * <p>Another caller is played by the file system ids of the thread around each single call: that is what the kernel decides by,
 * and what a FUSE request carries.
 */
public final class Ground implements AutoCloseable {
    public static final int RDONLY = Sys.O_RDONLY;
    public static final int WRONLY = Sys.O_WRONLY;
    public static final int RDWR = Sys.O_RDWR;
    public static final int CREAT = Sys.O_CREAT;
    public static final int EXCL = Sys.O_EXCL;
    public static final int TRUNC = Sys.O_TRUNC;
    public static final int APPEND = Sys.O_APPEND;

    private final Path directory;
    private final Caller caller;
    private final List<Integer> descriptors;

    private Ground(Path directory, Caller caller, List<Integer> descriptors) {
        this.directory = directory;
        this.caller = caller;
        this.descriptors = descriptors;
    }

    public Ground(Path directory, Caller caller) {
        this(directory, caller, new ArrayList<>());
    }

    /** The same ground, for another caller. */
    public Ground as(Caller other) {
        return new Ground(directory, other, descriptors);
    }

    public Ground asRoot() {
        return as(Caller.ROOT);
    }

    public Caller caller() {
        return caller;
    }

    /** For programs and for calls Java has itself; those run as this process. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** Throws unless a call succeeded; returns its result. */
    public static long must(long result) {
        if (result < 0) {
            throw new IllegalStateException("a step of the setup failed: " + Seen.render(result));
        }
        return result;
    }

    // ---- making ready

    public Ground makeDir(String name) {
        must(mkdir(name, 0755));
        return this;
    }

    public Ground makeDir(String name, int mode) {
        makeDir(name);
        must(chmod(name, mode));
        return this;
    }

    public Ground makeFile(String name) {
        return makeFile(name, "");
    }

    public Ground makeFile(String name, String content) {
        int fd = (int) must(open(name, WRONLY | CREAT | EXCL, 0644));
        if (!content.isEmpty()) {
            must(write(fd, content));
        }
        must(close(fd));
        return this;
    }

    public Ground makeFile(String name, String content, int mode) {
        makeFile(name, content);
        must(chmod(name, mode));
        return this;
    }

    public Ground makeSymlink(String target, String name) {
        must(symlink(target, name));
        return this;
    }

    public Ground makeFifo(String name) {
        must(mknod(name, Sys.S_IFIFO | 0644));
        return this;
    }

    // ---- names

    public long mkdir(String name, int mode) {
        return with(name, p -> Sys.mkdirat(Sys.AT_FDCWD, p, mode));
    }

    public long rmdir(String name) {
        return with(name, p -> Sys.unlinkat(Sys.AT_FDCWD, p, Sys.AT_REMOVEDIR));
    }

    public long unlink(String name) {
        return with(name, p -> Sys.unlinkat(Sys.AT_FDCWD, p, 0));
    }

    public long mknod(String name, int mode) {
        return mknod(name, mode, 0);
    }

    public long mknod(String name, int mode, long dev) {
        return with(name, p -> Sys.mknodat(Sys.AT_FDCWD, p, mode, dev));
    }

    public long link(String from, String to) {
        return link(from, to, 0);
    }

    public long link(String from, String to, int flags) {
        return with(from, to, (f, t) -> Sys.linkat(Sys.AT_FDCWD, f, Sys.AT_FDCWD, t, flags));
    }

    /** Gives a nameless file (O_TMPFILE) a name, as open(2) shows it. */
    public long linkDescriptor(int fd, String to) {
        NativeBuffer from = text("/proc/self/fd/" + fd);
        return with(to, t -> Sys.linkat(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, t, Sys.AT_SYMLINK_FOLLOW));
    }

    public long symlink(String target, String name) {
        NativeBuffer t = text(target);
        return with(name, p -> Sys.symlinkat(t.address(), Sys.AT_FDCWD, p));
    }

    public long rename(String from, String to) {
        return rename(from, to, 0);
    }

    public long rename(String from, String to, int flags) {
        return with(from, to, (f, t) -> Sys.renameat2(Sys.AT_FDCWD, f, Sys.AT_FDCWD, t, flags));
    }

    /** The target, or the errno's name. */
    public String readlink(String name) {
        return readlink(name, 8192);
    }

    public String readlink(String name, int size) {
        NativeBuffer b = new NativeBuffer(Math.max(1, size));
        long n = with(name, p -> Sys.readlinkat(Sys.AT_FDCWD, p, b.address(), size));
        return n < 0 ? Seen.render(n) : string(b, (int) n);
    }

    // ---- open files

    public int open(String name, int flags) {
        return open(name, flags, 0644);
    }

    public int open(String name, int flags, int mode) {
        int fd = (int) with(name, p -> Sys.openat(Sys.AT_FDCWD, p, flags, mode));
        if (fd >= 0) {
            descriptors.add(fd);
        }
        return fd;
    }

    /** Opens and closes; 0 when that works. */
    public long tryOpen(String name, int flags) {
        int fd = open(name, flags);
        return fd < 0 ? fd : close(fd);
    }

    public int openAt(int dirfd, String name, int flags, int mode) {
        NativeBuffer p = text(name);
        int fd = (int) call(() -> Sys.openat(dirfd, p.address(), flags, mode));
        if (fd >= 0) {
            descriptors.add(fd);
        }
        return fd;
    }

    public long close(int fd) {
        descriptors.remove((Integer) fd);
        return call(() -> Sys.close(fd));
    }

    public int dup(int fd) {
        int copy = Sys.dup(fd);
        if (copy >= 0) {
            descriptors.add(copy);
        }
        return copy;
    }

    public long write(int fd, String content) {
        NativeBuffer b = bytes(content);
        return call(() -> Sys.write(fd, b.address(), content.length()));
    }

    public long pwrite(int fd, String content, long offset) {
        NativeBuffer b = bytes(content);
        return call(() -> Sys.pwrite(fd, b.address(), content.length(), offset));
    }

    /** What was read, or the errno's name. */
    public String read(int fd, int size) {
        NativeBuffer b = new NativeBuffer(Math.max(1, size));
        long n = call(() -> Sys.read(fd, b.address(), size));
        return n < 0 ? Seen.render(n) : string(b, (int) n);
    }

    public String pread(int fd, int size, long offset) {
        NativeBuffer b = new NativeBuffer(Math.max(1, size));
        long n = call(() -> Sys.pread(fd, b.address(), size, offset));
        return n < 0 ? Seen.render(n) : string(b, (int) n);
    }

    public long lseek(int fd, long offset, int whence) {
        return call(() -> Sys.lseek(fd, offset, whence));
    }

    public long ftruncate(int fd, long length) {
        return call(() -> Sys.ftruncate(fd, length));
    }

    public long truncate(String name, long length) {
        return with(name, p -> Sys.truncate(p, length));
    }

    public long fsync(int fd) {
        return call(() -> Sys.fsync(fd));
    }

    public long fdatasync(int fd) {
        return call(() -> Sys.fdatasync(fd));
    }

    public long syncfs(int fd) {
        return call(() -> Sys.syncfs(fd));
    }

    public long fallocate(int fd, int mode, long offset, long length) {
        return call(() -> Sys.fallocate(fd, mode, offset, length));
    }

    public long copyFileRange(int in, long offIn, int out, long offOut, long length) {
        NativeBuffer offsets = new NativeBuffer(16);
        offsets.putLong(0, offIn);
        offsets.putLong(8, offOut);
        return call(() -> Sys.copyFileRange(in, offsets.address(), out, offsets.address(8), length, 0));
    }

    public long flock(int fd, int operation) {
        return call(() -> Sys.flock(fd, operation));
    }

    public long fcntl(int fd, int command, long argument) {
        return call(() -> Sys.fcntl(fd, command, argument));
    }

    public long ioctl(int fd, long request, NativeBuffer argument) {
        return call(() -> Sys.ioctl(fd, request, argument.address()));
    }

    /** The whole content of a file, or the errno's name of the call that failed. */
    public String content(String name) {
        int fd = open(name, RDONLY);
        if (fd < 0) {
            return Seen.render(fd);
        }
        StringBuilder all = new StringBuilder();
        NativeBuffer b = new NativeBuffer(65_536);
        long n;
        while ((n = call(() -> Sys.read(fd, b.address(), b.capacity()))) > 0) {
            all.append(string(b, (int) n));
        }
        must(close(fd));
        return n < 0 ? Seen.render(n) : all.toString();
    }

    // ---- attributes

    public long chmod(String name, int mode) {
        return with(name, p -> Sys.chmod(p, mode));
    }

    public long fchmod(int fd, int mode) {
        return call(() -> Sys.fchmod(fd, mode));
    }

    public long fchmodat2(String name, int mode, int flags) {
        return with(name, p -> Sys.fchmodat2(Sys.AT_FDCWD, p, mode, flags));
    }

    public long chown(String name, int uid, int gid) {
        return with(name, p -> Sys.fchownat(Sys.AT_FDCWD, p, uid, gid, 0));
    }

    public long lchown(String name, int uid, int gid) {
        return with(name, p -> Sys.fchownat(Sys.AT_FDCWD, p, uid, gid, Sys.AT_SYMLINK_NOFOLLOW));
    }

    public long fchown(int fd, int uid, int gid) {
        NativeBuffer empty = text("");
        return call(() -> Sys.fchownat(fd, empty.address(), uid, gid, Sys.AT_EMPTY_PATH));
    }

    public long utimes(String name, long atime, long atimeNanos, long mtime, long mtimeNanos, int flags) {
        NativeBuffer t = new NativeBuffer(32);
        t.putLong(0, atime);
        t.putLong(8, atimeNanos);
        t.putLong(16, mtime);
        t.putLong(24, mtimeNanos);
        return with(name, p -> Sys.utimensat(Sys.AT_FDCWD, p, t.address(), flags));
    }

    /** Times through an open file. */
    public long futimes(int fd, long atime, long mtime) {
        NativeBuffer t = new NativeBuffer(32);
        t.putLong(0, atime);
        t.putLong(16, mtime);
        NativeBuffer empty = text("");
        return call(() -> Sys.utimensat(fd, empty.address(), t.address(), Sys.AT_EMPTY_PATH));
    }

    /** access(2), by the ids that decide (AT_EACCESS). */
    public long access(String name, int mask) {
        return with(name, p -> Sys.faccessat2(Sys.AT_FDCWD, p, mask, Sys.AT_EACCESS));
    }

    public Stat stat(String name) {
        return statx(name, 0);
    }

    public Stat lstat(String name) {
        return statx(name, Sys.AT_SYMLINK_NOFOLLOW);
    }

    private Stat statx(String name, int flags) {
        NativeBuffer b = new NativeBuffer(256);
        return new Stat(with(name, p -> Sys.statx(Sys.AT_FDCWD, p, flags, 0xfff, b.address())), b);
    }

    public Stat fstat(int fd) {
        NativeBuffer b = new NativeBuffer(256);
        NativeBuffer empty = text("");
        return new Stat(call(() -> Sys.statx(fd, empty.address(), Sys.AT_EMPTY_PATH, 0xfff, b.address())), b);
    }

    /** {@code struct statfs} of the file system at a path. */
    public NativeBuffer statfs(String name) {
        NativeBuffer b = new NativeBuffer(128);
        int fd = (int) must(open(name, RDONLY));
        must(call(() -> Sys.fstatfs(fd, b.address())));
        must(close(fd));
        return b;
    }

    // ---- extended attributes

    public long setxattr(String name, String attribute, String value, int flags) {
        NativeBuffer n = text(attribute);
        NativeBuffer v = bytes(value);
        return with(name, p -> Sys.setxattr(p, n.address(), v.address(), value.length(), flags));
    }

    public long lsetxattr(String name, String attribute, String value) {
        NativeBuffer n = text(attribute);
        NativeBuffer v = bytes(value);
        return with(name, p -> Sys.lsetxattr(p, n.address(), v.address(), value.length(), 0));
    }

    /** The value, or the errno's name. */
    public String getxattr(String name, String attribute) {
        NativeBuffer v = new NativeBuffer(65_536);
        long n = getxattr(name, attribute, v, 65_536);
        return n < 0 ? Seen.render(n) : string(v, (int) n);
    }

    public long getxattr(String name, String attribute, NativeBuffer to, int size) {
        NativeBuffer n = text(attribute);
        return with(name, p -> Sys.getxattr(p, n.address(), to.address(), size));
    }

    public long removexattr(String name, String attribute) {
        NativeBuffer n = text(attribute);
        return with(name, p -> Sys.removexattr(p, n.address()));
    }

    /** The {@code user.} names, sorted, comma between; or the errno's name. */
    public String listxattr(String name) {
        NativeBuffer list = new NativeBuffer(65_536);
        long n = listxattr(name, list, 65_536);
        if (n < 0) {
            return Seen.render(n);
        }
        return java.util.stream.Stream.of(string(list, (int) n).split("\0"))
                .filter(a -> a.startsWith("user."))
                .sorted()
                .collect(java.util.stream.Collectors.joining(","));
    }

    public long listxattr(String name, NativeBuffer to, int size) {
        return with(name, p -> Sys.listxattr(p, to.address(), size));
    }

    // ---- directories

    /** Opens, reads all and closes. */
    public List<Listed> list(String name) {
        int fd = (int) must(open(name, RDONLY | Sys.O_DIRECTORY));
        List<Listed> all = new ArrayList<>();
        for (List<Listed> some = getdents(fd, 32_768); !some.isEmpty(); some = getdents(fd, 32_768)) {
            all.addAll(some);
        }
        must(close(fd));
        return all;
    }

    /** The names of a directory without {@code .} and {@code ..}, sorted, comma between; or the errno's name. */
    public String names(String name) {
        int fd = open(name, RDONLY | Sys.O_DIRECTORY);
        if (fd < 0) {
            return Seen.render(fd);
        }
        long failed = getdents(fd, new NativeBuffer(32_768), 32_768);
        must(close(fd));
        return failed < 0
                ? Seen.render(failed)
                : list(name).stream()
                        .map(Listed::name)
                        .filter(n -> !n.equals(".") && !n.equals(".."))
                        .sorted()
                        .collect(java.util.stream.Collectors.joining(","));
    }

    /** One getdents64(2); empty at the end. Throws when the call fails. */
    public List<Listed> getdents(int fd, int size) {
        NativeBuffer b = new NativeBuffer(size);
        long n = must(getdents(fd, b, size));
        List<Listed> entries = new ArrayList<>();
        for (int at = 0; at < n; at += Short.toUnsignedInt(b.getShort(at + 16))) {
            int end = b.indexOfNul(at + 19, (int) n);
            String name = new String(b.bytes(at + 19, end - at - 19), StandardCharsets.ISO_8859_1);
            entries.add(new Listed(name, b.getLong(at), b.getLong(at + 8), b.getByte(at + 18)));
        }
        return entries;
    }

    public long getdents(int fd, NativeBuffer to, int size) {
        return call(() -> Sys.getdents64(fd, to.address(), size));
    }

    /** An entry of a directory: d_ino, d_off and d_type of getdents64(2). */
    public record Listed(String name, long ino, long off, int type) {}

    @Override
    public void close() {
        descriptors.forEach(Sys::close);
        descriptors.clear();
    }

    // ---- how a call is made

    @FunctionalInterface
    private interface PathCall {
        long at(long address);
    }

    @FunctionalInterface
    private interface TwoPathCall {
        long at(long from, long to);
    }

    private long with(String name, PathCall c) {
        NativeBuffer p = located(name);
        return call(() -> c.at(p.address()));
    }

    private long with(String from, String to, TwoPathCall c) {
        NativeBuffer f = located(from);
        NativeBuffer t = located(to);
        return call(() -> c.at(f.address(), t.address()));
    }

    private NativeBuffer located(String name) {
        return text(name.isEmpty() || name.startsWith("/") ? name : directory + "/" + name);
    }

    private long call(LongSupplier systemCall) {
        if (caller.isRoot()) {
            return systemCall.getAsLong();
        }
        NativeBuffer groups = new NativeBuffer(Math.max(1, caller.groups().size()) * 4);
        for (int i = 0; i < caller.groups().size(); i++) {
            groups.putInt(4 * i, caller.groups().get(i));
        }
        must(Sys.setgroups(caller.groups().size(), groups.address()));
        Sys.setfsgid(caller.gid());
        Sys.setfsuid(caller.uid());
        try {
            return systemCall.getAsLong();
        } finally {
            Sys.setfsuid(0);
            Sys.setfsgid(0);
            Sys.setgroups(0, groups.address());
        }
    }

    private static NativeBuffer text(String s) {
        byte[] b = s.getBytes(StandardCharsets.ISO_8859_1);
        NativeBuffer buffer = new NativeBuffer(b.length + 1);
        buffer.putCString(0, b);
        return buffer;
    }

    private static NativeBuffer bytes(String s) {
        byte[] b = s.getBytes(StandardCharsets.ISO_8859_1);
        NativeBuffer buffer = new NativeBuffer(Math.max(1, b.length));
        buffer.put(0, b, 0, b.length);
        return buffer;
    }

    private static String string(NativeBuffer b, int length) {
        return new String(b.bytes(0, length), StandardCharsets.ISO_8859_1);
    }
}

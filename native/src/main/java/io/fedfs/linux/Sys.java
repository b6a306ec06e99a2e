package io.fedfs.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/**
 * System calls. Arguments are those of the manual page of the same name (section 2); a result below zero is a negated
 * errno. Paths and buffers are addresses ({@link NativeBuffer}).
 */
public final class Sys {
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_STATX_FORCE_SYNC = 0x2000;
    public static final int AT_STATX_DONT_SYNC = 0x4000;
    public static final int AT_EACCESS = 0x200;

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_ACCMODE = 3;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DSYNC = 010000;
    public static final int O_SYNC = 04010000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int O_NOATIME = 01000000;
    public static final int O_DIRECTORY = Arch.O_DIRECTORY;
    public static final int O_NOFOLLOW = Arch.O_NOFOLLOW;
    public static final int O_DIRECT = Arch.O_DIRECT;
    public static final int O_LARGEFILE = Arch.O_LARGEFILE;
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    public static final int S_IFMT = 0170000;
    public static final int S_IFSOCK = 0140000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;

    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;

    public static final int MNT_FORCE = 1;
    public static final int MNT_DETACH = 2;

    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_OFD_GETLK = 36;
    public static final int F_OFD_SETLK = 37;
    public static final int F_OFD_SETLKW = 38;
    public static final int LOCK_SH = 1;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int LOCK_UN = 8;

    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_NOATIME = 1024;
    public static final int UMOUNT_NOFOLLOW = 8;

    public static final int AF_UNIX = 1;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_CLOEXEC = 02000000;
    public static final int SOL_SOCKET = 1;
    public static final int SCM_RIGHTS = 1;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int POLLIN = 1;
    public static final int WNOHANG = 1;

    public static final int RLIMIT_NOFILE = 7;
    public static final int EFD_CLOEXEC = 02000000;
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_FILES = 0x400;

    public static final long RESOLVE_NO_MAGICLINKS = 0x02;
    public static final long RESOLVE_NO_SYMLINKS = 0x04;
    public static final long RESOLVE_BENEATH = 0x08;
    /** Only what the kernel has in its cache, else EAGAIN; Linux 5.12. */
    public static final long RESOLVE_CACHED = 0x20;

    /** io_uring's calls have one number everywhere. */
    private static final long IO_URING_SETUP = 425;

    static final long IO_URING_ENTER = 426;

    private static final Libc LIBC = LibraryLoader.create(Libc.class)
            .option(LibraryOption.SaveError, Boolean.TRUE)
            .failImmediately()
            .load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

    private Sys() {}

    private static int result(int r) {
        return r >= 0 ? r : -RUNTIME.getLastError();
    }

    private static long result(long r) {
        return r >= 0 ? r : -RUNTIME.getLastError();
    }

    public static int openat(int dirfd, long path, int flags, int mode) {
        return result(LIBC.openat(dirfd, path, flags | O_CLOEXEC, mode));
    }

    /**
     * {@code openat2(2)}, Linux 5.6.
     *
     * @param how address of {@code struct open_how}: flags, mode, resolve, 64 bits each
     */
    public static int openat2(int dirfd, long path, long how) {
        return (int) result(LIBC.syscall(Arch.SYS_OPENAT2, dirfd, path, how, 24, 0, 0));
    }

    /** {@code unshare(2)} for this thread, e.g. {@link #CLONE_FS}: a umask of its own. */
    public static int unshare(int flags) {
        return (int) result(LIBC.syscall(Arch.SYS_UNSHARE, flags, 0, 0, 0, 0, 0));
    }

    public static int close(int fd) {
        return result(LIBC.close(fd));
    }

    public static int dup(int fd) {
        return result(LIBC.fcntl(fd, 1030 /* F_DUPFD_CLOEXEC */, 0));
    }

    public static int dup2(int from, int to) {
        return result(LIBC.dup2(from, to));
    }

    public static int statx(int dirfd, long path, int flags, int mask, long buf) {
        return result(LIBC.statx(dirfd, path, flags, mask, buf));
    }

    /** As {@link #fstatfs}, by name. */
    public static int statfs(long path, long buf) {
        return result(LIBC.statfs(path, buf));
    }

    /** {@code fstatfs(2)} into {@code struct statfs} at {@code buf} (120 bytes). Works on O_PATH descriptors. */
    public static int fstatfs(int fd, long buf) {
        return result(LIBC.fstatfs(fd, buf));
    }

    public static long read(int fd, long buf, long count) {
        return result(LIBC.read(fd, buf, count));
    }

    public static long write(int fd, long buf, long count) {
        return result(LIBC.write(fd, buf, count));
    }

    public static long pread(int fd, long buf, long count, long offset) {
        return result(LIBC.pread64(fd, buf, count, offset));
    }

    public static long pwrite(int fd, long buf, long count, long offset) {
        return result(LIBC.pwrite64(fd, buf, count, offset));
    }

    public static long writev(int fd, long iov, int count) {
        return result(LIBC.writev(fd, iov, count));
    }

    public static long readlinkat(int dirfd, long path, long buf, long size) {
        return result(LIBC.readlinkat(dirfd, path, buf, size));
    }

    public static int symlinkat(long target, int dirfd, long path) {
        return result(LIBC.symlinkat(target, dirfd, path));
    }

    public static int mknodat(int dirfd, long path, int mode, long dev) {
        return result(LIBC.mknodat(dirfd, path, mode, dev));
    }

    public static int mkdirat(int dirfd, long path, int mode) {
        return result(LIBC.mkdirat(dirfd, path, mode));
    }

    public static int unlinkat(int dirfd, long path, int flags) {
        return result(LIBC.unlinkat(dirfd, path, flags));
    }

    public static int renameat2(int olddirfd, long oldpath, int newdirfd, long newpath, int flags) {
        return result(LIBC.renameat2(olddirfd, oldpath, newdirfd, newpath, flags));
    }

    public static int linkat(int olddirfd, long oldpath, int newdirfd, long newpath, int flags) {
        return result(LIBC.linkat(olddirfd, oldpath, newdirfd, newpath, flags));
    }

    public static int fchmod(int fd, int mode) {
        return result(LIBC.fchmod(fd, mode));
    }

    public static int chmod(long path, int mode) {
        return result(LIBC.chmod(path, mode));
    }

    /** {@code fchmodat2(2)}, Linux 6.6; -ENOSYS before. */
    public static int fchmodat2(int dirfd, long path, int mode, int flags) {
        return (int) result(LIBC.syscall(Arch.SYS_FCHMODAT2, dirfd, path, mode, flags, 0, 0));
    }

    public static int fchownat(int dirfd, long path, int uid, int gid, int flags) {
        return result(LIBC.fchownat(dirfd, path, uid, gid, flags));
    }

    public static int truncate(long path, long length) {
        return result(LIBC.truncate64(path, length));
    }

    public static int ftruncate(int fd, long length) {
        return result(LIBC.ftruncate64(fd, length));
    }

    public static int utimensat(int dirfd, long path, long times, int flags) {
        return result(LIBC.utimensat(dirfd, path, times, flags));
    }

    public static int fsync(int fd) {
        return result(LIBC.fsync(fd));
    }

    public static int fdatasync(int fd) {
        return result(LIBC.fdatasync(fd));
    }

    public static int syncfs(int fd) {
        return result(LIBC.syncfs(fd));
    }

    public static int fallocate(int fd, int mode, long offset, long length) {
        return result(LIBC.fallocate64(fd, mode, offset, length));
    }

    public static long lseek(int fd, long offset, int whence) {
        return result(LIBC.lseek64(fd, offset, whence));
    }

    /**
     * {@code offIn}, {@code offOut}: addresses of 64-bit offsets. By number, because the stub that jnr-ffi 2.3.4 makes for a function of
     * exactly six arguments passes a wrong sixth on x86-64.
     */
    public static long copyFileRange(int fdIn, long offIn, int fdOut, long offOut, long length, int flags) {
        return result(LIBC.syscall(Arch.SYS_COPY_FILE_RANGE, fdIn, offIn, fdOut, offOut, length, flags));
    }

    public static int fcntl(int fd, int cmd, long arg) {
        return result(LIBC.fcntl(fd, cmd, arg));
    }

    public static int flock(int fd, int operation) {
        return result(LIBC.flock(fd, operation));
    }

    public static int ioctl(int fd, long request, long arg) {
        return result(LIBC.ioctl(fd, request, arg));
    }

    public static long getxattr(long path, long name, long value, long size) {
        return result(LIBC.getxattr(path, name, value, size));
    }

    public static long lgetxattr(long path, long name, long value, long size) {
        return result(LIBC.lgetxattr(path, name, value, size));
    }

    public static long fgetxattr(int fd, long name, long value, long size) {
        return result(LIBC.fgetxattr(fd, name, value, size));
    }

    public static int setxattr(long path, long name, long value, long size, int flags) {
        return result(LIBC.setxattr(path, name, value, size, flags));
    }

    public static int lsetxattr(long path, long name, long value, long size, int flags) {
        return result(LIBC.lsetxattr(path, name, value, size, flags));
    }

    public static long listxattr(long path, long list, long size) {
        return result(LIBC.listxattr(path, list, size));
    }

    public static long llistxattr(long path, long list, long size) {
        return result(LIBC.llistxattr(path, list, size));
    }

    public static int removexattr(long path, long name) {
        return result(LIBC.removexattr(path, name));
    }

    public static int lremovexattr(long path, long name) {
        return result(LIBC.lremovexattr(path, name));
    }

    public static int mount(long source, long target, long type, long flags, long data) {
        return result(LIBC.mount(source, target, type, flags, data));
    }

    public static int umount2(long target, int flags) {
        return result(LIBC.umount2(target, flags));
    }

    public static int umask(int mask) {
        return LIBC.umask(mask);
    }

    public static int poll(long fds, long count, int timeoutMillis) {
        return result(LIBC.poll(fds, count, timeoutMillis));
    }

    public static int socketpair(int domain, int type, int protocol, long fds) {
        return result(LIBC.socketpair(domain, type, protocol, fds));
    }

    public static long recvmsg(int fd, long msg, int flags) {
        return result(LIBC.recvmsg(fd, msg, flags));
    }

    /** {@code rlimit}: address of two 64-bit numbers, soft and hard. */
    public static int setrlimit(int resource, long rlimit) {
        return result(LIBC.setrlimit64(resource, rlimit));
    }

    public static int getrlimit(int resource, long rlimit) {
        return result(LIBC.getrlimit64(resource, rlimit));
    }

    /**
     * Private memory of whole pages that takes room only where it is touched; freed by {@link #munmap}.
     *
     * @return the address, or a negated errno
     */
    static long mmapPrivate(long length) {
        // PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        return result(LIBC.mmap(0, length, 3, 0x2 | 0x20 | 0x4000, -1, 0, 0));
    }

    /** Memory that a file's owner shares, such as the kernel's rings: readable and writable, all pages present. */
    static long mmapShared(int fd, long offset, long length) {
        // PROT_READ | PROT_WRITE; MAP_SHARED | MAP_POPULATE
        return result(LIBC.mmap(0, length, 3, 0x1 | 0x8000, fd, offset, 0));
    }

    static int munmap(long address, long length) {
        return result(LIBC.munmap(address, length));
    }

    /** The C library's functions, for classes of this package whose functions return an errno instead of setting it. */
    static Libc libc() {
        return LIBC;
    }

    /** {@code status}: address of an int. */
    public static int waitpid(int pid, long status, int options) {
        return result(LIBC.waitpid(pid, status, options));
    }

    /** Bytes of a page of memory. */
    public static int pageSize() {
        return LIBC.getpagesize();
    }

    public static int geteuid() {
        return LIBC.geteuid();
    }

    public static int getegid() {
        return LIBC.getegid();
    }

    public static int getpid() {
        return LIBC.getpid();
    }

    public static int kill(int pid, int signal) {
        return result(LIBC.kill(pid, signal));
    }

    public static int nameToHandleAt(int dirfd, long path, long handle, long mountId, int flags) {
        return result(LIBC.name_to_handle_at(dirfd, path, handle, mountId, flags));
    }

    public static int openByHandleAt(int mountFd, long handle, int flags) {
        return result(LIBC.open_by_handle_at(mountFd, handle, flags | O_CLOEXEC));
    }

    /** Directory entries as {@code struct linux_dirent64}; 0 at the end. */
    public static long getdents64(int fd, long buf, long size) {
        return result(LIBC.syscall(Arch.SYS_GETDENTS64, fd, buf, size, 0, 0, 0));
    }

    /**
     * getrusage(2).
     *
     * @param usage address of a {@link Rusage}'s bytes
     */
    public static int getrusage(int who, long usage) {
        return result(LIBC.getrusage(who, usage));
    }

    public static int eventfd(int count, int flags) {
        return result(LIBC.eventfd(count, flags));
    }

    /** {@code params}: address of {@code struct io_uring_params}. */
    static int ioUringSetup(int entries, long params) {
        return (int) result(LIBC.syscall(IO_URING_SETUP, entries, params, 0, 0, 0, 0));
    }

    static int ioUringEnter(int fd, int submit, int wait, int flags, long argument, int length) {
        return (int) result(LIBC.syscall(IO_URING_ENTER, fd, submit, wait, flags, argument, length));
    }

    /** The processors that the calling thread may run on, as {@link #setAffinity} takes them; returns how many bytes that are. */
    public static int getAffinity(long mask, int length) {
        return result(LIBC.sched_getaffinity(0, length, mask));
    }

    /** Lets the calling thread run on these processors only; {@code mask}: address of {@code length} bytes, one bit for each. */
    public static int setAffinity(long mask, int length) {
        return result(LIBC.sched_setaffinity(0, length, mask));
    }

    /** {@code faccessat2(2)}, Linux 5.8. */
    public static int faccessat2(int dirfd, long path, int mode, int flags) {
        return (int) result(LIBC.syscall(Arch.SYS_FACCESSAT2, dirfd, path, mode, flags, 0, 0));
    }

    /** This thread's file system user id; returns the previous one and never an error. */
    public static int setfsuid(int uid) {
        return (int) LIBC.syscall(Arch.SYS_SETFSUID, uid, 0, 0, 0, 0, 0);
    }

    /** This thread's file system group id; returns the previous one and never an error. */
    public static int setfsgid(int gid) {
        return (int) LIBC.syscall(Arch.SYS_SETFSGID, gid, 0, 0, 0, 0, 0);
    }

    /** Supplementary groups of this thread alone: the raw call, not glibc's, which changes every thread. */
    public static int setgroups(int count, long groups) {
        return (int) result(LIBC.syscall(Arch.SYS_SETGROUPS, count, groups, 0, 0, 0, 0));
    }

    public static int gettid() {
        return (int) LIBC.syscall(Arch.SYS_GETTID, 0, 0, 0, 0, 0, 0);
    }

    /** Sends a signal to one thread of this process. */
    public static int tgkill(int pid, int tid, int signal) {
        return (int) result(LIBC.syscall(Arch.SYS_TGKILL, pid, tid, signal, 0, 0, 0));
    }

    /** Capability sets of this thread; {@code header} and {@code data} as capset(2), version 3. */
    public static int capset(long header, long data) {
        return (int) result(LIBC.syscall(Arch.SYS_CAPSET, header, data, 0, 0, 0, 0));
    }

    public static int capget(long header, long data) {
        return (int) result(LIBC.syscall(Arch.SYS_CAPGET, header, data, 0, 0, 0, 0));
    }
}

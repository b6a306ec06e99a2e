package io.fedfs.linux;

/**
 * The C library's functions as jnr-ffi binds them; {@link Sys} is the way to use them. Public only because jnr-ffi implements it
 * from another class loader. Every pointer is a plain address, so that a call allocates nothing.
 *
 * <p>No function here may have exactly six parameters: jnr-ffi 2.3.4 passes garbage as the sixth on x86-64. Those that have six in C
 * get a seventh, {@code unused}, which the C library does not look at.
 */
public interface Libc {
    int openat(int dirfd, long path, int flags, int mode);

    int close(int fd);

    int dup2(int from, int to);

    int statx(int dirfd, long path, int flags, int mask, long buf);

    int statfs(long path, long buf);

    int fstatfs(int fd, long buf);

    long read(int fd, long buf, long count);

    long write(int fd, long buf, long count);

    long pread64(int fd, long buf, long count, long offset);

    long pwrite64(int fd, long buf, long count, long offset);

    long writev(int fd, long iov, int count);

    long readlinkat(int dirfd, long path, long buf, long size);

    int symlinkat(long target, int dirfd, long path);

    int mknodat(int dirfd, long path, int mode, long dev);

    int mkdirat(int dirfd, long path, int mode);

    int unlinkat(int dirfd, long path, int flags);

    int renameat2(int olddirfd, long oldpath, int newdirfd, long newpath, int flags);

    int linkat(int olddirfd, long oldpath, int newdirfd, long newpath, int flags);

    int fchmod(int fd, int mode);

    int chmod(long path, int mode);

    int fchownat(int dirfd, long path, int uid, int gid, int flags);

    int truncate64(long path, long length);

    int ftruncate64(int fd, long length);

    int utimensat(int dirfd, long path, long times, int flags);

    int fsync(int fd);

    int fdatasync(int fd);

    int syncfs(int fd);

    int fallocate64(int fd, int mode, long offset, long length);

    long lseek64(int fd, long offset, int whence);

    int fcntl(int fd, int cmd, long arg);

    int flock(int fd, int operation);

    int ioctl(int fd, long request, long arg);

    long getxattr(long path, long name, long value, long size);

    long lgetxattr(long path, long name, long value, long size);

    long fgetxattr(int fd, long name, long value, long size);

    int setxattr(long path, long name, long value, long size, int flags);

    int lsetxattr(long path, long name, long value, long size, int flags);

    long listxattr(long path, long list, long size);

    long llistxattr(long path, long list, long size);

    int removexattr(long path, long name);

    int lremovexattr(long path, long name);

    int mount(long source, long target, long type, long flags, long data);

    int umount2(long target, int flags);

    int umask(int mask);

    int poll(long fds, long count, int timeout);

    int socketpair(int domain, int type, int protocol, long fds);

    long recvmsg(int fd, long msg, int flags);

    int setrlimit64(int resource, long rlimit);

    int getrlimit64(int resource, long rlimit);

    int eventfd(int count, int flags);

    int getrusage(int who, long usage);

    int sched_getaffinity(int pid, long length, long mask);

    int sched_setaffinity(int pid, long length, long mask);

    int getpagesize();

    int geteuid();

    int getegid();

    int getpid();

    int kill(int pid, int signal);

    int name_to_handle_at(int dirfd, long path, long handle, long mountId, int flags);

    int open_by_handle_at(int mountFd, long handle, int flags);

    long mmap(long address, long length, int protection, int flags, int fd, long offset, int unused);

    int munmap(long address, long length);

    int posix_spawn_file_actions_init(long actions);

    int posix_spawn_file_actions_adddup2(long actions, int fd, int newfd);

    int posix_spawn_file_actions_addopen(long actions, int fd, long path, int flags, int mode);

    int posix_spawn_file_actions_destroy(long actions);

    int posix_spawnp(long pid, long file, long actions, long attributes, long argv, long envp, int unused);

    int waitpid(int pid, long status, int options);

    long syscall(long number, long a, long b, long c, long d, long e, long f);
}

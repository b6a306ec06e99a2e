package io.fedfs.fuse;

/**
 * A file system by nodeid: one method per FUSE operation. Methods return 0, or a count where said, or a negated errno, or throw
 * {@link FsException}; see the package comment for results, memory and lookup counts. Called by many threads at once.
 *
 * <p>{@code flags} are Linux's open(2) flags. {@code fh} is what {@link Opened#fh} said; 0 where the kernel gave none. Names are single
 * components.
 */
public interface FileSystem {
    /** Called once, before any request: what the session offers. */
    void init(Kernel kernel);

    /** Called once, after the last request: close everything. */
    void destroy();

    /**
     * The limit that a request for the node counts against, as it goes to a file server that may hang; null for none. Asks nobody.
     */
    Bulkhead bulkhead(long nodeid);

    /**
     * As getattr, for a file server's root: what is known of it without asking the server, which does not answer. -ENODATA when that
     * is nothing, or the node is not such a root.
     */
    int lastKnown(Request rq, long nodeid);

    /** Answers into {@code rq.entry}. */
    int lookup(Request rq, long parent, Name name);

    /** The kernel gives back {@code count} references to the node. No answer. */
    void forget(long nodeid, long count);

    /** Answers into {@code rq.entry} ({@code attributes} and {@code attrValidNanos}). */
    int getattr(Request rq, long nodeid, long fh);

    /** Changes what {@code rq.change} says; answers as getattr. */
    int setattr(Request rq, long nodeid);

    /** Writes the target, without NUL, to {@code address}; returns its length. */
    int readlink(Request rq, long nodeid, long address, int capacity);

    int symlink(Request rq, long parent, Name name, Name target);

    int mknod(Request rq, long parent, Name name, int mode, int rdev, int umask);

    int mkdir(Request rq, long parent, Name name, int mode, int umask);

    int unlink(Request rq, long parent, Name name);

    int rmdir(Request rq, long parent, Name name);

    /** {@code flags}: RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT of renameat2(2). */
    int rename(Request rq, long parent, Name name, long newParent, Name newName, int flags);

    /** Answers into {@code rq.entry}. */
    int link(Request rq, long nodeid, long newParent, Name newName);

    /** Answers into {@code rq.opened}. */
    int open(Request rq, long nodeid, int flags);

    /** Answers into {@code rq.entry} and {@code rq.opened}. */
    int create(Request rq, long parent, Name name, int flags, int mode, int umask);

    /** O_TMPFILE: a nameless file in the directory. Answers as create. */
    int tmpfile(Request rq, long parent, int flags, int mode, int umask);

    /** Reads to native memory; returns the count, less than {@code size} only at the end of the file. */
    int read(Request rq, long nodeid, long fh, long offset, int size, long address);

    /** {@code fuse_write_in.write_flags}: what a program stored in a map of the file, written back by the kernel (FUSE_WRITE_CACHE). */
    int WRITE_CACHE = 1;

    /** {@code fuse_write_in.write_flags}: clear set-id bits, as the caller has no CAP_FSETID (FUSE_WRITE_KILL_SUIDGID). */
    int WRITE_KILL_SUIDGID = 4;

    /** Writes from native memory; returns the count. {@code writeFlags}: of those above. */
    int write(Request rq, long nodeid, long fh, long offset, int size, long address, int writeFlags);

    /** One close(2) of a descriptor; {@code lockOwner}'s POSIX locks on the file go. */
    int flush(Request rq, long nodeid, long fh, long lockOwner);

    /** The last descriptor of this open file is gone. */
    int release(Request rq, long nodeid, long fh, int flags, long lockOwner, boolean flockUnlock);

    int fsync(Request rq, long nodeid, long fh, boolean dataOnly);

    /** Answers into {@code rq.opened}. */
    int opendir(Request rq, long nodeid, int flags);

    /** Entries from {@code offset} on (0: the first), into the sink until it is full. */
    int readdir(Request rq, long nodeid, long fh, long offset, int size, DirectorySink sink);

    int releasedir(Request rq, long nodeid, long fh);

    int fsyncdir(Request rq, long nodeid, long fh, boolean dataOnly);

    /** Answers into {@code rq.status}. */
    int statfs(Request rq, long nodeid);

    /** {@code killSgid}: setting an access ACL must clear the set-group-id bit (FUSE_SETXATTR_ACL_KILL_SGID). */
    int setxattr(Request rq, long nodeid, Name name, long address, int size, int flags, boolean killSgid);

    /** Value to native memory; returns its length; with {@code capacity} 0 only the length. -ERANGE when it does not fit. */
    int getxattr(Request rq, long nodeid, Name name, long address, int capacity);

    /** Names, each ended by a NUL, as listxattr(2); as getxattr. */
    int listxattr(Request rq, long nodeid, long address, int capacity);

    int removexattr(Request rq, long nodeid, Name name);

    /** access(2) with the caller's real credentials in {@code rq}. */
    int access(Request rq, long nodeid, int mask);

    int fallocate(Request rq, long nodeid, long fh, int mode, long offset, long length);

    /** {@code whence}: SEEK_DATA (3) or SEEK_HOLE (4); returns the offset. */
    long lseek(Request rq, long nodeid, long fh, long offset, int whence);

    /** Returns the count. */
    long copyFileRange(
            Request rq,
            long nodeidIn,
            long fhIn,
            long offsetIn,
            long nodeidOut,
            long fhOut,
            long offsetOut,
            long length,
            int flags);

    /** Tests {@code rq.lock}; answers into it (type UNLOCK when nothing is in the way). */
    int getlk(Request rq, long nodeid, long fh, long owner);

    /** Sets or removes {@code rq.lock}; -EAGAIN when it cannot be had now: who wants to wait asks again. */
    int setlk(Request rq, long nodeid, long fh, long owner);

    /**
     * No errno: the lock cannot be had now, but who has it has just closed a descriptor, and the kernel tells of the last close of an open
     * file in the background (fuse_file_release in fs/fuse/file.c). Even who does not want to wait asks again, a moment later.
     */
    int LOCK_MAY_BE_LEAVING = Integer.MIN_VALUE + 1;

    /** How long who does not want to wait for a lock waits for its holder's close at most; nanoseconds. Then the answer is -EAGAIN. */
    long LONGEST_LEAVING = 100_000_000;

    /** flock(2); {@code operation} LOCK_SH, LOCK_EX or LOCK_UN; -EAGAIN as setlk, or {@link #LOCK_MAY_BE_LEAVING}. */
    int flock(Request rq, long nodeid, long fh, int operation);

    /**
     * A restricted ioctl: {@code inSize} bytes at {@code inAddress}, up to {@code outSize} bytes of answer at {@code
     * outAddress}. Returns the ioctl's own result (not negative); the whole out area is sent back.
     */
    int ioctl(
            Request rq,
            long nodeid,
            long fh,
            int flags,
            int command,
            long argument,
            long inAddress,
            int inSize,
            long outAddress,
            int outSize);

    /** sync(2) or syncfs(2) on the mount. */
    int syncfs(Request rq, long nodeid);
}

package io.fedfs.fuse;

/** A POSIX record lock as FUSE carries it ({@code struct fuse_file_lock}); {@code end} inclusive. Mutable, reused. */
public final class FileLock {
    public static final int READ = 0;
    public static final int WRITE = 1;
    public static final int UNLOCK = 2;

    public long start;
    public long end;
    public int type;
    public int pid;
}

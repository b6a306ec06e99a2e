package io.fedfs.fuse;

import io.fedfs.linux.NativeBuffer;
import java.util.function.BooleanSupplier;

/**
 * One request being served: who asks, and the scratch memory of the serving thread. A thread has one and uses it for every
 * request in turn; nothing may keep it, or anything in it, beyond the call.
 */
public final class Request {
    /** Scratch size: a few {@code struct statx}, a few paths. */
    public static final int SCRATCH = 32 * 1024;

    /** The caller's file system user and group id, and thread id (0 when not visible from this pid namespace). */
    public int uid;

    public int gid;
    public int pid;
    /** The kernel's number of this request; 0 when the session has none. */
    public long unique;

    /**
     * A supplementary group of the caller that a creation needs to know: the group of the directory, when the caller is in it
     * by way of a supplementary group only (FUSE_CREATE_SUPP_GROUP); -1 otherwise.
     */
    public int supplementaryGroup = -1;
    /** The session can have an operation begin anew ({@link BeginAnew}). */
    public boolean canBeginAnew;
    /**
     * Getattr: the kernel uses attributes for as long as it was told, so if it asks sooner it does not trust them, because they refuse a
     * caller something (fs/fuse/dir.c, fuse_permission).
     */
    public boolean doubtsAttributes;
    /** Open and create: the set-id bits have to go, because the file is truncated by someone without CAP_FSETID. */
    public boolean killSuidgid;

    public final Name name = new Name();
    public final Name name2 = new Name();
    public final Entry entry = new Entry();
    public final Opened opened = new Opened();
    public final AttributeChange change = new AttributeChange();
    public final FileLock lock = new FileLock();
    public final FileSystemStatus status = new FileSystemStatus();

    /** What the file system keeps about the serving thread, e.g. which user it acts as; null at first. */
    public Object threadState;

    /** For the file system's own use during one operation. */
    public final NativeBuffer scratch = new NativeBuffer(SCRATCH);

    /** For getdents64, as large as the largest directory reply; made when first needed. */
    private NativeBuffer listing;

    private BooleanSupplier interruptSource = () -> false;

    /** Memory for directory entries, at least {@code size} bytes. */
    public NativeBuffer listing(int size) {
        if (listing == null || listing.capacity() < size) {
            listing = new NativeBuffer(Math.max(size, 64 * 1024));
        }
        return listing;
    }

    /** Whether the caller was interrupted meanwhile: a wait should end with EINTR. */
    public boolean interrupted() {
        return interruptSource.getAsBoolean();
    }

    /** Set by the session: how to find out, on the serving thread, whether its request was interrupted. */
    public void setInterruptSource(BooleanSupplier source) {
        interruptSource = source;
    }
}

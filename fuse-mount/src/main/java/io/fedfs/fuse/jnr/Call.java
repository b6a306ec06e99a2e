package io.fedfs.fuse.jnr;

import io.fedfs.fuse.Request;
import io.fedfs.linux.NativeBuffer;
import java.util.function.BooleanSupplier;

/** What the callbacks of one thread work with: the request and memory for names. */
final class Call {
    /** Offsets in {@code struct fuse_context} (LP64). */
    private static final int CONTEXT = 40;

    private static final int CONTEXT_UID = 8;
    private static final int CONTEXT_GID = 12;
    private static final int CONTEXT_PID = 16;
    private static final int CONTEXT_UMASK = 32;

    final Request request = new Request();
    final PathBytes path = new PathBytes();
    final PathBytes secondPath = new PathBytes();
    final Filler filler = new Filler();
    int umask;
    /** The path's file when its name is gone; the callback then has no reference of its own. */
    HiddenFiles.Hidden hidden;

    /** @param interrupted whether the calling thread's request was interrupted */
    Call(BooleanSupplier interrupted) {
        request.setInterruptSource(interrupted);
    }

    /** Takes over who asks. */
    void begin(long context) {
        NativeBuffer c = NativeBuffer.view(context, CONTEXT);
        request.uid = c.getInt(CONTEXT_UID);
        request.gid = c.getInt(CONTEXT_GID);
        request.pid = c.getInt(CONTEXT_PID);
        request.unique = 0;
        request.supplementaryGroup = -1;
        request.killSuidgid = false;
        umask = c.getInt(CONTEXT_UMASK);
        hidden = null;
    }
}

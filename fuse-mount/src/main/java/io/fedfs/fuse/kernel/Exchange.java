package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Request;

/** One thread's request and reply: the memory of both, and what the file system sees of it. Used for one request after another. */
final class Exchange {
    final RequestReader in;
    final ReplyWriter out;
    final Request request = new Request();
    final DirectoryReply directory;

    /** The request under way, 0 for none. Guarded by this. */
    private long current;

    Exchange(int maxWrite, int maxRead) {
        this.in = new RequestReader(maxWrite);
        this.out = new ReplyWriter(maxRead);
        this.directory = new DirectoryReply(out);
    }

    /** Prepares for the request that {@link #in} holds. */
    void begin() {
        request.uid = in.uid();
        request.gid = in.gid();
        request.pid = in.pid();
        request.unique = in.unique();
        request.supplementaryGroup = -1;
        request.killSuidgid = false;
        synchronized (this) {
            current = in.unique();
            request.setInterrupted(false);
        }
        out.begin();
    }

    void end() {
        synchronized (this) {
            current = 0;
        }
    }

    /** Marks the request under way as interrupted if it is that one. */
    synchronized boolean interrupt(long unique) {
        if (current != unique) {
            return false;
        }
        request.setInterrupted(true);
        return true;
    }

    void free() {
        in.free();
        out.free();
    }
}

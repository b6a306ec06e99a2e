package io.fedfs.fuse.jnr;

import io.fedfs.linux.Errno;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Open files and directories, by the number that libfuse keeps for us in {@code fuse_file_info.fh}. */
final class Handles {
    /**
     * One open file.
     *
     * @param nodeid the node
     * @param fh the file system's own number of the open file
     * @param ownsReference whether it holds a reference to its node, to be given back when it is closed
     */
    record Handle(long nodeid, long fh, boolean ownsReference) {}

    private final Map<Long, Handle> table = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    long add(long nodeid, long fh, boolean ownsReference) {
        long id = next.incrementAndGet();
        table.put(id, new Handle(nodeid, fh, ownsReference));
        return id;
    }

    Handle get(long id) {
        Handle h = table.get(id);
        if (h == null) {
            throw new Failure(Errno.EBADF);
        }
        return h;
    }

    Handle remove(long id) {
        Handle h = get(id);
        table.remove(id);
        return h;
    }

    /** The file system's number of any open file on a node; 0 if there is none. */
    long openOn(long nodeid) {
        for (Handle h : table.values()) {
            if (h.nodeid() == nodeid) {
                return h.fh();
            }
        }
        return 0;
    }

    int size() {
        return table.size();
    }
}

package io.fedfs.fuse.jnr;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Open files whose name is gone. libfuse has no way to speak of one but by a path, so instead of removing it, it renames it to {@code
 * .fuse_hidden…} and goes on by that. Such names have no place in filesets that others use: the rename is answered by removing the
 * file, and the name lives here only, until the file is closed.
 */
final class HiddenFiles {
    private static final byte[] PREFIX = ".fuse_hidden".getBytes(StandardCharsets.US_ASCII);

    /** One file: holds one reference to its node. */
    static final class Hidden {
        private final byte[] path;
        final long nodeid;
        /** The file system's number of an open file on it. */
        volatile long fh;

        private Hidden(byte[] path, long nodeid, long fh) {
            this.path = path;
            this.nodeid = nodeid;
            this.fh = fh;
        }
    }

    /** Few at any time, mostly none. */
    private final List<Hidden> files = new CopyOnWriteArrayList<>();

    /** Whether a rename between these paths is libfuse's way to remove an open file. */
    static boolean isHiding(PathBytes from, PathBytes to) {
        int directory = to.parent(to.length());
        byte[] p = to.bytes();
        int name = directory + 1;
        return from.parent(from.length()) == directory
                && Arrays.equals(from.bytes(), 0, directory, p, 0, directory)
                && p.length - name > PREFIX.length
                && Arrays.equals(p, name, name + PREFIX.length, PREFIX, 0, PREFIX.length);
    }

    /** Takes over one reference to the node. */
    void add(PathBytes path, long nodeid, long fh) {
        files.add(new Hidden(path.bytes(), nodeid, fh));
    }

    /** The file that libfuse knows by this path, or null. */
    Hidden get(PathBytes path) {
        for (Hidden h : files) {
            if (Arrays.equals(h.path, path.bytes())) {
                return h;
            }
        }
        return null;
    }

    /**
     * An open file was closed.
     *
     * @param other another open file on the same node, 0 if there is none
     * @return the references to give back
     */
    List<Hidden> closed(long nodeid, long fh, long other) {
        List<Hidden> gone = new ArrayList<>(0);
        for (Hidden h : files) {
            if (h.nodeid == nodeid && other == 0) {
                gone.add(h);
            } else if (h.nodeid == nodeid && h.fh == fh) {
                h.fh = other;
            }
        }
        files.removeAll(gone);
        return gone;
    }

    boolean isEmpty() {
        return files.isEmpty();
    }
}

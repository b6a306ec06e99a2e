package io.fedfs.soak;

import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A directory on which steps are done, with the files that are open there; the other side has the same ones at the same indices. */
final class Side {
    private final Ground ground;
    private final Ground underneath;
    private final List<Integer> open = new ArrayList<>();

    /**
     * @param underneath the directory that another program changes when it goes past the mount; the same one where there is no mount
     */
    Side(Path directory, Path underneath) {
        this.ground = new Ground(directory, Caller.ROOT);
        this.underneath = new Ground(underneath, Caller.ROOT);
    }

    Ground as(Caller caller) {
        return ground.as(caller);
    }

    /** The same names, by the way past the mount, as root. */
    Ground underneath() {
        return underneath;
    }

    int fd(int index) {
        return open.get(index);
    }

    void opened(int fd) {
        open.add(fd);
    }

    int openFiles() {
        return open.size();
    }

    /** Which file an open one is, for a person: its name as the kernel knows it, its state, and that of the name underneath. */
    String describe(int index) {
        Ground root = ground.as(Caller.ROOT);
        String path = root.readlink("/proc/self/fd/" + fd(index));
        String top = ground.path("").toString();
        String below = path.startsWith(top) ? underneath.path("").toString() + path.substring(top.length()) : path;
        return Steps.quoted(path) + " " + Steps.summary(root.fstat(fd(index))) + "; by name "
                + Steps.summary(root.lstat(path)) + "; underneath " + Steps.summary(root.lstat(below));
    }

    long close(int index) {
        return ground.close(open.remove(index));
    }

    void closeAll() {
        while (!open.isEmpty()) {
            close(open.size() - 1);
        }
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.Kernel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A kernel without passthrough that remembers what it was told to forget. */
final class FakeKernel implements Kernel {
    final List<String> entries = new CopyOnWriteArrayList<>();
    final List<Long> nodes = new CopyOnWriteArrayList<>();

    @Override
    public boolean hasPassthrough() {
        return false;
    }

    @Override
    public int openBacking(int fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void closeBacking(int backingId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void invalidateEntry(long parentNodeid, byte[] name) {
        entries.add(parentNodeid + "/" + new String(name, StandardCharsets.UTF_8));
    }

    @Override
    public void invalidateAttributes(long nodeid) {
        nodes.add(nodeid);
    }

    @Override
    public void invalidateInode(long nodeid, boolean dataToo) {
        nodes.add(nodeid);
    }

    @Override
    public boolean hasInvalidation() {
        return true;
    }

    @Override
    public String transport() {
        return "none";
    }

    @Override
    public Set<String> features() {
        return Set.of();
    }

    @Override
    public void lockReleased(long nodeid) {
        // Nobody waits here.
    }
}

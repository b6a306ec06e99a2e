package io.fedfs.projection;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where the listing of an open directory stands. Guarded by itself while it is read, which may take for ever; who cannot wait goes on with another. */
final class Listing {
    /** Names that are noted, so that a listing can go on at another location. */
    private static final int MOST_NOTED = 100_000;

    final int fd;
    /** Next read position of the descriptor, so that an lseek is made only when the reader jumped. */
    long position;
    /** The names listed so far; null: not noted. */
    private Set<String> listed;
    /** Those to be left out, as they were listed at another location; null: none. */
    private Set<String> leftOut;
    /** It cannot go on, only begin anew, since nobody knows what was listed. */
    private boolean cut;
    /** Something was listed beside the directory itself and its parent. */
    boolean hasEntries;

    /** @param noted whether the names are noted */
    Listing(int fd, boolean noted) {
        this.fd = fd;
        this.listed = noted ? ConcurrentHashMap.newKeySet() : null;
    }

    /** Goes on by another descriptor. */
    Listing elsewhere(int newFd) {
        Set<String> before = listed;
        Listing next = new Listing(newFd, before != null);
        next.hasEntries = hasEntries;
        next.cut = before == null && position != 0;
        if (before != null) {
            next.leftOut = Set.copyOf(before);
            next.listed.addAll(before);
        }
        return next;
    }

    /** The reader begins anew. */
    void rewind() {
        leftOut = null;
        cut = false;
        if (listed != null) {
            listed.clear();
        }
    }

    /** Whether it cannot go on from where the reader is. */
    boolean isCut() {
        return cut;
    }

    /** Whether the descriptor is where the reader is; at another location what the reader goes on from means nothing, until something was read there. */
    boolean isAt(long offset) {
        return position == offset || leftOut != null && position == 0;
    }

    /** Whether names have to be told to {@link #isNew}. */
    boolean notes() {
        return listed != null;
    }

    /** Notes a name; false when it was listed before, at another location. */
    boolean isNew(String name) {
        if (leftOut != null && leftOut.contains(name)) {
            return false;
        }
        if (listed.size() >= MOST_NOTED) {
            listed = null;
        } else {
            listed.add(name);
        }
        return true;
    }

    /** The name noted last was not listed after all. */
    void takeBack(String name) {
        if (listed != null && name != null) {
            listed.remove(name);
        }
    }
}

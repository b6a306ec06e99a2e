package io.fedfs.fuse.jnr;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Directories by path: walks there by lookups, and remembers what it walked through for the entry timeout. A remembered directory holds
 * one reference to its node; it is given back when the directory is forgotten here and nobody uses it any more. A directory uses its
 * parent, as a dentry in the kernel does: the file system may rely on a node's parents being held as long as the node is.
 *
 * <p>All state is guarded by this object's lock, which is never held during a call of the file system other than {@code forget}.
 */
final class Directories {
    static final int REMEMBERED = 4096;

    private static final int S_IFMT = 0170000;
    private static final int S_IFDIR = 0040000;

    /** A path as a key. */
    private static final class Key {
        final byte[] path;
        private final int hash;

        Key(byte[] path, int length) {
            this.path = Arrays.copyOf(path, length);
            this.hash = Arrays.hashCode(this.path);
        }

        boolean isAtOrBelow(byte[] other) {
            return path.length >= other.length
                    && Arrays.equals(path, 0, other.length, other, 0, other.length)
                    && (path.length == other.length || path[other.length] == '/');
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Key k && Arrays.equals(path, k.path);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** A directory in use: to be given to {@link Directories#release} by whoever got it. */
    static final class Directory {
        final long nodeid;
        private final Directory parent;
        private final long expires;
        /** Guarded by the lock of {@link Directories}. */
        private int users;
        /** Whether the table holds it. Guarded by the lock of {@link Directories}. */
        private boolean remembered;

        private Directory(long nodeid, Directory parent, long expires) {
            this.nodeid = nodeid;
            this.parent = parent;
            this.expires = expires;
        }
    }

    private final FileSystem fs;
    private final LongSupplier nanoTime;
    private final Directory root = new Directory(1, null, Long.MAX_VALUE);
    private final LinkedHashMap<Key, Directory> table = new LinkedHashMap<>(64, 0.75f, true);

    Directories(FileSystem fs, LongSupplier nanoTime) {
        this.fs = fs;
        this.nanoTime = nanoTime;
        root.remembered = true;
    }

    /**
     * The directory at a prefix of a path.
     *
     * @throws Failure ENOENT, ENOTDIR, or what the file system said
     */
    Directory open(Request rq, PathBytes path, int prefix) {
        Directory d = null;
        int at = prefix;
        for (; d == null; at = d == null ? path.parent(at) : at) {
            d = at == 0 ? use(root) : remembered(new Key(path.bytes(), at));
        }
        while (at < prefix) {
            at = path.child(at);
            Directory next;
            try {
                next = step(rq, d, path, at);
            } finally {
                release(d);
            }
            d = next;
        }
        return d;
    }

    private Directory step(Request rq, Directory parent, PathBytes path, int prefix) {
        Failure.check(fs.lookup(rq, parent.nodeid, path.name(prefix, rq.name)));
        if (rq.entry.nodeid == 0) {
            throw new Failure(Errno.ENOENT);
        }
        if ((rq.entry.attributes.mode & S_IFMT) != S_IFDIR) {
            fs.forget(rq.entry.nodeid, 1);
            throw new Failure(Errno.ENOTDIR);
        }
        return adopt(path, prefix, parent, rq.entry.nodeid, rq.entry.entryValidNanos);
    }

    private synchronized Directory use(Directory d) {
        d.users++;
        return d;
    }

    private Directory remembered(Key key) {
        Directory old;
        synchronized (this) {
            Directory d = table.get(key);
            if (d == null) {
                return null;
            }
            if (d.expires - nanoTime.getAsLong() > 0) {
                return use(d);
            }
            old = dropped(table.remove(key));
        }
        giveBack(old);
        return null;
    }

    /**
     * Takes over one reference to a directory's node, remembers it for a while, and gives it out for use.
     *
     * @param validNanos its entry timeout
     */
    private Directory adopt(PathBytes path, int prefix, Directory parent, long nodeid, long validNanos) {
        // The clock's zero is anywhere; a year bounds the sum.
        long expires = nanoTime.getAsLong() + Math.min(validNanos, 365L * 24 * 3600 * 1_000_000_000L);
        Directory d = new Directory(nodeid, parent, expires);
        List<Directory> gone = new ArrayList<>(2);
        synchronized (this) {
            d.users = 1;
            parent.users++;
            if (validNanos > 0) {
                d.remembered = true;
                gone.add(dropped(table.put(new Key(path.bytes(), prefix), d)));
            }
            if (table.size() > REMEMBERED) {
                Iterator<Directory> eldest = table.values().iterator();
                gone.add(dropped(eldest.next()));
                eldest.remove();
            }
        }
        gone.forEach(this::giveBack);
        return d;
    }

    /** Marks as no longer remembered; returns it when nobody uses it either. Called with the lock held. */
    private static Directory dropped(Directory d) {
        if (d == null) {
            return null;
        }
        d.remembered = false;
        return d.users == 0 ? d : null;
    }

    void release(Directory d) {
        boolean last;
        synchronized (this) {
            last = --d.users == 0 && !d.remembered;
        }
        if (last) {
            giveBack(d);
        }
    }

    /** Gives the reference to the node back, and then the use of the parent, up to one that is still in use. */
    private void giveBack(Directory gone) {
        Directory d = gone;
        while (d != null) {
            fs.forget(d.nodeid, 1);
            Directory parent = d.parent;
            synchronized (this) {
                d = --parent.users == 0 && !parent.remembered ? parent : null;
            }
        }
    }

    /** Forgets the path and everything below: it was renamed or removed. */
    void forget(PathBytes path) {
        forgetIf(e -> e.getKey().isAtOrBelow(path.bytes()));
    }

    /** Forgets a node, under whatever paths, and everything below: the file system says that it is not what it was. */
    void forget(long nodeid) {
        List<Key> at = new ArrayList<>();
        synchronized (this) {
            for (Map.Entry<Key, Directory> e : table.entrySet()) {
                if (e.getValue().nodeid == nodeid) {
                    at.add(e.getKey());
                }
            }
        }
        for (Key k : at) {
            forgetIf(e -> e.getKey().isAtOrBelow(k.path));
        }
    }

    /** Forgets a name in a directory, and everything below. */
    void forget(long parent, byte[] name) {
        List<Key> at = new ArrayList<>();
        synchronized (this) {
            for (Key k : table.keySet()) {
                if (endsWith(k.path, name)) {
                    at.add(k);
                }
            }
            // Only now: a look at the table changes its order.
            at.removeIf(k -> nodeOf(k, k.path.length - name.length - 1) != parent);
        }
        for (Key k : at) {
            forgetIf(e -> e.getKey().isAtOrBelow(k.path));
        }
    }

    private static boolean endsWith(byte[] path, byte[] name) {
        int from = path.length - name.length;
        return from > 0 && path[from - 1] == '/' && Arrays.equals(path, from, path.length, name, 0, name.length);
    }

    /** The node at a prefix of a remembered path; of an unknown parent it is not told, so the name is taken for a match of any. */
    private long nodeOf(Key k, int prefix) {
        if (prefix == 0) {
            return root.nodeid;
        }
        Directory d = table.get(new Key(k.path, prefix));
        return d == null ? 0 : d.nodeid;
    }

    private void forgetIf(java.util.function.Predicate<Map.Entry<Key, Directory>> which) {
        List<Directory> gone = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Map.Entry<Key, Directory>> i = table.entrySet().iterator(); i.hasNext(); ) {
                Map.Entry<Key, Directory> e = i.next();
                if (which.test(e)) {
                    gone.add(dropped(e.getValue()));
                    i.remove();
                }
            }
        }
        gone.forEach(this::giveBack);
    }

    synchronized int size() {
        return table.size();
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.Name;
import java.util.function.Consumer;

/**
 * All inodes: by nodeid, and by identity (scope, device, inode number, birth time, kind). The identity side is a chained hash table in
 * stripes, with the chain in the inodes themselves, because a lookup must not allocate a key.
 *
 * <p>An inode holds one reference to the parent it was last seen in, beside those that the session holds: it may have to be opened again by
 * parent and name, and its realm must live. So an inode leaves when neither the session nor a child needs it.
 */
final class InodeTable {
    static final long ROOT_ID = 1;
    private static final int STRIPES = 64;

    private final SlotTable<Inode> byId = new SlotTable<>(2);
    private final Stripe[] stripes = new Stripe[STRIPES];
    /** Takes what an inode that left still holds. */
    private final Consumer<Inode> whenGone;

    private static final class Stripe {
        private Inode[] buckets = new Inode[64];
        private int size;
    }

    InodeTable(Consumer<Inode> whenGone) {
        this.whenGone = whenGone;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Puts the root in, which is never forgotten and has no identity below. */
    void putRoot(Inode root) {
        byId.put(root);
    }

    Inode get(long nodeid) {
        return byId.get(nodeid);
    }

    int size() {
        return byId.size();
    }

    void forEach(Consumer<Inode> action) {
        byId.forEach(action);
    }

    private static long hash(int scope, int device, long backingIno, long birth) {
        return Realm.mix(backingIno * 0x9e3779b97f4a7c15L + birth + ((long) scope << 32) + device);
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> 58)];
    }

    private static int bucket(Stripe s, long hash) {
        return (int) hash & (s.buckets.length - 1);
    }

    /**
     * The inode with this identity, made if there is none, with one lookup reference more; noted to be at this place.
     */
    Inode refer(
            Realm realm,
            int scope,
            int device,
            long backingIno,
            long birth,
            int type,
            byte kind,
            Inode parent,
            Name name) {
        long hash = hash(scope, device, backingIno, birth);
        Stripe s = stripe(hash);
        Inode inode;
        synchronized (s) {
            inode = find(s, hash, scope, device, backingIno, birth, kind);
            if (inode == null) {
                inode = new Inode(
                        byId.reserve(),
                        realm.ino(device, backingIno),
                        scope,
                        device,
                        backingIno,
                        birth,
                        type,
                        kind,
                        realm);
                insert(s, hash, inode);
                byId.put(inode);
            }
            inode.lookups++;
        }
        if (!inode.isAt(parent, name)) {
            place(inode, parent, name, realm);
        }
        return inode;
    }

    /** Notes where an inode, to which the caller has a reference, is now. */
    void place(Inode inode, Inode parent, Name name, Realm realm) {
        boolean held = referAgain(parent);
        Inode before = inode.place(held ? parent : null, name.bytes(), realm);
        if (before != null) {
            forget(before, 1);
        }
    }

    /** A nameless file (O_TMPFILE), with one reference. */
    Inode referNameless(Realm realm, int scope, int device, long backingIno, long birth, int type) {
        long hash = hash(scope, device, backingIno, birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            Inode inode = find(s, hash, scope, device, backingIno, birth, Inode.ORDINARY);
            if (inode == null) {
                inode = new Inode(
                        byId.reserve(),
                        realm.ino(device, backingIno),
                        scope,
                        device,
                        backingIno,
                        birth,
                        type,
                        Inode.ORDINARY,
                        realm);
                insert(s, hash, inode);
                byId.put(inode);
            }
            inode.lookups++;
            return inode;
        }
    }

    /** One reference more to an inode found otherwise; false when it has just been forgotten. */
    boolean referAgain(Inode inode) {
        Stripe s = stripe(hash(inode.scope, inode.device, inode.backingIno, inode.birth));
        synchronized (s) {
            if (byId.get(inode.id()) != inode) {
                return false;
            }
            inode.lookups++;
            return true;
        }
    }

    /** The inode with this identity if the kernel holds it; no reference is added. */
    Inode peek(int scope, int device, long backingIno, long birth, byte kind) {
        long hash = hash(scope, device, backingIno, birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            return find(s, hash, scope, device, backingIno, birth, kind);
        }
    }

    /** Takes an inode out of the identity side, so that the next lookup makes a new one. Its nodeid stays valid. */
    void retire(Inode inode) {
        long hash = hash(inode.scope, inode.device, inode.backingIno, inode.birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            if (inode.hashed) {
                unlink(s, hash, inode);
            }
        }
    }

    /** Gives references back. An inode without any leaves, and gives back the one to its parent. */
    void forget(Inode inode, long count) {
        long references = count;
        Inode i = inode;
        while (i != null && drop(i, references)) {
            whenGone.accept(i);
            i = i.place(null, null, i.realm);
            references = 1;
        }
    }

    /** Whether those were the last: the inode is out of the table. */
    private boolean drop(Inode inode, long count) {
        long hash = hash(inode.scope, inode.device, inode.backingIno, inode.birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            inode.lookups = (int) Math.max(0, inode.lookups - count);
            if (inode.lookups > 0 || inode.id() == ROOT_ID) {
                return false;
            }
            if (inode.hashed) {
                unlink(s, hash, inode);
            }
            return byId.remove(inode);
        }
    }

    private static Inode find(Stripe s, long hash, int scope, int device, long backingIno, long birth, byte kind) {
        for (Inode i = s.buckets[bucket(s, hash)]; i != null; i = i.next) {
            if (i.is(scope, device, backingIno, birth, kind)) {
                return i;
            }
        }
        return null;
    }

    private static void insert(Stripe s, long hash, Inode inode) {
        if (s.size >= s.buckets.length) {
            grow(s);
        }
        int b = bucket(s, hash);
        inode.next = s.buckets[b];
        inode.hashed = true;
        s.buckets[b] = inode;
        s.size++;
    }

    private static void grow(Stripe s) {
        Inode[] old = s.buckets;
        s.buckets = new Inode[old.length * 2];
        for (Inode head : old) {
            while (head != null) {
                Inode rest = head.next;
                int b = bucket(s, hash(head.scope, head.device, head.backingIno, head.birth));
                head.next = s.buckets[b];
                s.buckets[b] = head;
                head = rest;
            }
        }
    }

    private static void unlink(Stripe s, long hash, Inode inode) {
        int b = bucket(s, hash);
        Inode before = null;
        for (Inode i = s.buckets[b]; i != null; before = i, i = i.next) {
            if (i == inode) {
                if (before == null) {
                    s.buckets[b] = i.next;
                } else {
                    before.next = i.next;
                }
                inode.next = null;
                inode.hashed = false;
                s.size--;
                return;
            }
        }
    }
}

package io.fedfs.projection;

import io.fedfs.fuse.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All inodes: by nodeid, and by identity (scope, device, inode number, birth time, kind). The identity side is a chained hash table in
 * stripes, with the chain in the inodes themselves, because a lookup must not allocate a key.
 *
 * <p>The session holds references, and each inode holds its parent as a child: it may have to be opened again by parent and name, and its
 * realm must live. So an inode is idle when neither the session nor a child needs it. A directory without a name has nothing that could
 * be opened in it, so children do not hold it: else one that is remembered, and was lost below unseen, would keep it and its descriptor.
 *
 * <p>An idle inode is <em>remembered</em> for a while: a file server on top of the mount may hold a file handle, which is nodeid and
 * generation, and the kernel asks for it again by LOOKUP of "." (fs/fuse/inode.c, fuse_get_dentry). A later lookup of the same identity finds it
 * too, so handles stay valid. Each stripe has a list of its idle inodes, the one idle longest at its end, again in the inodes
 * themselves; what falls off the end leaves. Not remembered is what could not be told from another file that is given its inode number:
 * inodes without a name, and those of file systems without birth times; nor what belongs to a location that was left.
 */
final class InodeTable {
    static final long ROOT_ID = 1;
    /** Idle inodes are remembered in portions of so many. */
    static final int STRIPES = 64;

    private final SlotTable<Inode> byId = new SlotTable<>(2);
    private final Stripe[] stripes = new Stripe[STRIPES];
    /** Idle inodes that each stripe may keep. */
    private final int rememberedInStripe;
    /** Told of an inode that the session let go of, and that stays: it may give up what it does not need. */
    private final Consumer<Inode> whenIdle;
    /** Takes what an inode that left still holds. */
    private final Consumer<Inode> whenGone;

    private static final class Stripe {
        private Inode[] buckets = new Inode[64];
        private int size;
        /** Inodes that the session has references to. */
        private int held;
        /** Of the idle ones, the one that became so last, first, and their number. */
        private Inode youngest;

        private Inode eldest;
        private int idle;
    }

    /** @param remembered how many idle inodes are kept about, rounded up to a multiple of {@link #STRIPES} */
    InodeTable(int remembered, Consumer<Inode> whenIdle, Consumer<Inode> whenGone) {
        this.rememberedInStripe = (int) Math.min(Integer.MAX_VALUE, ((long) remembered + STRIPES - 1) / STRIPES);
        this.whenIdle = whenIdle;
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

    /** How many the session has references to, the root not counted. */
    int held() {
        int sum = 0;
        for (Stripe s : stripes) {
            synchronized (s) {
                sum += s.held;
            }
        }
        return sum;
    }

    /** How many are remembered, or above one that is. */
    int remembered() {
        return Math.max(0, byId.size() - held());
    }

    void forEach(Consumer<Inode> action) {
        byId.forEach(action);
    }

    private static long hash(int scope, int device, long backingIno, long birth) {
        return Realm.mix(backingIno * 0x9e3779b97f4a7c15L + birth + ((long) scope << 32) + device);
    }

    private static long hashOf(Inode inode) {
        return hash(inode.scope, inode.device, inode.backingIno, inode.birth);
    }

    private Stripe stripeOf(Inode inode) {
        return stripe(hashOf(inode));
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> 58)];
    }

    private static int bucket(Stripe s, long hash) {
        return (int) hash & (s.buckets.length - 1);
    }

    /**
     * The inode with this identity, made if there is none, with one lookup reference more; noted to be at this place.
     *
     * @param about what a new inode of this kind knows beyond an ordinary one, and shows from its first instant
     */
    Inode refer(
            Realm realm,
            int scope,
            int device,
            long backingIno,
            long birth,
            int type,
            byte kind,
            Object about,
            Inode parent,
            Name name) {
        Inode inode = refer(realm, scope, device, backingIno, birth, type, kind, about);
        if (!inode.isAt(parent, name)) {
            place(inode, parent, name, realm);
        }
        return inode;
    }

    /** The same for an inode that {@link #peek} found; false when it has left the table or was retired since. */
    boolean referKnown(Inode inode, Realm realm, Inode parent, Name name) {
        Stripe s = stripeOf(inode);
        synchronized (s) {
            if (!inode.hashed) {
                return false;
            }
            hold(s, inode);
        }
        if (!inode.isAt(parent, name)) {
            place(inode, parent, name, realm);
        }
        return true;
    }

    /** Notes where an inode, to which the caller has a reference, is now. */
    void place(Inode inode, Inode parent, Name name, Realm realm) {
        boolean held = holdAsChild(parent);
        Inode before = inode.place(held ? parent : null, name.bytes(), realm);
        if (before != null) {
            Inode leaving = dropAsChild(before);
            if (leaving != null) {
                leave(leaving);
            }
        }
    }

    /** The same for a file without a name (O_TMPFILE). */
    Inode referNameless(Realm realm, int scope, int device, long backingIno, long birth, int type) {
        return refer(realm, scope, device, backingIno, birth, type, Inode.ORDINARY, null);
    }

    private Inode refer(
            Realm realm, int scope, int device, long backingIno, long birth, int type, byte kind, Object about) {
        long hash = hash(scope, device, backingIno, birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            Inode inode = find(s, hash, scope, device, backingIno, birth, kind);
            if (inode == null) {
                long number = byId.nextNumber();
                inode = new Inode(
                        byId.reserve(number),
                        SlotTable.generation(number),
                        realm.ino(device, backingIno),
                        scope,
                        device,
                        backingIno,
                        birth,
                        type,
                        kind,
                        realm,
                        about);
                insert(s, hash, inode);
                byId.put(inode);
            }
            hold(s, inode);
            return inode;
        }
    }

    /** One reference of the session more; the stripe is locked. */
    private static void hold(Stripe s, Inode inode) {
        if (inode.idle) {
            removeIdle(s, inode);
        }
        if (inode.lookups++ == 0 && inode.id() != ROOT_ID) {
            s.held++;
        }
    }

    /** One child more; false when the inode has just left. */
    private boolean holdAsChild(Inode inode) {
        Stripe s = stripeOf(inode);
        synchronized (s) {
            if (byId.get(inode.id()) != inode) {
                return false;
            }
            if (inode.idle) {
                removeIdle(s, inode);
            }
            inode.children++;
            return true;
        }
    }

    /** One child less; returns as {@link #drop}. */
    private Inode dropAsChild(Inode inode) {
        Stripe s = stripeOf(inode);
        Inode leaving;
        synchronized (s) {
            inode.children--;
            if (inode.lookups > 0 || inode.id() == ROOT_ID) {
                return null;
            }
            leaving = settle(s, inode);
        }
        return restUnless(leaving, inode);
    }

    /** One reference more to an inode found otherwise; false when it has just been forgotten. */
    boolean referAgain(Inode inode) {
        Stripe s = stripeOf(inode);
        synchronized (s) {
            if (byId.get(inode.id()) != inode) {
                return false;
            }
            hold(s, inode);
            return true;
        }
    }

    /** The inode with this identity if it is held or remembered; no reference is added. */
    Inode peek(int scope, int device, long backingIno, long birth, byte kind) {
        long hash = hash(scope, device, backingIno, birth);
        Stripe s = stripe(hash);
        synchronized (s) {
            return find(s, hash, scope, device, backingIno, birth, kind);
        }
    }

    /** Takes an inode out of the identity side, so that the next lookup makes a new one. Its nodeid stays valid while it is held. */
    void retire(Inode inode) {
        Stripe s = stripeOf(inode);
        boolean leaves;
        synchronized (s) {
            if (inode.hashed) {
                unlink(s, hashOf(inode), inode);
            }
            leaves = inode.idle && remove(s, inode);
        }
        if (leaves) {
            leave(inode);
        }
    }

    /** Lets go of an inode that is only remembered. */
    void forgetIdle(Inode inode) {
        Stripe s = stripeOf(inode);
        boolean leaves;
        synchronized (s) {
            leaves = inode.idle && remove(s, inode);
        }
        if (leaves) {
            leave(inode);
        }
    }

    /**
     * Gives references of the session back, more than there are being all. An inode that nothing holds any more is remembered or leaves; what
     * leaves lets go of its parent.
     */
    void forget(Inode inode, long count) {
        Inode leaving = drop(inode, count);
        if (leaving != null) {
            leave(leaving);
        }
    }

    /**
     * Lets go of the remembered inodes that are in some realms, or in one that was reached through them. To be called when they are not live
     * any more, so that nothing in them is remembered from then on.
     */
    void forgetIdleIn(Set<Realm> realms) {
        List<Inode> leaving = new ArrayList<>();
        for (Stripe s : stripes) {
            synchronized (s) {
                for (Inode i = s.eldest, younger; i != null; i = younger) {
                    younger = i.younger;
                    if (i.realm.isWithin(realms) && remove(s, i)) {
                        leaving.add(i);
                    }
                }
            }
        }
        leaving.forEach(this::leave);
    }

    /** An inode has left the table: it, and what leaves in consequence, give back what they hold. */
    private void leave(Inode first) {
        Inode i = first;
        while (i != null) {
            whenGone.accept(i);
            Inode parent = i.place(null, null, i.realm);
            i = parent == null ? null : dropAsChild(parent);
        }
    }

    /** Takes references of the session away; returns the inode that left the table by that, this one or one that was remembered, or null. */
    private Inode drop(Inode inode, long count) {
        Stripe s = stripeOf(inode);
        Inode leaving;
        synchronized (s) {
            if (inode.lookups == 0) {
                return null;
            }
            // The count is unsigned, and not to be believed.
            inode.lookups = Long.compareUnsigned(count, inode.lookups) >= 0 ? 0 : inode.lookups - (int) count;
            if (inode.lookups > 0 || inode.id() == ROOT_ID) {
                return null;
            }
            s.held--;
            leaving = settle(s, inode);
        }
        return restUnless(leaving, inode);
    }

    /** What becomes of an inode without references of the session, in the locked stripe; returns what left the table by that, or null. */
    private Inode settle(Stripe s, Inode inode) {
        if (inode.idle || inode.children > 0 && !inode.nameless) {
            return null;
        }
        if (!isWorthRemembering(inode)) {
            return remove(s, inode) ? inode : null;
        }
        addIdle(s, inode);
        if (s.idle > rememberedInStripe) {
            Inode eldest = s.eldest;
            remove(s, eldest);
            return eldest;
        }
        return null;
    }

    private Inode restUnless(Inode leaving, Inode inode) {
        if (leaving != inode) {
            whenIdle.accept(inode);
        }
        return leaving;
    }

    private boolean isWorthRemembering(Inode inode) {
        boolean lettingGo = inode.kind == Inode.JUNCTION && inode.point().lettingGo;
        return rememberedInStripe > 0
                && inode.hashed
                && !inode.nameless
                && !lettingGo
                && inode.birth != 0
                && inode.realm.isLive();
    }

    /** Takes an inode out of everything; false when it was out already. The stripe is locked. */
    private boolean remove(Stripe s, Inode inode) {
        if (inode.idle) {
            removeIdle(s, inode);
        }
        if (inode.hashed) {
            unlink(s, hashOf(inode), inode);
        }
        return byId.remove(inode);
    }

    private static void addIdle(Stripe s, Inode inode) {
        inode.idle = true;
        inode.older = s.youngest;
        if (s.youngest == null) {
            s.eldest = inode;
        } else {
            s.youngest.younger = inode;
        }
        s.youngest = inode;
        s.idle++;
    }

    private static void removeIdle(Stripe s, Inode inode) {
        if (inode.younger == null) {
            s.youngest = inode.older;
        } else {
            inode.younger.older = inode.older;
        }
        if (inode.older == null) {
            s.eldest = inode.younger;
        } else {
            inode.older.younger = inode.younger;
        }
        inode.younger = null;
        inode.older = null;
        inode.idle = false;
        s.idle--;
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
                int b = bucket(s, hashOf(head));
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

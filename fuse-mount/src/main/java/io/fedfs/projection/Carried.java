package io.fedfs.projection;

import io.fedfs.fuse.Name;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The nodes of a realm whose location was exchanged under it: programs hold them by working directories and open files, so they stay what
 * they are, with their nodeid and the inode number they have shown, and are found again at the new location by parent and name. There
 * they have another device, inode number and birth time; what those are is noted at the first look ({@link Below}).
 *
 * <p>Only nodes that were there when the location was exchanged are looked for here; what is found later is in the {@link InodeTable} as ever.
 */
final class Carried {
    private final InodeTable inodes;
    /** Not yet looked at. */
    private final ConcurrentMap<Place, Inode> expected = new ConcurrentHashMap<>();

    private final ConcurrentMap<Below, Inode> found = new ConcurrentHashMap<>();

    private record Place(Inode parent, String name) {
        Place(Inode parent, byte[] name) {
            this(parent, new String(name, StandardCharsets.ISO_8859_1));
        }
    }

    /** What a carried node is at one location. */
    record Below(int attachment, int device, long ino, long birth) {}

    Carried(InodeTable inodes) {
        this.inodes = inodes;
    }

    /** A node of the realm as it stood before. */
    void expect(Inode inode) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (parent != null && name != null && !inode.nameless) {
            expected.put(new Place(parent, name), inode);
        }
    }

    /** The carried node that was found to be this; no reference is added. Null when there is none. */
    private Inode peek(Realm realm, int device, long ino, long birth, byte kind) {
        Inode inode = found.get(new Below(realm.attachment.id(), device, ino, birth));
        return inode != null && inode.kind == kind ? inode : null;
    }

    /**
     * The carried node that a look into a directory has found, with one reference more, noted to be at this place; null when no node
     * of the same kind and type was there before.
     */
    Inode refer(Realm realm, int device, long ino, long birth, int type, byte kind, Inode parent, Name name) {
        Inode inode = peek(realm, device, ino, birth, kind);
        if (inode == null) {
            inode = expected.remove(new Place(parent, name.bytes()));
        }
        if (inode == null || inode.type != type || inode.kind != kind || !inodes.referAgain(inode)) {
            return null;
        }
        adopt(realm, inode, device, ino, birth);
        if (!inode.isAt(parent, name)) {
            inodes.place(inode, parent, name, realm);
        }
        return inode;
    }

    private void adopt(Realm realm, Inode inode, int device, long ino, long birth) {
        Below below = new Below(realm.attachment.id(), device, ino, birth);
        Below before = inode.below;
        if (!below.equals(before)) {
            if (before != null) {
                found.remove(before, inode);
            }
            inode.below = below;
        }
        found.put(below, inode);
    }

    /** Forgets nodes that the kernel has forgotten. */
    void tidy() {
        found.values().removeIf(inode -> inodes.get(inode.id()) != inode);
        expected.values().removeIf(inode -> inodes.get(inode.id()) != inode);
    }

    /**
     * Whether a statx is of the node's file: by device, inode number and birth time; and where the location was exchanged, by what was
     * found under its name the first time.
     */
    static boolean isSame(NativeBuffer b, int at, Inode inode) {
        int device = Statx.dev(b, at);
        long ino = b.getLong(at + Statx.INO);
        long birth = Statx.birth(b, at);
        if (ino == inode.backingIno && device == inode.device && birth == inode.birth) {
            return true;
        }
        Realm realm = inode.realm;
        Carried carried = realm == null ? null : realm.carried;
        if (carried == null || inode.scope == realm.id || inode.scope == realm.fileScope) {
            return false;
        }
        Below below = inode.below;
        if (below != null && below.attachment == realm.attachment.id()) {
            return below.ino == ino && below.device == device && below.birth == birth;
        }
        if (Statx.mode(b, at) >>> 12 != inode.type) {
            return false;
        }
        carried.adopt(realm, inode, device, ino, birth);
        return true;
    }
}

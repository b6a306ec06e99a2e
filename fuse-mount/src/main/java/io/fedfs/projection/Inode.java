package io.fedfs.projection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One node that the kernel holds, or held and may ask for again. There may be millions: every field counts, and there is no object more than needed.
 */
final class Inode implements SlotTable.Slotted {
    static final byte ORDINARY = 0;
    /** A junction; {@link #point} says more. */
    static final byte JUNCTION = 1;
    /** A foreign entry shown as a symbolic link; {@link #container()} says to what. */
    static final byte LINK = 2;

    /** {@link #pins} of an inode whose descriptor is being closed, or which is gone. */
    static final int CLOSING = Integer.MIN_VALUE;

    static final VarHandle PINS;

    static {
        try {
            PINS = MethodHandles.lookup().findVarHandle(Inode.class, "pins", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long id;
    /** Makes the nodeid unique for ever, together with it; part of a file handle. */
    final int generation;
    /** What stat shows. */
    final long ino;
    /** Inode number, device, birth time below: what makes it the same file. */
    final long backingIno;

    final long birth;
    final int device;
    /** Realm id for a directory, attachment's id for anything else. */
    final int scope;
    /** File type below, as in the mode, shifted right by 12. */
    final byte type;

    final byte kind;
    /** No name leads here any more: the descriptor must stay. */
    volatile boolean nameless;
    /** Used since the ring's hand last passed. */
    boolean recent;
    /** Removed from the identity table, or never in it. Guarded by the stripe. */
    boolean hashed;

    /** The realm it was last reached in. */
    volatile Realm realm;
    /** Last known place. Both guarded by this. */
    private Inode parent;

    private byte[] name;

    /** References that the session holds. Guarded by the stripe, as are the chain and the list of idle ones. */
    int lookups;
    /** How many have this for their parent. Guarded by the stripe. */
    int children;

    Inode next;

    /** Held by nobody, and remembered: in the stripe's list. */
    boolean idle;

    Inode younger;
    Inode older;

    /** O_PATH descriptor or -1; meaningful while pinned. Written by Descriptors. */
    volatile int fd = -1;
    /** Operations using {@link #fd} now. */
    volatile int pins;
    /** Position in the ring of Descriptors, -1 when not there. Guarded by the ring's lock. */
    int ringIndex = -1;

    /** What it is at the location that its realm has now; null while that is the one it was found at. */
    volatile Carried.Below below;

    /** Stamp of the change time, and of the settings, with which the entry was last examined for a boundary; 0: never. */
    volatile long examined;
    /** JunctionPoint or a link's container, from the beginning, or the OpenState of an ordinary file; by kind. */
    private volatile Object extra;

    Inode(
            long id,
            int generation,
            long ino,
            int scope,
            int device,
            long backingIno,
            long birth,
            int type,
            byte kind,
            Realm realm,
            Object about) {
        this.id = id;
        this.generation = generation;
        this.ino = ino;
        this.scope = scope;
        this.device = device;
        this.backingIno = backingIno;
        this.birth = birth;
        this.type = (byte) type;
        this.kind = kind;
        this.realm = realm;
        this.extra = about;
    }

    @Override
    public long id() {
        return id;
    }

    boolean isDirectory() {
        return type == 4;
    }

    boolean isRegular() {
        return type == 8;
    }

    boolean is(int scope, int device, long backingIno, long birth, byte kind) {
        return this.backingIno == backingIno
                && this.scope == scope
                && this.device == device
                && this.birth == birth
                && this.kind == kind;
    }

    synchronized Inode parent() {
        return parent;
    }

    synchronized byte[] name() {
        return name;
    }

    /** Notes where the node was seen; returns the parent noted before. References are the table's business. */
    synchronized Inode place(Inode parent, byte[] name, Realm realm) {
        Inode before = this.parent;
        this.parent = parent;
        this.name = name;
        this.realm = realm;
        this.nameless = false;
        return before;
    }

    /** Whether the node's place is this one already; spares a copy of the name. */
    synchronized boolean isAt(Inode parent, io.fedfs.fuse.Name name) {
        return this.parent == parent && this.name != null && name.equalTo(this.name);
    }

    /** The realm that this node counts for: a junction for the one behind it, null while it is closed. */
    Realm countsFor() {
        if (kind != JUNCTION) {
            return realm;
        }
        return point().target;
    }

    JunctionPoint point() {
        return (JunctionPoint) extra;
    }

    /** Of a link: {@code <pool>/<container>}. */
    byte[] container() {
        return (byte[]) extra;
    }

    /** State of the open file; guarded by this; null when it is not open. */
    OpenState open() {
        return kind == ORDINARY ? (OpenState) extra : null;
    }

    void open(OpenState state) {
        extra = state;
    }
}

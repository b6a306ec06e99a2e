package io.fedfs.attach;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;

/**
 * A fileset's root, open on this host. Shared; {@link Attacher#release} gives a share back, and the descriptor is closed with the
 * last one.
 */
public final class Attachment {
    private final int id;
    private final Fsn fsn;
    private final Fsl fsl;
    private final Reached reached;
    private final int device;
    private final long fileSystemType;
    private final Bulkhead bulkhead;
    /** See {@link #trouble()}. */
    private volatile Trouble trouble;
    /** Guarded by the attacher's lock. */
    private int shares = 1;

    Attachment(int id, Fsn fsn, Fsl fsl, Reached reached, int device, long fileSystemType, Bulkhead bulkhead) {
        this.id = id;
        this.fsn = fsn;
        this.fsl = fsl;
        this.reached = reached;
        this.device = device;
        this.fileSystemType = fileSystemType;
        this.bulkhead = bulkhead;
    }

    /** A small number that no other attachment of this mount has had. */
    public int id() {
        return id;
    }

    public Fsn fsn() {
        return fsn;
    }

    /** The location as it was when attached. */
    public Fsl fsl() {
        return fsl;
    }

    /** O_PATH descriptor of the fileset's root. */
    public int rootFd() {
        return reached.rootFd();
    }

    /** Device number of the root, packed as in {@link io.fedfs.linux.Statx#dev}. */
    public int device() {
        return device;
    }

    /**
     * Whether the file system is known to be this host's own: attributes can be asked for without fear that a server does not answer, and
     * errors are not reported only at close(2), as network file systems do.
     */
    public boolean isLocal() {
        return LocalFileSystems.contains(fileSystemType);
    }

    /** Bounds the requests under way here. */
    public Bulkhead bulkhead() {
        return bulkhead;
    }

    /** Whose health it shares; empty: a file system of this host's own. */
    public String server() {
        return reached.server().isEmpty() && !isLocal() ? "device " + device : reached.server();
    }

    /** Whether it was mounted for us, and is to be let go when nobody uses it. */
    public boolean isMounted() {
        return !reached.server().isEmpty();
    }

    /** What is wrong with it; null while it answers. */
    public Trouble trouble() {
        return trouble;
    }

    /** @return whether that is news */
    boolean trouble(Trouble what) {
        boolean news = (trouble == null) != (what == null);
        trouble = what;
        return news;
    }

    void close() {
        reached.close();
    }

    void share() {
        shares++;
    }

    boolean unshare() {
        return --shares == 0;
    }
}

package io.fedfs.projection;

import io.fedfs.attach.Attachment;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Opened;
import io.fedfs.fuse.Request;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The open files and directories, and whether the kernel reads and writes them by itself (passthrough). */
final class OpenFiles {
    /** S_ISUID and S_ISGID. */
    static final int SET_ID = 06000;

    private final SlotTable<OpenFile> files = new SlotTable<>(1);
    private final Callers callers;
    private final boolean wantPassthrough;
    private volatile Kernel kernel;
    private volatile HandleCarrier carrier;

    OpenFiles(Callers callers, boolean wantPassthrough) {
        this.callers = callers;
        this.wantPassthrough = wantPassthrough;
    }

    void kernel(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Who opens again what is open at a location that is of no use. */
    void carrier(HandleCarrier carrier) {
        this.carrier = carrier;
    }

    int size() {
        return files.size();
    }

    void forEach(Consumer<OpenFile> action) {
        files.forEach(action);
    }

    OpenFile get(long fh) {
        return files.get(fh);
    }

    /**
     * Takes over a descriptor just opened as the caller, and answers the open.
     *
     * <p>No FOPEN_NOFLUSH, not even for readers: closing any descriptor of a file gives back all the process's POSIX locks on it (fcntl(2)), at
     * once, and only the flush tells of it.
     *
     * <p>A file with set-id bits is not read and written by the kernel alone: whether a write clears them depends on who writes
     * (inode(7)), and in passthrough everybody writes as the one who opened the file first.
     *
     * <p>Nor is one of a fileset that can go on elsewhere when its location fails: the kernel would give the failure to the program.
     *
     * @param mode the file's mode when it was opened; its whole statx is in scratch memory
     */
    void opened(Request rq, Inode inode, int fd, int flags, int mode) {
        Opened out = rq.opened;
        Realm realm = inode.realm;
        OpenFile file = new OpenFile(files.reserve(), inode, fd, flags, realm.attachment);
        file.size = Long.hashCode(rq.scratch.getLong(Nodes.STAT_AT + Statx.FILE_SIZE));
        file.changed = Statx.nanos(rq.scratch, Nodes.STAT_AT, Statx.MTIME);
        synchronized (inode) {
            OpenState state = inode.open();
            if (state == null) {
                state = new OpenState();
                if (passes(mode) && !realm.guarded) {
                    callers.becomeForBacking(rq);
                    state.backingId = Math.max(0, kernel.openBacking(fd));
                }
                inode.open(state);
            }
            state.count++;
            file.next = state.first;
            state.first = file;
            out.backingId = state.backingId;
        }
        files.put(file);
        out.fh = file.id();
        out.flags = out.backingId > 0 ? Opened.PASSTHROUGH : 0;
    }

    /** Whether the kernel may do what the mode leaves to it. */
    private boolean passes(int mode) {
        return wantPassthrough && (mode & SET_ID) == 0 && kernel.hasPassthrough();
    }

    /** A foreign file that links are off for: whoever has it open finds it empty and cannot write it. */
    void openedInert(Inode inode, int fd, int flags, Opened out) {
        OpenFile file = new OpenFile(files.reserve(), inode, fd, flags, inode.realm.attachment, true);
        synchronized (inode) {
            OpenState state = inode.open();
            if (state == null) {
                state = new OpenState();
                inode.open(state);
            }
            state.count++;
            file.next = state.first;
            state.first = file;
        }
        files.put(file);
        out.fh = file.id();
        out.flags = 0;
        out.backingId = 0;
    }

    void openedDirectory(Inode inode, int fd, Opened out) {
        Realm realm = inode.countsFor();
        OpenFile file = new OpenFile(files.reserve(), inode, fd, 0, realm.attachment);
        file.listing = new Listing(fd, realm.guarded);
        files.put(file);
        out.fh = file.id();
        out.flags = Nodes.keepsListings(realm) ? Opened.CACHE_DIR | Opened.KEEP_CACHE : 0;
        out.backingId = 0;
    }

    /** The last descriptor of an open file or directory is gone. */
    void released(OpenFile file) {
        if (!files.remove(file)) {
            return;
        }
        Inode inode = file.inode;
        if (inode.isDirectory()) {
            file.let();
            return;
        }
        int backing = 0;
        synchronized (inode) {
            OpenState state = inode.open();
            if (state != null) {
                unchain(state, file);
                if (--state.count == 0) {
                    backing = state.backingId;
                    inode.open(null);
                    if (backing > 0) {
                        kernel.closeBacking(backing);
                    }
                }
            }
        }
        file.let();
    }

    private static void unchain(OpenState state, OpenFile file) {
        OpenFile before = null;
        for (OpenFile f = state.first; f != null; before = f, f = f.next) {
            if (f == file) {
                if (before == null) {
                    state.first = f.next;
                } else {
                    before.next = f.next;
                }
                return;
            }
        }
    }

    /**
     * An open file, held: the caller lets go of it. A stuck operation may outlive the release.
     *
     * @throws FsException STALE when it is not one of this node
     */
    OpenFile hold(Request rq, long nodeid, long fh) {
        OpenFile open = files.get(fh);
        if (open == null || open.inode.id() != nodeid || !open.hold()) {
            throw new FsException(FsError.STALE, "file handle " + fh + " of node " + nodeid);
        }
        if (open.at.trouble() != null) {
            boolean done = false;
            try {
                carrier.carry(rq, open);
                done = true;
            } finally {
                if (!done) {
                    open.let();
                }
            }
        }
        return open;
    }

    /** Any open file of the inode, held: the caller lets go of it. Null when it is not open. */
    OpenFile hold(Inode inode) {
        if (!inode.isRegular() || inode.open() == null) {
            return null;
        }
        synchronized (inode) {
            OpenState state = inode.open();
            OpenFile first = state == null ? null : state.first;
            return first != null && first.at.trouble() == null && first.hold() ? first : null;
        }
    }

    /** Whether the condition holds for an open file of the inode. It is asked under the inode's monitor. */
    boolean any(Inode inode, Predicate<OpenFile> condition) {
        synchronized (inode) {
            OpenState state = inode.open();
            for (OpenFile f = state == null ? null : state.first; f != null; f = f.next) {
                if (condition.test(f)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** A readable descriptor of a realm's root, for calls that refuse O_PATH; the caller closes it. */
    int openRoot(Realm realm) {
        NativeBuffer dot = new NativeBuffer(2);
        dot.putByte(0, (byte) '.');
        return Sys.openat(realm.attachment.rootFd(), dot.address(), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
    }

    /** Whether no file is open at a location. */
    boolean noneIsAt(Attachment attachment) {
        boolean[] any = {false};
        files.forEach(file -> any[0] |= file.at == attachment);
        return !any[0];
    }

    /** Whether no file is open for writing at a location. */
    boolean nobodyWritesAt(Attachment attachment) {
        boolean[] any = {false};
        files.forEach(file -> any[0] |= file.at == attachment && OpenFile.writes(file.flags));
        return !any[0];
    }

    void closeAll() {
        files.forEach(this::released);
    }
}

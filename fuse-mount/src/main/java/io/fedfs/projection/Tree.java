package io.fedfs.projection;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The projection seen from the control socket: where a path lives, what is open, and the order to let go of it. */
public final class Tree {
    private static final int MAX_SYMLINKS = 40;

    private final Projection projection;
    private final InodeTable inodes;
    private final Crossings crossings;
    private final Boundaries boundaries;
    private final Inode root;

    /**
     * One fileset on the way to a path.
     *
     * @param mountPath path of the junction below the mount point, without a slash at either end; empty for the root
     * @param hungFor how long its file server has not answered; zero: it answers
     */
    public record Crossed(Fsn fsn, byte[] mountPath, Fsl attached, boolean readOnly, Duration hungFor) {
        /** Whether it is a DAOS container that was crossed into by its entry: no NSDB knows of it. */
        public boolean isContainer() {
            return Containers.is(fsn);
        }
    }

    /**
     * The innermost junction on a way, opened or not.
     *
     * @param trouble why it could not be opened, if so
     */
    public record Reached(Fsn fsn, byte[] mountPath, Optional<Fsl> attached, Optional<FsException> trouble) {
        /** Whether it is a DAOS container: no NSDB knows of it. */
        public boolean isContainer() {
            return Containers.is(fsn);
        }
    }

    /**
     * Where a path lives.
     *
     * @param crossed the filesets on the way, the mount's root first; the last one holds the path
     * @param inside the rest of the path inside the last one
     * @param link where the path points, when it is a foreign entry shown as a link
     * @param unverified the last one's file server does not answer, so nobody knows whether the path exists there
     */
    public record Located(List<Crossed> crossed, byte[] inside, Optional<byte[]> link, boolean unverified) {}

    Tree(Projection projection, InodeTable inodes, Crossings crossings, Boundaries boundaries, Inode root) {
        this.projection = projection;
        this.inodes = inodes;
        this.crossings = crossings;
        this.boundaries = boundaries;
        this.root = root;
    }

    /**
     * Walks a path as the given user would, opening the junctions on it. Symbolic links inside the tree are followed, except at the end.
     * Where a file server does not answer, the rest of the path is taken at its word.
     *
     * @param path below the mount point
     * @param bound how long the file servers on the way may take in all
     * @param threads to walk on, since a walk may never end
     * @throws ErrnoException what the walk met: ENOENT, EACCES, …
     * @throws FsException when a junction on the way cannot be opened
     */
    public Located locate(byte[] path, int uid, int gid, Duration bound, Executor threads) throws ErrnoException {
        return new Walk(path, uid, gid).within(bound, threads);
    }

    /** As {@link #locate}, but when a junction on the way cannot be opened, that junction and why. */
    public Reached reach(byte[] path, int uid, int gid, Duration bound, Executor threads) throws ErrnoException {
        Walk walk = new Walk(path, uid, gid);
        try {
            List<Crossed> crossed = walk.within(bound, threads).crossed();
            Crossed last = crossed.get(crossed.size() - 1);
            return new Reached(last.fsn(), last.mountPath(), Optional.of(last.attached()), Optional.empty());
        } catch (FsException e) {
            Inode junction = walk.nodes.getLast();
            if (junction.kind != Inode.JUNCTION) {
                throw e;
            }
            return new Reached(junction.point().fsn, pathOf(junction), Optional.empty(), Optional.of(e));
        }
    }

    /** One walk; keeps the references it took until the end. */
    private final class Walk {
        private final Request rq = new Request();
        private final List<Long> references = new ArrayList<>();
        private final Deque<Inode> nodes = new ArrayDeque<>();
        private final Deque<byte[]> names = new ArrayDeque<>();
        /** What is still to be walked; the first of it is being asked for. */
        private final Deque<byte[]> rest;

        private int symlinks;
        /** Written after each step: who reads it sees what that step did. */
        private volatile int steps;

        Walk(byte[] path, int uid, int gid) {
            rq.uid = uid;
            rq.gid = gid;
            rest = new ArrayDeque<>(split(path));
            nodes.addLast(root);
        }

        /** The walk by another thread, or, when that gets stuck, how far it came. */
        Located within(Duration bound, Executor threads) throws ErrnoException {
            CompletableFuture<Located> walked = new CompletableFuture<>();
            try {
                threads.execute(() -> {
                    try {
                        walked.complete(walk());
                    } catch (Throwable t) {
                        walked.completeExceptionally(t);
                    }
                });
                return walked.get(bound.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                return unverified();
            } catch (RejectedExecutionException e) {
                throw new FsException(FsError.TIMED_OUT, "too many questions wait for file servers already");
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ErrnoException errno) {
                    throw errno;
                }
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FsException(FsError.INTERRUPTED, "the mount is ending");
            }
        }

        private Located walk() throws ErrnoException {
            int done = 0;
            try {
                while (!rest.isEmpty()) {
                    Inode last = nodes.getLast();
                    Realm here = last.kind == Inode.JUNCTION ? crossings.enter(rq, last) : last.realm;
                    if (here.attachment.bulkhead().isStuck()) {
                        return unverified();
                    }
                    next();
                    done++;
                    steps = done;
                }
                return located();
            } finally {
                references.forEach(id -> projection.forget(id, 1));
            }
        }

        private void next() throws ErrnoException {
            byte[] name = rest.getFirst();
            if (isDotDot(name)) {
                rest.removeFirst();
                if (nodes.size() > 1) {
                    nodes.removeLast();
                    names.removeLast();
                }
                return;
            }
            Inode node = step(name);
            rest.removeFirst();
            if (node.type == 10 && !rest.isEmpty()) {
                follow(node);
                return;
            }
            nodes.addLast(node);
            names.addLast(name);
            if (node.kind == Inode.LINK && !rest.isEmpty()) {
                throw new ErrnoException(
                        Errno.EXDEV,
                        "the path leaves the tree through the foreign entry " + Name.printable(join(names)));
            }
        }

        private Inode step(byte[] name) throws ErrnoException {
            int r = projection.lookup(rq, nodes.getLast().id(), Name.of(name));
            if (r < 0 || rq.entry.nodeid == 0) {
                throw new ErrnoException(
                        r < 0 ? -r : Errno.ENOENT, Name.printable(join(names)) + "/" + Name.printable(name));
            }
            references.add(rq.entry.nodeid);
            return inodes.get(rq.entry.nodeid);
        }

        private void follow(Inode link) throws ErrnoException {
            if (++symlinks > MAX_SYMLINKS) {
                throw new ErrnoException(Errno.ELOOP, Name.printable(join(names)));
            }
            io.fedfs.linux.NativeBuffer target = new io.fedfs.linux.NativeBuffer(4096);
            int length = projection.readlink(rq, link.id(), target.address(), 4096);
            if (length < 0) {
                throw new ErrnoException(-length, "readlink");
            }
            byte[] text = target.bytes(0, length);
            if (length > 0 && text[0] == '/') {
                throw new ErrnoException(
                        Errno.EXDEV, "the path leaves the tree through a symbolic link to " + Name.printable(text));
            }
            List<byte[]> parts = split(text);
            for (int i = parts.size() - 1; i >= 0; i--) {
                rest.addFirst(parts.get(i));
            }
        }

        private Located located() {
            if (nodes.getLast().kind == Inode.JUNCTION) {
                crossings.enter(rq, nodes.getLast());
            }
            return crossed(names, List.of());
        }

        /** How far the walk came, and the rest of the path as it was given. */
        private Located unverified() {
            if (steps == 0 && root.point().target == null) {
                throw new FsException(FsError.TIMED_OUT, "the root fileset is not attached");
            }
            return crossed(names, rest);
        }

        private Located crossed(Iterable<byte[]> walkedNames, Iterable<byte[]> unwalked) {
            List<Crossed> crossed = new ArrayList<>();
            List<byte[]> walked = new ArrayList<>();
            List<byte[]> inside = new ArrayList<>();
            Iterator<byte[]> left = walkedNames.iterator();
            for (Inode node : nodes) {
                if (node != root) {
                    byte[] name = left.next();
                    walked.add(name);
                    inside.add(name);
                }
                Realm realm = node.kind == Inode.JUNCTION ? node.point().target : null;
                if (realm != null) {
                    crossed.add(Tree.crossed(realm, join(walked)));
                    inside.clear();
                }
            }
            boolean verified = true;
            for (byte[] name : unwalked) {
                inside.add(name);
                verified = false;
            }
            Inode last = nodes.getLast();
            Optional<byte[]> link =
                    last.kind == Inode.LINK && verified ? Optional.of(boundaries.target(last)) : Optional.empty();
            return new Located(crossed, join(inside), link, !verified);
        }
    }

    private static boolean isDotDot(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    private static List<byte[]> split(byte[] path) {
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == '/') {
                if (i > from && !(i == from + 1 && path[from] == '.')) {
                    parts.add(java.util.Arrays.copyOfRange(path, from, i));
                }
                from = i + 1;
            }
        }
        return parts;
    }

    private static byte[] join(Iterable<byte[]> names) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] name : names) {
            if (out.size() > 0) {
                out.write('/');
            }
            out.writeBytes(name);
        }
        return out.toByteArray();
    }

    /**
     * How much of an attached fileset the kernel holds.
     *
     * @param inodes files reached through two junctions to one fileset count for the one they were last reached through
     * @param requests how many are with the file server now
     * @param waiting how many wait because so many are
     */
    public record Held(Crossed fileset, long inodes, long openFiles, int requests, int waiting) {}

    /** The filesets that are attached now, with what the kernel holds of each. Visits every inode: for people, not for polling. */
    public List<Held> held() {
        java.util.Map<Realm, long[]> counts = new java.util.IdentityHashMap<>();
        inodes.forEach(inode -> {
            Realm realm = inode.countsFor();
            if (realm != null && (inode.lookups > 0 || inode == root)) {
                counts.computeIfAbsent(realm, r -> new long[2])[0]++;
            }
        });
        projection.countOpenFiles(counts);
        List<Held> list = new ArrayList<>();
        for (Inode point : crossings.open()) {
            Realm realm = point.point().target;
            if (realm != null) {
                long[] n = counts.getOrDefault(realm, new long[2]);
                Bulkhead b = realm.attachment.bulkhead();
                list.add(new Held(crossed(realm, pathOf(point)), n[0], n[1], b.underWay(), b.waiting()));
            }
        }
        return list;
    }

    /** The filesets that are attached now. */
    public List<Crossed> attached() {
        List<Crossed> list = new ArrayList<>();
        for (Inode point : crossings.open()) {
            Realm realm = point.point().target;
            if (realm != null) {
                list.add(crossed(realm, pathOf(point)));
            }
        }
        return list;
    }

    private static Crossed crossed(Realm realm, byte[] mountPath) {
        long since = realm.attachment.bulkhead().stuckSince();
        Duration hungFor = since == 0 ? Duration.ZERO : Duration.ofNanos(Math.max(1, System.nanoTime() - since));
        return new Crossed(realm.fsn(), mountPath, realm.attachment.fsl(), realm.refusesChanges(), hungFor);
    }

    private byte[] pathOf(Inode inode) {
        Deque<byte[]> names = new ArrayDeque<>();
        Inode i = inode;
        for (int depth = 0; i != root && i != null && depth < 4096; depth++) {
            byte[] name = i.name();
            names.addFirst(name == null ? "?".getBytes(StandardCharsets.US_ASCII) : name);
            i = i.parent();
        }
        return join(names);
    }

    /** Lets go of the open junctions to these filesets, see {@link Crossings#letGo}. Returns how many there were. */
    public int letGo(Predicate<Fsn> which) {
        List<Inode> points = crossings.open().stream()
                .filter(point -> which.test(point.point().fsn))
                .toList();
        crossings.letGo(points);
        return points.size();
    }

    /**
     * After the settings of foreign links changed: the kernel forgets what it has of the entries that they are about. Containers that were
     * crossed are let go of, as the place behind the prefix may be another.
     *
     * @param others whether entries may be something else than before, as {@link ForeignLinks#set} said; else links point elsewhere
     */
    public void foreignLinksChanged(Kernel kernel, boolean others) {
        // One message for all names, where the kernel knows it; else one for each that may be an entry.
        boolean all = others && kernel.invalidateAllEntries();
        inodes.forEach(inode -> {
            switch (inode.kind) {
                case Inode.LINK -> {
                    if (others) {
                        inodes.retire(inode);
                        forgetName(kernel, inode);
                    }
                    kernel.invalidateInode(inode.id(), true);
                }
                case Inode.JUNCTION -> {
                    if (inode.point().container) {
                        crossings.retire(inode);
                    }
                }
                default -> {
                    if (others && !all && (inode.isDirectory() || inode.isRegular())) {
                        forgetName(kernel, inode);
                    }
                }
            }
        });
    }

    private static void forgetName(Kernel kernel, Inode inode) {
        Inode parent = inode.parent();
        byte[] name = inode.name();
        if (parent != null && name != null) {
            kernel.invalidateEntry(parent.id(), name);
        }
    }

    /** What a path's fileset is, or the error a program would see, in words; for explain. */
    public static String describe(FsException e) {
        FsError error = e.error();
        return e.getMessage() + " (programs see " + Errno.name(io.fedfs.fuse.ErrnoMapper.errno(error)) + ")";
    }
}

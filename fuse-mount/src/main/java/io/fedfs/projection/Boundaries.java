package io.fedfs.projection;

import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.Junctions;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.junction.daos.DaosLookup;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells entries that stand for something else (junctions, foreign entries) from ordinary ones.
 *
 * <p>The cheap test comes first, so that an ordinary entry costs nothing: a junction is a directory with the sticky bit and no execute bit; a
 * foreign entry is looked for only when links are enabled, and only in directories and empty files. What was found is believed until the
 * entry's change time differs, since writing an attribute changes that. Where links are off a Lustre foreign entry still is no ordinary one; as it
 * is always empty, that is asked only where something is missing, made or removed.
 */
final class Boundaries {
    private static final Logger LOG = LoggerFactory.getLogger(Boundaries.class);
    private static final int MAX_LOGGED = 1000;

    private final ForeignLinks foreignLinks;
    /** What was examined and is ordinary, whether or not there is a node for it: a listing looks before the name is looked up. */
    private final RecentKeys ordinary = new RecentKeys();
    /** How often attributes of an entry were asked for, to see whether it is a foreign one. */
    private final AtomicLong examinations = new AtomicLong();
    /** Malformed entries that were logged, so that each is logged once. */
    private final Set<String> logged = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_LOGGED;
        }
    }));

    Boundaries(ForeignLinks foreignLinks) {
        this.foreignLinks = foreignLinks;
    }

    long examinations() {
        return examinations.get();
    }

    /** Whether an entry with this mode and size has to be examined to be shown. */
    boolean mayBe(int mode, long size) {
        return Junctions.modeMarks(mode) || foreignLinks.enabled() && DaosEntries.mayCarryEntry(mode, size);
    }

    /** The same with only a directory's d_type known: whether a listing has to look closer to show the right type. */
    boolean mayBeByType(int type) {
        return foreignLinks.enabled() && (type == Sys.S_IFDIR >>> 12 || type == Sys.S_IFREG >>> 12);
    }

    /** What an entry stands for. At most one is present. */
    private record Stands(Optional<JunctionPoint> junction, Optional<String> link) {
        static final Stands FOR_ITSELF = new Stands(Optional.empty(), Optional.empty());

        byte kind() {
            return junction.isPresent() ? Inode.JUNCTION : link.isPresent() ? Inode.LINK : Inode.ORDINARY;
        }

        /** What a node of this kind knows from its first instant. */
        Object about() {
            return junction.isPresent()
                    ? junction.get()
                    : link.map(pair -> pair.getBytes(StandardCharsets.US_ASCII)).orElse(null);
        }

        /** Whether a node is right for it. */
        boolean fits(Inode known) {
            return known.kind == kind()
                    && switch (known.kind) {
                        case Inode.JUNCTION -> known.point().isTo(junction.orElseThrow());
                        case Inode.LINK ->
                            link.orElseThrow().equals(new String(known.container(), StandardCharsets.US_ASCII));
                        default -> true;
                    };
        }
    }

    private Stands examine(NativeBuffer stat, int dir, Name name) {
        int mode = Statx.mode(stat, Nodes.STAT_AT);
        boolean marked = Junctions.modeMarks(mode);
        long key = Realm.mix(stat.getLong(Nodes.STAT_AT + Statx.INO))
                + Realm.mix(Statx.birth(stat, Nodes.STAT_AT) + Statx.dev(stat, Nodes.STAT_AT))
                + stamp(stat);
        if (!marked && ordinary.has(key)) {
            return Stands.FOR_ITSELF;
        }
        Stands stands = examine(path(dir, name.bytes()), mode, foreignLinks.settings());
        if (!marked && stands.kind() == Inode.ORDINARY) {
            ordinary.add(key);
        }
        return stands;
    }

    private Stands examine(byte[] path, int mode, ForeignLinks.Settings settings) {
        if (Junctions.modeMarks(mode)) {
            Optional<Junction> junction = junction(path);
            if (junction.isPresent()) {
                return new Stands(
                        Optional.of(new JunctionPoint(
                                junction.get().fsn(), junction.get().inTrustedNamespace())),
                        Optional.empty());
            }
        }
        Optional<DaosLookup.Found> foreign =
                settings.enabled() ? foreign(path, mode, false, settings) : Optional.empty();
        if (foreign.isEmpty()) {
            return Stands.FOR_ITSELF;
        }
        DaosEntry entry = foreign.get().entry();
        return settings.mode() == ForeignLinks.Mode.CROSS && (mode & Sys.S_IFMT) == Sys.S_IFDIR
                ? new Stands(Optional.of(JunctionPoint.toContainer(Containers.fsn(entry))), Optional.empty())
                : new Stands(Optional.empty(), Optional.of(entry.pair()));
    }

    /**
     * Whether an entry, whose statx is given, is shown as a link. The calling thread acts as the daemon.
     *
     * @param scope the realm's of its type
     */
    boolean isLink(InodeTable inodes, int scope, NativeBuffer stat, int dir, Name name) {
        int mode = Statx.mode(stat, Nodes.STAT_AT);
        if (!foreignLinks.enabled()
                || !DaosEntries.mayCarryEntry(mode, stat.getLong(Nodes.STAT_AT + Statx.FILE_SIZE))) {
            return false;
        }
        Inode known = examined(inodes, scope, stat, stamp(stat));
        return (known == null ? examine(stat, dir, name).kind() : known.kind) == Inode.LINK;
    }

    /**
     * Refuses the removal of what is not removed by unlink(2), rmdir(2) and rename(2): junctions, and entries that stand for a container. A
     * Lustre foreign entry is one also where links are off. The calling thread acts as the daemon.
     *
     * @param mode the entry's
     * @throws FsException IS_JUNCTION, IS_FOREIGN
     */
    void mustBeRemovable(int dir, Name name, int mode, long size) {
        byte[] path = path(dir, name.bytes());
        if (Junctions.modeMarks(mode) && junction(path).isPresent()) {
            throw new FsException(FsError.IS_JUNCTION, "a junction is removed by fedfs junction delete");
        }
        if (DaosEntries.mayCarryEntry(mode, size)) {
            ForeignLinks.Settings settings = foreignLinks.settings();
            if (foreign(path, mode, false, settings)
                    .filter(f -> settings.enabled() || f.foreign())
                    .isPresent()) {
                throw new FsException(FsError.IS_FOREIGN, "a foreign entry is removed by fedfs daos unlink");
            }
        }
    }

    /** Whether {@link #mustBeRemovable} has to look. */
    static boolean mayBeKept(int mode, long size) {
        return Junctions.modeMarks(mode) || DaosEntries.mayCarryEntry(mode, size);
    }

    /**
     * The node for an entry that {@link #mayBe}, whose statx is given, with one reference. A node whose entry has become something else is
     * retired.
     */
    Inode refer(
            InodeTable inodes, Crossings crossings, Realm realm, NativeBuffer stat, Inode parent, int dir, Name name) {
        int mode = Statx.mode(stat, Nodes.STAT_AT);
        int device = Statx.dev(stat, Nodes.STAT_AT);
        long ino = stat.getLong(Nodes.STAT_AT + Statx.INO);
        long birth = Statx.birth(stat, Nodes.STAT_AT);
        int type = mode >>> 12;
        int scope = type == 4 ? realm.id : realm.fileScope;
        long stamp = stamp(stat);
        Inode examined = examined(inodes, scope, stat, stamp);
        if (examined != null && inodes.referKnown(examined, realm, parent, name)) {
            if (examined.kind == Inode.JUNCTION) {
                examined.point().lettingGo = false;
            }
            return examined;
        }
        Stands stands = examine(stat, dir, name);
        for (byte other = Inode.ORDINARY; other <= Inode.LINK; other++) {
            Inode known = inodes.peek(scope, device, ino, birth, other);
            if (known != null && !stands.fits(known)) {
                if (other == Inode.JUNCTION) {
                    crossings.retire(known);
                } else {
                    inodes.retire(known);
                }
            }
        }
        Carried carried = realm.carried;
        Inode inode =
                carried == null ? null : carried.refer(realm, device, ino, birth, type, stands.kind(), parent, name);
        if (inode != null && !stands.fits(inode)) {
            inodes.forget(inode, 1);
            inode = null;
        }
        if (inode == null) {
            inode = inodes.refer(realm, scope, device, ino, birth, type, stands.kind(), stands.about(), parent, name);
        } else if (inode.kind == Inode.JUNCTION && inode.point().target != null) {
            realm.opened(inode);
        }
        if (stands.fits(inode)) {
            inode.examined = stamp;
        }
        return inode;
    }

    /** The node of an entry that was examined since the entry and the settings last changed; null if there is none. */
    private static Inode examined(InodeTable inodes, int scope, NativeBuffer stat, long stamp) {
        int device = Statx.dev(stat, Nodes.STAT_AT);
        long ino = stat.getLong(Nodes.STAT_AT + Statx.INO);
        long birth = Statx.birth(stat, Nodes.STAT_AT);
        for (byte kind = Inode.ORDINARY; kind <= Inode.LINK; kind++) {
            Inode known = inodes.peek(scope, device, ino, birth, kind);
            if (known != null && known.examined == stamp) {
                return known;
            }
        }
        return null;
    }

    /** What changes when an entry, or what the settings make of it, does. Never 0. */
    private long stamp(NativeBuffer stat) {
        long settings = 2L * foreignLinks.epoch();
        return Realm.mix(Statx.nanos(stat, Nodes.STAT_AT, Statx.CTIME)) + settings | 1;
    }

    /** Where a node that is a link points now. */
    byte[] target(Inode link) {
        String pair = new String(link.container(), StandardCharsets.US_ASCII);
        return foreignLinks.settings().prefix().target(pair).getBytes(StandardCharsets.UTF_8);
    }

    // ---------------------------------------------------------------- Lustre foreign entries where links are off

    /** An entry that was not examined was looked at: what was known of it holds only as long as it has not changed. */
    void seen(Inode inode, NativeBuffer stat) {
        if (inode.examined != 0 && inode.examined != stamp(stat)) {
            inode.examined = 0;
        }
    }

    /**
     * Whether a directory could be a Lustre foreign entry that links are off for: nothing can be listed, looked up or made in that (ENODATA).
     * To be asked only when nothing was found in it, or something is to be made there: what has entries is none.
     */
    boolean mayBeInert(Inode directory) {
        return directory.examined == 0 && directory.kind == Inode.ORDINARY && !foreignLinks.enabled();
    }

    /**
     * Whether a directory that {@link #mayBeInert} is; remembered until it changes. The calling thread acts as the daemon.
     *
     * @param fd a descriptor of it
     */
    boolean isInert(Inode directory, int fd, Request rq) {
        if (Nodes.statDescriptor(rq, fd) < 0) {
            return false;
        }
        long stamp = stamp(rq.scratch);
        boolean inert = isForeign(fd, Sys.S_IFDIR);
        if (!inert) {
            directory.examined = stamp;
        }
        return inert;
    }

    /**
     * Whether an open file is a Lustre foreign entry that links are off for: it is empty, and not to be written (EBADF). The calling thread
     * acts as the daemon.
     */
    boolean isInertFile(int fd) {
        return !foreignLinks.enabled() && isForeign(fd, Sys.S_IFREG);
    }

    /**
     * Whether a directory or file is a Lustre foreign entry. The calling thread acts as the daemon.
     *
     * @param mode its type
     */
    boolean isForeign(int fd, int mode) {
        byte[] path = ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII);
        return foreign(path, mode, true, foreignLinks.settings())
                .filter(DaosLookup.Found::foreign)
                .isPresent();
    }

    /** {@code /proc/self/fd/DIR/NAME}: the entry itself, whatever bytes its name has, not followed. */
    static byte[] path(int dir, byte[] name) {
        byte[] start = ("/proc/self/fd/" + dir + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(start, start.length + name.length);
        System.arraycopy(name, 0, path, start.length, name.length);
        return path;
    }

    private Optional<Junction> junction(byte[] path) {
        try {
            return Junctions.recognise(path, false);
        } catch (JunctionFormatException e) {
            logOnce(path, "is marked as a junction and is none: " + e.getMessage());
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                logOnce(path, "cannot be examined for a junction: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private Optional<DaosLookup.Found> foreign(byte[] path, int mode, boolean follow, ForeignLinks.Settings settings) {
        examinations.incrementAndGet();
        try {
            DaosLookup found = DaosEntries.read(path, mode, follow, settings.values());
            if (found instanceof DaosLookup.Found f) {
                if (f.both()) {
                    logOnce(path, "has user.daos beside " + f.entry().origin().attribute() + ", which decides");
                }
                return Optional.of(f);
            }
            if (found instanceof DaosLookup.Malformed m) {
                logOnce(path, "carries a malformed foreign entry and is shown as what it is: " + m.fault());
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EACCES) {
                logOnce(path, "cannot be examined for a foreign entry: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private void logOnce(byte[] path, String what) {
        int slash = path.length;
        while (path[slash - 1] != '/') {
            slash--;
        }
        Path directory = Path.of(new String(path, 0, slash - 1, StandardCharsets.US_ASCII));
        String where = Name.printable(Arrays.copyOfRange(path, slash, path.length));
        try {
            // Names in it belong to users, who may put a newline and a line that looks like the daemon's into one.
            where = Name.printable(Files.readSymbolicLink(directory).toString().getBytes(StandardCharsets.UTF_8)) + "/"
                    + where;
        } catch (IOException e) {
            LOG.debug("directory of {}: {}", where, e.toString());
        }
        if (logged.add(where + what)) {
            LOG.warn("{} {}", where, what);
        }
    }
}

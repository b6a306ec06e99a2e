package io.fedfs.projection;

import io.fedfs.fuse.Name;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.Junctions;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.junction.daos.DaosLookup;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells entries that stand for something else (junctions, foreign entries) from ordinary ones.
 *
 * <p>The cheap test comes first, so that an ordinary entry costs nothing: a junction is a directory with the sticky bit and no execute bit; a
 * foreign entry is looked for only when links are enabled, and only in directories and empty files. What was found is believed until the
 * entry's change time differs, since writing an attribute changes that.
 */
final class Boundaries {
    private static final Logger LOG = LoggerFactory.getLogger(Boundaries.class);
    private static final int MAX_LOGGED = 1000;

    private final ForeignLinks foreignLinks;
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

    /** Whether an entry with this mode and size has to be examined. */
    boolean mayBe(int mode, long size) {
        return Junctions.modeMarks(mode) || foreignLinks.enabled() && DaosEntries.mayCarryEntry(mode, size);
    }

    /** The same with only a directory's d_type known: whether a listing has to look closer to show the right type. */
    boolean mayBeByType(int type) {
        return foreignLinks.enabled() && (type == Sys.S_IFDIR >>> 12 || type == Sys.S_IFREG >>> 12);
    }

    /** What an entry is, examined now: {@link Inode#ORDINARY}, JUNCTION or LINK. The calling thread acts as the daemon. */
    byte kindOf(int dir, Name name, int mode) {
        byte[] path = path(dir, name);
        if (Junctions.modeMarks(mode) && junction(path).isPresent()) {
            return Inode.JUNCTION;
        }
        return foreign(path, mode).isPresent() ? Inode.LINK : Inode.ORDINARY;
    }

    /**
     * The node for an entry that {@link #mayBe}, with one reference. A node whose entry has become something else is retired.
     *
     * @param changed the entry's change time
     */
    Inode refer(
            InodeTable inodes,
            Crossings crossings,
            Realm realm,
            int scope,
            int device,
            long ino,
            long birth,
            int type,
            int mode,
            long changed,
            Inode parent,
            int dir,
            Name name) {
        for (byte kind = Inode.ORDINARY; kind <= Inode.LINK; kind++) {
            Inode known = inodes.peek(scope, device, ino, birth, kind);
            if (known != null
                    && known.examined == changed
                    && stillRight(known)
                    && inodes.referKnown(known, realm, parent, name)) {
                if (kind == Inode.JUNCTION) {
                    known.point().lettingGo = false;
                }
                return known;
            }
        }
        byte[] path = path(dir, name);
        Optional<Junction> junction = Junctions.modeMarks(mode) ? junction(path) : Optional.empty();
        Optional<DaosEntry> foreign = junction.isPresent() ? Optional.empty() : foreign(path, mode);
        byte kind = junction.isPresent() ? Inode.JUNCTION : foreign.isPresent() ? Inode.LINK : Inode.ORDINARY;
        String target = foreign.map(e -> e.target(foreignLinks.prefix())).orElse(null);

        for (byte other = Inode.ORDINARY; other <= Inode.LINK; other++) {
            Inode known = inodes.peek(scope, device, ino, birth, other);
            if (known != null && !(other == kind && same(known, junction, target))) {
                if (other == Inode.JUNCTION) {
                    crossings.retire(known);
                } else {
                    inodes.retire(known);
                }
            }
        }
        Object about = junction.isPresent()
                ? new JunctionPoint(junction.get().fsn(), junction.get().inTrustedNamespace())
                : target == null ? null : target.getBytes(StandardCharsets.UTF_8);
        Inode inode = inodes.refer(realm, scope, device, ino, birth, type, kind, about, parent, name);
        if (same(inode, junction, target)) {
            inode.examined = changed;
        }
        return inode;
    }

    private boolean stillRight(Inode known) {
        return switch (known.kind) {
            case Inode.LINK ->
                foreignLinks.enabled()
                        && new String(known.linkTarget(), StandardCharsets.UTF_8)
                                .startsWith(foreignLinks.prefix() + "/");
            default -> true;
        };
    }

    private static boolean same(Inode known, Optional<Junction> junction, String target) {
        return switch (known.kind) {
            case Inode.JUNCTION ->
                junction.isPresent()
                        && known.point().fsn.equals(junction.get().fsn())
                        && known.point().trusted == junction.get().inTrustedNamespace();
            case Inode.LINK -> target != null && target.equals(new String(known.linkTarget(), StandardCharsets.UTF_8));
            default -> true;
        };
    }

    /** {@code /proc/self/fd/DIR/NAME}: the entry itself, whatever bytes its name has, not followed. */
    private static byte[] path(int dir, Name name) {
        byte[] start = ("/proc/self/fd/" + dir + "/").getBytes(StandardCharsets.US_ASCII);
        byte[] path = Arrays.copyOf(start, start.length + name.length());
        System.arraycopy(name.bytes(), 0, path, start.length, name.length());
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

    private Optional<DaosEntry> foreign(byte[] path, int mode) {
        if (!foreignLinks.enabled()) {
            return Optional.empty();
        }
        try {
            DaosLookup found = DaosEntries.read(path, mode, false);
            if (found instanceof DaosLookup.Found f) {
                return Optional.of(f.entry());
            }
            if (found instanceof DaosLookup.Malformed m) {
                logOnce(path, "carries a malformed foreign entry and is shown as what it is: " + m.fault());
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
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

package io.fedfs.junction.daos;

import io.fedfs.junction.JunctionException;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds and makes DAOS entries. Has no state; every method may be called from any thread. */
public final class DaosEntries {
    private static final List<Origin> ON_DIRECTORIES = List.of(Origin.TRUSTED_LMV, Origin.LUSTRE_LMV);
    private static final List<Origin> ON_FILES = List.of(Origin.TRUSTED_LOV, Origin.LUSTRE_LOV);
    private static final DaosLookup NOT_DAOS = new DaosLookup.NotDaos();
    private static final String UUID_TEXT = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final Pattern TARGET = Pattern.compile("/(?:.*/)?" + UUID_TEXT + "/" + UUID_TEXT, Pattern.DOTALL);

    private DaosEntries() {}

    /**
     * Whether an inode can stand for a container at all: directories and empty regular files. Free, so comes first.
     *
     * @param mode type and permission bits, as {@code st_mode}
     */
    public static boolean mayCarryEntry(int mode, long size) {
        int type = mode & Sys.S_IFMT;
        return type == Sys.S_IFDIR || (type == Sys.S_IFREG && size == 0);
    }

    /**
     * What an inode's attributes say. One listxattr(2) for an entry that has none of the names; where a foreign attribute and
     * {@code user.daos} are both there, the foreign one decides.
     *
     * @param path the entry, or a descriptor as {@code /proc/self/fd/N}, which wants {@code follow}
     * @param mode its {@code st_mode}; the magic must fit the type
     */
    public static DaosLookup read(Path path, int mode, boolean follow) throws ErrnoException {
        return read(path.toString().getBytes(StandardCharsets.UTF_8), mode, follow, ForeignValues.DAOS_ONLY);
    }

    /** As {@link #read(Path, int, boolean)}, for a path that may not be text, such as {@code /proc/self/fd/N/} and any name. */
    public static DaosLookup read(byte[] path, int mode, boolean follow, ForeignValues values) throws ErrnoException {
        int type = mode & Sys.S_IFMT;
        if (type != Sys.S_IFDIR && type != Sys.S_IFREG) {
            return NOT_DAOS;
        }
        List<String> names = Xattrs.list(path, follow);
        if (names.isEmpty()) {
            return NOT_DAOS;
        }
        boolean hasUserDaos = names.contains(Origin.USER_DAOS.attribute());
        boolean directory = type == Sys.S_IFDIR;
        for (Origin origin : directory ? ON_DIRECTORIES : ON_FILES) {
            if (names.contains(origin.attribute())) {
                Optional<byte[]> ea = Xattrs.get(path, origin.attribute(), follow);
                if (ea.isPresent()) {
                    DaosLookup found = ForeignEa.decode(ea.get(), directory, origin, values);
                    if (found instanceof DaosLookup.Found f && hasUserDaos) {
                        return new DaosLookup.Found(f.entry(), true, true);
                    }
                    if (!(found instanceof DaosLookup.NotDaos) || ForeignEa.isForeign(ea.get())) {
                        return found;
                    }
                }
            }
        }
        return hasUserDaos ? userDaos(path, follow) : NOT_DAOS;
    }

    /**
     * The foreign attribute of an entry that a mount, or a Lustre client, shows as a symbolic link. Its {@code user.daos} cannot be read there:
     * the kernel has no such attributes on links (xattr(7)).
     */
    public static DaosLookup readBehindLink(Path link) throws ErrnoException {
        for (boolean directory : new boolean[] {true, false}) {
            for (Origin origin : directory ? ON_DIRECTORIES : ON_FILES) {
                Optional<byte[]> ea = Xattrs.get(link, origin.attribute(), false);
                if (ea.isPresent() && ForeignEa.isForeign(ea.get())) {
                    return ForeignEa.decode(ea.get(), directory, origin, ForeignValues.KNOWN);
                }
            }
        }
        return NOT_DAOS;
    }

    /** The {@code <pool>/<container>} of a text that {@link #isTarget}. */
    public static String pairOf(String target) {
        return target.substring(target.lastIndexOf('/', target.lastIndexOf('/') - 1) + 1);
    }

    /** Whether a symbolic link's text is such as is shown for an entry: absolute, ending in two UUIDs in lower case. */
    public static boolean isTarget(String text) {
        return TARGET.matcher(text).matches();
    }

    /**
     * Makes an entry: a directory for a POSIX container, an empty file for any other type, with the attribute that
     * {@code entry.origin()} says. It appears under its name complete or not at all, and is durable on return.
     *
     * @throws JunctionException EXIST when the name is taken; INVAL when the parent is missing, the origin does not fit the
     *     type, or the type or generation cannot be written; NOTSUPP for an origin in {@code lustre.*}, which only Lustre's
     *     own tools write, and where the file system has no such attributes; PERM, ACCESS, ROFS, NOSPC
     */
    public static void create(Path path, DaosEntry entry) throws JunctionException {
        new EntryWriter(path, entry).create();
    }

    /**
     * Removes an entry, and with it the name only: the container stays. What else is in a directory with {@code user.daos} keeps it.
     *
     * @throws JunctionException NOTJUNCT when it is no entry; INVAL when it does not exist; NOTEMPTY; PERM, ACCESS, ROFS
     */
    public static void remove(Path path) throws JunctionException {
        new EntryRemover(path).remove();
    }

    private static DaosLookup userDaos(byte[] path, boolean follow) throws ErrnoException {
        Optional<byte[]> value = Xattrs.get(path, Origin.USER_DAOS.attribute(), follow);
        if (value.isEmpty()) {
            return NOT_DAOS;
        }
        try {
            return new DaosLookup.Found(UnsAttribute.decode(value.get()), false);
        } catch (DaosFormatException e) {
            return new DaosLookup.Malformed(Origin.USER_DAOS.attribute() + ": " + e.getMessage(), false);
        }
    }
}

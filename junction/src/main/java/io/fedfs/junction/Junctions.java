package io.fedfs.junction;

import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Reads, makes and removes junctions. Has no state; every method may be called from any thread. */
public final class Junctions {
    private static final int STICKY = 01000;
    private static final int EXECUTE = 0111;

    private Junctions() {}

    /** Told of a junction in a tree, by its path below the tree's root; "" is the root itself. May throw to end the walk. */
    @FunctionalInterface
    public interface Found {
        void at(String path) throws IOException;
    }

    /** Told of a directory in a tree that cannot be read, by its path below the tree's root; may throw to end the walk. */
    @FunctionalInterface
    public interface Trouble {
        void at(String path, IOException e) throws IOException;
    }

    /** Told of a directory that cannot be read; may throw to end the walk. */
    @FunctionalInterface
    public interface Unreadable {
        void at(Path path, IOException e) throws IOException;
    }

    /**
     * Whether an inode's mode lets it be a junction: a directory, sticky, and executable by nobody. The Linux NFS server
     * makes the same test ({@code nfsd4_is_junction}) before it looks for an attribute; so should everyone, because it is
     * free. Directories that only look so are ordinary directories.
     *
     * @param mode type and permission bits, as {@code st_mode}
     */
    public static boolean modeMarks(int mode) {
        return (mode & (Sys.S_IFMT | STICKY | EXECUTE)) == (Sys.S_IFDIR | STICKY);
    }

    /**
     * The junction that an inode's attributes describe, whatever its mode. Without CAP_SYS_ADMIN the kernel hides
     * {@code trusted.*}, and without read permission on the directory it refuses {@code user.*} (EACCES).
     *
     * @param path a file, or a descriptor as {@code /proc/self/fd/N}, which wants {@code follow}, or
     *     {@code /proc/self/fd/N/name}
     * @param follow whether a symbolic link at the end of the path is followed
     * @return empty when there is no junction document
     * @throws JunctionFormatException when there is one and it is malformed or an nfs-basic one, or the annotations beside
     *     it are malformed
     */
    public static Optional<Junction> read(Path path, boolean follow) throws ErrnoException, JunctionFormatException {
        for (XattrNamespace namespace : XattrNamespace.values()) {
            Optional<byte[]> document = Xattrs.get(path, namespace.document(), follow);
            if (document.isPresent()) {
                JunctionXml xml = JunctionXml.parse(document.get());
                Optional<byte[]> annotations = Xattrs.get(path, namespace.annotations(), follow);
                SortedMap<String, String> parsed =
                        annotations.isPresent() ? Annotations.parse(annotations.get()) : Collections.emptySortedMap();
                int mode = Xattrs.get(path, namespace.mode(), follow)
                        .map(text -> JunctionXml.parseMode(new String(text, StandardCharsets.US_ASCII)))
                        .orElse(-1);
                return Optional.of(new Junction(
                        xml.fsn(), namespace == XattrNamespace.TRUSTED, mode >= 0 ? mode : xml.savedMode(), parsed));
            }
        }
        return Optional.empty();
    }

    /**
     * As {@link #read}, but looks at the document alone: one system call for a junction in {@code trusted.*}. The saved mode
     * is the document's own and there are no annotations. For a mount, which needs the FSN only.
     */
    public static Optional<Junction> recognise(Path path, boolean follow)
            throws ErrnoException, JunctionFormatException {
        return recognise(path.toString().getBytes(StandardCharsets.UTF_8), follow);
    }

    /** As {@link #recognise(Path, boolean)}, for a path that may not be text, such as {@code /proc/self/fd/N/} and any name. */
    public static Optional<Junction> recognise(byte[] path, boolean follow)
            throws ErrnoException, JunctionFormatException {
        for (XattrNamespace namespace : XattrNamespace.values()) {
            Optional<byte[]> document = Xattrs.get(path, namespace.document(), follow);
            if (document.isPresent()) {
                JunctionXml xml = JunctionXml.parse(document.get());
                return Optional.of(new Junction(
                        xml.fsn(), namespace == XattrNamespace.TRUSTED, xml.savedMode(), Collections.emptySortedMap()));
            }
        }
        return Optional.empty();
    }

    /**
     * The full test: mode, attribute, and a document that parses. A last symbolic link is not followed.
     *
     * @throws ErrnoException when it cannot be told, e.g. ENOENT, EACCES
     */
    public static boolean isJunction(Path path) throws ErrnoException {
        if (!modeMarks(DirectoryHandle.modeOf(path, false))) {
            return false;
        }
        try {
            return recognise(path, false).isPresent();
        } catch (JunctionFormatException e) {
            return false;
        }
    }

    /** As {@link #isJunction(Path)}, of a directory that is held open; O_PATH will do. */
    public static boolean isJunction(int fd) throws ErrnoException {
        if (!modeMarks(DirectoryHandle.modeOf(fd))) {
            return false;
        }
        try {
            return recognise(Xattrs.ofDescriptor(fd), true).isPresent();
        } catch (JunctionFormatException e) {
            return false;
        }
    }

    /**
     * Makes a directory a junction; durable on return. A directory that does not exist is created, mode 0755, in a parent
     * that does. What is in the directory stays there, hidden from users of the federation until the junction is deleted.
     *
     * @throws JunctionException EXIST when it is a junction already, to the same FSN or an nfs-basic one included; NOTLOCAL
     *     when a directory above it is a junction; INVAL when the parent is missing, it is no directory, or the annotations
     *     are too large; PERM, ACCESS, ROFS, NOSPC, DELAY (another command changes it); NOTSUPP when the file system has
     *     neither {@code trusted.*} nor {@code user.*} attributes. The directory is then as it was before.
     */
    public static void create(Path directory, Fsn fsn, Map<String, String> annotations) throws JunctionException {
        new JunctionWriter(directory).create(fsn, annotations);
    }

    /** As {@link #create(Path, Fsn, Map)}, at a place that the caller holds open. */
    public static void create(JunctionPlace place, Fsn fsn, Map<String, String> annotations) throws JunctionException {
        new JunctionWriter(place).create(fsn, annotations);
    }

    /**
     * Makes a junction an ordinary directory again, with the mode it had before; durable on return. No attribute is left.
     *
     * @throws JunctionException NOTJUNCT when it is none; otherwise as {@link #create}
     */
    public static void delete(Path directory) throws JunctionException {
        new JunctionWriter(directory).delete();
    }

    /** As {@link #delete(Path)}, at a place that the caller holds open. */
    public static void delete(JunctionPlace place) throws JunctionException {
        new JunctionWriter(place).delete();
    }

    /**
     * Sets and removes annotations of a junction, all at once; durable on return. Removing one that is not there is no
     * error; a name both in {@code set} and in {@code remove} is set.
     *
     * @throws JunctionException NOTJUNCT when it is no junction; INVAL when a limit is passed; otherwise as {@link #create}
     */
    public static void annotate(Path directory, Map<String, String> set, Collection<String> remove)
            throws JunctionException {
        new JunctionWriter(directory).annotate(set, remove);
    }

    /** As {@link #annotate(Path, Map, Collection)}, at a place that the caller holds open. */
    public static void annotate(JunctionPlace place, Map<String, String> set, Collection<String> remove)
            throws JunctionException {
        new JunctionWriter(place).annotate(set, remove);
    }

    /**
     * The junctions at and below a directory, in the order of their paths. Junctions and symbolic links are not entered.
     *
     * @throws IOException when a directory cannot be read: an incomplete list is not returned
     */
    public static List<Path> list(Path root) throws IOException {
        return list(root, (path, e) -> {
            throw e;
        });
    }

    /** As {@link #list(Path)}, but goes on where a directory cannot be read, and reports it. */
    public static List<Path> list(Path root, Unreadable unreadable) throws IOException {
        List<Path> found = new ArrayList<>();
        int fd = open(root);
        try {
            walk(fd, below -> found.add(root.resolve(below)), (below, e) -> unreadable.at(root.resolve(below), e));
        } finally {
            Sys.close(fd);
        }
        found.sort(null);
        return found;
    }

    /**
     * Finds the junctions at and below a directory that is held open, in no order. Junctions and symbolic links are not
     * entered, and nothing outside is met, whatever is renamed meanwhile.
     *
     * @param root a descriptor; O_PATH will do
     */
    public static void walk(int root, Found found, Trouble trouble) throws IOException {
        new JunctionWalk(found, trouble).from(root);
    }

    private static int open(Path root) throws IOException {
        try (CString path = CString.of(root.toString())) {
            int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_PATH | Sys.O_DIRECTORY, 0);
            if (fd == -Errno.ENOENT) {
                throw new NoSuchFileException(root.toString());
            }
            if (fd < 0) {
                throw new ErrnoException(-fd, "open " + root);
            }
            return fd;
        }
    }
}

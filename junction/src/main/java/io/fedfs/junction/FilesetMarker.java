package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The name of a fileset at its root directory: attribute {@code trusted.fedfs.fsn}, or {@code user.fedfs.fsn} where that is
 * refused, with the FSN's text in UTF-8. Answers requirement R1 (from a place to its FSN) and guards R1c: another fileset
 * put at an old place has another name.
 *
 * @param fsn the fileset
 * @param inTrustedNamespace false when anyone who may write to the directory could have made or changed the marker: good
 *     enough to notice a mistake, no proof against forgery
 */
public record FilesetMarker(Fsn fsn, boolean inTrustedNamespace) {
    /** {@code nsdb://}, a host name of 253 characters, a port, a UUID. */
    private static final int MAX_BYTES = 320;

    /**
     * The FSN of the fileset whose root this is; empty when there is no marker.
     *
     * @param follow whether a symbolic link at the end of the path is followed; needed for {@code /proc/self/fd/N}
     */
    public static Optional<Fsn> read(Path root, boolean follow) throws ErrnoException, JunctionFormatException {
        return find(root, follow).map(FilesetMarker::fsn);
    }

    /** As {@link #read}, with the place where it was found. */
    public static Optional<FilesetMarker> find(Path root, boolean follow)
            throws ErrnoException, JunctionFormatException {
        for (XattrNamespace namespace : XattrNamespace.values()) {
            Optional<byte[]> value = Xattrs.get(root, namespace.marker(), follow);
            if (value.isPresent()) {
                return Optional.of(new FilesetMarker(parse(value.get()), namespace == XattrNamespace.TRUSTED));
            }
        }
        return Optional.empty();
    }

    /**
     * Marks a directory; durable on return. Marking it again with the same FSN changes nothing.
     *
     * @throws JunctionException EXIST when it is marked as another fileset, or the marker there is damaged: remove that
     *     first if it is no longer true; INVAL, PERM, ACCESS, ROFS, NOSPC, NOTSUPP as for a junction
     */
    public static void write(Path root, Fsn fsn) throws JunctionException {
        write(Sys.AT_FDCWD, root.toString(), root.toString(), fsn);
    }

    /**
     * As {@link #write(Path, Fsn)}, for a directory that is held open.
     *
     * @param root a descriptor of it; O_PATH will do
     * @param shown its path in messages
     */
    public static void write(int root, String shown, Fsn fsn) throws JunctionException {
        write(root, ".", shown, fsn);
    }

    private static void write(int parent, String name, String root, Fsn fsn) throws JunctionException {
        try (DirectoryHandle dir = DirectoryHandle.openAt(parent, name)) {
            Optional<FilesetMarker> there = find(dir.path(), true);
            if (there.isPresent()) {
                if (!there.get().fsn().equals(fsn)) {
                    throw new JunctionException(
                            FedFsStatus.EXIST,
                            root + " is marked as another fileset, "
                                    + there.get().fsn());
                }
                return;
            }
            byte[] value = fsn.toString().getBytes(StandardCharsets.UTF_8);
            try {
                Xattrs.set(dir.path(), XattrNamespace.TRUSTED.marker(), value, Sys.XATTR_CREATE, true);
            } catch (ErrnoException e) {
                if (!XattrNamespace.refusesTrusted(e)) {
                    throw e;
                }
                Xattrs.set(dir.path(), XattrNamespace.USER.marker(), value, Sys.XATTR_CREATE, true);
            }
            dir.sync();
        } catch (ErrnoException e) {
            throw failed(e, root, "mark");
        } catch (JunctionFormatException e) {
            throw new JunctionException(FedFsStatus.EXIST, root + ": " + e.getMessage());
        }
    }

    /**
     * Removes the marker, a damaged one too; durable on return. Returns whether there was one.
     *
     * @throws JunctionException as {@link #write}
     */
    public static boolean remove(Path root) throws JunctionException {
        return remove(Sys.AT_FDCWD, root.toString(), root.toString());
    }

    /** As {@link #remove(Path)}, for a directory that is held open; see {@link #write(int, String, Fsn)}. */
    public static boolean remove(int root, String shown) throws JunctionException {
        return remove(root, ".", shown);
    }

    private static boolean remove(int parent, String name, String root) throws JunctionException {
        try (DirectoryHandle dir = DirectoryHandle.openAt(parent, name)) {
            boolean there = false;
            for (XattrNamespace namespace : XattrNamespace.values()) {
                if (dir.get(namespace.marker()).isPresent()) {
                    there = true;
                    dir.remove(namespace.marker());
                }
            }
            dir.sync();
            return there;
        } catch (ErrnoException e) {
            throw failed(e, root, "remove the marker of");
        }
    }

    private static JunctionException failed(ErrnoException e, String root, String what) {
        if (e.errno() == Errno.ENOENT) {
            return new JunctionException(FedFsStatus.INVAL, root + " does not exist");
        }
        if (e.errno() == Errno.ENOTDIR) {
            return new JunctionException(FedFsStatus.INVAL, root + " is not a directory");
        }
        return JunctionException.of(e, "cannot " + what + " " + root);
    }

    private static Fsn parse(byte[] value) throws JunctionFormatException {
        String text = new String(value, StandardCharsets.UTF_8);
        if (value.length > MAX_BYTES) {
            throw new JunctionFormatException("the fileset marker has " + value.length + " bytes");
        }
        try {
            return Fsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new JunctionFormatException(
                    "the fileset marker is not an FSN: " + JunctionFormatException.quoted(text));
        }
    }
}

package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Changes one directory into a junction and back, in an order in which a crash at any point leaves either a whole junction
 * or none.
 *
 * <p>A junction needs the mode <em>and</em> the document, so {@code create} writes the saved mode and the annotations, then
 * the document, and last the mode; the mode is on disk only after the rest. {@code delete} goes the other way: first the
 * mode, so that the directory is usable again and its old mode is never lost, then the document, then the rest. What a
 * crash leaves of either is an ordinary directory with its own mode and some attributes that mean nothing; the next
 * {@code create} replaces them. Should the old mode itself be one that marks, the document decides, and whenever it is
 * there the saved mode is too.
 *
 * <p>In {@code trusted.*} the mark is mode 01000, as fedfs-utils makes it. In {@code user.*} the kernel wants read permission
 * on the directory to read the attribute and write permission to change it, so there the mark is 01600 and whatever of
 * 044 the directory had: a mount without privilege still recognises it, and its owner can change it. The sticky bit itself
 * keeps others than the owner from writing {@code user.*} attributes of a directory (attributes(7) xattr permission
 * rules), and without execute permission its entries are as closed as under 01000.
 */
final class JunctionWriter {
    /** The points between which a crash can happen, in order; for tests. */
    enum Step {
        DIRECTORY_MADE,
        MODE_SAVED,
        ANNOTATED,
        DOCUMENT_WRITTEN,
        MARKED,
        MODE_RESTORED,
        DOCUMENT_REMOVED,
        ATTRIBUTES_REMOVED
    }

    /** Called after each step. */
    @FunctionalInterface
    interface Progress {
        void reached(Step step) throws ErrnoException;
    }

    private static final int NEW_DIRECTORY = 0755;
    private static final int MARK = 01000;
    private static final int OWNER_READ_WRITE = 0600;
    private static final int OWNER_WRITE = 0200;
    private static final int OTHERS_READ = 0044;
    private static final int PERMISSIONS = 07777;

    /** Finds the directory when there is something to do. */
    @FunctionalInterface
    private interface Opener {
        JunctionPlace open() throws JunctionException;
    }

    private final Opener opener;
    private final Progress progress;

    JunctionWriter(Path directory) {
        this(directory, step -> {});
    }

    JunctionWriter(Path directory, Progress progress) {
        this.opener = () -> JunctionPlace.of(directory);
        this.progress = progress;
    }

    /** For a place that the caller holds open, and closes. */
    JunctionWriter(JunctionPlace place) {
        this.opener = () -> place;
        this.progress = step -> {};
    }

    void create(Fsn fsn, Map<String, String> annotations) throws JunctionException {
        byte[] notes = Annotations.format(new TreeMap<>(annotations));
        try (JunctionPlace place = opener.open()) {
            create(place, fsn, notes);
        }
    }

    private void create(JunctionPlace place, Fsn fsn, byte[] notes) throws JunctionException {
        boolean made = makeIfAbsent(place);
        try {
            step(Step.DIRECTORY_MADE);
            try (DirectoryHandle dir = open(place)) {
                dir.lock();
                refuseJunction(dir, place);
                write(dir, fsn, notes, made);
            }
            if (made) {
                try (DirectoryHandle parent = DirectoryHandle.openAt(place.parent(), ".")) {
                    parent.sync();
                }
            }
        } catch (ErrnoException e) {
            removeMade(made, place, e);
            throw JunctionException.of(e, "cannot make " + place + " a junction");
        } catch (JunctionException e) {
            removeMade(made, place, e);
            throw e;
        }
    }

    void delete() throws JunctionException {
        try (JunctionPlace place = opener.open();
                DirectoryHandle dir = open(place)) {
            delete(place, dir);
        }
    }

    private void delete(JunctionPlace place, DirectoryHandle dir) throws JunctionException {
        try {
            dir.lock();
            Found found = found(dir, place);
            int mode = found.savedMode() >= 0 ? found.savedMode() : NEW_DIRECTORY;
            // The owner of a directory without write permission could not remove a user.* attribute.
            int working = found.namespace() == XattrNamespace.USER ? mode | OWNER_WRITE : mode;
            dir.chmod(working);
            dir.sync();
            step(Step.MODE_RESTORED);
            removeAttributes(dir);
            step(Step.ATTRIBUTES_REMOVED);
            if (working != mode) {
                dir.chmod(mode);
            }
            dir.sync();
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot delete the junction " + place);
        }
    }

    void annotate(Map<String, String> set, Collection<String> remove) throws JunctionException {
        try (JunctionPlace place = opener.open();
                DirectoryHandle dir = open(place)) {
            annotate(place, dir, set, remove);
        }
    }

    private void annotate(JunctionPlace place, DirectoryHandle dir, Map<String, String> set, Collection<String> remove)
            throws JunctionException {
        try {
            dir.lock();
            XattrNamespace namespace = found(dir, place).namespace();
            SortedMap<String, String> annotations = new TreeMap<>();
            Optional<byte[]> before = dir.get(namespace.annotations());
            if (before.isPresent()) {
                annotations.putAll(Annotations.parse(before.get()));
            }
            annotations.keySet().removeAll(remove);
            annotations.putAll(set);
            if (annotations.isEmpty()) {
                dir.remove(namespace.annotations());
            } else {
                dir.set(namespace.annotations(), Annotations.format(annotations));
            }
            dir.sync();
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot annotate the junction " + place);
        } catch (JunctionFormatException e) {
            throw new JunctionException(FedFsStatus.INVAL, place + ": " + e.getMessage());
        }
    }

    /** A junction's document, and the mode that the directory had. */
    private record Found(XattrNamespace namespace, int savedMode) {}

    private static Found found(DirectoryHandle dir, JunctionPlace place) throws ErrnoException, JunctionException {
        if (Junctions.modeMarks(dir.mode())) {
            for (XattrNamespace namespace : XattrNamespace.values()) {
                Optional<byte[]> document = dir.get(namespace.document());
                if (document.isPresent()) {
                    return new Found(namespace, savedMode(dir, namespace, parsed(document.get(), place)));
                }
            }
        }
        throw new JunctionException(FedFsStatus.NOTJUNCT, place + " is not a junction");
    }

    private static JunctionXml parsed(byte[] document, JunctionPlace place) throws JunctionException {
        try {
            return JunctionXml.parse(document);
        } catch (JunctionFormatException e) {
            throw new JunctionException(FedFsStatus.NOTJUNCT, place + " is not a junction: " + e.getMessage());
        }
    }

    private static int savedMode(DirectoryHandle dir, XattrNamespace namespace, JunctionXml xml) throws ErrnoException {
        int mode = savedMode(dir, namespace);
        return mode >= 0 ? mode : xml.savedMode();
    }

    private static int savedMode(DirectoryHandle dir, XattrNamespace namespace) throws ErrnoException {
        return dir.get(namespace.mode())
                .map(text -> JunctionXml.parseMode(new String(text, StandardCharsets.US_ASCII)))
                .orElse(-1);
    }

    private static void refuseJunction(DirectoryHandle dir, JunctionPlace place)
            throws ErrnoException, JunctionException {
        if (!Junctions.modeMarks(dir.mode())) {
            return;
        }
        try {
            Optional<Junction> there = Junctions.recognise(dir.path(), true);
            if (there.isPresent()) {
                throw new JunctionException(
                        FedFsStatus.EXIST,
                        place + " is a junction already, to " + there.get().fsn());
            }
        } catch (JunctionFormatException e) {
            if (e.isNfsBasic()) {
                throw new JunctionException(FedFsStatus.EXIST, place + " is an nfs-basic junction already");
            }
            // A damaged document makes no junction; what is written now replaces it.
        }
    }

    private void write(DirectoryHandle dir, Fsn fsn, byte[] notes, boolean made) throws ErrnoException {
        int before = dir.mode() & PERMISSIONS;
        int saved = made ? NEW_DIRECTORY : modeToSave(dir, before);
        try {
            if (!made && saved != before) {
                // A damaged junction: its saved mode must be in force before it is forgotten.
                dir.chmod(saved);
                dir.sync();
            }
            removeAttributes(dir);
            XattrNamespace namespace = writeAttributes(dir, fsn, notes, saved);
            dir.sync();
            step(Step.DOCUMENT_WRITTEN);
            dir.chmod(namespace == XattrNamespace.TRUSTED ? MARK : MARK | OWNER_READ_WRITE | (saved & OTHERS_READ));
            dir.sync();
            step(Step.MARKED);
        } catch (ErrnoException e) {
            undo(dir, saved, e);
            throw e;
        }
    }

    /** The mode now; but where a damaged junction is replaced, the mode it had saved, for 01000 is none to go back to. */
    private static int modeToSave(DirectoryHandle dir, int now) throws ErrnoException {
        if (Junctions.modeMarks(dir.mode())) {
            for (XattrNamespace namespace : XattrNamespace.values()) {
                int saved = dir.get(namespace.document()).isPresent() ? savedMode(dir, namespace) : -1;
                if (saved >= 0) {
                    return saved;
                }
            }
        }
        return now;
    }

    private XattrNamespace writeAttributes(DirectoryHandle dir, Fsn fsn, byte[] notes, int saved)
            throws ErrnoException {
        byte[] octal = Integer.toOctalString(saved).getBytes(StandardCharsets.US_ASCII);
        XattrNamespace namespace = XattrNamespace.TRUSTED;
        try {
            dir.set(namespace.mode(), octal);
        } catch (ErrnoException e) {
            if (!XattrNamespace.refusesTrusted(e)) {
                throw e;
            }
            namespace = XattrNamespace.USER;
            dir.set(namespace.mode(), octal);
        }
        step(Step.MODE_SAVED);
        if (notes.length > 0) {
            dir.set(namespace.annotations(), notes);
        }
        step(Step.ANNOTATED);
        dir.set(namespace.document(), new JunctionXml(fsn, saved).toBytes());
        return namespace;
    }

    /** The document first: from then on the rest has no meaning. */
    private void removeAttributes(DirectoryHandle dir) throws ErrnoException {
        for (XattrNamespace namespace : XattrNamespace.values()) {
            dir.remove(namespace.document());
        }
        step(Step.DOCUMENT_REMOVED);
        for (XattrNamespace namespace : XattrNamespace.values()) {
            dir.remove(namespace.annotations());
            dir.remove(namespace.mode());
        }
    }

    private void undo(DirectoryHandle dir, int mode, ErrnoException why) {
        try {
            if ((dir.mode() & PERMISSIONS) != mode) {
                dir.chmod(mode);
            }
            removeAttributes(dir);
        } catch (ErrnoException e) {
            why.addSuppressed(e);
        }
    }

    private static void removeMade(boolean made, JunctionPlace place, Exception why) {
        if (made) {
            try {
                DirectoryHandle.rmdir(place.parent(), place.name());
            } catch (ErrnoException e) {
                why.addSuppressed(e);
            }
        }
    }

    private void step(Step step) throws ErrnoException {
        progress.reached(step);
    }

    private static boolean makeIfAbsent(JunctionPlace place) throws JunctionException {
        try {
            DirectoryHandle.mkdir(place.parent(), place.name(), NEW_DIRECTORY);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw JunctionException.of(e, "cannot create the directory " + place);
        }
    }

    private static DirectoryHandle open(JunctionPlace place) throws JunctionException {
        try {
            return DirectoryHandle.openAt(place.parent(), place.name());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new JunctionException(FedFsStatus.INVAL, place + " does not exist");
            }
            if (e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                throw new JunctionException(FedFsStatus.INVAL, place + " is not a directory");
            }
            throw JunctionException.of(e, "cannot open " + place);
        }
    }
}

package io.fedfs.junction;

import io.fedfs.linux.CString;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/**
 * The name that is, or is to be, a junction, in a directory that is held open: whatever is renamed or replaced above it
 * meanwhile, the same directory is changed.
 */
public final class JunctionPlace implements AutoCloseable {
    private final int parent;
    private final String name;
    private final String shown;
    private final boolean owned;

    private JunctionPlace(int parent, String name, String shown, boolean owned) {
        this.parent = parent;
        this.name = name;
        this.shown = shown;
        this.owned = owned;
    }

    /**
     * A name in a directory that the caller has found, knows to be below no junction, and closes itself.
     *
     * @param parent a descriptor of the directory; O_PATH will do
     * @param name one component
     * @param shown the path in messages
     */
    public static JunctionPlace in(int parent, String name, String shown) {
        return new JunctionPlace(parent, name, shown, false);
    }

    /**
     * The place that a path names, the directory above it resolved; the last component is not followed.
     *
     * @throws JunctionException NOTLOCAL when a directory above it is a junction; INVAL, ACCESS when it cannot be reached
     */
    static JunctionPlace of(Path directory) throws JunctionException {
        Path absolute = directory.toAbsolutePath();
        Path last = absolute.getFileName();
        try {
            boolean special = last == null
                    || last.toString().equals(".")
                    || last.toString().equals("..");
            Path real = special
                    ? absolute.toRealPath()
                    : absolute.getParent().toRealPath().resolve(last);
            for (Path above = real.getParent(); above != null; above = above.getParent()) {
                if (Junctions.isJunction(above)) {
                    throw new JunctionException(
                            FedFsStatus.NOTLOCAL, directory + " is not in this fileset: " + above + " is a junction");
                }
            }
            Path parent = real.getParent() == null ? real : real.getParent();
            String name = real.getParent() == null ? "." : real.getFileName().toString();
            return new JunctionPlace(open(parent), name, directory.toString(), true);
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot look at the directories above " + directory);
        } catch (AccessDeniedException e) {
            throw new JunctionException(FedFsStatus.ACCESS, "no permission to reach " + directory);
        } catch (IOException e) {
            throw new JunctionException(FedFsStatus.INVAL, "the directory above " + directory + " does not exist");
        }
    }

    private static int open(Path parent) throws ErrnoException {
        try (CString path = CString.of(parent.toString())) {
            int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_NOFOLLOW, 0);
            if (fd < 0) {
                throw new ErrnoException(-fd, "open " + parent);
            }
            return fd;
        }
    }

    int parent() {
        return parent;
    }

    String name() {
        return name;
    }

    /** The path for messages. */
    @Override
    public String toString() {
        return shown;
    }

    /** Lets go of the directory, if it was opened here. */
    @Override
    public void close() {
        if (owned) {
            Sys.close(parent);
        }
    }
}

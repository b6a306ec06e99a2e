package io.fedfs.junction.daos;

import io.fedfs.junction.JunctionException;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Makes one entry: as a draft under another name first, complete with its attribute and on disk, then given its own name without
 * replacing anything. A crash in between leaves the draft; the next entry made in the same directory takes an old one away.
 */
final class EntryWriter {
    /** A point at which a crash may come. */
    enum Step {
        MADE,
        ATTRIBUTE_SET,
        SYNCED,
        NAMED
    }

    /** Told of each step; for tests. */
    interface Steps {
        void after(Step step) throws ErrnoException;
    }

    static final String DRAFT = ".fedfs-daos-";
    /** Nobody takes so long to make one. */
    private static final Duration OLD = Duration.ofHours(1);

    /** As DAOS makes them, before the umask. */
    private static final int DIRECTORY_MODE = 0775;

    private static final int FILE_MODE = 0664;

    private final Path path;
    private final DaosEntry entry;
    private final Steps steps;

    EntryWriter(Path path, DaosEntry entry) {
        this(path, entry, step -> {});
    }

    EntryWriter(Path path, DaosEntry entry, Steps steps) {
        this.path = path.toAbsolutePath();
        this.entry = entry;
        this.steps = steps;
    }

    void create() throws JunctionException {
        byte[] value = value();
        Path parent = path.getParent();
        if (parent == null) {
            throw new JunctionException(FedFsStatus.EXIST, path + " exists");
        }
        try {
            if (entry.origin().foreign() && Entries.isOnLustre(parent)) {
                throw new JunctionException(
                        FedFsStatus.NOTSUPP,
                        "Lustre makes foreign entries itself: "
                                + (entry.onDirectory() ? "lfs mkdir" : "lfs setstripe")
                                + " --foreign=symlink --flags " + ContainerType.number(entry.type())
                                + " --xattr " + entry.pair() + " " + path);
            }
            removeOldDrafts(parent);
            Path draft = parent.resolve(DRAFT + UUID.randomUUID());
            make(draft, value);
            try {
                name(draft);
            } catch (ErrnoException e) {
                unlink(draft, e);
                throw e;
            }
            steps.after(Step.NAMED);
            Entries.sync(parent, true);
        } catch (ErrnoException e) {
            throw JunctionException.of(e, "cannot make the DAOS entry " + path);
        }
    }

    private byte[] value() throws JunctionException {
        try {
            return switch (entry.origin()) {
                case USER_DAOS -> UnsAttribute.encode(entry);
                case TRUSTED_LMV, TRUSTED_LOV -> {
                    if (entry.onDirectory() != (entry.origin() == Origin.TRUSTED_LMV)) {
                        throw new JunctionException(
                                FedFsStatus.INVAL,
                                "a container of type " + entry.type() + " does not go into "
                                        + entry.origin().attribute());
                    }
                    yield ForeignEa.encode(entry);
                }
                case LUSTRE_LMV, LUSTRE_LOV ->
                    throw new JunctionException(
                            FedFsStatus.NOTSUPP, entry.origin().attribute() + " is written by Lustre's own tools only");
            };
        } catch (IllegalArgumentException e) {
            throw new JunctionException(FedFsStatus.INVAL, e.getMessage());
        }
    }

    private void make(Path draft, byte[] value) throws ErrnoException {
        NativeBuffer p = Entries.cString(draft);
        if (entry.onDirectory()) {
            Entries.checked(Sys.mkdirat(Sys.AT_FDCWD, p.address(), DIRECTORY_MODE), "mkdir " + draft);
        } else {
            int flags = Sys.O_WRONLY | Sys.O_CREAT | Sys.O_EXCL | Sys.O_NOFOLLOW | Sys.O_CLOEXEC;
            Sys.close(Entries.checked(Sys.openat(Sys.AT_FDCWD, p.address(), flags, FILE_MODE), "create " + draft));
        }
        try {
            steps.after(Step.MADE);
            Xattrs.set(draft, entry.origin().attribute(), value, Sys.XATTR_CREATE, false);
            steps.after(Step.ATTRIBUTE_SET);
            Entries.sync(draft, entry.onDirectory());
            steps.after(Step.SYNCED);
        } catch (ErrnoException e) {
            unlink(draft, e);
            throw e;
        }
    }

    private void name(Path draft) throws ErrnoException {
        NativeBuffer from = Entries.cString(draft);
        NativeBuffer to = Entries.cString(path);
        int r = Sys.renameat2(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, to.address(), Sys.RENAME_NOREPLACE);
        if (r == -Errno.EINVAL || r == -Errno.ENOSYS) {
            r = nameWithoutFlags(draft, from, to);
        }
        Entries.checked(r, "rename to " + path);
    }

    /**
     * For file systems whose rename has no flags (NFS): a file by a hard link, which replaces nothing; a directory, of which there are none, by
     * a rename after a look, which could at worst replace an empty directory that somebody makes at the same moment.
     */
    private int nameWithoutFlags(Path draft, NativeBuffer from, NativeBuffer to) throws ErrnoException {
        if (!entry.onDirectory()) {
            int r = Sys.linkat(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, to.address(), 0);
            return r < 0 ? r : Entries.unlink(draft, false);
        }
        return Entries.exists(path)
                ? -Errno.EEXIST
                : Sys.renameat2(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, to.address(), 0);
    }

    /** Takes away what commands that were killed left in the directory: only what is empty can be one. */
    private static void removeOldDrafts(Path parent) {
        Instant before = Instant.now().minus(OLD);
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(parent, DRAFT + "*")) {
            for (Path draft : drafts) {
                boolean directory = Files.isDirectory(draft, LinkOption.NOFOLLOW_LINKS);
                Instant made = Files.getLastModifiedTime(draft, LinkOption.NOFOLLOW_LINKS)
                        .toInstant();
                if (made.isBefore(before) && (directory || Files.size(draft) == 0)) {
                    Entries.unlink(draft, directory);
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // Cannot be listed, or somebody else took it away: no reason not to make an entry.
            return;
        }
    }

    private void unlink(Path at, ErrnoException why) {
        int r = Entries.unlink(at, entry.onDirectory());
        if (r < 0) {
            why.addSuppressed(new ErrnoException(-r, "remove " + at));
        }
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.JunctionException;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A fileset's marker as written by one command: clients compare it when they attach the directory (requirement R1c), so a
 * wrong one is refused here already. {@link #undo} takes back only what this command wrote.
 */
final class Marking {
    private final Path written;

    private Marking(Path written) {
        this.written = written;
    }

    /** Nothing written. */
    static Marking none() {
        return new Marking(null);
    }

    /**
     * Marks the directory as the fileset, unless it is already.
     *
     * @throws CommandFailure MARKER_MISMATCH when it is another fileset; else when the marker cannot be read or written
     */
    static Marking of(Path directory, Fsn fsn) {
        if (check(directory, fsn)) {
            return none();
        }
        try {
            FilesetMarker.write(directory, fsn);
            return new Marking(directory);
        } catch (JunctionException e) {
            throw new CommandFailure(e.status(), e.getMessage(), "--no-marker does without a marker", e);
        }
    }

    /**
     * Whether the directory carries this fileset's marker already.
     *
     * @throws CommandFailure MARKER_MISMATCH when it carries another's; else when it cannot be read
     */
    static boolean check(Path directory, Fsn fsn) {
        Optional<Fsn> found;
        try {
            found = FilesetMarker.read(directory, false);
        } catch (IOException e) {
            throw new CommandFailure(
                    FedFsStatus.IO, "cannot read the marker of " + directory + ": " + e.getMessage(), "", e);
        } catch (JunctionFormatException e) {
            throw new CommandFailure(
                    FedFsStatus.MARKER_MISMATCH,
                    directory + " has a damaged marker: " + e.getMessage(),
                    "fedfs fileset unmark " + directory + " removes it",
                    e);
        }
        if (found.isPresent() && !found.get().equals(fsn)) {
            throw new CommandFailure(
                    FedFsStatus.MARKER_MISMATCH,
                    directory + " is marked as another fileset, " + found.get(),
                    "fedfs fileset unmark " + directory + " forgets that");
        }
        return found.isPresent();
    }

    /** Removes the marker again if this command wrote it; a failure to do so is told, for the first failure matters more. */
    void undo(Terminal terminal) {
        if (written == null) {
            return;
        }
        try {
            FilesetMarker.remove(written);
        } catch (JunctionException e) {
            terminal.note("the marker on " + written + " stays (" + e.getMessage()
                    + "); remove it with fedfs fileset unmark");
        }
    }
}

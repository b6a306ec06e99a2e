package io.fedfs.cli.nsdb;

import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The fileset that a directory is in, by the nearest marker on the way up.
 *
 * @param path from the fileset's root
 */
record Holder(Fsn fsn, String path) {

    /** The fileset that holds this directory, which is not its root; empty when no directory above has a marker. */
    static Optional<Holder> of(Path directory) {
        Path at = directory.toAbsolutePath().normalize();
        for (Path root = at.getParent(); root != null; root = root.getParent()) {
            try {
                Optional<Fsn> marker = FilesetMarker.read(root, false);
                if (marker.isPresent()) {
                    return Optional.of(
                            new Holder(marker.get(), root.relativize(at).toString()));
                }
            } catch (IOException | JunctionFormatException e) {
                // A marker that cannot be read names nothing; what is above it is another fileset.
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}

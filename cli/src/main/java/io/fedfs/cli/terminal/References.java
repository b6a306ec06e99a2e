package io.fedfs.cli.terminal;

import io.fedfs.protocol.Fsn;
import java.nio.file.Path;

/**
 * Hears of junctions made and removed here, so that the NSDB of what they stand for knows who points to it. Neither
 * fails: the junction is what counts, and what is not on record {@code fedfs audit} finds.
 */
public interface References {
    /** A junction was made. */
    void made(Path junction, Fsn target);

    /** A junction is gone. */
    void removed(Path junction, Fsn target);
}

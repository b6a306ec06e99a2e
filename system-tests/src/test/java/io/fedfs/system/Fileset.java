package io.fedfs.system;

import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.protocol.Fsn;
import java.nio.file.Path;

/**
 * A fileset with one location on this machine.
 *
 * @param fsl UUID of that location
 */
record Fileset(Nsdb nsdb, Fsn fsn, String fsl, Path directory) {
    /** The data underneath, as root. */
    Ground below() {
        return new Ground(directory, Caller.ROOT);
    }
}

package io.fedfs.attach;

import io.fedfs.protocol.Fsl;

/** One way to reach a location. */
public interface FslType {
    /** The word in the FSL record's {@code type}. */
    String name();

    /**
     * Opens the fileset's root there; may block for as long as the file system below does.
     *
     * @return an O_PATH descriptor of a directory, owned by the caller
     * @throws AttachException when it cannot be had
     */
    int open(Fsl fsl) throws AttachException;
}

package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.util.Optional;

/**
 * One way to reach a location. What the FSL record says is untrusted: a type takes from it only what the mount's configuration allows, and
 * says what to configure when it refuses.
 */
public interface FslType {
    /** The word in the FSL record's {@code type}. */
    String name();

    /**
     * Makes the fileset's root there reachable; may block for as long as the file system below does. At most one call for one location is
     * under way at a time, calls for different locations may be.
     *
     * @return the root, to be closed by the caller
     * @throws AttachException when it cannot be had; nothing is left behind
     */
    Reached reach(Fsl fsl) throws AttachException;

    /**
     * The root there, if it can be had without waiting for anything but this host's own file systems: the caller serves programs and is not to
     * be held up.
     *
     * @return empty when that is not sure, or there is anything to complain of; {@link #reach} says what there is
     */
    default Optional<Reached> reachAtOnce(Fsl fsl) {
        return Optional.empty();
    }

    /** Lets go of everything that was kept for a later use, when the daemon ends. All that was reached has been closed. */
    default void end() {}
}

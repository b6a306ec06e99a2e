package io.fedfs.soak;

import java.nio.file.Path;
import java.util.List;

/**
 * The directories of a soak. Each holds the same names.
 *
 * @param mount as the mount shows them
 * @param below the directories that are under the mount, in the same order
 * @param model plain directories on the same file system that have nothing to do with the mount, in the same order
 */
record Places(List<Path> mount, List<Path> below, List<Path> model) {
    /**
     * The directory of a worker; workers take turns over the filesets. The one above it is the worker's own too: symbolic links lead there.
     */
    static Path of(List<Path> places, int worker) {
        return places.get(worker % places.size()).resolve("worker-" + worker).resolve("own");
    }

    /** The directory where the workers meet. */
    static Path shared(List<Path> places) {
        return places.get(places.size() - 1).resolve("shared");
    }
}

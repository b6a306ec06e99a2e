package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How one type's file systems are mounted: which program, with which words. */
interface Recipe {
    /** The type's name. */
    String name();

    /**
     * The way to one location, measured against the configuration.
     *
     * @throws AttachException REFUSED when it is not allowed
     */
    Plan plan(Fsl fsl) throws AttachException;

    /**
     * What to do for one location.
     *
     * @param server whose health it shares
     * @param mount the mount program and its words, given the directory to mount on
     * @param unmount the same for unmounting; empty list: umount(2)
     * @param inside from what is mounted to the fileset's root, relative
     * @param needs what has to be on this host
     */
    record Plan(
            String server,
            Function<Path, List<String>> mount,
            Function<Path, List<String>> unmount,
            Path inside,
            Needs needs) {}

    /**
     * What has to be on this host.
     *
     * @param helper program that mount(8) or we start
     * @param packages where it comes from, for the message
     * @param kernelType file system type in /proc/filesystems; empty: none
     * @param root whether only root can mount it
     */
    record Needs(String helper, String packages, Optional<String> kernelType, boolean root) {}
}

package io.fedfs.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Processes and mounts of this machine, as /proc shows them. */
final class Processes {
    private Processes() {}

    /**
     * Processes other than this one whose command line names a file below a directory that is ours alone: those this test
     * started, daemons that left their parents too.
     */
    static List<ProcessHandle> naming(Path ours) {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                if (commandLine(process).contains(ours.toString())) {
                    Optional<ProcessHandle> handle = ProcessHandle.of(
                            Long.parseLong(process.getFileName().toString()));
                    handle.filter(h -> h.pid() != ProcessHandle.current().pid()).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc", e);
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // It ended meanwhile.
        }
    }

    /** Mount points at and below a directory, innermost first. */
    static List<Path> mountsBelow(Path top) {
        try {
            List<Path> found = new ArrayList<>();
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
                Path point = Path.of(line.split(" ")[4].replace("\\040", " "));
                if (point.startsWith(top)) {
                    found.add(0, point);
                }
            }
            return found;
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc/self/mountinfo", e);
        }
    }

    /** The file system type of a mount point, e.g. {@code fuse.fedfs}; empty when nothing is mounted there. */
    static Optional<String> mountedAt(Path point) {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1).stream()
                    .filter(l -> l.split(" ")[4].equals(point.toString()))
                    .map(l -> l.substring(l.indexOf(" - ") + 3).split(" ")[0])
                    .reduce((first, last) -> last);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc/self/mountinfo", e);
        }
    }
}

package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A path that lies in a fedfs mount.
 *
 * @param absolute the path, absolute and clean
 * @param mount the mount that holds it
 */
record MountPath(String absolute, MountTable.Mount mount) {
    /** As many links as the kernel follows (path_resolution(7)). */
    private static final int MAX_LINKS = 40;

    /** The path as the mount's file system sees it, "" for its root. */
    String inside() {
        return mount.inside(absolute);
    }

    /** A path of the mount's file system, as the user sees it. */
    String seen(String inside) {
        if (!mount.root().equals("/")) {
            String root = mount.root().substring(1);
            if (inside.equals(root)) {
                return mount.point();
            }
            if (inside.startsWith(root + "/")) {
                return mount.point() + inside.substring(root.length());
            }
        }
        if (inside.isEmpty()) {
            return mount.point();
        }
        return mount.point().equals("/") ? "/" + inside : mount.point() + "/" + inside;
    }

    /**
     * Finds the mount of a path without touching it: symbolic links are followed only outside of fedfs mounts, and inside
     * {@code ..} takes away a name.
     *
     * @throws CommandFailure NOT_MOUNTED when the path is in no fedfs mount, LOOP for too many links
     */
    static MountPath find(MountTable table, Path directory, String given) {
        Deque<String> ahead = new ArrayDeque<>();
        List<String> walked = new ArrayList<>();
        push(ahead, given);
        if (!given.startsWith("/")) {
            push(ahead, directory.toString());
        }
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.removeFirst();
            if (name.equals("..")) {
                if (!walked.isEmpty()) {
                    walked.remove(walked.size() - 1);
                }
                continue;
            }
            walked.add(name);
            Path link = isInFedfs(table, walked) ? null : target(walked);
            if (link != null) {
                if (++links > MAX_LINKS) {
                    throw new CommandFailure(FedFsStatus.LOOP, "too many symbolic links on the way to " + given, "");
                }
                walked.remove(walked.size() - 1);
                if (link.isAbsolute()) {
                    walked.clear();
                }
                push(ahead, link.toString());
            }
        }
        String absolute = "/" + String.join("/", walked);
        return table.holding(absolute)
                .filter(MountTable.Mount::isFedfs)
                .map(mount -> new MountPath(absolute, mount))
                .orElseThrow(() -> new CommandFailure(
                        FedFsStatus.NOT_MOUNTED,
                        absolute + " is not in a fedfs mount",
                        "fedfs status lists the mounts"));
    }

    /** Puts the names of a path in front of what is still ahead. */
    private static void push(Deque<String> ahead, String path) {
        String[] names = path.split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                ahead.addFirst(names[i]);
            }
        }
    }

    private static boolean isInFedfs(MountTable table, List<String> walked) {
        return table.holding("/" + String.join("/", walked))
                .filter(MountTable.Mount::isFedfs)
                .isPresent();
    }

    /** Where the link leads; null when it is none, or when nobody can tell: the path then counts as written. */
    private static Path target(List<String> walked) {
        Path path = Path.of("/" + String.join("/", walked));
        try {
            return Files.isSymbolicLink(path) ? Files.readSymbolicLink(path) : null;
        } catch (IOException e) {
            return null;
        }
    }
}

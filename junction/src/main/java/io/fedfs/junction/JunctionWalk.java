package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds junctions in a tree. Holds one open directory per level and the junctions found, whatever the number of files.
 * Entries that vanish during the walk are passed over.
 */
final class JunctionWalk {
    private final Junctions.Unreadable unreadable;

    JunctionWalk(Junctions.Unreadable unreadable) {
        this.unreadable = unreadable;
    }

    List<Path> below(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                return look(directory, found) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
                boolean vanished = e instanceof NoSuchFileException && !path.equals(root);
                // A directory that cannot be opened may still be a junction: its mode forbids reading.
                if (!vanished && !look(path, found)) {
                    unreadable.at(path, e);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                if (e != null) {
                    unreadable.at(directory, e);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(null);
        return found;
    }

    private boolean look(Path path, List<Path> found) throws IOException {
        try {
            boolean junction = Junctions.isJunction(path);
            if (junction) {
                found.add(path);
            }
            return junction;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                unreadable.at(path, e);
            }
            return false;
        }
    }
}

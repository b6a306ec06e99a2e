package io.fedfs.posix;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every {@link Case} on a directory. As root every caller is played; as somebody else only the cases that are promised to
 * everybody.
 */
public interface PosixContract {
    /** No call on a healthy file system takes this long; a hanging one must not hang the suite. */
    Duration BOUND = Duration.ofSeconds(30);

    /** The directory on trial. Everybody may search the way to it. */
    Path onTrial();

    /** A plain directory on the file system that holds the data of {@link #onTrial}, for cases "as below". */
    Path below();

    /** Names of cases that are known not to work there, with the reason. */
    default Map<String, String> excused() {
        return Map.of();
    }

    /** All the tables. A new table is added here. */
    static Stream<Case> cases() {
        return Stream.of(
                        OpenCases.all(),
                        DataCases.all(),
                        NameCases.all(),
                        RenameCases.all(),
                        AttributeCases.all(),
                        PermissionCases.all(),
                        XattrCases.all(),
                        LockCases.all(),
                        DirectoryCases.all(),
                        PathCases.all())
                .flatMap(s -> s);
    }

    @TestFactory
    default Stream<DynamicTest> posix() {
        Sys.umask(022);
        boolean root = Sys.geteuid() == 0;
        return cases().filter(c -> root || c.callers().size() > 1).flatMap(c -> c.callers().stream()
                .filter(caller -> root || caller.isRoot())
                .map(caller -> dynamicTest(caller.name() + ": " + c.name(), () -> judge(c, caller))));
    }

    private void judge(Case c, Caller caller) {
        String expected = c.expected() == null ? run(c, caller, below()) : c.expected();
        String reason = excused().get(c.name());
        if (reason == null) {
            Assertions.assertEquals(expected, run(c, caller, onTrial()), c.name());
        } else {
            Assertions.assertNotEquals(
                    expected,
                    outcomeOfExcused(c, caller),
                    "works now, so it must not be excused any more (" + reason + ")");
        }
    }

    /** A setup that cannot be made is an outcome, too. */
    private String outcomeOfExcused(Case c, Caller caller) {
        try {
            return run(c, caller, onTrial());
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    private static String run(Case c, Caller caller, Path directory) {
        return Assertions.assertTimeoutPreemptively(BOUND, () -> {
            Path here = Files.createTempDirectory(directory, "c");
            try (Ground g = new Ground(here, caller)) {
                Files.setPosixFilePermissions(here, PosixFilePermissions.fromString("rwxr-xr-x"));
                if (Sys.geteuid() == 0) {
                    Ground.must(g.asRoot().chown(here.toString(), caller.uid(), caller.gid()));
                }
                c.setup().on(g);
                return Seen.render(c.op().on(g));
            } finally {
                removeAll(here);
            }
        });
    }

    private static void removeAll(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

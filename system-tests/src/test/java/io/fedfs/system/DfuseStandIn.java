package io.fedfs.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The stand-in for DFuse in system mode ({@code src/test/standin/dfuse-stand-in.py} says what it does as DFuse does). It proves how the mount
 * behaves towards such a prefix, nothing about DAOS.
 */
final class DfuseStandIn implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final Federation federation;
    private final Path point;
    private final Path tree;
    private final Path log;
    private Process process;

    DfuseStandIn(Federation federation) {
        this.federation = federation;
        Path all = federation.directory("dfuse");
        try {
            this.point = Files.createDirectory(all.resolve("mnt"));
            this.tree = Files.createDirectory(all.resolve("tree"));
            this.log = Files.createFile(all.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the containers appear. */
    Path prefix() {
        return point;
    }

    /** The directory of a container underneath, made if it is not there. Before anybody asked for it: its absence is remembered. */
    Path container(String pair) {
        try {
            return Files.createDirectories(tree.resolve(pair));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DfuseStandIn start() {
        Path script = Path.of("src/test/standin/dfuse-stand-in.py").toAbsolutePath();
        try {
            process = new ProcessBuilder(
                            "python3", script.toString(), point.toString(), tree.toString(), log.toString())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("the stand-in for DFuse needs python3: apt-get install python3", e);
        }
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try {
            String first = said.readLine();
            if (!"ready".equals(first)) {
                throw new AssertionError("the stand-in for DFuse does not start: " + first
                        + said.lines().toList());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Ends it without a word, as a crash does: its mount stays and answers ENOTCONN. */
    void kill() {
        process.destroyForcibly();
        Await.until(BOUND, false, process::isAlive);
    }

    /** The requests it got, but those of this list's processes, as "OPCODE PATH". */
    List<String> requestsBy(long pid) {
        try {
            return Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream()
                    .map(l -> l.split(" ", 3))
                    .filter(l -> l[1].equals(Long.toString(pid)))
                    .map(l -> l[0] + " " + l[2])
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many requests there were in all. */
    long requests() {
        try (var lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
        if (Processes.mountedAt(point).isPresent()) {
            federation.run(List.of("umount", "-l", point.toString())).ok();
        }
    }
}

package io.fedfs.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the daemon of a mount holds, read from outside: /proc, {@code fedfs status}, {@code jcmd}. */
final class Daemon {
    private static final Pattern HEAP = Pattern.compile("total \\d+K, used (\\d+)K");
    private static final long BOUND_SECONDS = 60;

    private final String fedfs;
    private final Path mount;
    private final long pid;

    /**
     * @param fedfs the command
     */
    Daemon(String fedfs, Path mount) throws IOException {
        this.fedfs = fedfs;
        this.mount = mount;
        this.pid = status().path("pid").asLong();
    }

    long pid() {
        return pid;
    }

    /**
     * One reading. Memory in KiB; the heap after a full collection.
     *
     * @param inodes nodes that the kernel knows, by the daemon's count
     * @param remembered nodes kept for file handles
     */
    record Held(
            long descriptors,
            long threads,
            long residentKib,
            long heapKib,
            long inodes,
            long remembered,
            long openFiles) {}

    /** Reads all, after the kernel let go of what nobody uses and the daemon's garbage is collected. */
    Held settled() throws IOException {
        long inodes = Long.MAX_VALUE;
        for (int tries = 0; tries < 8; tries++) {
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "2\n");
            pause(250);
            long now = counter("inodes");
            if (now >= inodes) {
                break;
            }
            inodes = now;
        }
        run(List.of("jcmd", Long.toString(pid), "GC.run"));
        return read();
    }

    private Held read() throws IOException {
        long heap = 0;
        Matcher generations = HEAP.matcher(run(List.of("jcmd", Long.toString(pid), "GC.heap_info")));
        while (generations.find()) {
            heap += Long.parseLong(generations.group(1));
        }
        JsonNode counters = status().path("counters");
        return new Held(
                entries("fd"),
                entries("task"),
                resident(),
                heap,
                counters.path("inodes").asLong(),
                counters.path("remembered").asLong(),
                counters.path("open_files").asLong());
    }

    private long counter(String name) throws IOException {
        return status().path("counters").path(name).asLong();
    }

    private JsonNode status() throws IOException {
        return new ObjectMapper().readTree(run(List.of(fedfs, "status", "--json", mount.toString())));
    }

    private long entries(String directory) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/" + directory))) {
            return all.count();
        }
    }

    private long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new Difference("the daemon " + pid + " is gone");
    }

    /** What a program prints; a failure of it is one of the soak. */
    static String run(List<String> command) throws IOException {
        Path out = Files.createTempFile("soak", null);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new Difference(command + " did not end within " + BOUND_SECONDS + " s");
            }
            String said = Files.readString(out);
            if (process.exitValue() != 0) {
                throw new Difference(command + " ended with " + process.exitValue() + ": " + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            Files.delete(out);
        }
    }

    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}

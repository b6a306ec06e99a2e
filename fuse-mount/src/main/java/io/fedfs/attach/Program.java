package io.fedfs.attach;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Spawner;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a mount program: words as they are, a small environment, nothing to read, bounded in time. */
final class Program {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int MOST_OUTPUT = 2_000;
    private static final long PAUSE_MILLIS = 10;
    private static final int SIGKILL = 9;

    private Program() {}

    /**
     * How a program ended.
     *
     * @param code its exit code; -1: it did not end in time and was killed
     * @param output the beginning of what it said
     */
    record Outcome(int code, String output) {}

    /** Where a program is that is named without a directory, or whether the one named with it is there; null when not. */
    static Path find(String program) {
        if (program.startsWith("/")) {
            return Files.isExecutable(Path.of(program)) ? Path.of(program) : null;
        }
        for (String directory : PATH.split(":", -1)) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /**
     * Runs it to its end.
     *
     * @param scratch a file for its output: programs that stay in the background may keep a pipe open
     * @throws IOException when it cannot be started
     */
    static Outcome run(Spawner spawner, List<String> words, Duration bound, Path scratch)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(words);
        Path found = find(command.get(0));
        if (found == null) {
            throw new IOException(command.get(0) + " is not a program of this host");
        }
        command.set(0, found.toString());
        int pid = spawner.start(command, environment(), scratch);
        if (pid < 0) {
            throw new IOException("cannot start " + found + ": " + Errno.message(-pid));
        }
        boolean ended = false;
        try {
            int code = await(pid, bound);
            ended = code >= 0;
            return new Outcome(code, output(scratch));
        } finally {
            if (!ended) {
                kill(pid);
            }
            Files.deleteIfExists(scratch);
        }
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().retainAll(List.of("HOME", "USER", "LOGNAME"));
        environment.put("PATH", PATH);
        environment.put("LC_ALL", "C");
        return environment;
    }

    /** Its exit code, 128 and the signal that ended it, or -1 when it has not ended in time. */
    private static int await(int pid, Duration bound) throws InterruptedException {
        NativeBuffer status = new NativeBuffer(Integer.BYTES);
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            int r = Sys.waitpid(pid, status.address(), Sys.WNOHANG);
            if (r != 0) {
                int s = r < 0 ? 0 : status.getInt(0);
                return (s & 0x7f) == 0 ? s >> 8 & 0xff : 128 + (s & 0x7f);
            }
            if (System.nanoTime() > end) {
                return -1;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /** With what it has started: mount(8) has its helper do the work. */
    private static void kill(int pid) {
        ProcessHandle.of(pid).ifPresent(p -> p.descendants().forEach(ProcessHandle::destroyForcibly));
        Sys.kill(pid, SIGKILL);
        Sys.waitpid(pid, new NativeBuffer(Integer.BYTES).address(), Sys.WNOHANG);
    }

    private static String output(Path scratch) throws IOException {
        String text = Files.readString(scratch, StandardCharsets.ISO_8859_1).strip();
        String start = text.length() > MOST_OUTPUT ? text.substring(0, MOST_OUTPUT) : text;
        return start.replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
    }
}

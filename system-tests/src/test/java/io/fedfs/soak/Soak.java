package io.fedfs.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The program behind {@code scripts/soak}, which makes the federation, the mount and the arguments.
 *
 * <p>Arguments, each as {@code --name=value}: {@code mount}, {@code below} and {@code model}, lists of directories with colons between;
 * {@code fedfs}, the command; {@code manifest}, the program that prints trees; {@code fsn}, the filesets whose records are changed meanwhile, or nothing;
 * {@code minutes}, {@code seed}, {@code processes}, {@code without}, kinds of steps to leave out. Prints a report; exit code 0 when nothing
 * differed and nothing grew, 1 otherwise.
 */
public final class Soak {
    private static final int ROUNDS = 15;
    /** The round after which caches, compiled code and pools have their size. */
    private static final int WARM = 3;
    /** How much longer than asked for a round may take before the mount counts as hanging. */
    private static final long LATE_MILLIS = 120_000;

    /** Growth from the end of the warm-up to the end of the soak that is none. */
    private static final long DESCRIPTORS_MORE = 16;

    private static final long INODES_MORE = 64;
    private static final long HEAP_KIB_MORE = 4 * 1024;
    private static final long RESIDENT_KIB_MORE = 48 * 1024;

    private final Map<String, String> arguments;
    private final Places places;
    private final int processes;
    private final long seed;
    private final Daemon daemon;
    private final List<Running> workers = new ArrayList<>();
    private final ExecutorService readers = Executors.newCachedThreadPool(task -> {
        Thread t = new Thread(task, "soak");
        t.setDaemon(true);
        return t;
    });
    private final Map<String, Daemon.Held> readings = new LinkedHashMap<>();
    private long compared;
    private volatile long disturbances;

    private Soak(Map<String, String> arguments) throws IOException {
        this.arguments = arguments;
        this.places = places(arguments);
        this.processes = Integer.parseInt(arguments.get("processes"));
        this.seed = Long.parseLong(arguments.get("seed"));
        this.daemon = new Daemon(arguments.get("fedfs"), places.mount().get(0));
    }

    public static void main(String[] args) throws IOException {
        Map<String, String> arguments = new HashMap<>();
        for (String a : args) {
            int equals = a.indexOf('=');
            arguments.put(a.substring(2, equals), a.substring(equals + 1));
        }
        if (arguments.containsKey("worker")) {
            Worker worker = new Worker(
                    places(arguments),
                    Integer.parseInt(arguments.get("worker")),
                    Long.parseLong(arguments.get("seed")),
                    Set.of(arguments.get("without").split(",")));
            System.exit(worker.serve(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))));
        }
        Soak soak = new Soak(arguments);
        Runtime.getRuntime().addShutdownHook(new Thread(soak::endWorkers));
        System.exit(soak.run(System.out) ? 0 : 1);
    }

    private static Places places(Map<String, String> arguments) {
        return new Places(
                directories(arguments.get("mount")),
                directories(arguments.get("below")),
                directories(arguments.get("model")));
    }

    private static List<Path> directories(String list) {
        return java.util.stream.Stream.of(list.split(":")).map(Path::of).toList();
    }

    // ---- workers

    /** A worker's process, and the end of what it has told. */
    private final class Running {
        final int number;
        final Process process;
        final PrintStream tell;
        final BufferedReader hear;
        Tally tally = new Tally();
        long appended;
        long counted;

        Running(int number) throws IOException {
            this.number = number;
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Soak.class.getName(),
                    "--worker=" + number));
            for (String name : List.of("mount", "below", "model", "seed", "without")) {
                command.add("--" + name + "=" + arguments.get(name));
            }
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            tell = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            hear = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        /** Sends a command and reads the answer. */
        String ask(String command) throws IOException {
            tell.println(command);
            String answer = hear.readLine();
            if (answer == null || answer.equals("different")) {
                StringBuilder all = new StringBuilder("worker " + number + ":");
                for (String line = hear.readLine(); line != null; line = hear.readLine()) {
                    all.append(System.lineSeparator()).append(line);
                }
                throw new Difference(answer == null ? all + " ended by itself" : all.toString());
            }
            return answer;
        }
    }

    /** Asks all workers at once, and waits for all, even when one fails. */
    private void askAll(String command, long boundMillis) throws IOException {
        Map<Running, Future<String>> answers = new LinkedHashMap<>();
        for (Running w : workers) {
            answers.put(w, readers.submit(() -> w.ask(command)));
        }
        long end = System.nanoTime() + boundMillis * 1_000_000;
        List<String> failures = new ArrayList<>();
        for (Map.Entry<Running, Future<String>> answer : answers.entrySet()) {
            Running w = answer.getKey();
            try {
                String[] words = answer.getValue()
                        .get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)
                        .split(" ", 5);
                if (words[0].equals("ran")) {
                    w.appended = Long.parseLong(words[2]);
                    w.counted = Long.parseLong(words[3]);
                    w.tally = Tally.parse(words[4]);
                }
            } catch (ExecutionException e) {
                failures.add(e.getCause().getMessage());
            } catch (TimeoutException e) {
                failures.add("worker " + w.number + " hangs: after \"" + command + "\" it did not answer within "
                        + boundMillis + " ms");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        if (!failures.isEmpty()) {
            throw new Difference(String.join(System.lineSeparator(), failures));
        }
    }

    private void endWorkers() {
        workers.forEach(w -> w.process.destroyForcibly());
    }

    // ---- the soak

    private boolean run(PrintStream out) throws IOException {
        String failure = null;
        try {
            prepare();
            soak();
        } catch (Difference e) {
            failure = e.getMessage();
        }
        report(out, failure);
        return failure == null && growth().isEmpty();
    }

    private void prepare() throws IOException {
        Shared.make(make(Places.shared(places.below())));
        for (int n = 0; n < processes; n++) {
            for (List<Path> side : List.of(places.below(), places.model())) {
                make(Places.of(side, n).getParent());
                make(Places.of(side, n));
            }
        }
        readings.put("at the start", daemon.settled());
        for (int n = 0; n < processes; n++) {
            workers.add(new Running(n));
        }
    }

    /** A directory where everybody may do everything. */
    private static Path make(Path directory) throws IOException {
        Files.createDirectory(directory);
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private void soak() throws IOException {
        long round = Long.parseLong(arguments.get("minutes")) * 60_000 / ROUNDS;
        for (int r = 1; r <= ROUNDS; r++) {
            Future<?> disturber =
                    arguments.get("fsn").isEmpty() ? new CompletableFuture<>() : readers.submit(this::disturb);
            try {
                askAll("run " + round, round + LATE_MILLIS);
            } finally {
                disturber.cancel(true);
            }
            check();
            if (r == WARM) {
                readings.put("after the warm-up", daemon.settled());
            } else if (r == (ROUNDS + WARM) / 2) {
                readings.put("in the middle", daemon.settled());
            } else if (r == ROUNDS) {
                readings.put("at the end", daemon.settled());
            }
            System.err.printf("soak: round %d of %d, %,d steps, no difference%n", r, ROUNDS, tally().total());
        }
        askAll("end", LATE_MILLIS);
        for (Running w : workers) {
            awaitEnd(w.process);
        }
        readings.put("everything removed", daemon.settled());
    }

    private static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(LATE_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new Difference("process " + process.pid() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What an administrator may do meanwhile: nobody on the mount must notice. */
    private void disturb() {
        Random random = new Random();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(2_000 + random.nextInt(4_000));
                String[] fsns = arguments.get("fsn").split(",");
                String fsn = fsns[random.nextInt(fsns.length)];
                String mount = places.mount().get(0).toString();
                String fedfs = arguments.get("fedfs");
                Daemon.run(
                        switch (random.nextInt(4)) {
                            case 0 -> List.of(fedfs, "fsn", "update", "--ttl", "" + random.nextInt(300), fsn);
                            case 1 -> List.of(fedfs, "flush", "--mount=" + mount, "all");
                            case 2 -> List.of(fedfs, "status", mount);
                            default -> List.of(fedfs, "where", mount);
                        });
                disturbances++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            // The end of the round interrupts the command that is under way.
            if (!Thread.currentThread().isInterrupted()) {
                System.err.println("soak: " + e.getMessage());
            }
        }
    }

    /**
     * Nothing moves now: what the mount shows has to be what is underneath, and what the model has. Without the extents: allocated blocks that
     * were never written count as a hole until somebody reads them into the page cache, which comparing does. Workers compare them.
     */
    private void check() throws IOException {
        Daemon.pause(1_500); // What the kernel remembers of attributes is over then.
        Map<Integer, Long> appended = new TreeMap<>();
        long counted = 0;
        for (Running w : workers) {
            appended.put(w.number, w.appended);
            counted += w.counted;
            Path seen = Places.of(places.mount(), w.number);
            same(seen, Places.of(places.below(), w.number), "atime,extents");
            same(seen, Places.of(places.model(), w.number), "atime,mtime,ctime,extents");
        }
        Path meeting = Places.shared(places.below());
        Shared.judge(meeting, appended, counted);
        same(Places.shared(places.mount()), meeting, "atime,extents");
    }

    private void same(Path seen, Path other, String without) throws IOException {
        List<String> expected = tree(other, without);
        List<String> shown = tree(seen, without);
        compared += shown.size();
        if (!shown.equals(expected)) {
            StringBuilder text = new StringBuilder(seen + " is not as " + other + ":");
            List<String> only = new ArrayList<>(shown);
            only.removeAll(expected);
            expected.removeAll(shown);
            only.stream().limit(10).forEach(l -> text.append("\n  on the mount: ")
                    .append(l));
            expected.stream().limit(10).forEach(l -> text.append("\n  other:        ")
                    .append(l));
            throw new Difference(text.toString());
        }
    }

    private List<String> tree(Path directory, String without) throws IOException {
        return new ArrayList<>(
                Daemon.run(List.of(arguments.get("manifest"), "--without", without, directory.toString()))
                        .lines()
                        .toList());
    }

    // ---- the report

    private Tally tally() {
        Tally all = new Tally();
        workers.forEach(w -> all.add(w.tally));
        return all;
    }

    private List<String> growth() {
        List<String> found = new ArrayList<>();
        Daemon.Held warm = readings.get("after the warm-up");
        Daemon.Held end = readings.get("at the end");
        Daemon.Held removed = readings.get("everything removed");
        Daemon.Held start = readings.get("at the start");
        if (warm == null || end == null || removed == null) {
            return found;
        }
        bound(found, "descriptors", warm.descriptors(), end.descriptors(), DESCRIPTORS_MORE);
        bound(found, "threads", warm.threads(), end.threads(), DESCRIPTORS_MORE);
        bound(found, "inodes", warm.inodes(), end.inodes(), INODES_MORE);
        bound(found, "inodes when everything is removed", start.inodes(), removed.inodes(), INODES_MORE);
        bound(found, "open files", 0, Math.max(end.openFiles(), removed.openFiles()), 0);
        bound(found, "heap, KiB", warm.heapKib(), end.heapKib(), HEAP_KIB_MORE);
        bound(found, "resident memory, KiB", warm.residentKib(), end.residentKib(), RESIDENT_KIB_MORE);
        return found;
    }

    private static void bound(List<String> found, String what, long before, long after, long more) {
        if (after > before + more) {
            found.add(what + " grew from " + before + " to " + after + ", more than by " + more);
        }
    }

    private void report(PrintStream out, String failure) {
        Tally tally = tally();
        out.printf(
                "Seed %d, %d processes, %s minutes: %,d steps; %,d entries compared between rounds; %d commands of an administrator meanwhile.%n%n",
                seed, processes, arguments.get("minutes"), tally.total(), compared, disturbances);
        out.printf("| step | times | in vain | errnos |%n|---|---|---|---|%n%s%n", tally.rows());
        out.printf(
                "| the daemon | descriptors | threads | resident, MiB | heap after GC, MiB | inodes | remembered | open files |%n");
        out.printf("|---|---|---|---|---|---|---|---|%n");
        readings.forEach((when, h) -> out.printf(
                "| %s | %d | %d | %.1f | %.1f | %d | %d | %d |%n",
                when,
                h.descriptors(),
                h.threads(),
                h.residentKib() / 1024.0,
                h.heapKib() / 1024.0,
                h.inodes(),
                h.remembered(),
                h.openFiles()));
        out.println();
        growth().forEach(g -> out.println("Growth: " + g + "."));
        out.println(failure == null ? "Differences: 0." : "A difference, with seed " + seed + ": " + failure);
    }
}

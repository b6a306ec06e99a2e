package io.fedfs.system;

import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A federation that lives as long as a test, or as a test class when it is registered in a static field: NSDBs, filesets,
 * junctions, mounts, all below one directory. At the end everything is unmounted and ended, and what is left fails the test.
 */
final class Federation implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    private static final Duration END = Duration.ofSeconds(15);
    private static final Duration BUSY = Duration.ofSeconds(5);

    private final List<Nsdb> nsdbs = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();
    private final List<Mount> mounts = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private boolean wholeClass;
    private Path top;
    private int made;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        wholeClass = true;
        open();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (!wholeClass) {
            open();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            tellLogs(context.getDisplayName());
        }
        if (!wholeClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private void open() throws IOException {
        if (Sys.geteuid() != 0 || !Files.exists(Path.of("/dev/fuse"))) {
            throw new AssertionError("tests of mounts need root and /dev/fuse");
        }
        top = Files.createTempDirectory("fedfs-it").toRealPath();
        Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(top.resolve("run"));
        environment.put("FEDFS_RUN_DIR", top.resolve("run").toString());
        // Daemons of a test live for seconds: compiling for speed costs them more than it gives.
        environment.put("FEDFS_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        Files.createDirectory(top.resolve("state"));
        Files.createDirectory(top.resolve("log"));
    }

    private void close() {
        List<String> left = new ArrayList<>();
        mounts.forEach(Mount::release);
        List<Path> points = new ArrayList<>(Processes.mountsBelow(top));
        // What daemons mounted for themselves they take away.
        points.removeIf(point -> point.startsWith(top.resolve("run")));
        for (Path point : points) {
            // A daemon that has just ended may not have closed its files yet.
            try {
                Await.until(
                        BUSY, 0, () -> run(List.of("umount", point.toString())).code());
            } catch (AssertionError e) {
                left.add("umount " + point + ": "
                        + run(List.of("umount", "-l", point.toString())).err() + e.getMessage());
            }
        }
        try {
            Await.until(END, List.of(), () -> mounts.stream()
                    .flatMap(m -> Processes.naming(m.point()).stream())
                    .toList());
        } catch (AssertionError e) {
            left.add("mount daemons " + e.getMessage());
        }
        agents.forEach(Agent::close);
        nsdbs.forEach(Nsdb::close);
        for (ProcessHandle process : Processes.naming(top)) {
            left.add("process " + process.pid() + " "
                    + process.info().commandLine().orElse(""));
            process.destroyForcibly();
        }
        Processes.mountsBelow(top).forEach(p -> left.add("mount " + p));
        try {
            try (Stream<Path> sockets = Files.list(top.resolve("run"))) {
                sockets.filter(s -> s.toString().endsWith(".sock")).forEach(s -> left.add("control socket " + s));
            }
            if (!left.isEmpty()) {
                throw new AssertionError("left behind by the test: " + left + "; logs below " + top);
            }
            removeAll(top);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the daemons had to complain about, since their logs go with the directory. */
    private void tellLogs(String test) {
        try (Stream<Path> logs = Files.list(top.resolve("log"))) {
            for (Path log : logs.sorted().toList()) {
                Files.readString(log, StandardCharsets.ISO_8859_1)
                        .lines()
                        .dropWhile(l -> !l.contains(" WARN ") && !l.contains(" ERROR "))
                        .limit(60)
                        .forEach(l -> System.err.println(test + ": " + log.getFileName() + ": " + l));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what a test uses

    /** The directory of everything. */
    Path top() {
        return top;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** A new empty directory that everybody may search. */
    Path directory(String name) {
        try {
            return Files.createDirectory(top.resolve(String.format("%s-%03d", name, made++)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A running NSDB. */
    Nsdb nsdb(String... options) {
        Nsdb nsdb = new Nsdb(directory("nsdb"), freePort(), environment, List.of(options));
        nsdbs.add(nsdb);
        return nsdb.start();
    }

    /** A file server agent, not started yet. */
    Agent agent() {
        return agent(command -> {
            List<String> all = new ArrayList<>(command);
            all.set(0, Distribution.command(command.get(0)));
            return all;
        });
    }

    /** One that is run by another command, as another user for instance. */
    Agent agent(UnaryOperator<List<String>> as) {
        Agent agent = new Agent(directory("agent"), freePort(), environment, as);
        agents.add(agent);
        return agent;
    }

    /** A fileset with one location, an empty directory; TTL 300 s. */
    Fileset fileset(Nsdb nsdb) {
        return fileset(nsdb, 300);
    }

    Fileset fileset(Nsdb nsdb, int ttlSeconds) {
        Fsn fsn = nsdb.createFsn(ttlSeconds);
        Path directory = directory("data");
        return new Fileset(nsdb, fsn, nsdb.addFsl(fsn, directory), directory);
    }

    /** Makes a directory of a fileset a junction to another. */
    void junction(Fileset in, String name, Fsn to) {
        OnDisk.junction(in.directory().resolve(name), to);
    }

    void junction(Fileset in, String name, Fileset to) {
        junction(in, name, to.fsn());
    }

    /** A mount of a fileset, not started yet. */
    Mount mount(Fileset root) {
        return mount(root.fsn().toString());
    }

    Mount mount(String root) {
        return mount(root, directory("mnt"));
    }

    Mount mount(String root, Path point) {
        Mount mount = new Mount(this, root, point);
        mounts.add(mount);
        return mount;
    }

    /** Runs {@code fedfs} with these arguments. */
    Run fedfs(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Distribution.command("fedfs")));
        command.addAll(List.of(arguments));
        return run(command);
    }

    Run run(List<String> command) {
        return Run.program(top, environment, command);
    }

    /** Runs a shell script; {@code $0}… are the arguments. */
    Run sh(String script, Object... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return run(command);
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

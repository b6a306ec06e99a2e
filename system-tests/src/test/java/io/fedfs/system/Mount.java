package io.fedfs.system;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A mount made by {@code fedfs-mount}. Build it with {@link #engine} and {@link #option}, then {@link #start}. */
final class Mount {
    private final Federation federation;
    private final String root;
    private final Path point;
    private final List<String> options = new ArrayList<>();
    private final List<Ground> grounds = new ArrayList<>();
    private Engine engine = Engine.KERNEL;
    private boolean allowOther = true;
    private boolean byRing;

    Mount(Federation federation, String root, Path point) {
        this.federation = federation;
        this.root = root;
        this.point = point;
    }

    Mount engine(Engine other) {
        this.engine = other;
        return this;
    }

    /** Requests come by io_uring, which is turned on as long as mounting takes. */
    Mount byRing() {
        byRing = true;
        return option("transport=io_uring");
    }

    /** Without {@code allow_other}. */
    Mount forRootOnly() {
        allowOther = false;
        return this;
    }

    /** One element of {@code -o}. */
    Mount option(String option) {
        options.add(option);
        return this;
    }

    /** Mounts; fails with what the command said when it does not work. */
    Mount start() {
        attempt().ok();
        return this;
    }

    /** Runs the command, whatever comes of it. */
    Run attempt() {
        if (!byRing) {
            return federation.run(command());
        }
        try (RingParameter on = new RingParameter(true)) {
            return federation.run(command());
        }
    }

    /** The whole command line. */
    List<String> command() {
        List<String> all = new ArrayList<>();
        if (options.stream().noneMatch(o -> o.startsWith("local_root="))) {
            all.add("local_root=" + federation.top());
        }
        all.add("engine=" + engine.option());
        all.add("state=" + federation.top().resolve("state").resolve(point.getFileName()));
        all.add("log=" + federation.top().resolve("log").resolve(point.getFileName() + ".log"));
        if (allowOther) {
            all.add("allow_other");
        }
        all.addAll(options);
        return List.of(
                Distribution.command("fedfs-mount"),
                root,
                point.toString(),
                "-o",
                all.stream().collect(Collectors.joining(",")));
    }

    Path point() {
        return point;
    }

    Path path(String inside) {
        return point.resolve(inside);
    }

    /** The mount as root sees it. */
    Ground seen() {
        return seen("", Caller.ROOT);
    }

    /** A directory of the mount as a caller sees it. */
    Ground seen(String inside, Caller caller) {
        Ground g = new Ground(point.resolve(inside), caller);
        grounds.add(g);
        return g;
    }

    /** What {@code fedfs status} says. */
    JsonNode status() {
        return federation.fedfs("status", "--json", point.toString()).ok().json();
    }

    /** One of the counters in it. */
    long counter(String name) {
        JsonNode counter = status().path("counters").path(name);
        if (!counter.isNumber()) {
            throw new AssertionError("no counter " + name + " in " + status().path("counters"));
        }
        return counter.asLong();
    }

    /** The daemon that serves it. */
    ProcessHandle daemon() {
        List<ProcessHandle> daemons = Processes.naming(point).stream()
                .filter(p -> p.info().command().orElse("").contains("java"))
                .toList();
        if (daemons.size() != 1) {
            throw new AssertionError("one daemon should serve " + point + ", not " + daemons);
        }
        return daemons.get(0);
    }

    /** Closes descriptors that tests left open. */
    void release() {
        grounds.forEach(Ground::close);
        grounds.clear();
    }

    /** {@code umount}; fails when that does not work or the daemon stays. */
    void umount() {
        release();
        federation.run(List.of("umount", point.toString())).ok();
        Await.until(java.time.Duration.ofSeconds(15), List.of(), () -> Processes.naming(point));
    }
}

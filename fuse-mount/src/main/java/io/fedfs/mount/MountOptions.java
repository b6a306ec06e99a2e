package io.fedfs.mount;

import io.fedfs.fuse.TransportChoice;
import io.fedfs.projection.Options.FailoverMode;
import io.fedfs.resolver.discovery.Discovery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The words of {@code -o}, in the manner of mount(8). */
final class MountOptions {
    /** Which session serves the mount. */
    enum Engine {
        KERNEL("kernel"),
        JNR_FUSE("jnr-fuse");

        final String word;

        Engine(String word) {
            this.word = word;
        }
    }

    /** What mount(8) and fstab(5) add for their own purposes. */
    private static final Set<String> IGNORED = Set.of(
            "rw",
            "defaults",
            "auto",
            "noauto",
            "nofail",
            "_netdev",
            "user",
            "nouser",
            "users",
            "default_permissions",
            "async",
            "relatime",
            "suid",
            "dev",
            "exec",
            "atime");

    boolean readOnly;
    boolean allowOther;
    boolean noSuid;
    boolean noDev;
    boolean noExec;
    boolean noAtime;
    boolean foreground;
    boolean debug;
    boolean passthrough = true;
    boolean readAhead = true;
    Engine engine = Engine.KERNEL;
    TransportChoice transport = TransportChoice.DEVICE;
    final List<Path> localRoots = new ArrayList<>();
    Duration entryTimeout = Duration.ofSeconds(1);
    Duration attributeTimeout = Duration.ofSeconds(1);
    Duration negativeTimeout = Duration.ZERO;
    Duration deadline = Duration.ofSeconds(5);
    Duration staleGrace = Duration.ofHours(1);
    /** Those about DAOS entries, by the names that fedfs tune knows; the prefix as {@code daos}. */
    final Map<String, String> daos = new LinkedHashMap<>();

    Optional<Path> nsdbs = Optional.empty();
    Optional<Path> attach = Optional.empty();
    FailoverMode failover = FailoverMode.REMOTE;
    /** The DNS server to ask for a domain's NSDBs; empty: this host's. */
    Optional<String> dns = Optional.empty();

    Optional<Path> state = Optional.empty();
    Optional<Path> log = Optional.empty();
    int maxThreads = 1024;
    Duration busyPoll = Duration.ofNanos(50_000);
    int filesetRequests = 32;
    Duration requestTimeout = Duration.ofSeconds(300);
    /** Nodes remembered for file handles; {@link Integer#MAX_VALUE}: all. */
    int remember = 65_536;
    /** As they were given, for {@code fedfs status}. */
    final Map<String, String> given = new LinkedHashMap<>();

    /**
     * Reads a comma-separated list.
     *
     * @throws IllegalArgumentException naming the option that is unknown, or whose value is bad
     */
    static MountOptions parse(List<String> lists) {
        MountOptions o = new MountOptions();
        for (String list : lists) {
            for (String word : list.split(",", -1)) {
                if (!word.isBlank()) {
                    o.take(word.strip());
                }
            }
        }
        if (o.engine != Engine.KERNEL && o.given.containsKey("transport")) {
            throw new IllegalArgumentException("transport=" + o.transport.word() + " is for engine=kernel; engine="
                    + o.engine.word + " leaves it to its library");
        }
        return o;
    }

    private void take(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String value = equals < 0 ? null : word.substring(equals + 1);
        if (name.startsWith("x-") || name.startsWith("X-") || equals < 0 && IGNORED.contains(name)) {
            return;
        }
        given.put(name, value == null ? "" : value);
        if (value == null ? !flag(name) : !setting(name, value)) {
            throw new IllegalArgumentException(unknown(name, value));
        }
    }

    private static String unknown(String name, String value) {
        MountOptions scratch = new MountOptions();
        if (value != null && scratch.flag(name)) {
            return "option \"" + name + "\" takes no value";
        }
        if (value == null && SETTINGS.contains(name)) {
            return "option \"" + name + "\" needs a value: " + name + "=…";
        }
        return "unknown option \"" + name + "\"; fedfs-mount --help lists the options";
    }

    private boolean flag(String name) {
        switch (name) {
            case "ro" -> readOnly = true;
            case "allow_other" -> allowOther = true;
            case "nosuid" -> noSuid = true;
            case "nodev" -> noDev = true;
            case "noexec" -> noExec = true;
            case "noatime" -> noAtime = true;
            case "foreground" -> foreground = true;
            case "debug" -> debug = true;
            case "nopassthrough" -> passthrough = false;
            case "noreadahead" -> readAhead = false;
            default -> {
                return false;
            }
        }
        return true;
    }

    private static final Set<String> SETTINGS = Set.of(
            "engine",
            "transport",
            "local_root",
            "entry_timeout",
            "attr_timeout",
            "negative_timeout",
            "deadline",
            "stale_grace",
            "daos",
            "foreign_symlink",
            "daos_mode",
            "daos_values",
            "foreign_symlink_upcall",
            "nsdbs",
            "attach",
            "failover",
            "dns",
            "state",
            "log",
            "max_threads",
            "busy_poll",
            "fileset_requests",
            "request_timeout",
            "remember");

    private boolean setting(String name, String value) {
        switch (name) {
            case "engine" -> engine = engine(value);
            case "transport" -> transport = transport(value);
            case "local_root" -> localRoots(value);
            case "entry_timeout" -> entryTimeout = seconds(name, value);
            case "attr_timeout" -> attributeTimeout = seconds(name, value);
            case "negative_timeout" -> negativeTimeout = seconds(name, value);
            case "deadline" -> deadline = deadline(value);
            case "stale_grace" -> staleGrace = seconds(name, value);
            case "daos", "foreign_symlink" -> daos.put("daos", value);
            case "daos_mode", "daos_values", "foreign_symlink_upcall" -> daos.put(name, value);
            case "nsdbs" -> nsdbs = Optional.of(absolute(name, value));
            case "failover" -> failover = failover(value);
            case "attach" -> attach = Optional.of(absolute(name, value));
            case "dns" -> dns = Optional.of(dnsServer(value));
            case "state" -> state = Optional.of(absolute(name, value));
            case "log" -> log = Optional.of(absolute(name, value));
            case "max_threads" -> maxThreads = number(name, value, 4, 4096);
            case "busy_poll" -> busyPoll = Duration.ofNanos(number(name, value, 0, 1000) * 1000L);
            case "fileset_requests" -> filesetRequests = number(name, value, 1, 4096);
            case "request_timeout" -> requestTimeout = Duration.ofSeconds(number(name, value, 2, 86_400));
            case "remember" -> remember = remembered(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static FailoverMode failover(String value) {
        return switch (value) {
            case "off" -> FailoverMode.OFF;
            case "remote" -> FailoverMode.REMOTE;
            case "all" -> FailoverMode.ALL;
            default -> throw new IllegalArgumentException("failover is off, remote or all, not \"" + value + "\"");
        };
    }

    private static String dnsServer(String value) {
        // Only to be told what is wrong with it now.
        Discovery.by(Optional.of(value), Duration.ofSeconds(1));
        return value;
    }

    private static Engine engine(String value) {
        for (Engine e : Engine.values()) {
            if (e.word.equals(value)) {
                return e;
            }
        }
        throw new IllegalArgumentException("engine is kernel or jnr-fuse, not \"" + value + "\"");
    }

    private static TransportChoice transport(String value) {
        for (TransportChoice t : TransportChoice.values()) {
            if (t.word().equals(value)) {
                return t;
            }
        }
        throw new IllegalArgumentException("transport is auto, device or io_uring, not \"" + value + "\"");
    }

    private void localRoots(String value) {
        for (String dir : value.split(":", -1)) {
            if (!dir.isEmpty()) {
                localRoots.add(absolute("local_root", dir));
            }
        }
    }

    private static Path absolute(String name, String value) {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException(name + " must be an absolute path, not \"" + value + "\"");
        }
        return Path.of(value);
    }

    private static Duration seconds(String name, String value) {
        try {
            double s = Double.parseDouble(value);
            if (s >= 0 && s <= 1e9) {
                return Duration.ofNanos((long) (s * 1e9));
            }
        } catch (NumberFormatException e) {
            // Told below, as for a number out of range.
        }
        throw new IllegalArgumentException(name + " is a number of seconds, such as 1 or 0.5, not \"" + value + "\"");
    }

    private static Duration deadline(String value) {
        Duration d = seconds("deadline", value);
        if (d.compareTo(Duration.ofMillis(100)) < 0 || d.compareTo(Duration.ofMinutes(2)) > 0) {
            throw new IllegalArgumentException("deadline must be 0.1 to 120 seconds, not \"" + value + "\"");
        }
        return d;
    }

    private static int number(String name, String value, int least, int most) {
        if (value.matches("\\d{1,6}")) {
            int n = Integer.parseInt(value);
            if (n >= least && n <= most) {
                return n;
            }
        }
        throw new IllegalArgumentException(name + " is " + least + " to " + most + ", not \"" + value + "\"");
    }

    private static int remembered(String value) {
        if (value.equals("unlimited")) {
            return Integer.MAX_VALUE;
        }
        if (value.matches("\\d{1,9}")) {
            return Integer.parseInt(value);
        }
        throw new IllegalArgumentException("remember is a number below 10^9, or unlimited, not \"" + value + "\"");
    }
}

package io.fedfs.attach;

import io.fedfs.resolver.Replicas;
import io.fedfs.yaml.YamlException;
import io.fedfs.yaml.YamlFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What this host's administrator lets the mount attach, and how. Types that mount something are offered only where they are listed here.
 *
 * <pre>{@code
 * idle: 300                        # seconds until what nobody uses is unmounted
 * mount_bound: 30                  # seconds that a mount program may take
 * probe: {interval: 10, bound: 5}  # how often a server's health is looked at, and how long it may take to answer
 * fail_back: 30                    # seconds that a preferred location must have been well before it is used again
 * types:
 *   nfs:
 *     hosts: [nfs1.example.org, "*.storage.example.org"]
 *     exports: [/export]           # only below these; left out: anything
 *     options: {vers: "4.2"}       # always given, whatever the FSL says
 *     allow: [rsize, wsize]        # taken from the FSL; left out: what the type has
 *   command:
 *     programs:
 *       mine:
 *         hosts: [fs1.example.org]
 *         mount: [/usr/local/sbin/mount-mine, "{host}", "{export}", "{target}"]
 *         unmount: [/usr/local/sbin/umount-mine, "{target}"]
 *   daos:
 *     mount: [/usr/bin/dfuse, --multi-user, "{target}"]   # started when the first container is wanted
 *     unmount: [/usr/bin/fusermount3, -u, "{target}"]
 * }</pre>
 *
 * @param idle until what nobody uses is unmounted
 * @param mountBound what a mount or unmount program may take
 * @param probeInterval between two looks at a server's health
 * @param probeBound what a server may take to answer one
 * @param failBack how long a location that is to be preferred must have been well before it is used again
 * @param types by name; only these are offered, beside {@code local}
 * @param programs of the type {@code command}, by name
 * @param dfuse starts DFuse of a whole DAOS server for the type {@code daos}; empty: it is there already, at the mount's prefix
 */
public record AttachConfig(
        Duration idle,
        Duration mountBound,
        Duration probeInterval,
        Duration probeBound,
        Duration failBack,
        Map<String, Rule> types,
        Map<String, SiteProgram> programs,
        Optional<SiteProgram> dfuse) {

    /** Where it is looked for unless an option says otherwise. */
    public static final Path DEFAULT_FILE = Path.of("/etc/fedfs/attach.yaml");

    /** Nothing but {@code local}. */
    public static final AttachConfig NONE = new AttachConfig(
            Duration.ofSeconds(300),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Replicas.QUIET_PERIOD,
            Map.of(),
            Map.of(),
            Optional.empty());

    /**
     * What locations of one type, or for one program, may be.
     *
     * @param hosts names, or {@code *.suffix}, or {@code *}
     * @param exports directories that they must be below; empty: anything
     * @param options given always
     * @param allow options taken from the FSL; empty Optional: those that the type has by itself
     */
    public record Rule(
            List<String> hosts, List<Path> exports, Map<String, String> options, Optional<Set<String>> allow) {}

    /**
     * A site's own way to mount.
     *
     * @param mount program and arguments; words in braces are replaced
     * @param unmount the same; empty: umount(2)
     */
    public record SiteProgram(Rule rule, List<String> mount, List<String> unmount) {}

    /**
     * Reads a file that must be there.
     *
     * @throws YamlException when it is not, or is not right
     */
    public static AttachConfig read(Path file) {
        return AttachConfigFile.of(YamlFile.read(file, "the attach configuration"));
    }

    /** Reads {@link #DEFAULT_FILE}; {@link #NONE} when there is none. */
    public static AttachConfig readDefault() {
        return Files.exists(DEFAULT_FILE) ? read(DEFAULT_FILE) : NONE;
    }
}

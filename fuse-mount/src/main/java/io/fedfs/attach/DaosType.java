package io.fedfs.attach;

import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.protocol.Fsl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * {@code daos}: a POSIX container, as DFuse shows it at {@code <prefix>/<pool>/<container>}. The FSL's path is {@code /<pool>/<container>},
 * each a UUID or a label; its host says where the administrator keeps it and is not compared. Below the root of a server DFuse knows UUIDs only,
 * so a label works where whoever serves the prefix resolves it.
 *
 * <p>The prefix is an existing DFuse mount, or, where the configuration says how to start one, a mount in a private directory that all containers
 * share, started with the first and let go of when none is used. It is looked up and never listed: DFuse has no readdir at its root and in pools.
 */
public final class DaosType implements FslType {
    public static final String NAME = "daos";

    /** A UUID is one too. DAOS's rule for labels, but for those that a path would take for something else. */
    private static final Pattern UUID_OR_LABEL = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._:-]{1,127}");

    /** Of the one mount that is started for all containers. */
    private static final UUID STARTED = UUID.nameUUIDFromBytes(NAME.getBytes(StandardCharsets.US_ASCII));

    private final Supplier<Optional<DaosPrefix>> prefix;
    private final Optional<MountedType> started;

    /** @param prefix the one that holds now; empty when the mount shows no containers, or only itself would */
    public DaosType(Supplier<Optional<DaosPrefix>> prefix) {
        this(prefix, Optional.empty());
    }

    /** @param started reaches containers in a DFuse that it starts, whatever the prefix */
    DaosType(Supplier<Optional<DaosPrefix>> prefix, Optional<MountedType> started) {
        this.prefix = prefix;
        this.started = started;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Reached reach(Fsl fsl) throws AttachException {
        String[] parts = fsl.path().split("/", -1);
        if (parts.length != 3
                || !parts[0].isEmpty()
                || !UUID_OR_LABEL.matcher(parts[1]).matches()
                || !UUID_OR_LABEL.matcher(parts[2]).matches()) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "the path of FSL " + fsl.uuid() + " is not /POOL/CONTAINER, each a UUID or a label");
        }
        if (started.isPresent()) {
            return started.get().reach(inStarted(fsl, parts[1] + "/" + parts[2]));
        }
        Path root = prefix.get()
                .map(p -> Path.of(p.path()))
                .orElseThrow(
                        () -> new AttachException(
                                AttachException.Kind.REFUSED,
                                "this mount shows no DAOS containers from outside itself: mount with -o daos=PREFIX, or fedfs tune it"));
        int fd = Beneath.open("DAOS prefix", root, Path.of(parts[1], parts[2]));
        return new Reached(fd, NAME + ":" + root, () -> {});
    }

    /** The same container, seen as a directory of the one mount. */
    private static Fsl inStarted(Fsl fsl, String inside) {
        return new Fsl(
                STARTED,
                NAME,
                "localhost",
                0,
                "/",
                inside,
                Map.of(),
                fsl.writable(),
                fsl.draining(),
                fsl.currency(),
                fsl.readRank(),
                fsl.readOrder(),
                fsl.writeRank(),
                fsl.writeOrder());
    }

    @Override
    public void end() {
        started.ifPresent(MountedType::end);
    }
}

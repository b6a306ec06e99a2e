package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.junction.daos.TargetProbe;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code fedfs daos …}: entries that stand for DAOS containers. */
@Command(
        name = "daos",
        mixinStandardHelpOptions = true,
        description = "Entries that stand for DAOS containers; a mount with -o daos=PREFIX shows them as links.")
public final class DaosCommands {
    private DaosCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new DaosCommands())
                .addSubcommand(new DaosLink(terminal))
                .addSubcommand(new DaosShow(terminal))
                .addSubcommand(new DaosCheck(terminal))
                .addSubcommand(new DaosUnlink(terminal));
    }

    static Map<String, Object> document(Path path, DaosEntry entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", path.toString());
        document.put("pool", entry.pool().toString());
        document.put("container", entry.container().toString());
        document.put("type", entry.type());
        document.put("attribute", entry.origin().attribute());
        document.put("generation", entry.generation().name());
        return document;
    }

    static String text(Path path, DaosEntry entry) {
        return "%s is the %s container %s (%s, generation %s)"
                .formatted(path, entry.type(), entry.pair(), entry.origin().attribute(), entry.generation());
    }

    /**
     * How long a target may take.
     *
     * @throws CommandFailure INVAL when it is no time
     */
    static Duration bound(int seconds) {
        if (seconds < 1) {
            throw new CommandFailure(FedFsStatus.INVAL, "--timeout is in seconds, 1 at least, not " + seconds, "");
        }
        return Duration.ofSeconds(seconds);
    }

    /** Whether a target answers, as a document. */
    static Map<String, Object> answer(TargetProbe.Result result) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ok", result.state() == TargetProbe.State.OK);
        document.put("state", result.state().name().toLowerCase(java.util.Locale.ROOT));
        document.put("errno", result.errno() == 0 ? "" : io.fedfs.linux.Errno.name(result.errno()));
        document.put("detail", result.detail());
        return document;
    }

    /** What an administrator would do about it; empty when all is well. */
    static String remedy(TargetProbe.State state) {
        return switch (state) {
            case OK, FAILED -> "";
            case MISSING -> "is DFuse mounted there, and does the container exist?";
            case BROKEN -> "pool or container are gone; fedfs daos unlink removes the entry";
            case DEAD -> "the DFuse there has ended: unmount it and start it again";
            case DENIED -> "this user may not go there; DFuse lets others in with --multi-user only";
            case UNSUPPORTED -> "DFuse shows POSIX containers only";
            case SILENT -> "DFuse or the DAOS server hangs";
        };
    }
}

package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.protocol.FedFsStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A command that asks one or all mounts of this host. */
abstract class MountCommand extends FedfsCommand {
    private static final int DEFAULT_SECONDS = 10;

    private final MountTableSource mounts;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "" + DEFAULT_SECONDS,
            description = "How long to wait for an answer. Default: ${DEFAULT-VALUE}.")
    private int timeout;

    MountCommand(Terminal terminal, MountTableSource mounts) {
        super(terminal);
        this.mounts = mounts;
    }

    final Duration timeout() {
        if (timeout < 1) {
            throw new CommandFailure(FedFsStatus.INVAL, "--timeout must be at least 1 second: " + timeout, "");
        }
        return Duration.ofSeconds(timeout);
    }

    /** The mount that holds a path. */
    final MountPath find(String path) throws Exception {
        return Bounded.within(
                timeout(),
                "a file system on the way to " + path,
                () -> MountPath.find(mounts.read(), terminal().directory(), path));
    }

    /** Every fedfs mount of this host. */
    final List<MountPath> all() throws Exception {
        List<MountPath> found = mounts.read().fedfs().stream()
                .map(mount -> new MountPath(mount.point(), mount))
                .toList();
        if (found.isEmpty()) {
            throw new CommandFailure(
                    FedFsStatus.NOT_MOUNTED, "nothing is mounted here by fedfs-mount", "fedfs-mount FSN MOUNTPOINT");
        }
        return found;
    }

    final ControlResponse ask(MountPath path, ControlRequest request) throws Exception {
        return ask(path, request, timeout());
    }

    final ControlResponse ask(MountPath path, ControlRequest request, Duration limit) throws Exception {
        return Bounded.within(
                limit, "the daemon of " + path.mount().point(), () -> ControlSocket.of(terminal(), path.mount())
                        .ask(request));
    }

    /**
     * Several answers in one command. A failure stands in the place of its answer, and the others are asked all the same;
     * the exit code is the first that is not 0.
     */
    final class Each {
        private final List<Map<String, Object>> answers = new ArrayList<>();
        private FedFsStatus verdict = FedFsStatus.OK;

        /**
         * Asks for one.
         *
         * @param key the field that says in a failure whose it is
         */
        void add(String key, String value, Callable<Map<String, Object>> answer) throws Exception {
            try {
                answers.add(answer.call());
            } catch (CommandFailure e) {
                Map<String, Object> document = new LinkedHashMap<>();
                document.put(key, value);
                document.putAll(failureDocument(e.status(), e.getMessage()));
                answers.add(document);
                terminal().note(e.getMessage());
                worse(e.status());
            }
        }

        void worse(FedFsStatus status) {
            if (verdict == FedFsStatus.OK) {
                verdict = status;
            }
        }

        /** Prints all as the list {@code field} of one document, unless they were printed as text. */
        FedFsStatus end(String field) {
            print(Map.of(field, answers), () -> {});
            return verdict;
        }
    }
}

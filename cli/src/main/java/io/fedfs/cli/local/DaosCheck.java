package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.TargetProbe;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs daos check}: walks a mount as its user sees it. */
@Command(
        name = "check",
        description = "Find links to containers in a mount whose target does not answer, and directories that cannot be"
                + " entered. Fails (110) if there are any.")
final class DaosCheck extends FedfsCommand {
    @Parameters(index = "0", paramLabel = "MOUNTPOINT", description = "A mount, or a directory in one.")
    private Path top;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long each target may take to answer (default 5).")
    private int seconds;

    /** Several links may lead to one container. */
    private final Map<String, TargetProbe.Result> probed = new HashMap<>();

    private Duration bound;

    private final List<Map<String, Object>> dangling = new ArrayList<>();
    private int links;

    DaosCheck(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected FedFsStatus run() throws Exception {
        bound = DaosCommands.bound(seconds);
        Path from = terminal().directory().resolve(top).normalize();
        if (!Files.isDirectory(from)) {
            throw new CommandFailure(FedFsStatus.INVAL, from + " is not a directory", "");
        }
        Files.walkFileTree(from.toRealPath(), new Links());
        if (links == 0 && dangling.isEmpty() && !Underneath.isInMount(from)) {
            throw new CommandFailure(
                    FedFsStatus.INVAL,
                    from + " is not in a fedfs mount and has no links to containers",
                    "entries are links only where a file system shows them so; fedfs status lists the mounts");
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", from.toString());
        document.put("links", links);
        document.put("containers", probed.size());
        document.put("dangling", dangling);
        print(document, () -> {
            for (Map<String, Object> one : dangling) {
                terminal().line(one.get("path") + ": " + one.get("detail"));
            }
            terminal().line(links + " links to " + probed.size() + " containers, " + dangling.size() + " dangle");
        });
        return dangling.isEmpty() ? FedFsStatus.OK : FedFsStatus.NOT_ATTACHABLE;
    }

    private final class Links extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isSymbolicLink()) {
                try {
                    link(file, Files.readSymbolicLink(file).toString());
                } catch (NoSuchFileException e) {
                    // It went away in the meantime.
                    return FileVisitResult.CONTINUE;
                }
            }
            return FileVisitResult.CONTINUE;
        }

        private void link(Path file, String target) {
            if (!DaosEntries.isTarget(target)) {
                return;
            }
            links++;
            TargetProbe.Result result = probed.computeIfAbsent(target, t -> TargetProbe.probe(t, bound));
            if (result.state() != TargetProbe.State.OK) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("path", file.toString());
                one.put("target", target);
                one.putAll(DaosCommands.answer(result));
                dangling.add(one);
            }
        }

        /** A listing that broke off says nothing of what it has not told. */
        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException e) {
            return e == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, e);
        }

        /** A container that is crossed into, or a junction: what is behind it is not there. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            String reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.toString();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("path", file.toString());
            one.put("ok", false);
            one.put("state", "failed");
            one.put("detail", "cannot be entered: " + reason);
            dangling.add(one);
            return FileVisitResult.CONTINUE;
        }
    }
}

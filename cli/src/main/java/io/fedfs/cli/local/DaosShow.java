package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosLookup;
import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.junction.daos.TargetProbe;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs daos show}. */
@Command(
        name = "show",
        description = "Show which container an entry stands for, how that is written, and whether its target answers.")
final class DaosShow extends FedfsCommand {
    @Parameters(
            index = "0",
            paramLabel = "PATH",
            description = "The entry in its own file system, or a link in a mount.")
    private Path path;

    @Option(
            names = "--prefix",
            paramLabel = "DIR",
            description = "Where the containers appear. Default: where the link in a mount points.")
    private String prefix;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long the target may take to answer (default 5).")
    private int seconds;

    DaosShow(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected FedFsStatus run() throws Exception {
        Path at = terminal().directory().resolve(path).normalize();
        int mode = (Integer) Files.getAttribute(at, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        boolean link = Files.isSymbolicLink(at);
        DaosLookup lookup = link ? DaosEntries.readBehindLink(at) : DaosEntries.read(at, mode, false);
        if (lookup instanceof DaosLookup.Malformed malformed) {
            throw new CommandFailure(FedFsStatus.BADXDR, at + " is malformed: " + malformed.fault(), "");
        }
        Optional<String> target = link ? Optional.of(Files.readSymbolicLink(at).toString()) : Optional.empty();
        Map<String, Object> document = new LinkedHashMap<>();
        String text;
        if (lookup instanceof DaosLookup.Found found) {
            document.putAll(DaosCommands.document(at, found.entry()));
            document.put("user_daos_too", found.both());
            text = DaosCommands.text(at, found.entry())
                    + (found.both() ? "; it has user.daos too, which does not count" : "");
            if (prefix != null) {
                target = Optional.of(prefix().target(found.entry()));
            }
        } else if (target.filter(DaosEntries::isTarget).isPresent()) {
            // The kernel keeps user.daos of what is shown as a link to itself (xattr(7)).
            document.put("path", at.toString());
            text = at + " is a link to a container";
        } else {
            throw new CommandFailure(FedFsStatus.NOTJUNCT, at + " stands for no DAOS container", "");
        }
        tell(document, text, target);
        return FedFsStatus.OK;
    }

    private DaosPrefix prefix() {
        try {
            return DaosPrefix.parse(prefix);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }

    private void tell(Map<String, Object> document, String text, Optional<String> target) {
        if (target.isEmpty()) {
            print(document, () -> {
                terminal().line(text);
                terminal().line("  target: --prefix DIR says where containers appear");
            });
            return;
        }
        TargetProbe.Result result = TargetProbe.probe(target.get(), Duration.ofSeconds(Math.max(1, seconds)));
        document.put("target", target.get());
        document.put("answer", DaosCommands.answer(result));
        print(document, () -> {
            terminal().line(text);
            terminal().line("  target: " + target.get());
            String remedy = DaosCommands.remedy(result.state());
            terminal().line("  answer: " + result.detail() + (remedy.isEmpty() ? "" : "; " + remedy));
        });
    }
}

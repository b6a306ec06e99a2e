package io.fedfs.cli.local;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.junction.daos.DaosLookup;
import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.junction.daos.ForeignValues;
import io.fedfs.junction.daos.TargetProbe;
import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
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
        Duration bound = DaosCommands.bound(seconds);
        Path at = terminal().directory().resolve(path).normalize();
        int mode = (Integer) Files.getAttribute(at, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        boolean link = Files.isSymbolicLink(at);
        byte[] bytes = at.toString().getBytes(StandardCharsets.UTF_8);
        DaosLookup lookup =
                link ? DaosEntries.readBehindLink(at) : DaosEntries.read(bytes, mode, false, ForeignValues.KNOWN);
        Optional<String> target = link ? Optional.of(Files.readSymbolicLink(at).toString()) : Optional.empty();
        boolean shownAsLink = target.filter(DaosEntries::isTarget).isPresent();
        if (lookup instanceof DaosLookup.Malformed malformed && !shownAsLink) {
            throw new CommandFailure(FedFsStatus.BADXDR, at + " is malformed: " + malformed.fault(), "");
        }
        Map<String, Object> document = new LinkedHashMap<>();
        String text;
        if (lookup instanceof DaosLookup.Found found) {
            document.putAll(DaosCommands.document(at, found.entry()));
            document.put("user_daos_too", found.both());
            boolean empty = link || DaosEntries.mayCarryEntry(mode, Files.size(at));
            document.put("shown_by_mounts", empty);
            text = DaosCommands.text(at, found.entry())
                    + (found.both() ? "; it has user.daos too, which does not count" : "")
                    + (empty ? "" : "; there is data in it, so mounts show the file itself");
            if (prefix != null) {
                target = Optional.of(prefix().target(found.entry()));
            }
        } else if (shownAsLink) {
            // The kernel keeps user.daos of what is shown as a link to itself (xattr(7)); a site's own values only its
            // mount can read.
            String pair = DaosEntries.pairOf(target.get());
            document.put("path", at.toString());
            document.put("pool", pair.substring(0, pair.indexOf('/')));
            document.put("container", pair.substring(pair.indexOf('/') + 1));
            text = at + " is a link to the container " + pair
                    + "; how that is written is to be seen in its own file system only";
            if (prefix != null) {
                target = Optional.of(prefix().target(pair));
            }
        } else {
            throw new CommandFailure(
                    FedFsStatus.NOTJUNCT,
                    at + " stands for no DAOS container",
                    Underneath.isInMount(at)
                            ? "where the mount crosses into containers, or shows none, ask in the entry's own file system"
                            : "");
        }
        tell(document, text, target, bound);
        return FedFsStatus.OK;
    }

    private DaosPrefix prefix() {
        try {
            return DaosPrefix.parse(prefix);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }

    private void tell(Map<String, Object> document, String text, Optional<String> target, Duration bound) {
        if (target.isEmpty()) {
            print(document, () -> {
                terminal().line(text);
                terminal().line("  target: --prefix DIR says where containers appear");
            });
            return;
        }
        TargetProbe.Result result = TargetProbe.probe(target.get(), bound);
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

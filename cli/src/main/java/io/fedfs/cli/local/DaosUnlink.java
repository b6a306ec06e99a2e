package io.fedfs.cli.local;

import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.junction.daos.DaosEntries;
import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code fedfs daos unlink}. */
@Command(
        name = "unlink",
        description = "Remove an entry that stands for a container, which rm does not. The container stays as it is.")
final class DaosUnlink extends FedfsCommand {
    @Parameters(index = "0", paramLabel = "PATH", description = "The entry, in its own file system.")
    private Path path;

    DaosUnlink(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected FedFsStatus run() throws Exception {
        Path at = Underneath.require(terminal().directory().resolve(path).normalize());
        DaosEntries.remove(at);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", at.toString());
        document.put("removed", true);
        print(document, at + " is removed; the container is not");
        return FedFsStatus.OK;
    }
}

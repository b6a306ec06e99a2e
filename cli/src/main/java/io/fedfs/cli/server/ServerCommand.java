package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.ReachOptions;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that speaks to file servers. */
abstract class ServerCommand extends FedfsCommand {
    @Mixin
    private final ReachOptions reach;

    ServerCommand(Terminal terminal) {
        super(terminal);
        reach = new ReachOptions(terminal);
    }

    final ReachOptions reach() {
        return reach;
    }

    final ServerConnection connect(NsdbAddress server) {
        return ServerConnection.open(reach.directory(), server, reach.timeout());
    }

    /** One about a whole server. */
    abstract static class OfServer extends ServerCommand {
        @Parameters(
                index = "0",
                paramLabel = "SERVER[:PORT]",
                description = "The file server; its agent listens on port 7533 unless another is given.")
        private String server;

        OfServer(Terminal terminal) {
            super(terminal);
        }

        abstract FedFsStatus run(ServerConnection connection) throws Exception;

        final NsdbAddress server() {
            return ServerPlace.server(server);
        }

        @Override
        protected final FedFsStatus run() throws Exception {
            try (ServerConnection connection = connect(server())) {
                return run(connection);
            }
        }
    }

    /** One about a path on a server. */
    abstract static class OfPlace extends ServerCommand {
        @Parameters(
                index = "0",
                paramLabel = "SERVER:PATH",
                description = "A path in an export, SERVER:EXPORT[/PATH] or SERVER:PORT:EXPORT[/PATH].")
        private String place;

        OfPlace(Terminal terminal) {
            super(terminal);
        }

        abstract FedFsStatus run(ServerConnection connection, ServerPlace place) throws Exception;

        @Override
        protected final FedFsStatus run() throws Exception {
            ServerPlace parsed = ServerPlace.parse(place);
            try (ServerConnection connection = connect(parsed.server())) {
                return run(connection, parsed);
            }
        }
    }
}

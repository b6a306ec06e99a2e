package io.fedfs.cli.server;

import io.fedfs.cli.mount.Holding;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Underneath;
import io.fedfs.protocol.NsdbAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a junction is to be made or deleted: on a file server, by its agent, or in a directory of this host. Exactly one of the
 * two is there.
 */
record LinkPlace(Optional<ServerPlace> onServer, Optional<Path> here) {

    /**
     * What a path means: {@code SERVER:PATH}, a path in a fedfs mount (then the file server of the fileset that holds it), or
     * a directory of this host.
     *
     * @param agent the agent to ask instead of the one at the FSL's host; null: that one
     */
    static LinkPlace of(Terminal terminal, String text, String agent, Duration timeout) throws Exception {
        if (ServerPlace.isMeant(text)) {
            return new LinkPlace(Optional.of(ServerPlace.parse(text)), Optional.empty());
        }
        Optional<Holding> holding = Holding.ofName(terminal, text, timeout);
        if (holding.isPresent()) {
            NsdbAddress server =
                    ServerPlace.server(agent != null ? agent : holding.get().host());
            return new LinkPlace(
                    Optional.of(new ServerPlace(server, holding.get().path())), Optional.empty());
        }
        return new LinkPlace(
                Optional.empty(),
                Optional.of(
                        Underneath.require(terminal.directory().resolve(text).normalize())));
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.util.UUID;

/**
 * The names new FSNs get. RFC 7532 wants a DNS name in them: an FSN never changes, while an address may have to. An address
 * literal is taken all the same, with a word about it, except loopback, which is never meant to be seen by another host.
 */
final class FsnNames {
    private final Terminal terminal;

    FsnNames(Terminal terminal) {
        this.terminal = terminal;
    }

    Fsn of(NsdbAddress nsdb, UUID uuid) {
        if (isLiteral(nsdb.host()) && !NsdbConnection.isLoopback(nsdb.host())) {
            terminal.note("the FSN is named by the address " + nsdb.host()
                    + "; an FSN never changes, so better use the NSDB's DNS name");
        }
        return new Fsn(nsdb, uuid);
    }

    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.NsdbAddress;

/**
 * The names that new FSNs get. RFC 7532 wants a DNS name in them: an FSN never changes, while an address may have to. An
 * address literal is taken all the same, with a word about it, except loopback, which is never meant to be seen by others.
 */
public final class FsnNames {
    private FsnNames() {}

    /** Says so when FSNs of this NSDB will be named by an address. */
    public static void advise(Terminal terminal, NsdbAddress nsdb) {
        if (isLiteral(nsdb.host()) && !Loopback.names(nsdb.host())) {
            terminal.note("the FSN is named by the address " + nsdb.host()
                    + "; an FSN never changes, so better use the NSDB's DNS name");
        }
    }

    /** Whether a host is given as an address, and not by a name. */
    static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }
}

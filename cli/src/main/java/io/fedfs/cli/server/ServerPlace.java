package io.fedfs.cli.server;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;

/**
 * A path on a file server.
 *
 * @param server its agent
 * @param path absolute, by export path or by the server's own
 */
record ServerPlace(NsdbAddress server, String path) {
    private static final String FORM = "write SERVER:PATH, for instance files1:/data/home";

    /** Whether a text is meant so: no local path and no FSN has a colon before its first slash. */
    static boolean isMeant(String text) {
        int slash = text.indexOf('/');
        return slash > 0 && text.charAt(slash - 1) == ':' && !text.startsWith("nsdb://");
    }

    /**
     * Reads {@code SERVER:PATH} or {@code SERVER:PORT:PATH}; the path begins with a slash.
     *
     * @throws CommandFailure INVAL when it is neither
     */
    static ServerPlace parse(String text) {
        if (!isMeant(text)) {
            throw new CommandFailure(FedFsStatus.INVAL, "\"" + text + "\" is not a place on a file server", FORM);
        }
        int slash = text.indexOf('/');
        return new ServerPlace(server(text.substring(0, slash - 1)), text.substring(slash));
    }

    /** Reads {@code SERVER} or {@code SERVER:PORT}. */
    static NsdbAddress server(String text) {
        try {
            return NsdbAddress.parse(text, NsdbAddress.SERVER_PORT);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "write SERVER or SERVER:PORT", e);
        }
    }

    /** The path, said with the server's name. */
    String shown(String otherPath) {
        return server.host() + ":" + otherPath;
    }

    @Override
    public String toString() {
        return shown(path);
    }
}

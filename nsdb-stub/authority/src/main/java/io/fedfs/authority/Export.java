package io.fedfs.authority;

import java.util.Locale;

/**
 * A directory of a file server, or all of the server.
 *
 * @param host in lower case
 * @param path absolute, without a slash at its end; empty: the whole server
 */
public record Export(String host, String path) {
    public Export {
        host = host.toLowerCase(Locale.ROOT);
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
    }

    /**
     * Reads {@code HOST:/PATH}, or {@code HOST} for the whole server. An IPv6 address stands in brackets.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static Export of(String text) {
        int colon = text.startsWith("[") ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String path = colon < 0 ? "" : text.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank() || colon >= 0 && !path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "write an export as HOST:/PATH, or HOST for all of it: \"" + text + "\"");
        }
        if (("/" + path + "/").contains("/../") || ("/" + path + "/").contains("/./")) {
            throw new IllegalArgumentException("an export must not have . or .. components: \"" + text + "\"");
        }
        return new Export(host, path);
    }

    /** Whether the other one is this directory or below it, on the same server. */
    public boolean covers(Export other) {
        return host.equals(other.host)
                && (path.isEmpty() || other.path.equals(path) || other.path.startsWith(path + "/"));
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + (path.isEmpty() ? "/" : path);
    }
}

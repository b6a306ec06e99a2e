package io.fedfs.protocol;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where an NSDB, or a file server agent, answers: host name and port. Names compare without case, by text, never by address (fedfs-utils does the
 * same), so an FSN stays the same name wherever it is resolved.
 *
 * @param host a host name or address literal, lower case, IPv6 without brackets
 * @param port 1..65535
 */
public record NsdbAddress(String host, int port) {
    /** The port of an FSN or an address that names none. */
    public static final int DEFAULT_PORT = 7532;

    /** The port of a file server agent whose address names none. */
    public static final int SERVER_PORT = 7533;

    private static final Pattern PORT_TEXT = Pattern.compile("[0-9]{1,5}");

    public NsdbAddress {
        host = host.toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        if (host.isEmpty() || host.length() > 253) {
            throw new IllegalArgumentException("a host name must have 1 to 253 characters: \"" + host + "\"");
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
            if (!name && c != ':') {
                throw new IllegalArgumentException(
                        "a host name has a character that a host name cannot have: \"" + host + "\"");
            }
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port must be 1 to 65535: " + port);
        }
    }

    /**
     * Reads {@code host}, {@code host:port}, {@code [v6]:port}.
     *
     * @throws IllegalArgumentException with a message for the user when it is none of these
     */
    public static NsdbAddress parse(String text) {
        return parse(text, DEFAULT_PORT);
    }

    /** As {@link #parse(String)}, with the port that is meant when none is named. */
    public static NsdbAddress parse(String text, int defaultPort) {
        String s = text.strip();
        if (s.startsWith("[")) {
            int close = s.indexOf(']');
            if (close < 0) {
                throw new IllegalArgumentException("missing ] in address \"" + text + "\"");
            }
            String rest = s.substring(close + 1);
            if (!rest.isEmpty() && !rest.startsWith(":")) {
                throw new IllegalArgumentException("expected :PORT after ] in address \"" + text + "\"");
            }
            return new NsdbAddress(s.substring(1, close), rest.isEmpty() ? defaultPort : port(rest.substring(1), text));
        }
        int colon = s.lastIndexOf(':');
        if (colon < 0) {
            return new NsdbAddress(s, defaultPort);
        }
        if (s.indexOf(':') != colon) {
            throw new IllegalArgumentException("write an IPv6 address as [address]:port: \"" + text + "\"");
        }
        return new NsdbAddress(s.substring(0, colon), port(s.substring(colon + 1), text));
    }

    private static int port(String digits, String whole) {
        // Digits only: parseInt would also take a sign.
        if (!PORT_TEXT.matcher(digits).matches()) {
            throw new IllegalArgumentException("\"" + digits + "\" is not a port number in address \"" + whole + "\"");
        }
        return Integer.parseInt(digits);
    }

    /** {@code host:port}, an IPv6 address in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

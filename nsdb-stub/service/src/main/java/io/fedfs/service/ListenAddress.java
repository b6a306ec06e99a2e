package io.fedfs.service;

import io.fedfs.protocol.FedFsStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where to listen, as an administrator writes it.
 *
 * @param host a name or address literal of this machine, IPv6 without brackets
 * @param port 0 to 65535; 0: the system picks a free one
 */
public record ListenAddress(String host, int port) {

    /**
     * Reads {@code HOST:PORT} or {@code [IPV6]:PORT}.
     *
     * @throws ServiceException INVAL with a message for the administrator
     */
    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw bad(text);
        }
        if (host.isEmpty()) {
            throw bad(text);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 0 && port <= 65535) {
                return new ListenAddress(host, port);
            }
        } catch (NumberFormatException e) {
            throw bad(text);
        }
        throw bad(text);
    }

    private static ServiceException bad(String text) {
        return new ServiceException(
                FedFsStatus.INVAL, "write the address to listen on as HOST:PORT or [IPV6]:PORT, not \"" + text + "\"");
    }

    /**
     * The socket address.
     *
     * @throws ServiceException INVAL when the host is not known
     */
    public InetSocketAddress resolve() {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new ServiceException(FedFsStatus.INVAL, "the host to listen on is not known: " + host);
        }
    }

    /** The same host with the port that was really taken. */
    public ListenAddress withPort(int actual) {
        return new ListenAddress(host, actual);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

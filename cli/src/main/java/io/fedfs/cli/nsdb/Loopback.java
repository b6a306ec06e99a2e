package io.fedfs.cli.nsdb;

/** Host names that can only mean the host where they are spoken. */
final class Loopback {
    private Loopback() {}

    static boolean names(String host) {
        return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
    }
}

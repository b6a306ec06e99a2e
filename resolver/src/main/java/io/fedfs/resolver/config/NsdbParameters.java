package io.fedfs.resolver.config;

import io.fedfs.protocol.NsdbAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How one NSDB is reached.
 *
 * @param address its name, as FSNs spell it
 * @param dial what is connected to; the same as the address unless configured otherwise
 * @param tls absent: in the clear
 * @param plaintextAllowed whether "in the clear" was chosen for a host that is not this one
 * @param trusted whether its answers may be followed at all
 * @param trustStated whether its own entry says {@code trusted}, and not only a default applies
 */
public record NsdbParameters(
        NsdbAddress address,
        NsdbAddress dial,
        Optional<Tls> tls,
        boolean plaintextAllowed,
        boolean trusted,
        boolean trustStated) {

    /**
     * TLS towards one NSDB.
     *
     * @param trust PEM file of the certificates trusted for this NSDB; absent: the system's
     * @param cert PEM file of our certificate chain; with {@code key}, or neither
     * @param serverName the name its certificate must carry; absent: the host of its address
     */
    public record Tls(Optional<Path> trust, Optional<Path> cert, Optional<Path> key, Optional<String> serverName) {}

    /** In words, for a person: "plaintext to 127.0.0.1:7532, trusted by default". */
    @Override
    public String toString() {
        return (tls.isPresent() ? "TLS to " : "plaintext to ")
                + dial
                + (trusted ? ", trusted" : ", not trusted")
                + (trustStated ? " by its entry" : " by default");
    }
}

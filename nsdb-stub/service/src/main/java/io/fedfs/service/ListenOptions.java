package io.fedfs.service;

import io.fedfs.authority.AuditLog;
import io.fedfs.authority.tls.ServerTls;
import io.fedfs.protocol.FedFsStatus;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/**
 * Where a daemon listens and how it shows who it is, as its command line says. The port's default is the command's own.
 * Without TLS only loopback is listened on, unless the administrator says that more is meant.
 */
public final class ListenOptions {
    private static final Logger log = LoggerFactory.getLogger(ListenOptions.class);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 takes a free one. "
                    + "Default: an NSDB's 127.0.0.1:7532, a file server's 127.0.0.1:7533.")
    private String listen;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain (PEM): serve with TLS.")
    private Path tlsCertificates;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key (PEM, PKCS #8).")
    private Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Authorities (PEM) of clients' certificates. Without --policy only who shows one is served.")
    private Path tlsClientCa;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "Who may do what (YAML, read again when it changes). Without it everybody who gets a connection"
                            + " may do everything.")
    private Path policy;

    @Option(
            names = "--audit",
            paramLabel = "FILE",
            description = "Append every change and every refusal to this file, a JSON object a line.")
    private Path audit;

    @Option(
            names = "--allow-plaintext",
            description = "Listen without TLS on an address that other machines reach. Loopback needs no leave.")
    private boolean allowPlaintext;

    /**
     * The address to listen on.
     *
     * @param defaultPort of loopback, when none is given
     * @throws ServiceException INVAL with a message for the administrator
     */
    public ListenAddress address(int defaultPort) {
        return listen == null ? new ListenAddress("127.0.0.1", defaultPort) : ListenAddress.parse(listen);
    }

    /** Whether TLS is on. */
    public boolean hasTls() {
        return tls().isPresent();
    }

    /**
     * Who may call what, and where that is written down.
     *
     * @throws ServiceException IO when the audit log cannot be written
     */
    public Guard guard(Clock clock) {
        try {
            return new Guard(Optional.ofNullable(policy), audit == null ? AuditLog.none() : AuditLog.to(audit, clock));
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.IO, "cannot write the audit log " + audit + ": " + e, e);
        }
    }

    /**
     * The network under a service.
     *
     * @param service its full name, for the audit log
     * @param written hears of connections that are refused
     * @throws ServiceException INVAL when the TLS files cannot be used, or other machines would reach a port without TLS
     */
    public ServerBuilder<?> transport(ListenAddress address, String service, AuditLog written) {
        Optional<ServerTls> tls = tls();
        boolean loopback = address.resolve().getAddress().isLoopbackAddress();
        if (tls.isEmpty() && !loopback && !allowPlaintext) {
            throw new ServiceException(
                    FedFsStatus.INVAL,
                    "other machines reach " + address + ": give --tls-cert and --tls-key, or --allow-plaintext if you"
                            + " mean it");
        }
        warnOfOpenDoors(loopback, tls);
        return Transport.tcp(address, tls, (subject, from, why) -> {
            log.warn("a certificate of {} was refused: {}", subject, why);
            written.refusedConnection(service, subject, from, why);
        });
    }

    /** Said once, where it is likely not to be meant. */
    private void warnOfOpenDoors(boolean loopback, Optional<ServerTls> tls) {
        if (policy == null && !loopback) {
            log.warn("there is no --policy: whoever gets a connection may change everything");
        } else if (policy != null && tls.flatMap(ServerTls::clientCa).isEmpty()) {
            log.warn("there is a --policy but no --tls-client-ca: nobody can say who he is, only what it grants to"
                    + " anyone holds");
        }
    }

    private Optional<ServerTls> tls() {
        if (tlsCertificates == null && tlsKey == null && tlsClientCa == null) {
            return Optional.empty();
        }
        if (tlsCertificates == null || tlsKey == null) {
            throw new ServiceException(FedFsStatus.INVAL, "TLS needs both --tls-cert and --tls-key");
        }
        return Optional.of(new ServerTls(tlsCertificates, tlsKey, Optional.ofNullable(tlsClientCa), policy == null));
    }
}

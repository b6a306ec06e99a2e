package io.fedfs.service;

import io.fedfs.protocol.FedFsStatus;
import io.grpc.ServerBuilder;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Where a daemon listens and how it shows who it is, as its command line says. The port's default is the command's own.
 * Without TLS only loopback is listened on, unless the administrator says that more is meant.
 */
public final class ListenOptions {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 takes a free one. Default: loopback, the service's own port.")
    private String listen;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Certificate chain (PEM): serve with TLS.")
    private Path tlsCertificates;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key (PEM, PKCS #8).")
    private Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Authorities (PEM): serve only clients that show a certificate of one of them.")
    private Path tlsClientCa;

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
     * The network under a service.
     *
     * @throws ServiceException INVAL when the TLS files cannot be used, or other machines would reach a port without TLS
     */
    public ServerBuilder<?> transport(ListenAddress address) {
        Optional<TlsFiles> tls = tls();
        boolean loopback = address.resolve().getAddress().isLoopbackAddress();
        if (tls.isEmpty() && !loopback && !allowPlaintext) {
            throw new ServiceException(
                    FedFsStatus.INVAL,
                    "other machines reach " + address + ": give --tls-cert and --tls-key, or --allow-plaintext if you"
                            + " mean it");
        }
        return Transport.tcp(address, tls);
    }

    private Optional<TlsFiles> tls() {
        if (tlsCertificates == null && tlsKey == null && tlsClientCa == null) {
            return Optional.empty();
        }
        if (tlsCertificates == null || tlsKey == null) {
            throw new ServiceException(FedFsStatus.INVAL, "TLS needs both --tls-cert and --tls-key");
        }
        return Optional.of(new TlsFiles(tlsCertificates, tlsKey, Optional.ofNullable(tlsClientCa)));
    }
}

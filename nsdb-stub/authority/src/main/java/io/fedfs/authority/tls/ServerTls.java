package io.fedfs.authority.tls;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS of a server: its chain and key, PEM, and whose certificates clients must show.
 *
 * @param clientCa with it TLS is mutual: clients show a certificate of one of these authorities
 * @param certificateRequired without one nobody is served; false: they are nobody, and the policy says what nobody may do
 */
public record ServerTls(Path certificates, Path key, Optional<Path> clientCa, boolean certificateRequired) {

    /**
     * What gRPC needs of it; without TLS the connection is in the clear.
     *
     * @param refusals hears of client certificates that are not believed
     * @throws IOException with a message for the administrator when a file cannot be used
     */
    public static ServerCredentials credentials(Optional<ServerTls> tls, TlsTrust.Refusals refusals)
            throws IOException {
        if (tls.isEmpty()) {
            return InsecureServerCredentials.create();
        }
        ServerTls files = tls.get();
        TlsServerCredentials.Builder credentials =
                TlsServerCredentials.newBuilder().keyManager(TlsIdentity.of(files.certificates, files.key));
        if (files.clientCa.isPresent()) {
            credentials
                    .trustManager(TlsTrust.of(files.clientCa.get(), refusals))
                    .clientAuth(files.certificateRequired ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        }
        return credentials.build();
    }
}

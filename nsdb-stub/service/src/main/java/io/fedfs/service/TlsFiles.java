package io.fedfs.service;

import io.fedfs.protocol.FedFsStatus;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The server's certificate chain and key, PEM, and whose certificates clients must show.
 *
 * @param clientCa with it TLS is mutual: a client without a certificate of one of these authorities is not served
 */
public record TlsFiles(Path certificates, Path key, Optional<Path> clientCa) {

    /**
     * What gRPC needs of it.
     *
     * @throws ServiceException INVAL with a message for the administrator when a file cannot be used
     */
    public static ServerCredentials credentials(Optional<TlsFiles> tls) {
        if (tls.isEmpty()) {
            return InsecureServerCredentials.create();
        }
        TlsFiles files = tls.get();
        TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder();
        try {
            credentials.keyManager(
                    readable(files.certificates).toFile(), readable(files.key).toFile());
            if (files.clientCa.isPresent()) {
                credentials.trustManager(readable(files.clientCa.get()).toFile());
                credentials.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
            }
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.INVAL, "cannot read the TLS files: " + e.getMessage(), e);
        }
        return credentials.build();
    }

    /** A message for the administrator when what is in the files is no certificate or key. */
    static ServiceException unusable(Exception e) {
        return new ServiceException(FedFsStatus.INVAL, "cannot use the TLS files: " + e.getMessage(), e);
    }

    private static Path readable(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ServiceException(FedFsStatus.INVAL, "cannot read the TLS file " + file);
        }
        return file;
    }
}

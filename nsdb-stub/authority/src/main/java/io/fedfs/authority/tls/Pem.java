package io.fedfs.authority.tls;

import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** PEM files with certificates. */
final class Pem {
    private Pem() {}

    /** The certificates in a file, at least one. */
    static X509Certificate[] certificates(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate[] certificates = CertificateUtils.getX509Certificates(in);
            if (certificates.length == 0) {
                throw new IOException(file + " holds no certificate (PEM)");
            }
            return certificates;
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificates that can be read (PEM): " + e.getMessage(), e);
        }
    }
}

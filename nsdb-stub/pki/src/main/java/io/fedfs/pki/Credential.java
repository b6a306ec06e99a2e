package io.fedfs.pki;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** A certificate and its private key. */
public record Credential(X509Certificate certificate, PrivateKey key) {

    /**
     * Writes both as PEM, the key as PKCS #8 that only its owner reads. Each file is replaced whole, the key first: who looks
     * in between sees that the two do not belong together, and never half of one.
     */
    public void write(Path certificateFile, Path keyFile) throws IOException {
        replace(keyFile, pem(new JcaPKCS8Generator(key, null)), "rw-------");
        replace(certificateFile, pem(certificate), "rw-r--r--");
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(object);
        }
        return text.toString();
    }

    private static void replace(Path file, String text, String mode) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        FileAttribute<?> permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
        Path fresh = Files.createTempFile(directory, "." + file.getFileName(), ".new", permissions);
        try {
            Files.writeString(fresh, text, StandardCharsets.US_ASCII);
            // The umask may have taken more than was meant: a certificate is for everybody to read.
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
            try {
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                throw new IOException("cannot replace " + file + " in one step", e);
            }
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}

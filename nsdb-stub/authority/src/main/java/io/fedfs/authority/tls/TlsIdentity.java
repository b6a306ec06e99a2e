package io.fedfs.authority.tls;

import io.fedfs.authority.LiveFiles;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Our certificate chain and its private key, from PEM files that may be replaced at any time: each handshake shows what is
 * in them then. While the two do not belong together (one is replaced already) the pair before stays in use.
 */
public final class TlsIdentity extends X509ExtendedKeyManager {
    private static final byte[] PROBE = "which key is this?".getBytes(StandardCharsets.UTF_8);

    /** What a handshake chose must still be had a moment later, so the alias keeps it: two pairs are remembered. */
    private record Pair(String alias, X509Certificate[] chain, PrivateKey key) {}

    private final LiveFiles<Pair> files;
    private volatile Pair last;
    private volatile Pair before;

    private TlsIdentity(LiveFiles<Pair> files) {
        this.files = files;
        this.last = files.current();
    }

    /**
     * Reads a chain and its key.
     *
     * @throws IOException with a message for the administrator when they cannot be used
     */
    public static TlsIdentity of(Path chain, Path key) throws IOException {
        try {
            return new TlsIdentity(
                    LiveFiles.open("the certificate", List.of(chain, key), () -> read(chain, key), System::nanoTime));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Pair read(Path chainFile, Path keyFile) throws IOException {
        X509Certificate[] chain = Pem.certificates(chainFile);
        PrivateKey key;
        try (InputStream in = Files.newInputStream(keyFile)) {
            key = CertificateUtils.getPrivateKey(in);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IOException(
                    keyFile + " holds no private key that can be used (PEM, PKCS #8, not encrypted): " + e.getMessage(),
                    e);
        }
        if (!belong(chain[0], key)) {
            throw new IOException(keyFile + " is not the key of the first certificate in " + chainFile);
        }
        return new Pair(chain[0].getSerialNumber() + "-" + System.nanoTime(), chain, key);
    }

    private static boolean belong(X509Certificate certificate, PrivateKey key) throws IOException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "Ed25519";
                };
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(PROBE);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(PROBE);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private String current() {
        Pair now = files.current();
        if (now != last) {
            synchronized (this) {
                if (now != last) {
                    before = last;
                    last = now;
                }
            }
        }
        return now.alias();
    }

    private Pair of(String alias) {
        Pair kept = last;
        Pair older = before;
        if (older != null && older.alias().equals(alias)) {
            return older;
        }
        return kept;
    }

    /** Whoever asks gets the one there is: which authorities the other side names may be out of date. */
    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
        return current();
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return matches(keyType) ? current() : null;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return current();
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return matches(keyType) ? current() : null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[] {current()};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return matches(keyType) ? new String[] {current()} : null;
    }

    private boolean matches(String keyType) {
        String own = files.current().key().getAlgorithm();
        return keyType == null || keyType.startsWith(own) || keyType.startsWith("EdDSA") && own.startsWith("Ed");
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return of(alias).chain().clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return of(alias).key();
    }
}

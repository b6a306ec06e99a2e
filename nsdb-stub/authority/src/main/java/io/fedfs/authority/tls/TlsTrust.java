package io.fedfs.authority.tls;

import io.fedfs.authority.LiveFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;

/**
 * Whose certificates are believed: those of the authorities in a PEM file that may be replaced at any time, judged by the
 * JDK's own rules (path, time, host name where the connection asks for one).
 */
public final class TlsTrust extends X509ExtendedTrustManager {
    /** Hears of certificates that were not believed. */
    @FunctionalInterface
    public interface Refusals {
        /**
         * A certificate was refused.
         *
         * @param subject whom it names, RFC 2253; not verified
         * @param from where it came from, empty when that is not known
         */
        void refused(String subject, String from, String why);
    }

    private final LiveFiles<X509ExtendedTrustManager> files;
    private final Refusals refusals;

    private TlsTrust(LiveFiles<X509ExtendedTrustManager> files, Refusals refusals) {
        this.files = files;
        this.refusals = refusals;
    }

    /**
     * Reads the authorities.
     *
     * @throws IOException with a message for the administrator when they cannot be used
     */
    public static TlsTrust of(Path authorities, Refusals refusals) throws IOException {
        try {
            return new TlsTrust(
                    LiveFiles.open(
                            "the trusted authorities", List.of(authorities), () -> read(authorities), System::nanoTime),
                    refusals);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static X509ExtendedTrustManager read(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (X509Certificate authority : Pem.certificates(file)) {
            store.setCertificateEntry("authority-" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new IOException("this Java has no X.509 trust manager");
    }

    /** None: what a server names here clients take as the only issuers, and it could not be changed later. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judged(chain, address(engine), () -> files.current().checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judged(chain, "", () -> files.current().checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judged(chain, "", () -> files.current().checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judged(chain, address(engine), () -> files.current().checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judged(chain, "", () -> files.current().checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judged(chain, "", () -> files.current().checkServerTrusted(chain, authType));
    }

    @FunctionalInterface
    private interface Judgement {
        void judge() throws CertificateException;
    }

    private void judged(X509Certificate[] chain, String from, Judgement judgement) throws CertificateException {
        try {
            judgement.judge();
        } catch (CertificateException e) {
            refusals.refused(
                    chain.length == 0 ? "" : chain[0].getSubjectX500Principal().getName(X500Principal.RFC2253),
                    from,
                    reason(e));
            throw e;
        }
    }

    private static String reason(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private static String address(SSLEngine engine) {
        String host = engine == null ? null : engine.getPeerHost();
        return host == null ? "" : host + ":" + engine.getPeerPort();
    }
}

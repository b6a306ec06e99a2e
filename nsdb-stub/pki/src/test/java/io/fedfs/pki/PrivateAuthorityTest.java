package io.fedfs.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateAuthorityTest {
    private static final Instant NOW = Instant.now();
    private static final Instant LATER = NOW.plus(Duration.ofDays(10));

    @TempDir
    Path directory;

    @Test
    void whatItIssuesIsBelievedByWhoeverBelievesIt() throws Exception {
        PrivateAuthority.init(directory, "the CA", NOW.minusSeconds(60), LATER);
        PrivateAuthority authority = PrivateAuthority.open(directory);
        Credential server = authority.issue(
                "nsdb", List.of("nsdb.example.org", "127.0.0.1", "::1"), NOW.minusSeconds(60), LATER.plusSeconds(99));

        X509TrustManager trust = trusting(authority.own().certificate());
        trust.checkServerTrusted(new X509Certificate[] {server.certificate()}, "ECDHE_ECDSA");
        trust.checkClientTrusted(new X509Certificate[] {server.certificate()}, "EC");
        assertThat(server.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=nsdb");
        assertThat(server.certificate().getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .containsExactly("nsdb.example.org", "127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(server.certificate().getNotAfter())
                .as("not longer than the authority's own")
                .isEqualTo(authority.own().certificate().getNotAfter());
    }

    @Test
    void anotherAuthoritysCertificateIsNotBelieved() throws Exception {
        PrivateAuthority one = PrivateAuthority.unsaved("CA", NOW.minusSeconds(60), LATER);
        PrivateAuthority other = PrivateAuthority.unsaved("CA", NOW.minusSeconds(60), LATER);
        X509Certificate stranger =
                other.issue("x", List.of(), NOW.minusSeconds(60), LATER).certificate();
        X509TrustManager trust = trusting(one.own().certificate());
        assertThatThrownBy(() -> trust.checkClientTrusted(new X509Certificate[] {stranger}, "EC"))
                .isInstanceOf(java.security.cert.CertificateException.class);
    }

    @Test
    void keysAreTheirOwnersAndAnAuthorityIsNotOverwritten() throws Exception {
        PrivateAuthority authority = PrivateAuthority.init(directory, "the CA", NOW, LATER);
        assertThatThrownBy(() -> PrivateAuthority.init(directory, "again", NOW, LATER))
                .isInstanceOf(FileAlreadyExistsException.class);
        authority.issue("me", List.of(), NOW, LATER).write(directory.resolve("me.pem"), directory.resolve("me.key"));
        for (String key : List.of("ca.key", "me.key")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(key))))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(directory.resolve(key))).startsWith("-----BEGIN PRIVATE KEY-----");
        }
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("ca.pem", "ca.key", "me.pem", "me.key");
        }
    }

    private static X509TrustManager trusting(X509Certificate authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", authority);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }
}

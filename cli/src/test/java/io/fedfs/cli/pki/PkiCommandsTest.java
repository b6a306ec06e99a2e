package io.fedfs.cli.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.cli.Shell;
import io.fedfs.cli.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiCommandsTest {
    @TempDir
    Path directory;

    private Ran fedfs(String... args) {
        return new Shell(directory, Map.of()).fedfs(args);
    }

    private X509Certificate certificate(String file) throws Exception {
        try (var in = Files.newInputStream(directory.resolve(file))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @Test
    void anAuthorityIsMadeOnceAndIssues() throws Exception {
        assertThat(fedfs("pki", "init", "pki").exit()).isZero();
        assertThat(fedfs("pki", "init", "pki").exit()).as("there is one").isEqualTo(7);
        Ran issued =
                fedfs("pki", "issue", "pki", "nsdb", "--host", "nsdb.example.org", "--host", "127.0.0.1", "--json");
        assertThat(issued.exit()).as(issued.err()).isZero();
        assertThat(issued.json().get("subject").asText()).isEqualTo("CN=nsdb");
        certificate("pki/nsdb.pem").verify(certificate("pki/ca.pem").getPublicKey());
    }

    @Test
    void aCertificateIsReplacedOnlyWhenAsked() throws Exception {
        fedfs("pki", "init", "pki");
        assertThat(fedfs("pki", "issue", "pki", "alice", "--days", "30").exit()).isZero();
        X509Certificate first = certificate("pki/alice.pem");
        assertThat(fedfs("pki", "issue", "pki", "alice").exit()).isEqualTo(7);
        assertThat(certificate("pki/alice.pem")).isEqualTo(first);
        assertThat(fedfs("pki", "issue", "pki", "alice", "--renew").exit()).isZero();
        assertThat(certificate("pki/alice.pem")).isNotEqualTo(first);
    }

    @Test
    void mistakesAreSaid() {
        assertThat(fedfs("pki", "issue", "none", "alice")).satisfies(r -> {
            assertThat(r.exit()).isEqualTo(8);
            assertThat(r.err()).contains("fedfs pki init");
        });
        fedfs("pki", "init", "pki");
        assertThat(fedfs("pki", "issue", "pki", "../alice").exit()).isEqualTo(3);
        assertThat(fedfs("pki", "issue", "pki", "ca", "--renew").exit()).isEqualTo(3);
        assertThat(fedfs("pki", "issue", "pki", "a", "--days", "0").exit()).isEqualTo(8);
        assertThat(fedfs("pki", "issue", "pki", "a", "--host", "no host").exit())
                .isEqualTo(3);
    }
}

package io.fedfs.resolver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.protocol.NsdbAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NsdbDirectoryTest {
    private static final NsdbAddress HERE = NsdbAddress.parse("localhost:7532");
    private static final NsdbAddress THERE = NsdbAddress.parse("nsdb.example.org:7532");

    private static NsdbDirectory parse(String yaml) {
        return NsdbDirectory.parse(yaml, "nsdbs.yaml", Path.of("/etc/fedfs"));
    }

    @Test
    void withoutConfigurationOnlyThisHostIsSpokenToInTheClear() {
        NsdbDirectory directory = NsdbDirectory.ofDefaults();
        assertThat(directory.mayAsk(HERE)).isTrue();
        assertThat(directory.refusal(THERE)).hasValueSatisfying(why -> assertThat(why)
                .contains("nsdb.example.org:7532", "tls:", "plaintext: true"));
        assertThat(directory.isExplicitlyTrusted(HERE)).isFalse();
        assertThat(directory.lookup(HERE).dial()).isEqualTo(HERE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "127.8.9.10", "[::1]:1", "a.localhost"})
    void loopbackNames(String host) {
        assertThat(NsdbDirectory.ofDefaults().mayAsk(NsdbAddress.parse(host))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.evil.example", "localhost.example.org", "128.0.0.1", "1270.0.0.1"})
    void namesThatOnlyLookLikeLoopback(String host) {
        assertThat(NsdbDirectory.ofDefaults().mayAsk(NsdbAddress.parse(host))).isFalse();
    }

    @Test
    void emptyFileIsTheDefaults() {
        assertThat(parse("").mayAsk(HERE)).isTrue();
        assertThat(parse("# nothing\n").mayAsk(THERE)).isFalse();
        assertThat(parse("nsdbs:\n").mayAsk(HERE)).isTrue();
    }

    @Test
    void anEntryWithEverything() {
        NsdbDirectory directory = parse(
                """
                nsdbs:
                  - address: NSDB.example.org
                    connect: 10.0.0.7:7000
                    trusted: true
                    tls: {trust: ca.pem, cert: /etc/ssl/me.pem, key: me.key, server_name: other.example.org}
                """);
        NsdbParameters parameters = directory.lookup(THERE);
        assertThat(parameters.dial()).isEqualTo(NsdbAddress.parse("10.0.0.7:7000"));
        assertThat(parameters.tls()).hasValueSatisfying(tls -> {
            assertThat(tls.trust()).contains(Path.of("/etc/fedfs/ca.pem"));
            assertThat(tls.cert()).contains(Path.of("/etc/ssl/me.pem"));
            assertThat(tls.key()).contains(Path.of("/etc/fedfs/me.key"));
            assertThat(tls.serverName()).contains("other.example.org");
        });
        assertThat(directory.mayAsk(THERE)).isTrue();
        assertThat(directory.isExplicitlyTrusted(THERE)).isTrue();
        assertThat(parameters).hasToString("TLS to 10.0.0.7:7000, trusted by its entry");
    }

    @Test
    void plaintextElsewhereHasToBeSaid() {
        assertThat(parse("nsdbs: [{address: nsdb.example.org, plaintext: true}]")
                        .mayAsk(THERE))
                .isTrue();
        assertThat(parse("nsdbs: [{address: nsdb.example.org, plaintext: false}]")
                        .mayAsk(THERE))
                .isFalse();
        assertThat(parse("defaults: {plaintext: true}").mayAsk(THERE)).isTrue();
        assertThat(parse("nsdbs: [{address: nsdb.example.org, connect: '127.0.0.1:7000'}]")
                        .mayAsk(THERE))
                .isTrue();
        assertThat(parse("nsdbs: [{address: localhost, connect: 'nsdb.example.org:7000'}]")
                        .mayAsk(HERE))
                .isFalse();
    }

    @Test
    void trustByDefaultIsNotExplicitTrust() {
        NsdbDirectory directory = parse(
                """
                defaults: {trusted: false, tls: {}}
                nsdbs:
                  - {address: nsdb.example.org, trusted: true}
                  - {address: localhost}
                """);
        assertThat(directory.isExplicitlyTrusted(THERE)).isTrue();
        assertThat(directory.mayAsk(THERE)).isTrue();
        assertThat(directory.lookup(THERE).tls()).isPresent();
        assertThat(directory.mayAsk(HERE)).isFalse();
        assertThat(directory.mayAsk(NsdbAddress.parse("third.example.org"))).isFalse();
        assertThat(parse("nsdbs: [{address: localhost}]").isExplicitlyTrusted(HERE))
                .isFalse();
        assertThat(parse("nsdbs: [{address: localhost, trusted: false}]").refusal(HERE))
                .hasValueSatisfying(why -> assertThat(why).contains("trusted: false"));
    }

    @Test
    void entryThatSaysPlaintextOverridesTheDefaultsTls() {
        NsdbDirectory directory = parse("defaults: {tls: {}}\nnsdbs: [{address: localhost, plaintext: true}]");
        assertThat(directory.lookup(HERE).tls()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    nsdb: []                                                | nsdbs.yaml:1: nsdb: is not a key of the file
                    'defaults:\n  trust: x'                                 | nsdbs.yaml:2: trust: is not a key of defaults
                    nsdbs: {a: b}                                           | nsdbs: must be a list
                    'nsdbs:\n- address: h\n  port: 3'                       | nsdbs.yaml:3: port: is not a key of an entry
                    'nsdbs:\n- trusted: true'                               | nsdbs.yaml:2: address: is missing
                    'nsdbs:\n- address: h:x'                                | nsdbs.yaml:2: address: "x" is not a port
                    'nsdbs: [{address: h, trusted: maybe}]'                 | trusted: must be true or false, not "maybe"
                    'nsdbs: [{address: h, tls: {cert: a}}]'                 | key: is missing; cert and key go together
                    'nsdbs: [{address: h, tls: {}, plaintext: true}]'       | plaintext: contradicts tls
                    'nsdbs: [{address: h}, {address: H}]'                   | h:7532 is listed twice
                    'nsdbs: [{address: h, tls: yes}]'                       | tls: must have keys
                    'nsdbs: [{address: h, address: h}]'                     | address
                    'nsdbs: [{address: ""}]'                                | address: must have one plain value
                    [                                                       | not YAML
                    text                                                    | the file: must have keys
                    """)
    void mistakesAreNamedWithTheirLine(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml.replace("\\n", "\n")))
                .isInstanceOf(NsdbConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void fileIsReadWithPathsRelativeToIt(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("n.yaml");
        Files.writeString(file, "defaults: {tls: {trust: ca.pem}}");
        assertThat(NsdbDirectory.read(file).lookup(THERE).tls())
                .hasValueSatisfying(tls -> assertThat(tls.trust()).contains(dir.resolve("ca.pem")));
    }

    @Test
    void missingFileThatWasAskedForIsAnError(@TempDir Path dir) {
        assertThatThrownBy(() -> NsdbDirectory.read(dir.resolve("none.yaml")))
                .isInstanceOf(NsdbConfigException.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void selfReferringYamlIsRefused() {
        assertThatThrownBy(() -> parse("defaults: &a {tls: *a}")).isInstanceOf(NsdbConfigException.class);
    }
}

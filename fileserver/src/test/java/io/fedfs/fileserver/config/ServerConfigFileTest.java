package io.fedfs.fileserver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerConfigFileTest {
    private static ServerConfig read(String yaml) throws ConfigException {
        return ServerConfigFile.parse(yaml, "server.yaml", "this-host");
    }

    private static List<String> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> read(yaml)).problems();
    }

    @Test
    void everythingThatCanBeSaidIsRead() throws Exception {
        ServerConfig config = read(
                """
                name: Files1.Example.org
                exports:
                  - path: /srv/home
                    export: /home
                    volume: pool/home
                    writable: false
                    protocols:
                      - type: nfs
                        port: 2049
                        options: {vers: "4.2", sec: krb5}
                      - type: local
                  - path: /srv/plain/
                """);
        assertThat(config.name()).isEqualTo("files1.example.org");
        Export home = config.exports().get(0);
        assertThat(home.exportPath()).isEqualTo("/home");
        assertThat(home.localPath()).isEqualTo(Path.of("/srv/home"));
        assertThat(home.volume()).isEqualTo("pool/home");
        assertThat(home.writable()).isFalse();
        assertThat(home.protocol("").orElseThrow())
                .isEqualTo(new AccessProtocol("nfs", 2049, Map.of("vers", "4.2", "sec", "krb5")));
        assertThat(home.protocol("smb")).isEmpty();
        Export plain = config.exports().get(1);
        assertThat(plain.exportPath()).isEqualTo("/srv/plain");
        assertThat(plain.writable()).isTrue();
        assertThat(plain.protocol("").orElseThrow().type()).isEqualTo("local");
    }

    @Test
    void aFileWithoutANameIsThisHosts() throws Exception {
        assertThat(read("exports: [{path: /a}]").name()).isEqualTo("this-host");
    }

    @Test
    void allMistakesAreToldAtOnceWithTheirLines() {
        List<String> problems = problems(
                """
                nmae: x
                exports:
                  - path: relative
                    writable: perhaps
                  - export: /x
                  - path: /a/../b
                    protocols: nfs
                  - path: /c
                    protocols:
                      - type: NFS
                      - port: 1
                      - type: nfs
                        port: 70000
                """);
        assertThat(problems)
                .anyMatch(p -> p.startsWith("server.yaml:1: nmae:"))
                .anyMatch(p -> p.startsWith("server.yaml:3: path:") && p.contains("relative"))
                .anyMatch(p -> p.startsWith("server.yaml:4: writable:"))
                .anyMatch(p -> p.startsWith("server.yaml:5: path: is missing"))
                .anyMatch(p -> p.startsWith("server.yaml:6: path:"))
                .anyMatch(p -> p.startsWith("server.yaml:7: protocols: must be a list"))
                .anyMatch(p -> p.startsWith("server.yaml:10: type:"))
                .anyMatch(p -> p.startsWith("server.yaml:11: type: is missing"))
                .anyMatch(p -> p.startsWith("server.yaml:13: port:"));
    }

    @Test
    void onePathForTwoDirectoriesIsRefused() {
        assertThat(problems("exports: [{path: /a, export: /x}, {path: /b, export: /x}]"))
                .anyMatch(p -> p.contains("two have the export path /x"));
        assertThat(problems("exports: [{path: /a}, {path: /a, export: /x}]"))
                .anyMatch(p -> p.contains("two have the directory /a"));
        assertThat(problems("exports: [{path: /a, export: /b}, {path: /b, export: /c}]"))
                .anyMatch(p -> p.contains("/b is the export path of /a and the directory of /c"));
    }

    @Test
    void whatIsNoConfigurationIsRefused() {
        assertThat(problems("")).anyMatch(p -> p.contains("is empty"));
        assertThat(problems("exports: []")).anyMatch(p -> p.contains("name at least one directory"));
        assertThat(problems("[1, 2]")).isNotEmpty();
        assertThat(problems("a: [")).anyMatch(p -> p.contains("not YAML"));
        assertThat(problems("name: \"no host\"\nexports: [{path: /a}]")).anyMatch(p -> p.contains("name:"));
    }
}

package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is built to be installed: it can be linked to, moved, and started where there is a Java, and says so where not. */
final class DistributionIT {
    /** Hides the usual place of Javas from the script's children, in a mount namespace of its own. */
    private static final String WITHOUT_JAVA = "exec unshare -m sh -c '"
            + "mkdir -p /usr/lib/jvm && mount -t tmpfs none /usr/lib/jvm && JAVA_HOME=\"$1\" PATH=/usr/bin:/bin exec \"$0\" -V"
            + "' \"$0\" \"$1\"";

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static String version() {
        return FEDERATION.run(List.of(Distribution.command("fedfs"), "-V")).ok().line();
    }

    @Test
    void commandsWorkThroughLinksOfAnyNameAndFromAnyDirectory() throws Exception {
        Path links = FEDERATION.directory("links");
        Files.createSymbolicLink(links.resolve("first"), Path.of(Distribution.command("fedfs")));
        Files.createSymbolicLink(links.resolve("second"), Path.of("first"));
        String version = version();
        assertThat(version).startsWith("fedfs ");
        assertThat(FEDERATION
                        .sh("cd / && exec \"$0\" -V", links.resolve("second"))
                        .ok()
                        .line())
                .isEqualTo(version);
        assertThat(FEDERATION.sh("cd \"$0\" && exec ./second -V", links).ok().line())
                .isEqualTo(version);
        assertThat(FEDERATION
                        .sh("cd \"$0\" && exec bin/fedfs -V", Distribution.home())
                        .ok()
                        .line())
                .isEqualTo(version);
    }

    @Test
    void copyElsewhereWorksWithoutArchives() {
        Path copy = FEDERATION.directory("copy");
        String script = "tar -xzf \"$0\"/../fedfs-*.tar.gz -C \"$1\" && exec \"$1\"/fedfs-*/bin/fedfs -V";
        assertThat(FEDERATION.sh(script, Distribution.home(), copy).ok().line()).isEqualTo(version());
    }

    @Test
    void namesAreUtf8InAnyLocale() throws Exception {
        Path directory = FEDERATION.directory("grüße");
        Run said = FEDERATION.sh("LC_ALL=C exec \"$0\" junction show \"$1\"", Distribution.command("fedfs"), directory);
        said.failed(11);
        assertThat(new String(said.err().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), "UTF-8"))
                .contains("grüße");
    }

    @Test
    void noJavaIsSaidInOneLine() {
        Run none = FEDERATION
                .sh(WITHOUT_JAVA, Distribution.command("fedfs"), "/no/such/java")
                .failed(1);
        assertThat(none.err()).hasLineCount(1).contains("needs Java 17", "found none", "JAVA_HOME");
    }

    @Test
    void olderJavaIsNamed() throws Exception {
        Path old = FEDERATION.directory("jdk-11");
        Files.writeString(old.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
        Path java = Files.writeString(Files.createDirectory(old.resolve("bin")).resolve("java"), "#!/bin/sh\nexit 9\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Run older =
                FEDERATION.sh(WITHOUT_JAVA, Distribution.command("fedfs"), old).failed(1);
        assertThat(older.err()).hasLineCount(1).contains(java + " (11.0.2)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fedfs-cli", "fedfs-fuse-mount", "fedfs-nsdb-server"})
    void everyJarOfAClassPathIsThereAndTheArchiveIsMade(String module) throws Exception {
        Path lib = Distribution.home().resolve("lib");
        try (Stream<Path> files = Files.list(lib)) {
            assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.startsWith(module)))
                    .anyMatch(f -> f.endsWith(".jar"))
                    .anyMatch(f -> f.endsWith(".jsa"));
        }
        try (Stream<Path> files = Files.list(lib)) {
            Path main = files.filter(f -> f.getFileName().toString().matches(module + "-[0-9].*\\.jar"))
                    .findFirst()
                    .orElseThrow();
            try (JarFile jar = new JarFile(main.toFile())) {
                String classPath = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                assertThat(classPath.split(" ")).isNotEmpty().allSatisfy(name -> assertThat(lib.resolve(name))
                        .exists());
            }
        }
    }

    @Test
    void manualCompletionAndDocumentationAreShared() {
        Path share = Distribution.home().resolve("share");
        assertThat(share.resolve("man/man1/fedfs.1")).isNotEmptyFile();
        assertThat(share.resolve("man/man8/fedfs-mount.8")).isNotEmptyFile();
        assertThat(share.resolve("doc/fedfs/README.md")).isNotEmptyFile();
        Path completion = share.resolve("bash-completion/completions/fedfs");
        FEDERATION.run(List.of("bash", "-n", completion.toString())).ok();
    }
}

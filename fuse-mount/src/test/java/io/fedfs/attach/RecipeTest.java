package io.fedfs.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.protocol.Fsl;
import io.fedfs.yaml.YamlException;
import io.fedfs.yaml.YamlFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an NSDB says becomes words of a mount program only as far as the configuration allows it. */
final class RecipeTest {
    private static final Path TARGET = Path.of("/private/1");

    private static AttachConfig config(String yaml) {
        return AttachConfigFile.of(YamlFile.parse(yaml, "attach.yaml", Path.of("/etc/fedfs")));
    }

    private static AttachConfig.Rule rule(String type, String keys) {
        return config("types: {" + type + ": {" + keys + "}}").types().get(type);
    }

    private static Fsl fsl(String host, String export, String inside, Map<String, String> options) {
        return new Fsl(new UUID(0, 7), "x", host, 0, export, inside, options, true, false, 0, 0, 0, 0, 0);
    }

    private static Fsl fsl(Map<String, String> options) {
        return fsl("fs1.example.org", "/export/home", "", options);
    }

    private static String words(Recipe recipe, Fsl fsl) throws AttachException {
        return String.join("|", recipe.plan(fsl).mount().apply(TARGET));
    }

    @Test
    void nfsIsMountedWithTheConfigurationsOptionsOverTheFsls() throws AttachException {
        Recipe nfs = new NfsRecipe(rule("nfs", "hosts: ['*.example.org'], options: {vers: '4.2', soft: true}"));
        assertThat(words(nfs, fsl(Map.of("vers", "3", "rsize", "65536"))))
                .isEqualTo(
                        "mount|-t|nfs|-o|nodev,nosuid,rsize=65536,soft,vers=4.2|fs1.example.org:/export/home|/private/1");
        assertThat(nfs.plan(fsl("fs1.example.org", "/export", "home/x", Map.of()))
                        .inside())
                .isEqualTo(Path.of("home/x"));
    }

    @Test
    void smbTakesTheShareFromTheExportPath() throws AttachException {
        Recipe smb = new SmbRecipe(rule("smb", "hosts: ['*'], options: {credentials: /etc/fedfs/smb}"));
        Fsl there = fsl("fs1.example.org", "/share/a/b", "c", Map.of());
        assertThat(words(smb, there))
                .isEqualTo(
                        "mount|-t|cifs|-o|credentials=/etc/fedfs/smb,nodev,nosuid|//fs1.example.org/share|/private/1");
        assertThat(smb.plan(there).inside()).isEqualTo(Path.of("a/b/c"));
        assertThatThrownBy(() -> smb.plan(fsl("h", "/", "", Map.of()))).hasMessageContaining("names no share");
    }

    @Test
    void sshfsLogsInAsTheConfiguredUser() throws AttachException {
        Recipe sshfs = new SshfsRecipe(rule("sshfs", "hosts: ['*'], options: {user: fed, IdentityFile: /k}"), true);
        assertThat(words(sshfs, fsl(Map.of("user", "root"))))
                .startsWith("sshfs|fed@fs1.example.org:/export/home|/private/1|-o|BatchMode=yes,")
                .contains(",IdentityFile=/k,")
                .doesNotContain("user");
        Recipe open = new SshfsRecipe(rule("sshfs", "hosts: ['*']"), true);
        assertThat(words(open, fsl(Map.of("user", "me")))).contains("me@fs1.example.org");
        assertThatThrownBy(() -> open.plan(fsl(Map.of("user", "-oProxyCommand=x"))))
                .hasMessageContaining("not a user's name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh_command", "ProxyCommand", "sftp_server", "suid", "a,b", "-o"})
    void optionsThatAreNotListedAreRefused(String option) throws AttachException {
        Recipe sshfs = new SshfsRecipe(rule("sshfs", "hosts: ['*']"), true);
        assertThatThrownBy(() -> sshfs.plan(fsl(Map.of(option, "x"))))
                .isInstanceOf(AttachException.class)
                .hasMessageContaining("is not allowed: see types.sshfs.allow");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4,suid", "a b", "-x", "$(id)", "a\nb"})
    void valuesThatCouldBeMoreThanAValueAreRefused(String value) throws AttachException {
        Recipe nfs = new NfsRecipe(rule("nfs", "hosts: ['*']"));
        assertThatThrownBy(() -> nfs.plan(fsl(Map.of("vers", value)))).hasMessageContaining("not allowed");
    }

    @ParameterizedTest
    @CsvSource({
        "fs1.example.org, /export/home, true",
        "FS1.Example.org, /export, true",
        "other.example.org, /export/home, false",
        "a.storage.org, /export/x, true",
        "storage.org, /export/x, false",
        "evilstorage.org, /export/x, false",
        "fs1.example.org, /exported, false",
        "fs1.example.org, /export/../etc, false",
        "-oProxyCommand=x, /export, false",
        "a b, /export, false",
    })
    void hostsAndDirectoriesAreThoseOfTheConfiguration(String host, String export, boolean allowed) {
        Recipe nfs = new NfsRecipe(rule("nfs", "hosts: [fs1.example.org, '*.storage.org'], exports: [/export]"));
        boolean was;
        try {
            nfs.plan(fsl(host, export, "", Map.of()));
            was = true;
        } catch (AttachException e) {
            assertThat(e.kind()).isEqualTo(AttachException.Kind.REFUSED);
            was = false;
        }
        assertThat(was).isEqualTo(allowed);
    }

    @Test
    void aCommandsWordsStayWords() throws AttachException {
        Recipe command = new CommandRecipe(config(
                        """
                        types:
                          command:
                            programs:
                              mine:
                                hosts: ['*']
                                allow: [mode]
                                mount: [/sbin/mine, --from, "{host}:{path}", "{option:mode}", "{target}"]
                                unmount: [/sbin/un, "{target}"]
                        """)
                .programs());
        Fsl odd = fsl("h", "/a b;rm $(x)", "in side", Map.of("program", "mine", "mode", "fast"));
        assertThat(command.plan(odd).mount().apply(TARGET))
                .containsExactly("/sbin/mine", "--from", "h:/a b;rm $(x)/in side", "fast", "/private/1");
        assertThat(command.plan(odd).unmount().apply(TARGET)).containsExactly("/sbin/un", "/private/1");
        assertThatThrownBy(() -> command.plan(fsl(Map.of("program", "other")))).hasMessageContaining("\"other\"");
        assertThatThrownBy(() -> command.plan(fsl(Map.of()))).hasMessageContaining("programs has: mine");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    'types: {ftp: {}}'                                                      | attach.yaml:1: ftp: is not a key of types
                    'types: {nfs: {}}'                                                      | hosts: is missing
                    'types: {nfs: {hosts: [a], exports: [x]}}'                              | must be an absolute directory
                    'types: {nfs: {hosts: [a], options: {"a,b": c}}}'                       | is not the name of an option
                    'idle: soon'                                                            | idle: must be 1 to 86400 seconds
                    'types: {command: {}}'                                                  | programs: is missing
                    'types: {command: {programs: {p: {hosts: [a]}}}}'                       | mount: is missing
                    'types: {command: {programs: {p: {hosts: [a], mount: [mount]}}}}'       | absolute path of a program
                    'types: {command: {programs: {p: {hosts: [a], mount: [/m, "{x}"]}}}}'   | {x} is not known
                    'types: {command: {programs: {p: {hosts: [a], mount: [/m, "{option:x}"]}}}}' | {option:x} is not known
                    'types: {daos: {}}'                                                     | mount: is missing
                    'types: {daos: {hosts: [a], mount: [/d, "{target}"]}}'                  | hosts: is not a key of daos
                    'types: {daos: {mount: [dfuse, "{target}"]}}'                           | absolute path of a program
                    'types: {daos: {mount: [/d, --pool, p]}}'                               | must have {target}
                    'types: {daos: {mount: [/d, "{host}", "{target}"]}}'                    | there is only {target}
                    """)
    void mistakesInTheConfigurationAreNamed(String yaml, String message) {
        assertThatThrownBy(() -> config(yaml)).isInstanceOf(YamlException.class).hasMessageContaining(message);
    }

    @Test
    void withoutAConfigurationNothingIsMounted() throws AttachException {
        assertThat(config("")).isEqualTo(AttachConfig.NONE);
        assertThat(FslTypes.of(
                        java.util.List.of(),
                        AttachConfig.NONE,
                        Path.of("/nonexistent"),
                        true,
                        java.util.Optional::empty))
                .extracting(FslType::name)
                .containsExactly("local", "daos");
    }
}

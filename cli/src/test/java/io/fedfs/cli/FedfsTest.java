package io.fedfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FedfsTest {
    @TempDir
    Path directory;

    private Shell.Ran fedfs(String... args) {
        return new Shell(directory, Map.of()).fedfs(args);
    }

    @Test
    void helpNamesEveryCommandAndSucceeds() {
        Shell.Ran help = fedfs("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains("fileset", "fsn", "fsl", "namespace", "junction", "daos", "resolve", "where", "explain")
                .contains("status", "check", "flush", "tune", "completion", "RFC 7533");
        assertThat(help.err()).isEmpty();
    }

    @Test
    void everyCommandHasHelpThatSucceedsAndDescribesIt() {
        CommandTreeNames.leaves().forEach(words -> {
            Shell.Ran help = fedfs(append(words, "--help"));
            assertThat(help.exit()).as(words.toString()).isZero();
            assertThat(help.out()).as(words.toString()).contains("Usage: fedfs " + String.join(" ", words));
        });
    }

    @Test
    void everyCommandTakesJson() {
        CommandTreeNames.leaves()
                .forEach(words -> assertThat(fedfs(append(words, "--help")).out())
                        .as(words.toString())
                        .contains("--json"));
    }

    @Test
    void manualPageNamesEveryCommand() throws Exception {
        String page = Files.readString(Path.of("../docs/man/fedfs.1"))
                .replace("\\f", " ")
                .replace("\\-", "-");
        CommandTreeNames.leaves().stream()
                .filter(words -> !words.get(0).equals("completion"))
                .forEach(words -> words.forEach(
                        word -> assertThat(page).as(words.toString()).containsPattern("\\b[BR ]*" + word + "\\b")));
    }

    @Test
    void resolveTakesWhateverIsWrittenAsAPathForOneInAMount() {
        for (String path : List.of("/", "docs/sub", "./docs", directory.toString())) {
            assertThat(fedfs("resolve", "-v", path).exit()).as(path).isEqualTo(107);
            assertThat(fedfs("resolve", "--json", path).exit()).as(path).isEqualTo(107);
        }
        assertThat(fedfs("resolve", "nsdb://localhost:1/docs").exit()).isEqualTo(8);
        assertThat(fedfs("resolve", "--nsdbs", "etc/nsdbs.yaml", "docs").exit())
                .as("the file of an option is none")
                .isEqualTo(28);
    }

    @Test
    void wrongArgumentsExitWith8AndOneLine() {
        for (String[] wrong : List.of(
                new String[] {"fsn", "show"},
                new String[] {"fsn", "frobnicate"},
                new String[] {"where"},
                new String[] {"fsn", "create", "--ttl", "soon"},
                new String[] {"completion", "powershell"},
                new String[] {"fsn"})) {
            Shell.Ran ran = fedfs(wrong);
            assertThat(ran.exit()).isEqualTo(8);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).startsWith("fedfs: ").contains("--help").hasLineCount(1);
        }
    }

    @Test
    void misspeltCommandIsCorrected() {
        assertThat(fedfs("juncton").err()).contains("did you mean junction");
    }

    @Test
    void noCommandShowsUsageAndFails() {
        Shell.Ran ran = fedfs();
        assertThat(ran.exit()).isEqualTo(8);
        assertThat(ran.err()).contains("Usage: fedfs");
    }

    @Test
    void completionKnowsNestedCommands() {
        Shell.Ran ran = fedfs("completion", "bash");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).startsWith("#!/usr/bin/env bash").contains("invalidate", "--expected-revision");
    }

    @Test
    void stackTraceOnlyWhenAskedFor() {
        String[] args = {"fsn", "list"};
        assertThat(fedfs(args).err()).hasLineCount(1);
        assertThat(new Shell(directory, Map.of("FEDFS_DEBUG", "1")).fedfs(args).err())
                .contains("\tat io.fedfs.cli");
    }

    @Test
    void noNsdbNamedIsSaidWithTheRemedy() {
        Shell.Ran ran = fedfs("fsn", "list", "--json");
        assertThat(ran.exit()).isEqualTo(28);
        assertThat(ran.err()).contains("--nsdb HOST:PORT", "FEDFS_NSDB");
        assertThat(ran.json().at("/error/status").asInt()).isEqualTo(28);
        assertThat(ran.json().at("/error/name").asText()).isEqualTo("FEDFS_ERR_NSDB_PARAMS");
    }

    private static String[] append(List<String> words, String last) {
        String[] args = words.toArray(new String[words.size() + 1]);
        args[words.size()] = last;
        return args;
    }
}

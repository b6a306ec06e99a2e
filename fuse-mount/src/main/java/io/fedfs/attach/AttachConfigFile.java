package io.fedfs.attach;

import io.fedfs.attach.AttachConfig.Rule;
import io.fedfs.attach.AttachConfig.SiteProgram;
import io.fedfs.yaml.YamlException;
import io.fedfs.yaml.YamlFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the attach configuration; {@link AttachConfig} shows one. */
final class AttachConfigFile {
    private static final int DAY = 86_400;
    private static final String TARGET = "{target}";
    /** For what names no file server. */
    private static final Rule ANY = new Rule(List.of("*"), List.of(), Map.of(), Optional.empty());

    private final YamlFile yaml;

    private AttachConfigFile(YamlFile yaml) {
        this.yaml = yaml;
    }

    /** @throws YamlException naming file, line and key of what is wrong */
    static AttachConfig of(YamlFile yaml) {
        return yaml.root().map(new AttachConfigFile(yaml)::config).orElse(AttachConfig.NONE);
    }

    private AttachConfig config(Node root) {
        Map<String, Node> keys = yaml.keys(root, "the file", "idle", "mount_bound", "probe", "fail_back", "types");
        Map<String, Node> probe =
                keys.containsKey("probe") ? yaml.keys(keys.get("probe"), "probe", "interval", "bound") : Map.of();
        Map<String, Rule> types = new LinkedHashMap<>();
        Map<String, SiteProgram> programs = new LinkedHashMap<>();
        List<SiteProgram> dfuse = new ArrayList<>();
        if (keys.containsKey("types")) {
            yaml.keys(keys.get("types"), "types", "nfs", "smb", "sshfs", "command", "daos")
                    .forEach((name, node) -> {
                        if (name.equals("command")) {
                            programs.putAll(programs(node));
                        } else if (name.equals("daos")) {
                            dfuse.add(dfuse(node));
                        } else {
                            types.put(name, rule(node, yaml.keys(node, name, "hosts", "exports", "options", "allow")));
                        }
                    });
        }
        AttachConfig none = AttachConfig.NONE;
        return new AttachConfig(
                seconds(keys, "idle", 1, none.idle()),
                seconds(keys, "mount_bound", 1, none.mountBound()),
                seconds(probe, "interval", 1, none.probeInterval()),
                seconds(probe, "bound", 1, none.probeBound()),
                seconds(keys, "fail_back", 0, none.failBack()),
                Map.copyOf(types),
                Map.copyOf(programs),
                dfuse.stream().findFirst());
    }

    private Duration seconds(Map<String, Node> keys, String key, int least, Duration otherwise) {
        Node node = keys.get(key);
        if (node == null) {
            return otherwise;
        }
        String text = yaml.text(node, key);
        int seconds = text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
        if (seconds < least || seconds > DAY) {
            throw yaml.wrong(node, key, "must be " + least + " to " + DAY + " seconds, not \"" + text + "\"");
        }
        return Duration.ofSeconds(seconds);
    }

    private Map<String, SiteProgram> programs(Node node) {
        Map<String, Node> keys = yaml.keys(node, "command", "programs");
        if (!keys.containsKey("programs")) {
            throw lacks(node, "programs", "write programs: {NAME: {hosts: [...], mount: [PROGRAM, ...]}}");
        }
        Map<String, SiteProgram> programs = new LinkedHashMap<>();
        yaml.entries(keys.get("programs"), "programs", "must have names as keys")
                .forEach((name, each) -> programs.put(name, program(name, each)));
        return programs;
    }

    private SiteProgram program(String name, Node node) {
        Map<String, Node> keys = yaml.keys(node, name, "hosts", "exports", "options", "allow", "mount", "unmount");
        return program(node, rule(node, keys), keys);
    }

    private SiteProgram program(Node node, Rule rule, Map<String, Node> keys) {
        if (!keys.containsKey("mount")) {
            throw lacks(node, "mount", "write mount: [PROGRAM, ARGUMENT, ...]");
        }
        return new SiteProgram(rule, words(keys, "mount", rule), words(keys, "unmount", rule));
    }

    private SiteProgram dfuse(Node node) {
        SiteProgram program = program(node, ANY, yaml.keys(node, "daos", "mount", "unmount"));
        if (program.mount().stream().noneMatch(word -> word.contains(TARGET))) {
            throw yaml.wrong(node, "mount", "must have " + TARGET + " among its words: where DFuse is to be mounted");
        }
        Stream.concat(program.mount().stream(), program.unmount().stream())
                .filter(word -> word.replace(TARGET, "").contains("{"))
                .findFirst()
                .ifPresent(word -> {
                    throw yaml.wrong(
                            node,
                            "daos",
                            "has \"" + word + "\"; one DFuse serves all containers, so there is only " + TARGET);
                });
        return program;
    }

    private List<String> words(Map<String, Node> keys, String key, Rule rule) {
        Node node = keys.get(key);
        if (node == null) {
            return List.of();
        }
        List<String> words = yaml.texts(node, key);
        if (words.isEmpty() || !words.get(0).startsWith("/")) {
            throw yaml.wrong(node, key, "must begin with the absolute path of a program");
        }
        for (String word : words) {
            CommandRecipe.unknownPlaceholder(word, rule).ifPresent(unknown -> {
                throw yaml.wrong(
                        node,
                        key,
                        "{" + unknown + "} is not known; there are " + CommandRecipe.PLACEHOLDERS
                                + ", and {option:NAME} for the options that are set or allowed");
            });
        }
        return List.copyOf(words);
    }

    private Rule rule(Node node, Map<String, Node> keys) {
        if (!keys.containsKey("hosts")) {
            throw lacks(node, "hosts", "list the file servers that may be mounted from, or [\"*\"] for any");
        }
        Node exports = keys.get("exports");
        List<Path> roots = exports == null
                ? List.of()
                : yaml.texts(exports, "exports").stream()
                        .map(text -> root(exports, text))
                        .toList();
        Map<String, String> options = new HashMap<>();
        if (keys.containsKey("options")) {
            yaml.entries(keys.get("options"), "options", "must have names of options as keys")
                    .forEach((name, option) -> {
                        if (!OptionWords.isName(name)) {
                            throw yaml.wrong(option, name, "is not the name of an option");
                        }
                        options.put(name, yaml.text(option, name));
                    });
        }
        Optional<Set<String>> allow =
                Optional.ofNullable(keys.get("allow")).map(a -> new LinkedHashSet<>(yaml.texts(a, "allow")));
        return new Rule(List.copyOf(yaml.texts(keys.get("hosts"), "hosts")), roots, Map.copyOf(options), allow);
    }

    private Path root(Node node, String text) {
        if (!text.startsWith("/")) {
            throw yaml.wrong(node, "exports", "must be an absolute directory, not \"" + text + "\"");
        }
        return Path.of(text).normalize();
    }

    private YamlException lacks(Node node, String key, String remedy) {
        return yaml.wrong(node, key, "is missing; " + remedy);
    }
}

package io.fedfs.yaml;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One configuration file: its name for messages, the directory that relative file names in it start from, its nodes. */
public final class YamlFile {
    private static final int LARGEST = 1 << 20;

    private final String name;
    private final Path base;
    private final Optional<Node> root;

    private YamlFile(String name, Path base, Optional<Node> root) {
        this.name = name;
        this.base = base;
        this.root = root;
    }

    /**
     * Reads a file.
     *
     * @param what what the file is, for messages: "the NSDB configuration"
     * @throws YamlException when it cannot be read, is larger than 1 MiB, or is not YAML
     */
    public static YamlFile read(Path file, String what) {
        String text;
        try {
            if (Files.size(file) > LARGEST) {
                throw new YamlException(file + ": larger than " + what + " can sensibly be (1 MiB)");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new YamlException(
                    "cannot read " + what + " " + file + ": " + e.getMessage()
                            + "; make it readable or name another file",
                    e);
        }
        Path parent = file.toAbsolutePath().getParent();
        return parse(text, file.toString(), parent == null ? Path.of("/") : parent);
    }

    /** Reads text; {@code name} is what messages call it. */
    public static YamlFile parse(String yaml, String name, Path base) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(10)
                .build();
        try {
            Optional<Node> root = new Compose(settings).composeString(yaml);
            return new YamlFile(name, base, root.filter(node -> !isNull(node)));
        } catch (YamlEngineException e) {
            throw new YamlException(name + ": not YAML: " + e.getMessage(), e);
        }
    }

    /** The whole of it; empty when nothing is written there. */
    public Optional<Node> root() {
        return root;
    }

    /** The keys of a mapping; only the known ones may be there, each once. */
    public Map<String, Node> keys(Node node, String where, String... known) {
        Map<String, Node> found = entries(node, where, "must have keys; known are " + String.join(", ", known));
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            String key = text(tuple.getKeyNode(), "key");
            if (!List.of(known).contains(key)) {
                throw wrong(
                        tuple.getKeyNode(),
                        key,
                        "is not a key of " + where + "; known are " + String.join(", ", known));
            }
        }
        return found;
    }

    /** The keys of a mapping whose keys are names that the administrator chose, each once. */
    public Map<String, Node> entries(Node node, String where, String otherwise) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, where, otherwise);
        }
        Map<String, Node> found = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode(), "key");
            if (found.put(key, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), key, "is there twice; keep one");
            }
        }
        return found;
    }

    /** The entries of a list; an absent or empty value is an empty list. */
    public List<Node> list(Node node, String key, String otherwise) {
        if (node == null || isNull(node)) {
            return List.of();
        }
        if (!(node instanceof SequenceNode entries)) {
            throw wrong(node, key, otherwise);
        }
        return List.copyOf(entries.getValue());
    }

    /** A list of plain values, or a single one without brackets. */
    public List<String> texts(Node node, String key) {
        if (!(node instanceof SequenceNode entries)) {
            return List.of(text(node, key));
        }
        List<String> texts = new ArrayList<>();
        for (Node entry : entries.getValue()) {
            texts.add(text(entry, key));
        }
        return texts;
    }

    /** One plain value that is not blank. */
    public String text(Node node, String key) {
        if (node instanceof ScalarNode scalar
                && !isNull(node)
                && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw wrong(node, key, "must have one plain value");
    }

    /** A value that is true or false; empty when the key is not there. */
    public Optional<Boolean> flag(Map<String, Node> keys, String key) {
        Node node = keys.get(key);
        if (node == null) {
            return Optional.empty();
        }
        return switch (text(node, key)) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> throw wrong(node, key, "must be true or false, not \"" + text(node, key) + "\"");
        };
    }

    /** A file name, relative ones starting from this file's directory; empty when the key is not there. */
    public Optional<Path> path(Map<String, Node> keys, String key) {
        return Optional.ofNullable(keys.get(key)).map(node -> base.resolve(text(node, key)));
    }

    /** Where a node stands: {@code file:line}. */
    public String place(Node node) {
        return name
                + node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
    }

    /** What is wrong with a value, where. */
    public YamlException wrong(Node node, String key, String what) {
        return new YamlException(place(node) + ": " + key + ": " + what);
    }

    /** Whether nothing is written after the key. */
    public static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }
}

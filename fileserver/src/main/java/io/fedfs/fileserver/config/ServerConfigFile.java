package io.fedfs.fileserver.config;

import io.fedfs.protocol.NsdbAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads the agent's configuration.
 *
 * <pre>{@code
 * name: files1.example.org     # the host name in FSLs; default: this host's name
 * exports:
 *   - path: /srv/home          # the directory here
 *     export: /home            # its name to clients; default: the same
 *     volume: pool1/home       # the server's own name of it
 *     writable: true           # default
 *     protocols:               # default: local
 *       - type: nfs
 *         port: 2049
 *         options: {vers: "4.2"}
 * }</pre>
 *
 * It works on the parsed nodes, because a node knows its line, and it goes on after a mistake to find the others.
 */
final class ServerConfigFile {
    private static final int LARGEST = 1 << 20;
    private static final int MAX_PORT = 65_535;
    private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");

    private final String file;
    private final List<String> problems = new ArrayList<>();

    private ServerConfigFile(String file) {
        this.file = file;
    }

    static ServerConfig read(Path path, String hostName) throws ConfigException {
        try {
            if (Files.size(path) > LARGEST) {
                throw new ConfigException(List.of(path + ": larger than a configuration can sensibly be (1 MiB)"));
            }
            return parse(Files.readString(path, StandardCharsets.UTF_8), path.toString(), hostName);
        } catch (IOException e) {
            throw new ConfigException(List.of("cannot read the configuration " + path + ": " + e.getMessage()));
        }
    }

    static ServerConfig parse(String yaml, String name, String hostName) throws ConfigException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(10)
                .build();
        Optional<Node> root;
        try {
            root = new Compose(settings).composeString(yaml);
        } catch (YamlEngineException e) {
            throw new ConfigException(List.of(name + ": not YAML: " + e.getMessage()));
        }
        ServerConfigFile reading = new ServerConfigFile(name);
        ServerConfig config =
                root.isEmpty() || isNull(root.get()) ? reading.empty(hostName) : reading.config(root.get(), hostName);
        if (!reading.problems.isEmpty()) {
            throw new ConfigException(reading.problems);
        }
        return config;
    }

    private ServerConfig empty(String hostName) {
        problems.add(file + ": is empty; it needs exports");
        return new ServerConfig(hostName, List.of());
    }

    private ServerConfig config(Node root, String hostName) {
        Map<String, Node> keys = keys(root, "the file", "name", "exports");
        String name = text(keys, "name").orElse(hostName);
        try {
            name = NsdbAddress.parse(name).host();
        } catch (IllegalArgumentException e) {
            wrong(keys.getOrDefault("name", root), "name", e.getMessage());
        }
        List<Export> exports = new ArrayList<>();
        for (Node node : list(keys, "exports", root)) {
            export(node).ifPresent(exports::add);
        }
        if (exports.isEmpty() && problems.isEmpty()) {
            wrong(root, "exports", "is missing or empty; name at least one directory");
        }
        distinct(exports);
        return new ServerConfig(name, exports);
    }

    /** A path that could mean two directories would make the agent tell one thing and do another. */
    private void distinct(List<Export> exports) {
        for (int i = 0; i < exports.size(); i++) {
            for (int j = 0; j < exports.size(); j++) {
                Export one = exports.get(i);
                Export other = exports.get(j);
                if (i < j && one.exportPath().equals(other.exportPath())) {
                    problems.add(file + ": exports: two have the export path " + one.exportPath());
                }
                if (i < j && one.localPath().equals(other.localPath())) {
                    problems.add(file + ": exports: two have the directory " + one.localPath());
                }
                if (i != j && one.exportPath().equals(other.localPath().toString())) {
                    problems.add(file + ": exports: " + one.exportPath() + " is the export path of " + one.localPath()
                            + " and the directory of " + other.exportPath() + "; give one of them another export path");
                }
            }
        }
    }

    private Optional<Export> export(Node node) {
        int before = problems.size();
        Map<String, Node> keys = keys(node, "an entry of exports", "path", "export", "volume", "writable", "protocols");
        Optional<String> path = absolute(keys, "path");
        if (path.isEmpty() && before == problems.size()) {
            wrong(node, "path", "is missing; name the directory to export");
        }
        Optional<String> exported = absolute(keys, "export").or(() -> path);
        List<AccessProtocol> protocols = new ArrayList<>();
        for (Node protocol : list(keys, "protocols", node)) {
            protocol(protocol).ifPresent(protocols::add);
        }
        for (int i = 0; i < protocols.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (protocols.get(i).type().equals(protocols.get(j).type())) {
                    wrong(node, "protocols", protocols.get(i).type() + " is there twice; keep one");
                }
            }
        }
        if (protocols.isEmpty()) {
            protocols.add(new AccessProtocol(AccessProtocol.LOCAL, 0, Map.of()));
        }
        boolean writable = flag(keys, "writable").orElse(true);
        String volume = text(keys, "volume").orElse("");
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(
                        new Export(exported.orElseThrow(), Path.of(path.orElseThrow()), volume, writable, protocols));
    }

    private Optional<AccessProtocol> protocol(Node node) {
        int before = problems.size();
        Map<String, Node> keys = keys(node, "an entry of protocols", "type", "port", "options");
        Optional<String> type = text(keys, "type");
        if (type.isEmpty() && before == problems.size()) {
            wrong(node, "type", "is missing; write type: local, nfs, smb, ...");
        }
        type.filter(t -> !TYPE.matcher(t).matches())
                .ifPresent(t ->
                        wrong(keys.get("type"), "type", "\"" + t + "\" is not a type; write local, nfs, smb, ..."));
        Map<String, String> options = new LinkedHashMap<>();
        Node given = keys.get("options");
        if (given != null && !isNull(given)) {
            if (given instanceof MappingNode mapping) {
                for (NodeTuple tuple : mapping.getValue()) {
                    String key = scalar(tuple.getKeyNode(), "options").orElse("");
                    scalar(tuple.getValueNode(), key).ifPresent(value -> options.put(key, value));
                }
            } else {
                wrong(given, "options", "must be keys and values, {vers: \"4.2\"}");
            }
        }
        int port = port(keys);
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(new AccessProtocol(type.orElseThrow(), port, options));
    }

    private int port(Map<String, Node> keys) {
        Optional<String> text = text(keys, "port");
        if (text.isEmpty()) {
            return 0;
        }
        try {
            int port = Integer.parseInt(text.get());
            if (port >= 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        wrong(keys.get("port"), "port", "must be 0 to 65535, not \"" + text.get() + "\"");
        return 0;
    }

    /** A path that is absolute and clean: what is compared by text must have one text. */
    private Optional<String> absolute(Map<String, Node> keys, String key) {
        return text(keys, key).flatMap(text -> {
            try {
                Path path = Path.of(text);
                if (path.isAbsolute() && path.normalize().equals(path)) {
                    return Optional.of(path.toString());
                }
            } catch (InvalidPathException e) {
                // Told below.
            }
            wrong(keys.get(key), key, "must be an absolute path without . and .., not \"" + text + "\"");
            return Optional.empty();
        });
    }

    private Optional<Boolean> flag(Map<String, Node> keys, String key) {
        return text(keys, key).flatMap(text -> {
            if (text.equals("true") || text.equals("false")) {
                return Optional.of(text.equals("true"));
            }
            wrong(keys.get(key), key, "must be true or false, not \"" + text + "\"");
            return Optional.empty();
        });
    }

    private List<Node> list(Map<String, Node> keys, String key, Node where) {
        Node node = keys.get(key);
        if (node == null || isNull(node)) {
            return List.of();
        }
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        wrong(node, key, "must be a list; begin each entry with \"- \"");
        return List.of();
    }

    private Map<String, Node> keys(Node node, String where, String... known) {
        Map<String, Node> found = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            wrong(node, where, "must have keys; known are " + String.join(", ", known));
            return found;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            Optional<String> key = scalar(tuple.getKeyNode(), "key");
            if (key.isPresent() && !List.of(known).contains(key.get())) {
                wrong(
                        tuple.getKeyNode(),
                        key.get(),
                        "is not a key of " + where + "; known are " + String.join(", ", known));
            } else if (key.isPresent() && found.put(key.get(), tuple.getValueNode()) != null) {
                wrong(tuple.getKeyNode(), key.get(), "is there twice; keep one");
            }
        }
        return found;
    }

    private Optional<String> text(Map<String, Node> keys, String key) {
        return Optional.ofNullable(keys.get(key)).flatMap(node -> scalar(node, key));
    }

    private Optional<String> scalar(Node node, String key) {
        if (node instanceof ScalarNode scalar
                && !isNull(node)
                && !scalar.getValue().isBlank()) {
            return Optional.of(scalar.getValue());
        }
        wrong(node, key, "must have one plain value");
        return Optional.empty();
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private void wrong(Node node, String key, String what) {
        String line =
                node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
        problems.add(file + line + ": " + key + ": " + what);
    }
}

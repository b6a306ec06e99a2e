package io.fedfs.resolver.config;

import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbParameters.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

/**
 * Reads the NSDB configuration.
 *
 * <pre>{@code
 * defaults:
 *   trusted: true            # ask NSDBs that are not listed
 *   plaintext: false         # speak in the clear to hosts other than this one
 *   tls: {trust: ca.pem}
 * nsdbs:
 *   - address: nsdb.example.org:7532
 *     connect: 10.0.0.7:7532 # dial this instead
 *     trusted: true
 *     tls: {trust: ca.pem, cert: me.pem, key: me.key, server_name: nsdb.example.org}
 * servers:                   # file server agents, with the same keys
 *   - address: files1.example.org:7533
 *     connect: 10.0.0.8:7533
 * }</pre>
 *
 * It works on the parsed nodes and not on maps made from them, because a node knows its line.
 */
final class NsdbConfigFile {
    private static final int LARGEST = 1 << 20;

    private final String name;
    private final Path base;

    private NsdbConfigFile(String name, Path base) {
        this.name = name;
        this.base = base;
    }

    static NsdbDirectory read(Path file) {
        String text;
        try {
            if (Files.size(file) > LARGEST) {
                throw new NsdbConfigException(file + ": larger than an NSDB configuration can sensibly be (1 MiB)");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new NsdbConfigException(
                    "cannot read the NSDB configuration " + file + ": " + e.getMessage()
                            + "; make it readable or name another file",
                    e);
        }
        Path parent = file.toAbsolutePath().getParent();
        return parse(text, file.toString(), parent == null ? Path.of("/") : parent);
    }

    static NsdbDirectory parse(String yaml, String name, Path base) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(10)
                .build();
        Optional<Node> root;
        try {
            root = new Compose(settings).composeString(yaml);
        } catch (YamlEngineException e) {
            throw new NsdbConfigException(name + ": not YAML: " + e.getMessage(), e);
        }
        NsdbConfigFile file = new NsdbConfigFile(name, base);
        if (root.isEmpty() || isNull(root.get())) {
            return NsdbDirectory.ofDefaults();
        }
        return file.directory(root.get());
    }

    private NsdbDirectory directory(Node root) {
        Map<String, Node> keys = keys(root, "the file", "defaults", "nsdbs", "servers");
        NsdbDirectory.Defaults defaults =
                keys.containsKey("defaults") ? defaults(keys.get("defaults")) : NsdbDirectory.Defaults.NONE;
        return new NsdbDirectory(
                defaults,
                entries(keys, "nsdbs", NsdbAddress.DEFAULT_PORT, defaults),
                entries(keys, "servers", NsdbAddress.SERVER_PORT, defaults));
    }

    private Map<NsdbAddress, NsdbParameters> entries(
            Map<String, Node> keys, String key, int defaultPort, NsdbDirectory.Defaults defaults) {
        Map<NsdbAddress, NsdbParameters> listed = new HashMap<>();
        Node list = keys.get(key);
        if (list != null && !isNull(list)) {
            if (!(list instanceof SequenceNode entries)) {
                throw wrong(list, key, "must be a list; begin each entry with \"- address: HOST:PORT\"");
            }
            for (Node entry : entries.getValue()) {
                NsdbParameters parameters = entry(entry, key, defaultPort, defaults);
                if (listed.put(parameters.address(), parameters) != null) {
                    throw wrong(entry, "address", parameters.address() + " is listed twice; keep one entry");
                }
            }
        }
        return listed;
    }

    private NsdbDirectory.Defaults defaults(Node node) {
        Map<String, Node> keys = keys(node, "defaults", "trusted", "plaintext", "tls");
        return new NsdbDirectory.Defaults(
                flag(keys, "trusted").orElse(true),
                flag(keys, "plaintext").orElse(false),
                Optional.ofNullable(keys.get("tls")).map(this::tls));
    }

    private NsdbParameters entry(Node node, String list, int defaultPort, NsdbDirectory.Defaults defaults) {
        Map<String, Node> keys = keys(node, "an entry of " + list, "address", "connect", "trusted", "plaintext", "tls");
        if (!keys.containsKey("address")) {
            throw wrong(node, "address", "is missing; write address: HOST:PORT, of an NSDB as its FSNs have it");
        }
        NsdbAddress address = address(keys.get("address"), "address", defaultPort);
        NsdbAddress dial = keys.containsKey("connect") ? address(keys.get("connect"), "connect", defaultPort) : address;
        Optional<Boolean> plaintext = flag(keys, "plaintext");
        Optional<Tls> own = Optional.ofNullable(keys.get("tls")).map(this::tls);
        if (own.isPresent() && plaintext.orElse(false)) {
            throw wrong(keys.get("plaintext"), "plaintext", "contradicts tls; remove one of them");
        }
        // An entry that says plaintext: true means it, whatever the defaults' TLS is.
        Optional<Tls> tls = plaintext.orElse(false) ? Optional.empty() : own.or(defaults::tls);
        return new NsdbParameters(
                address,
                dial,
                tls,
                plaintext.orElse(defaults.plaintext()),
                flag(keys, "trusted").orElse(defaults.trusted()),
                keys.containsKey("trusted"));
    }

    private Tls tls(Node node) {
        Map<String, Node> keys = keys(node, "tls", "trust", "cert", "key", "server_name");
        Optional<Path> cert = path(keys, "cert");
        Optional<Path> key = path(keys, "key");
        if (cert.isPresent() != key.isPresent()) {
            throw wrong(node, cert.isPresent() ? "key" : "cert", "is missing; cert and key go together");
        }
        return new Tls(
                path(keys, "trust"),
                cert,
                key,
                Optional.ofNullable(keys.get("server_name")).map(n -> text(n, "server_name")));
    }

    private Map<String, Node> keys(Node node, String where, String... known) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, where, "must have keys; known are " + String.join(", ", known));
        }
        Map<String, Node> found = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode(), "key");
            boolean right = false;
            for (String candidate : known) {
                right |= candidate.equals(key);
            }
            if (!right) {
                throw wrong(
                        tuple.getKeyNode(),
                        key,
                        "is not a key of " + where + "; known are " + String.join(", ", known));
            }
            if (found.put(key, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), key, "is there twice; keep one");
            }
        }
        return found;
    }

    private Optional<Boolean> flag(Map<String, Node> keys, String key) {
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

    private Optional<Path> path(Map<String, Node> keys, String key) {
        return Optional.ofNullable(keys.get(key)).map(node -> base.resolve(text(node, key)));
    }

    private NsdbAddress address(Node node, String key, int defaultPort) {
        try {
            return NsdbAddress.parse(text(node, key), defaultPort);
        } catch (IllegalArgumentException e) {
            throw wrong(node, key, e.getMessage() + "; write HOST:PORT");
        }
    }

    private String text(Node node, String key) {
        if (node instanceof ScalarNode scalar
                && !isNull(node)
                && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw wrong(node, key, "must have one plain value");
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private NsdbConfigException wrong(Node node, String key, String what) {
        String line =
                node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
        return new NsdbConfigException(name + line + ": " + key + ": " + what);
    }
}

package io.fedfs.resolver.config;

import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbParameters.Tls;
import io.fedfs.yaml.YamlException;
import io.fedfs.yaml.YamlFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.nodes.Node;

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
 */
final class NsdbConfigFile {
    private final YamlFile yaml;

    private NsdbConfigFile(YamlFile yaml) {
        this.yaml = yaml;
    }

    static NsdbDirectory read(Path file) {
        return directory(() -> YamlFile.read(file, "the NSDB configuration"));
    }

    static NsdbDirectory parse(String text, String name, Path base) {
        return directory(() -> YamlFile.parse(text, name, base));
    }

    private static NsdbDirectory directory(Supplier<YamlFile> source) {
        try {
            NsdbConfigFile file = new NsdbConfigFile(source.get());
            return file.yaml.root().map(file::directory).orElseGet(NsdbDirectory::ofDefaults);
        } catch (YamlException e) {
            throw new NsdbConfigException(e.getMessage(), e);
        }
    }

    private NsdbDirectory directory(Node root) {
        Map<String, Node> keys = yaml.keys(root, "the file", "defaults", "nsdbs", "servers");
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
        for (Node entry :
                yaml.list(keys.get(key), key, "must be a list; begin each entry with \"- address: HOST:PORT\"")) {
            NsdbParameters parameters = entry(entry, key, defaultPort, defaults);
            if (listed.put(parameters.address(), parameters) != null) {
                throw yaml.wrong(entry, "address", parameters.address() + " is listed twice; keep one entry");
            }
        }
        return listed;
    }

    private NsdbDirectory.Defaults defaults(Node node) {
        Map<String, Node> keys = yaml.keys(node, "defaults", "trusted", "plaintext", "tls");
        return new NsdbDirectory.Defaults(
                yaml.flag(keys, "trusted").orElse(true),
                yaml.flag(keys, "plaintext").orElse(false),
                Optional.ofNullable(keys.get("tls")).map(this::tls));
    }

    private NsdbParameters entry(Node node, String list, int defaultPort, NsdbDirectory.Defaults defaults) {
        Map<String, Node> keys =
                yaml.keys(node, "an entry of " + list, "address", "connect", "trusted", "plaintext", "tls");
        if (!keys.containsKey("address")) {
            throw yaml.wrong(node, "address", "is missing; write address: HOST:PORT, of an NSDB as its FSNs have it");
        }
        NsdbAddress address = address(keys.get("address"), "address", defaultPort);
        NsdbAddress dial = keys.containsKey("connect") ? address(keys.get("connect"), "connect", defaultPort) : address;
        Optional<Boolean> plaintext = yaml.flag(keys, "plaintext");
        Optional<Tls> own = Optional.ofNullable(keys.get("tls")).map(this::tls);
        if (own.isPresent() && plaintext.orElse(false)) {
            throw yaml.wrong(keys.get("plaintext"), "plaintext", "contradicts tls; remove one of them");
        }
        // An entry that says plaintext: true means it, whatever the defaults' TLS is.
        Optional<Tls> tls = plaintext.orElse(false) ? Optional.empty() : own.or(defaults::tls);
        return new NsdbParameters(
                address,
                dial,
                tls,
                plaintext.orElse(defaults.plaintext()),
                yaml.flag(keys, "trusted").orElse(defaults.trusted()),
                keys.containsKey("trusted"));
    }

    private Tls tls(Node node) {
        Map<String, Node> keys = yaml.keys(node, "tls", "trust", "cert", "key", "server_name");
        Optional<Path> cert = yaml.path(keys, "cert");
        Optional<Path> key = yaml.path(keys, "key");
        if (cert.isPresent() != key.isPresent()) {
            throw yaml.wrong(node, cert.isPresent() ? "key" : "cert", "is missing; cert and key go together");
        }
        return new Tls(
                yaml.path(keys, "trust"),
                cert,
                key,
                Optional.ofNullable(keys.get("server_name")).map(n -> yaml.text(n, "server_name")));
    }

    private NsdbAddress address(Node node, String key, int defaultPort) {
        try {
            return NsdbAddress.parse(yaml.text(node, key), defaultPort);
        } catch (IllegalArgumentException e) {
            throw yaml.wrong(node, key, e.getMessage() + "; write HOST:PORT");
        }
    }
}

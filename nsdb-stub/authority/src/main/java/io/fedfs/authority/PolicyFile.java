package io.fedfs.authority;

import io.fedfs.authority.Policy.Grant;
import io.fedfs.authority.Policy.Operations;
import io.fedfs.yaml.YamlException;
import io.fedfs.yaml.YamlFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads a policy.
 *
 * <pre>{@code
 * groups:
 *   storage: [alice, "dn:CN=bob,O=example"]
 *   mounts: ["dns:client1.example.org", "dns:client2.example.org"]
 * grants:
 *   - to: [group:storage]
 *     operations: [all]
 *   - to: [group:mounts]
 *     operations: [read]
 *   - to: [carol]
 *     operations: [read, write]
 *     subtree: physics             # this and below; a list for several
 *   - to: [authenticated]
 *     operations: [resolve]
 *     namespace: home
 *   - to: [dns:fs1.example.org]
 *     operations: [add-fsl]
 *     export: "fs1.example.org:/srv"
 * }</pre>
 */
final class PolicyFile {
    private static final String READ = "read";
    private static final String WRITE = "write";
    private static final String ALL = "all";
    private static final String GROUP = "group:";

    private final YamlFile yaml;
    private final Set<String> operations;
    private final Map<String, Set<String>> groups = new HashMap<>();

    private PolicyFile(YamlFile yaml, Set<String> operations) {
        this.yaml = yaml;
        this.operations = new TreeSet<>(operations);
    }

    /**
     * Reads a policy file.
     *
     * @param operations what the service knows, by name
     * @throws YamlException when anything in it is not right, with its line
     */
    static Policy read(Path file, Set<String> operations) {
        return new PolicyFile(YamlFile.read(file, "the policy"), operations).policy();
    }

    /** The same from text. */
    static Policy parse(String text, String name, Set<String> operations) {
        return new PolicyFile(YamlFile.parse(text, name, Path.of("/")), operations).policy();
    }

    private Policy policy() {
        if (yaml.root().isEmpty()) {
            return new Policy(List.of());
        }
        Map<String, Node> keys = yaml.keys(yaml.root().get(), "the policy", "groups", "grants");
        Node named = keys.get("groups");
        if (named != null && !YamlFile.isNull(named)) {
            yaml.entries(named, "groups", "must have the groups' names as keys")
                    .forEach((name, members) -> groups.put(name, names(members, name, false)));
        }
        List<Grant> grants = new ArrayList<>();
        for (Node entry :
                yaml.list(keys.get("grants"), "grants", "must be a list; begin each entry with \"- to: ...\"")) {
            grants.add(grant(entry));
        }
        return new Policy(grants);
    }

    private Grant grant(Node entry) {
        Map<String, Node> keys = yaml.keys(entry, "a grant", "to", "operations", "subtree", "namespace", "export");
        Node to = present(entry, keys, "to", "say to whom: a list of names, group:NAME, authenticated or anyone");
        Node asked = present(entry, keys, "operations", "say what: a list of operations, read, write or all");
        return new Grant(
                yaml.place(entry),
                names(to, "to", true),
                operations(asked),
                each(keys, "subtree", Subtree::of),
                Set.copyOf(each(keys, "namespace", Function.identity())),
                each(keys, "export", Export::of));
    }

    private Node present(Node entry, Map<String, Node> keys, String key, String otherwise) {
        Node node = keys.get(key);
        if (node == null || YamlFile.isNull(node)) {
            throw yaml.wrong(entry, key, "is missing; " + otherwise);
        }
        return node;
    }

    private Set<String> names(Node node, String key, boolean inGrant) {
        Set<String> names = new LinkedHashSet<>();
        for (String text : yaml.texts(node, key)) {
            if (inGrant && (text.equals(Policy.ANYONE) || text.equals(Policy.AUTHENTICATED))) {
                names.add(text);
            } else if (inGrant && text.startsWith(GROUP)) {
                Set<String> members = groups.get(text.substring(GROUP.length()));
                if (members == null) {
                    throw yaml.wrong(node, key, text + " is not one of the groups of this file");
                }
                names.addAll(members);
            } else {
                names.add(checked(node, key, text, Principal::canonical));
            }
        }
        return names;
    }

    private Operations operations(Node node) {
        Set<Access> access = EnumSet.noneOf(Access.class);
        Set<String> names = new LinkedHashSet<>();
        for (String text : yaml.texts(node, "operations")) {
            switch (text) {
                case READ -> access.add(Access.READ);
                case WRITE -> access.add(Access.WRITE);
                case ALL -> access.addAll(EnumSet.allOf(Access.class));
                default -> {
                    if (!operations.contains(text)) {
                        throw yaml.wrong(
                                node,
                                "operations",
                                "\"" + text + "\" is not an operation; there are read, write, all, "
                                        + String.join(", ", operations));
                    }
                    names.add(text);
                }
            }
        }
        return new Operations(access, names);
    }

    private <T> List<T> each(Map<String, Node> keys, String key, Function<String, T> as) {
        Node node = keys.get(key);
        if (node == null) {
            return List.of();
        }
        List<T> values = new ArrayList<>();
        for (String text : yaml.texts(node, key)) {
            values.add(checked(node, key, text, as));
        }
        if (values.isEmpty()) {
            // An empty list would take the condition away, and grant more than somebody meant who emptied it.
            throw yaml.wrong(node, key, "is an empty list; leave it out to grant everywhere");
        }
        return values;
    }

    private <T> T checked(Node node, String key, String text, Function<String, T> as) {
        try {
            return as.apply(text);
        } catch (IllegalArgumentException e) {
            throw yaml.wrong(node, key, e.getMessage());
        }
    }
}

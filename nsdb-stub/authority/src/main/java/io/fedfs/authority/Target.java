package io.fedfs.authority;

import java.util.Optional;

/**
 * What an operation is about, as far as authority can be given over it. A grant with a condition covers a target only if the
 * target has a value for it, so a target with none of them needs a grant without conditions.
 *
 * @param what for the audit log and for who is refused: "fsn 1b4e…", "namespace home"
 * @param subtree the NSDB subtree it is in
 * @param namespace the namespace that it is
 * @param export the file server's directory that it is or is in
 */
public record Target(String what, Optional<Subtree> subtree, Optional<String> namespace, Optional<Export> export) {

    /** The whole service: what is not about any one thing, or about something that is not known. */
    public static Target whole(String what) {
        return new Target(what, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Something in a subtree of an NSDB. */
    public static Target in(Subtree subtree, String what) {
        return new Target(what, Optional.of(subtree), Optional.empty(), Optional.empty());
    }

    /** A directory of a file server. */
    public static Target at(Export export, String what) {
        return new Target(what, Optional.empty(), Optional.empty(), Optional.of(export));
    }

    public Target withNamespace(String name) {
        return new Target(what, subtree, Optional.of(name), export);
    }

    public Target withExport(Export place) {
        return new Target(what, subtree, namespace, Optional.of(place));
    }

    /** With its subtree or export, for messages. */
    public String described() {
        return what
                + subtree.filter(s -> !s.equals(Subtree.ROOT))
                        .map(s -> " in subtree " + s)
                        .orElse("")
                + export.map(e -> " at " + e).orElse("");
    }
}

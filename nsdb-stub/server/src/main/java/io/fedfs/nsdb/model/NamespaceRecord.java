package io.fedfs.nsdb.model;

import io.fedfs.protocol.Fsn;
import java.util.Map;

/** A namespace (requirement R7): a name for a root fileset, which may belong to another NSDB. */
public record NamespaceRecord(
        String name, Fsn root, String description, Map<String, String> annotations, long revision, long createdMs) {

    public NamespaceRecord {
        annotations = Maps.sorted(annotations);
    }

    public NamespaceRecord withAnnotations(Map<String, String> newAnnotations, long atRevision) {
        return new NamespaceRecord(name, root, description, newAnnotations, atRevision, createdMs);
    }
}

package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.model.ReferenceRecord;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The records as a write sees them, its own changes included. Valid only inside {@link Write#apply}. What changed is logged
 * for watchers by the store.
 */
public interface WriteTransaction {
    /** The revision that this write will have, and that the records it puts must carry. */
    long revision();

    Optional<FsnRecord> fsn(UUID uuid);

    /** All locations of an FSN, in the order of their UUIDs' texts. */
    List<FslRecord> fsls(UUID fsn);

    Optional<FslRecord> fsl(FslKey key);

    Optional<NamespaceRecord> namespace(String name);

    /** The namespaces whose root is this fileset, whichever way its NSDB is spelt. */
    List<NamespaceRecord> namespacesOf(UUID root);

    Optional<ReferenceRecord> reference(ReferenceKey key);

    /** All references that a filter lets through, in no order. */
    List<ReferenceRecord> references(ReferenceFilter filter);

    /** Adds or replaces. */
    void put(FsnRecord fsn);

    /** Adds or replaces; the FSN must be there. */
    void put(FslRecord fsl);

    /** Adds or replaces. */
    void put(NamespaceRecord namespace);

    /** Adds or replaces. */
    void put(ReferenceRecord reference);

    void deleteReference(ReferenceKey key);

    /** Removes an FSN and all its locations. References to it stay: the junctions do as well. */
    void deleteFsn(UUID uuid);

    void deleteFsl(FslKey key);

    void deleteNamespace(String name);
}

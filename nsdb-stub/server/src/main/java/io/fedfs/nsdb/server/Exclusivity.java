package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.ReferenceRecord;
import io.fedfs.nsdb.store.ReferenceFilter;
import io.fedfs.nsdb.store.WriteTransaction;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.FsnAnnotation;
import java.util.Optional;
import java.util.UUID;

/**
 * A fileset in one namespace only (requirement R7), where its FSN says so by the annotation {@link FsnAnnotation#EXCLUSIVE}, which names
 * the namespace. Then it may be the root of that namespace and of no other, and only filesets that are exclusive to the same
 * namespace may hold junctions to it: so nothing outside can lead to it, however long the way. Each write looks at its own
 * record and at those next to it, never at a whole tree.
 */
final class Exclusivity {
    private Exclusivity() {}

    /**
     * Before an FSN is written.
     *
     * @param before what is replaced, null for a new one
     * @throws NsdbException EXCLUSIVE when something that is on record contradicts it
     */
    static void ofFsn(WriteTransaction transaction, FsnRecord before, FsnRecord after) {
        String was = before == null ? "" : namespace(before);
        String is = namespace(after);
        if (is.equals(was)) {
            return;
        }
        UUID uuid = after.uuid();
        if (!is.isEmpty()) {
            Checks.namespaceName("annotations", is);
            for (NamespaceRecord root : transaction.namespacesOf(uuid)) {
                if (!root.name().equals(is)) {
                    throw refused("the FSN " + uuid + " is the root of the namespace \"" + root.name() + "\"");
                }
            }
            for (ReferenceRecord reference :
                    transaction.references(new ReferenceFilter(Optional.of(uuid), Optional.empty()))) {
                if (!reference.key().from().equals(uuid)
                        && !is.equals(of(transaction, reference.key().from()))) {
                    throw refused("the fileset " + reference.from() + " has a junction to " + uuid + " at "
                            + reference.key().path() + " and is not exclusive to \"" + is + "\"");
                }
            }
        }
        if (!was.isEmpty()) {
            for (ReferenceRecord reference :
                    transaction.references(new ReferenceFilter(Optional.empty(), Optional.of(uuid)))) {
                if (!reference.key().to().equals(uuid)
                        && was.equals(of(transaction, reference.key().to()))) {
                    throw refused("the FSN " + uuid + " has a junction at "
                            + reference.key().path() + " to " + reference.key().to() + ", which is exclusive to \""
                            + was
                            + "\"");
                }
            }
        }
    }

    /** Before a junction is recorded. */
    static void ofReference(WriteTransaction transaction, ReferenceRecord reference) {
        String needed = of(transaction, reference.key().to());
        if (!needed.isEmpty() && !needed.equals(of(transaction, reference.key().from()))) {
            throw refused("the FSN " + reference.key().to() + " is exclusive to the namespace \"" + needed
                    + "\", and the fileset " + reference.from() + " is not");
        }
    }

    /** Before a namespace is made. */
    static void ofNamespace(WriteTransaction transaction, NamespaceRecord namespace) {
        String needed = of(transaction, namespace.root().uuid());
        if (!needed.isEmpty() && !needed.equals(namespace.name())) {
            throw refused("the FSN " + namespace.root().uuid() + " is exclusive to the namespace \"" + needed + "\"");
        }
    }

    /** The namespace that an FSN is exclusive to; empty for none, and for an FSN that is not of this NSDB. */
    private static String of(WriteTransaction transaction, UUID fsn) {
        return transaction.fsn(fsn).map(Exclusivity::namespace).orElse("");
    }

    private static String namespace(FsnRecord fsn) {
        return fsn.annotations().getOrDefault(FsnAnnotation.EXCLUSIVE, "");
    }

    private static NsdbException refused(String why) {
        return new NsdbException(FedFsStatus.EXCLUSIVE, why);
    }
}

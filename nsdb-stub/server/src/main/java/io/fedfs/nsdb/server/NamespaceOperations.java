package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.Write;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Namespace;
import java.time.Clock;
import java.util.Map;

/** What may be done with namespaces (requirement R7). The root fileset may be another NSDB's, so it is not looked up. */
final class NamespaceOperations {
    private final Clock clock;

    NamespaceOperations(Clock clock) {
        this.clock = clock;
    }

    Write<Namespace> create(CreateNamespaceRequest request) {
        Namespace m = request.getNamespace();
        String name = Checks.namespaceName("name", m.getName());
        Fsn root = Checks.fsn("root_fsn", m.getRootFsn());
        String description = Checks.text("description", m.getDescription(), Checks.VALUE_BYTES);
        Map<String, String> annotations = Checks.annotations("annotations", m.getAnnotationsList());
        return transaction -> {
            if (transaction.namespace(name).isPresent()) {
                throw new NsdbException(FedFsStatus.EXIST, "name", "there is a namespace \"" + name + "\" already");
            }
            NamespaceRecord namespace =
                    new NamespaceRecord(name, root, description, annotations, transaction.revision(), clock.millis());
            Namespace message = Messages.namespace(namespace);
            Checks.size("namespace", message);
            Exclusivity.ofNamespace(transaction, namespace);
            transaction.put(namespace);
            return message;
        };
    }

    Write<DeleteResponse> delete(DeleteNamespaceRequest request) {
        String name = Checks.namespaceName("name", request.getName());
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return transaction -> {
            NamespaceRecord namespace = Present.namespace(transaction, name);
            Present.atRevision(expected, namespace.revision(), "the namespace \"" + name + "\"");
            transaction.deleteNamespace(name);
            return DeleteResponse.newBuilder()
                    .setRevision(transaction.revision())
                    .build();
        };
    }
}

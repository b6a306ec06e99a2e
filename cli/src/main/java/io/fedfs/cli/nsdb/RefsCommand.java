package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Times;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListNamespacesResponse;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code fedfs fsn refs}. */
@Command(
        name = "refs",
        description = {
            "Show who points to a fileset: the junctions on record, and the namespaces whose root it is.",
            "Junctions are recorded when they are made inside of filesets, by fedfs or a file server's agent."
        })
final class RefsCommand extends NsdbCommand.OfFsn {
    RefsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    FedFsStatus run(NsdbConnection nsdb) {
        List<Reference> references = new ArrayList<>();
        ReferencesOf.each(nsdb, fsnUuid(), references::add);
        List<String> namespaces = namespaces(nsdb);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fsn().toString());
        document.put("namespaces", namespaces);
        document.put(
                "references", references.stream().map(ReferencesOf::document).toList());
        print(document, () -> {
            namespaces.forEach(name -> terminal().line("namespace " + NsdbText.name(nsdb.address(), name)));
            references.forEach(r -> terminal()
                    .line(r.getFromFsn() + "  " + r.getPath() + "  (since " + Times.date(r.getCreatedMs()) + ")"));
            if (namespaces.isEmpty() && references.isEmpty()) {
                terminal().line("nobody on record points to " + fsn());
            }
        });
        return FedFsStatus.OK;
    }

    private List<String> namespaces(NsdbConnection nsdb) {
        List<String> names = new ArrayList<>();
        ListNamespacesRequest.Builder request =
                ListNamespacesRequest.newBuilder().setPageSize(500);
        do {
            ListNamespacesResponse page = nsdb.call(stub -> stub.listNamespaces(request.build()));
            for (Namespace namespace : page.getNamespacesList()) {
                if (namespace.getRootFsn().endsWith("/" + fsnUuid())) {
                    names.add(namespace.getName());
                }
            }
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return names;
    }
}

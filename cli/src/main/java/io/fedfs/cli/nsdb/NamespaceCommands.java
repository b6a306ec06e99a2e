package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Listing;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListNamespacesResponse;
import io.fedfs.v1.Namespace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs namespace …}: the roots that clients mount by name. */
@Command(
        name = "namespace",
        mixinStandardHelpOptions = true,
        description = "Namespaces: names for root filesets, so that clients can mount nsdb://host:port/NAME.")
public final class NamespaceCommands {
    private static final int PAGE = 200;

    private NamespaceCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new NamespaceCommands())
                .addSubcommand(new Create(terminal))
                .addSubcommand(new ListAll(terminal))
                .addSubcommand(new Show(terminal))
                .addSubcommand(new Delete(terminal))
                .addSubcommand(new Annotate(terminal));
    }

    @Command(name = "create", description = "Name a fileset the root of a namespace.")
    static final class Create extends NsdbCommand.OfNsdb {
        @Parameters(index = "0", paramLabel = "NAME", description = "The namespace's name.")
        private String name;

        @Parameters(
                index = "1",
                paramLabel = "FSN",
                description = "The root fileset, of this NSDB or of another (nsdb://host:port/uuid).")
        private String root;

        @Option(names = "--description", paramLabel = "TEXT", defaultValue = "", description = "For people.")
        private String description;

        @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation; repeatable.")
        private List<String> annotations = List.of();

        @Option(names = "--subtree", paramLabel = "PATH", description = FsnSettings.SUBTREE)
        private String subtree;

        Create(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            Namespace made = nsdb.call(stub -> stub.createNamespace(CreateNamespaceRequest.newBuilder()
                    .setNamespace(Namespace.newBuilder()
                            .setName(name)
                            .setRootFsn(root().toString())
                            .setDescription(description)
                            .addAllAnnotations(Annotations.of(Annotations.in(subtree, annotations))))
                    .build()));
            print(NsdbDocuments.namespace(made), NsdbText.name(nsdb.name(), made.getName()));
            return FedFsStatus.OK;
        }

        /** The root may belong to another NSDB than the one the namespace is made in, so --nsdb says nothing about it. */
        private Fsn root() {
            return root.contains("/") ? nsdb().foreignFsn(root) : nsdb().fsn(root);
        }
    }

    @Command(name = "list", description = "List the namespaces of an NSDB.")
    static final class ListAll extends NsdbCommand.OfNsdb {
        ListAll(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            ListNamespacesRequest.Builder request =
                    ListNamespacesRequest.newBuilder().setPageSize(PAGE);
            ListNamespacesResponse page = nsdb.call(stub -> stub.listNamespaces(request.build()));
            try (Listing listing = new Listing(terminal(), json(), "namespaces")) {
                while (true) {
                    for (Namespace record : page.getNamespacesList()) {
                        if (!listing.add(() -> NsdbDocuments.namespace(record), () -> "%-24s %s%s"
                                .formatted(
                                        record.getName(),
                                        record.getRootFsn(),
                                        record.getDescription().isEmpty() ? "" : "  " + record.getDescription()))) {
                            return FedFsStatus.OK;
                        }
                    }
                    if (page.getNextPageToken().isEmpty()) {
                        return FedFsStatus.OK;
                    }
                    request.setPageToken(page.getNextPageToken());
                    page = nsdb.call(stub -> stub.listNamespaces(request.build()));
                }
            }
        }
    }

    @Command(name = "show", description = "Show one namespace.")
    static final class Show extends NsdbCommand.OfNsdb {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "NAME",
                defaultValue = "",
                description = "May be left out where there is only one.")
        private String name;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            Namespace found = nsdb.call(stub -> stub.getNamespace(
                    GetNamespaceRequest.newBuilder().setName(name).build()));
            print(NsdbDocuments.namespace(found), () -> {
                terminal().line(found.getName());
                NsdbText.field(terminal(), "root", found.getRootFsn());
                if (!found.getDescription().isEmpty()) {
                    NsdbText.field(terminal(), "description", found.getDescription());
                }
                NsdbText.field(terminal(), "revision", Long.toString(found.getRevision()));
                NsdbText.annotations(terminal(), found.getAnnotationsList());
            });
            return FedFsStatus.OK;
        }
    }

    @Command(name = "delete", description = "Delete a namespace. Its root fileset stays.")
    static final class Delete extends NsdbCommand.OfNsdb {
        @Parameters(index = "0", paramLabel = "NAME", description = "The namespace's name.")
        private String name;

        @Mixin
        private NsdbCommand.Expected expected;

        Delete(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            long revision = nsdb.call(stub -> stub.deleteNamespace(DeleteNamespaceRequest.newBuilder()
                            .setName(name)
                            .setExpectedRevision(expected.revision())
                            .build()))
                    .getRevision();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", name);
            document.put("deleted", true);
            document.put("revision", revision);
            print(document, "namespace " + name + " deleted, revision " + revision);
            return FedFsStatus.OK;
        }
    }

    @Command(name = "annotate", description = "Set or remove a namespace's annotations (KEY=VALUE).")
    static final class Annotate extends NsdbCommand.OfNsdb {
        @Parameters(index = "0", paramLabel = "NAME", description = "The namespace's name.")
        private String name;

        @Mixin
        private Annotations annotations;

        @Mixin
        private NsdbCommand.Expected expected;

        Annotate(Terminal terminal) {
            super(terminal);
        }

        @Override
        FedFsStatus run(NsdbConnection nsdb) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("name", name);
            annotations.apply(
                    nsdb, request -> request.setNamespace(name).setExpectedRevision(expected.revision()), document);
            print(document, () -> Annotations.print(terminal(), document));
            return FedFsStatus.OK;
        }
    }
}

package io.fedfs.cli.server;

import io.fedfs.cli.local.JunctionCommands;
import io.fedfs.cli.nsdb.ReferenceRecorder;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.cli.terminal.NsdbOption;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.junction.Junctions;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.FilesetAt;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.LookupFsnRequest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs link} and {@code fedfs unlink}: junctions by place (the requirements' third worked example). */
public final class LinkCommands {
    private LinkCommands() {}

    /** {@code fedfs link}. */
    public static CommandLine link(Terminal terminal) {
        return new CommandLine(new Link(terminal));
    }

    /** {@code fedfs unlink}. */
    public static CommandLine unlink(Terminal terminal) {
        return new CommandLine(new Unlink(terminal));
    }

    /** One about the place of a junction. */
    abstract static class OfPath extends ServerCommand {
        @Parameters(
                index = "0",
                paramLabel = "PATH",
                description = "The junction: a directory of this host, a path in a fedfs mount, or SERVER:EXPORT/PATH.")
        private String path;

        @Option(
                names = "--agent",
                paramLabel = "SERVER[:PORT]",
                description = "For a path in a mount: the agent of the file server that holds it."
                        + " Default: the host of its location, port 7533.")
        private String agent;

        OfPath(Terminal terminal) {
            super(terminal);
        }

        final LinkPlace place() throws Exception {
            return LinkPlace.of(terminal(), path, agent, reach().timeout());
        }

        final String given() {
            return path;
        }
    }

    @Command(
            name = "link",
            description = {
                "Make PATH a junction to a fileset, named by its FSN or by the place where it is: then that file server",
                "is asked which fileset it has there."
            })
    static final class Link extends OfPath {
        @Parameters(
                index = "1",
                paramLabel = "SERVER:EXPORT[/PATH]|FSN",
                description = "Where the target is now, or its name (with --nsdb its UUID alone).")
        private String target;

        @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation; repeatable.")
        private List<String> annotations = List.of();

        @Mixin
        private final NsdbOption nsdb;

        Link(Terminal terminal) {
            super(terminal);
            nsdb = new NsdbOption(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            Map<String, String> notes = KeyValues.parse(annotations);
            Fsn fsn = ServerPlace.isMeant(target) ? asked(ServerPlace.parse(target)) : nsdb.fsn(target);
            LinkPlace at = place();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("path", given());
            document.put("fsn", fsn.toString());
            if (at.onServer().isPresent()) {
                ServerPlace place = at.onServer().get();
                try (ServerConnection connection = connect(place.server())) {
                    JunctionAt made = ServerJunctionCommands.create(terminal(), connection, place, fsn, notes);
                    document.put("server", place.server().toString());
                    document.put("server_path", made.getPath());
                    document.put("pending", ServerDocuments.pending(made.getPendingList()));
                }
            } else {
                Path here = at.here().orElseThrow();
                Junctions.create(here, fsn, notes);
                new ReferenceRecorder(terminal()).made(here, fsn);
                document.put("server", null);
                document.put("server_path", here.toString());
            }
            print(document, given() + " leads to " + fsn);
            return FedFsStatus.OK;
        }

        /** Step 1 of the worked example: the target's server knows which fileset it has there. */
        private Fsn asked(ServerPlace place) {
            FilesetAt found;
            try (ServerConnection connection = connect(place.server())) {
                found = connection.call(stub -> stub.lookupFsn(LookupFsnRequest.newBuilder()
                        .setPath(place.path())
                        .setVerify(true)
                        .build()));
            }
            if (!found.getPathInside().isEmpty()) {
                throw new CommandFailure(
                        FedFsStatus.INVAL,
                        place + " is inside a fileset, and a junction leads to a fileset's root",
                        "link " + place.shown(found.getFilesetPath())
                                + ", or make it a fileset of its own: fedfs server" + " promote " + place);
            }
            String doubt = ServerCommands.doubt(found.getRegistration());
            if (!doubt.isEmpty()) {
                terminal().note(place + " is marked as " + found.getFsn() + ", but " + doubt);
            }
            try {
                return Fsn.parse(found.getFsn());
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        FedFsStatus.NSDB_RESPONSE, place.server() + " tells what cannot be: " + e.getMessage(), "", e);
            }
        }
    }

    @Command(
            name = "unlink",
            description = "Make a junction an ordinary directory again. The fileset and its other junctions stay.")
    static final class Unlink extends OfPath {
        Unlink(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            LinkPlace at = place();
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("path", given());
            document.put("deleted", true);
            if (at.onServer().isPresent()) {
                ServerPlace place = at.onServer().get();
                try (ServerConnection connection = connect(place.server())) {
                    document.put("server", place.server().toString());
                    Map<String, Object> done = ServerJunctionCommands.delete(terminal(), connection, place);
                    document.put("fsn", done.get("fsn"));
                    document.put("pending", done.get("pending"));
                }
            } else {
                Path here = at.here().orElseThrow();
                Optional<Fsn> target = JunctionCommands.target(here);
                Junctions.delete(here);
                target.ifPresent(fsn -> new ReferenceRecorder(terminal()).removed(here, fsn));
            }
            print(document, given() + " is an ordinary directory again");
            return FedFsStatus.OK;
        }
    }
}

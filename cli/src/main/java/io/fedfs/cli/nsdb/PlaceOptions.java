package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Fsl;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A new location: which directory, on which host, reached how. Shared by {@code fileset create} and {@code fsl add}. */
final class PlaceOptions {
    /** Reached as a directory of the client's own host. */
    static final String LOCAL = "local";

    /** Mounted by the client from a server; the path is one of that server and means nothing here. */
    private static final Set<String> SERVED = Set.of("nfs", "smb", "sshfs");

    /** Mounted by a program of the client's site, which the record names. */
    private static final String COMMAND = "command";

    @Option(
            names = "--path",
            paramLabel = "DIR",
            required = true,
            description = "The directory that holds the fileset.")
    private String path;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description = "The file server that has it. Default: this host; then DIR must exist.")
    private String host;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = LOCAL,
            description = "How clients reach it. Default: ${DEFAULT-VALUE}, a directory of the client's own host."
                    + " nfs, smb (DIR is /SHARE[/DIR]), sshfs (--option user=NAME), command (--option program=NAME):"
                    + " mounted by the client as its attach.yaml allows.")
    private String type;

    @Option(names = "--read-only", description = "Clients must not write there.")
    private boolean readOnly;

    @Option(
            names = "--no-marker",
            description = "Do not write the fileset's name to DIR (nor look whether another one stands there).")
    private boolean noMarker;

    @Mixin
    private FslSettings settings;

    /** The directory meant: of this host, or, where clients mount it from a server, of that server. */
    Place place(ThisHost thisHost) {
        if (!SERVED.contains(type)) {
            return Place.of(path, host, thisHost);
        }
        if (host == null) {
            throw new CommandFailure(
                    FedFsStatus.INVAL, "a location of type " + type + " is on a file server", "give --host NAME");
        }
        return Place.served(path, host);
    }

    /** Whether the fileset's marker is to be written to the directory. */
    boolean marked(Place place) {
        return !noMarker && type.equals(LOCAL) && place.existsHere();
    }

    /** The record to be, with a UUID or without one. */
    Fsl.Builder record(Place place) {
        Fsl.Builder fsl = Fsl.newBuilder()
                .setType(type)
                .setHost(place.host())
                .setExportPath(place.path().toString())
                .setWritable(!readOnly);
        settings.applyTo(fsl);
        if (type.equals(COMMAND) && !fsl.containsOptions("program")) {
            throw new CommandFailure(
                    FedFsStatus.INVAL,
                    "a location of type command does not say by which program",
                    "give --option program=NAME, as the clients' attach.yaml names it");
        }
        return fsl;
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.v1.Fsl;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A new location: which directory, on which host, reached how. Shared by {@code fileset create} and {@code fsl add}. */
final class PlaceOptions {
    /** Reached as a directory of the client's own host. */
    static final String LOCAL = "local";

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
            description = "How clients reach it. Default: ${DEFAULT-VALUE}, a directory of the client's own host.")
    private String type;

    @Option(names = "--read-only", description = "Clients must not write there.")
    private boolean readOnly;

    @Option(
            names = "--no-marker",
            description = "Do not write the fileset's name to DIR (nor look whether another one stands there).")
    private boolean noMarker;

    @Mixin
    private FslSettings settings;

    /** The directory meant, seen from this host. */
    Place place(ThisHost thisHost) {
        return Place.of(path, host, thisHost);
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
        return fsl;
    }
}

package io.fedfs.protocol;

/** Annotations of an FSL that fedfs itself gives a meaning to. All others are the administrator's own. */
public final class FslAnnotation {
    /**
     * Followed by the name of a file server's agent: that agent has made or deleted junctions in the fileset which this location, a replica that it
     * could not reach, has not got yet (requirement R3b). Clients take such a location for one that is not current.
     */
    public static final String LACKS_JUNCTIONS = "fedfs.lacks-junctions.";

    private FslAnnotation() {}
}

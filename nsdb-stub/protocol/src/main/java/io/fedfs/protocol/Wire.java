package io.fedfs.protocol;

import java.util.UUID;

/** Turns generated messages into values and back. Only classes that speak gRPC use it. */
public final class Wire {
    /** How many filesets one {@code ResolveMany} may ask for. */
    public static final int MOST_RESOLVED_AT_ONCE = 256;

    private Wire() {}

    /**
     * An FSL as a client needs it. One that is known to lack junctions is a second out of date at least, whatever its record says.
     *
     * @throws IllegalArgumentException when the NSDB sent a malformed one
     */
    public static Fsl fsl(io.fedfs.v1.Fsl m) {
        UUID uuid = Fsn.parseUuid(m.getUuid());
        return new Fsl(
                uuid,
                m.getType(),
                m.getHost(),
                m.getPort(),
                m.getExportPath(),
                m.getPathInside(),
                m.getOptionsMap(),
                m.getWritable(),
                m.getDraining(),
                lacksJunctions(m) ? Math.max(1, m.getCurrency()) : m.getCurrency(),
                m.getReadRank(),
                m.getReadOrder(),
                m.getWriteRank(),
                m.getWriteOrder());
    }

    private static boolean lacksJunctions(io.fedfs.v1.Fsl m) {
        return m.getAnnotationsList().stream().anyMatch(a -> a.getKey().startsWith(FslAnnotation.LACKS_JUNCTIONS));
    }
}

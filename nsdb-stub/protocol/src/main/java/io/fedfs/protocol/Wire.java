package io.fedfs.protocol;

import java.util.UUID;

/** Turns generated messages into values and back. Only classes that speak gRPC use it. */
public final class Wire {
    private Wire() {}

    /**
     * An FSL as a client needs it.
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
                m.getCurrency(),
                m.getReadRank(),
                m.getReadOrder(),
                m.getWriteRank(),
                m.getWriteOrder());
    }
}

package io.fedfs.resolver.offline;

import io.fedfs.offline.v1.KeptLocation;
import io.fedfs.offline.v1.KeptReferral;
import io.fedfs.offline.v1.KeptRoot;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Referral;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Values to the messages of the copy on disk, and back. */
final class CopyMessages {
    private CopyMessages() {}

    static KeptReferral message(Referral referral) {
        KeptReferral.Builder m = KeptReferral.newBuilder()
                .setFsn(referral.fsn().toString())
                .setTtlSeconds(referral.ttl().toSeconds())
                .setImmutable(referral.immutable())
                .setRevision(referral.revision())
                .setFetchedMs(referral.fetchedAt().toEpochMilli());
        referral.locations().forEach(fsl -> m.addLocations(message(fsl)));
        return m.build();
    }

    static KeptRoot message(NsdbAddress nsdb, String namespace, Fsn root) {
        return KeptRoot.newBuilder()
                .setNsdb(nsdb.toString())
                .setNamespace(namespace)
                .setRootFsn(root.toString())
                .build();
    }

    /** @throws IllegalArgumentException when the message was not made by {@link #message(Referral)} */
    static Referral referral(KeptReferral m) {
        return new Referral(
                Fsn.parse(m.getFsn()),
                m.getLocationsList().stream().map(CopyMessages::fsl).toList(),
                Duration.ofSeconds(m.getTtlSeconds()),
                m.getImmutable(),
                m.getRevision(),
                Instant.ofEpochMilli(m.getFetchedMs()),
                Referral.Source.OFFLINE_COPY,
                Optional.empty());
    }

    private static KeptLocation message(Fsl fsl) {
        return KeptLocation.newBuilder()
                .setUuid(fsl.uuid().toString())
                .setType(fsl.type())
                .setHost(fsl.host())
                .setPort(fsl.port())
                .setExportPath(fsl.exportPath())
                .setPathInside(fsl.pathInside())
                .putAllOptions(fsl.options())
                .setWritable(fsl.writable())
                .setDraining(fsl.draining())
                .setCurrency(fsl.currency())
                .setReadRank(fsl.readRank())
                .setReadOrder(fsl.readOrder())
                .setWriteRank(fsl.writeRank())
                .setWriteOrder(fsl.writeOrder())
                .build();
    }

    private static Fsl fsl(KeptLocation m) {
        return new Fsl(
                Fsn.parseUuid(m.getUuid()),
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

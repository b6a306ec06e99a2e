package io.fedfs.fileserver.service;

import io.fedfs.fileserver.config.AccessProtocol;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Promotion;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.AddReplicaRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.PromoteRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What a promotion will do, worked out from its request before anything is done. The agent makes up the UUIDs, so that the
 * same transaction can be sent twice.
 */
final class Plan {
    private Plan() {}

    /** A new fileset. The NSDB has to be named (R2a); the FSN may be (R2b). */
    static Intent promotion(PromoteRequest request, Located where, ThisServer server, long nowMs) {
        if (request.getNsdb().isBlank()) {
            throw new ServiceException(
                    FedFsStatus.NSDB_PARAMS, "nsdb", "name the NSDB that is to know the fileset, HOST:PORT");
        }
        CreateFsnRequest asked = request.getFsn();
        UUID uuid = asked.getUuid().isEmpty() ? UUID.randomUUID() : uuid(asked.getUuid());
        Fsn fsn = new Fsn(nsdb(request.getNsdb()), uuid);
        Fsl fsl = location(where, server, request.getType(), request.getFsl(), request.getReadOnly(), fsn);
        return intent(where, fsn, nowMs)
                .setPromotion(Promotion.newBuilder()
                        .setDirection(Promotion.Direction.FORWARD)
                        .setCreateFsn(asked.toBuilder().setUuid(uuid.toString()))
                        .setFsl(fsl))
                .build();
    }

    /** Another location of a fileset. */
    static Intent replica(AddReplicaRequest request, Located where, ThisServer server, long nowMs) {
        Fsn fsn = Messages.fsn(request.getFsn());
        Fsl fsl = location(where, server, request.getType(), request.getFsl(), request.getReadOnly(), fsn);
        return intent(where, fsn, nowMs)
                .setPromotion(Promotion.newBuilder()
                        .setDirection(Promotion.Direction.FORWARD)
                        .setFsl(fsl))
                .build();
    }

    static Intent.Builder intent(Located where, Fsn fsn, long nowMs) {
        return Intent.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setPath(where.path().toString())
                .setFsn(fsn.toString())
                .setBeganMs(nowMs);
    }

    /** R2c: the record of this place, from the export's configuration and what the administrator wants besides. */
    private static Fsl location(Located where, ThisServer server, String type, Fsl wanted, boolean readOnly, Fsn fsn) {
        AccessProtocol protocol = where.export()
                .protocol(type)
                .orElseThrow(() -> new ServiceException(
                        FedFsStatus.INVAL,
                        "type",
                        where.export().exportPath() + " is not exported by " + type + ", only by "
                                + String.join(
                                        ", ",
                                        where.export().protocols().stream()
                                                .map(AccessProtocol::type)
                                                .toList())));
        if (!wanted.getHost().isEmpty()
                || !wanted.getExportPath().isEmpty()
                || !wanted.getPathInside().isEmpty()) {
            throw new ServiceException(
                    FedFsStatus.INVAL,
                    "fsl",
                    "host, export path and path inside are this server's to say: leave them out");
        }
        Map<String, String> options = new HashMap<>(protocol.options());
        options.putAll(wanted.getOptionsMap());
        Fsl.Builder fsl = wanted.toBuilder()
                .setUuid(UUID.randomUUID().toString())
                .setFsnUuid(fsn.uuid().toString())
                .setType(protocol.type())
                .setPort(wanted.getPort() == 0 ? protocol.port() : wanted.getPort())
                .setVolume(wanted.getVolume().isEmpty() ? where.export().volume() : wanted.getVolume())
                .setWritable(where.export().writable() && !readOnly)
                .clearOptions()
                .putAllOptions(options)
                .clearState()
                .clearRevision()
                .clearCreatedMs();
        server.place(fsl, where);
        return fsl.build();
    }

    private static NsdbAddress nsdb(String text) {
        try {
            return NsdbAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(FedFsStatus.INVAL, "nsdb", e.getMessage());
        }
    }

    private static UUID uuid(String text) {
        try {
            return Fsn.parseUuid(text);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(FedFsStatus.INVAL, "fsn.uuid", e.getMessage());
        }
    }
}

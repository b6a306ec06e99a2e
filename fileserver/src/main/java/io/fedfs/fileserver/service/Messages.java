package io.fedfs.fileserver.service;

import io.fedfs.junction.Junction;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values as messages and back. */
final class Messages {
    private Messages() {}

    static JunctionAt junction(String path, Junction junction) {
        return JunctionAt.newBuilder()
                .setPath(path)
                .setFsn(junction.fsn().toString())
                .setTrusted(junction.inTrustedNamespace())
                .setSavedMode(junction.savedMode())
                .addAllAnnotations(junction.annotations().entrySet().stream()
                        .map(e -> Annotation.newBuilder()
                                .setKey(e.getKey())
                                .setValue(e.getValue())
                                .build())
                        .toList())
                .build();
    }

    static Map<String, String> annotations(List<Annotation> messages) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Annotation annotation : messages) {
            if (map.put(annotation.getKey(), annotation.getValue()) != null) {
                throw new ServiceException(
                        FedFsStatus.INVAL, "annotations", "the annotation " + annotation.getKey() + " is there twice");
            }
        }
        return map;
    }

    static Fsn fsn(String text) {
        try {
            return Fsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(FedFsStatus.INVAL, "fsn", e.getMessage());
        }
    }

    /** A location as a resolver knows it; what only the NSDB's record has is left out. */
    static io.fedfs.v1.Fsl fsl(Fsn fsn, Fsl fsl) {
        return io.fedfs.v1.Fsl.newBuilder()
                .setUuid(fsl.uuid().toString())
                .setFsnUuid(fsn.uuid().toString())
                .setType(fsl.type())
                .setHost(fsl.host())
                .setPort(fsl.port())
                .setExportPath(fsl.exportPath())
                .setPathInside(fsl.pathInside())
                .putAllOptions(fsl.options())
                .setState(StateInfo.newBuilder().setState(State.STATE_VALID))
                .setWritable(fsl.writable())
                .setDraining(fsl.draining())
                .setCurrency(fsl.currency())
                .setReadRank(fsl.readRank())
                .setReadOrder(fsl.readOrder())
                .setWriteRank(fsl.writeRank())
                .setWriteOrder(fsl.writeOrder())
                .build();
    }
}

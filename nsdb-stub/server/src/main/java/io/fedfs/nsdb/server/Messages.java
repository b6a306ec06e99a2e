package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.Change;
import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NfsAttributes;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.RecordState;
import io.fedfs.nsdb.model.ReferenceRecord;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Reference;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import java.util.List;
import java.util.Map;

/** Records as messages. */
final class Messages {
    private Messages() {}

    static Fsn fsn(FsnRecord r) {
        return Fsn.newBuilder()
                .setUuid(r.uuid().toString())
                // An unsigned 32-bit field is an int in Java, with the same bits.
                .setTtlSeconds((int) r.ttlSeconds())
                .setState(state(r.state()))
                .addAllAnnotations(annotations(r.annotations()))
                .addAllDescriptions(r.descriptions())
                .setRevision(r.revision())
                .setCreatedMs(r.createdMs())
                .build();
    }

    static Fsl fsl(FslRecord r) {
        Place place = r.place();
        Preference preference = r.preference();
        Fsl.Builder fsl = Fsl.newBuilder()
                .setUuid(r.key().fsl().toString())
                .setFsnUuid(r.key().fsn().toString())
                .setType(place.type())
                .setHost(place.host())
                .setPort(place.port())
                .setExportPath(place.exportPath())
                .setPathInside(place.pathInside())
                .setVolume(place.volume())
                .putAllOptions(place.options())
                .setState(state(r.state()))
                .setWritable(preference.writable())
                .setDraining(preference.draining())
                .setCurrency(preference.currency())
                .setReadRank(preference.readRank())
                .setReadOrder(preference.readOrder())
                .setWriteRank(preference.writeRank())
                .setWriteOrder(preference.writeOrder())
                .addAllAnnotations(annotations(r.annotations()))
                .addAllDescriptions(r.descriptions())
                .setRevision(r.revision())
                .setCreatedMs(r.createdMs());
        if (!r.nfs().equals(NfsAttributes.NONE)) {
            fsl.setNfs(nfs(r.nfs()));
        }
        return fsl.build();
    }

    static FsnWithFsls fileset(Fileset fileset, long nsdbRevision) {
        FsnWithFsls.Builder message =
                FsnWithFsls.newBuilder().setFsn(fsn(fileset.fsn())).setNsdbRevision(nsdbRevision);
        for (FslRecord fsl : fileset.locations()) {
            message.addFsls(fsl(fsl));
        }
        return message.build();
    }

    static Namespace namespace(NamespaceRecord r) {
        return Namespace.newBuilder()
                .setName(r.name())
                .setRootFsn(r.root().toString())
                .setDescription(r.description())
                .addAllAnnotations(annotations(r.annotations()))
                .setRevision(r.revision())
                .setCreatedMs(r.createdMs())
                .build();
    }

    static Reference reference(ReferenceRecord r) {
        return Reference.newBuilder()
                .setFsnUuid(r.key().to().toString())
                .setFromFsn(r.from().toString())
                .setPath(r.key().path())
                .setRevision(r.revision())
                .setCreatedMs(r.createdMs())
                .build();
    }

    static List<Annotation> annotations(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> Annotation.newBuilder()
                        .setKey(e.getKey())
                        .setValue(e.getValue())
                        .build())
                .toList();
    }

    static io.fedfs.v1.Change change(Change change) {
        return io.fedfs.v1.Change.newBuilder()
                .setKind(
                        switch (change.kind()) {
                            case FSN -> io.fedfs.v1.Change.Kind.KIND_FSN;
                            case FSN_DELETED -> io.fedfs.v1.Change.Kind.KIND_FSN_DELETED;
                            case NAMESPACE -> io.fedfs.v1.Change.Kind.KIND_NAMESPACE;
                            case NAMESPACE_DELETED -> io.fedfs.v1.Change.Kind.KIND_NAMESPACE_DELETED;
                            case REFERENCE -> io.fedfs.v1.Change.Kind.KIND_UNSPECIFIED;
                        })
                .setKey(change.key())
                .setRevision(change.revision())
                .build();
    }

    private static StateInfo state(RecordState state) {
        return StateInfo.newBuilder()
                .setState(state.valid() ? State.STATE_VALID : State.STATE_INVALID)
                .setReason(state.reason())
                .setSinceMs(state.sinceMs())
                .build();
    }

    private static io.fedfs.v1.NfsAttributes nfs(NfsAttributes nfs) {
        return io.fedfs.v1.NfsAttributes.newBuilder()
                .setSplit(nfs.split())
                .setRdma(nfs.rdma())
                .setClassSimul(nfs.classSimul())
                .setClassHandle(nfs.classHandle())
                .setClassFileid(nfs.classFileid())
                .setClassWritever(nfs.classWritever())
                .setClassChange(nfs.classChange())
                .setClassReaddir(nfs.classReaddir())
                .setVarsub(nfs.varsub())
                .setValidFor(nfs.validFor())
                .build();
    }
}

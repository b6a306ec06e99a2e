package io.fedfs.cli.nsdb;

import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NfsAttributes;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The NSDB's records as JSON documents. Fields are named as in the protocol. */
public final class NsdbDocuments {
    private NsdbDocuments() {}

    /** An FSN's record without its locations. */
    static Map<String, Object> fsn(NsdbAddress nsdb, io.fedfs.v1.Fsn record) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", NsdbText.name(nsdb, record.getUuid()));
        document.put("uuid", record.getUuid());
        document.put("ttl_seconds", Integer.toUnsignedLong(record.getTtlSeconds()));
        putState(document, record.getState());
        document.put("annotations", annotations(record.getAnnotationsList()));
        document.put("descriptions", List.copyOf(record.getDescriptionsList()));
        document.put("revision", record.getRevision());
        document.put("created_ms", record.getCreatedMs());
        return document;
    }

    /** An FSN's record with {@code fsls}, the invalid ones too. */
    static Map<String, Object> fileset(NsdbAddress nsdb, FsnWithFsls record) {
        Map<String, Object> document = fsn(nsdb, record.getFsn());
        document.put(
                "fsls", record.getFslsList().stream().map(fsl -> fsl(nsdb, fsl)).toList());
        return document;
    }

    /** An FSL's whole record. {@code path} is its export path and path inside, joined. */
    public static Map<String, Object> fsl(NsdbAddress nsdb, Fsl record) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("uuid", record.getUuid());
        document.put("fsn", NsdbText.name(nsdb, record.getFsnUuid()));
        document.put("type", record.getType());
        document.put("host", record.getHost());
        document.put("port", record.getPort());
        document.put("path", NsdbText.path(record));
        document.put("export_path", record.getExportPath());
        document.put("path_inside", record.getPathInside());
        document.put("volume", record.getVolume());
        document.put("options", new TreeMap<>(record.getOptionsMap()));
        putState(document, record.getState());
        document.put("writable", record.getWritable());
        document.put("draining", record.getDraining());
        document.put("currency", record.getCurrency());
        document.put("read_rank", record.getReadRank());
        document.put("read_order", record.getReadOrder());
        document.put("write_rank", record.getWriteRank());
        document.put("write_order", record.getWriteOrder());
        document.put("nfs", nfs(record.getNfs()));
        document.put("annotations", annotations(record.getAnnotationsList()));
        document.put("descriptions", List.copyOf(record.getDescriptionsList()));
        document.put("revision", record.getRevision());
        document.put("created_ms", record.getCreatedMs());
        return document;
    }

    /** A namespace's record. */
    static Map<String, Object> namespace(Namespace record) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", record.getName());
        document.put("root_fsn", record.getRootFsn());
        document.put("description", record.getDescription());
        document.put("annotations", annotations(record.getAnnotationsList()));
        document.put("revision", record.getRevision());
        document.put("created_ms", record.getCreatedMs());
        return document;
    }

    /** Annotations by key. */
    public static Map<String, Object> annotations(List<Annotation> annotations) {
        Map<String, Object> byKey = new TreeMap<>();
        annotations.forEach(a -> byKey.put(a.getKey(), a.getValue()));
        return byKey;
    }

    /** {@code valid}, {@code invalid}, or {@code unknown} from an NSDB of a later version. */
    static String state(StateInfo info) {
        return info.getState() == State.STATE_VALID
                ? "valid"
                : info.getState() == State.STATE_INVALID ? "invalid" : "unknown";
    }

    private static void putState(Map<String, Object> document, StateInfo info) {
        document.put("state", state(info));
        document.put("state_reason", info.getReason());
        document.put("state_since_ms", info.getSinceMs());
    }

    private static Map<String, Object> nfs(NfsAttributes nfs) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("split", nfs.getSplit());
        document.put("rdma", nfs.getRdma());
        document.put("class_simul", nfs.getClassSimul());
        document.put("class_handle", nfs.getClassHandle());
        document.put("class_fileid", nfs.getClassFileid());
        document.put("class_writever", nfs.getClassWritever());
        document.put("class_change", nfs.getClassChange());
        document.put("class_readdir", nfs.getClassReaddir());
        document.put("varsub", nfs.getVarsub());
        document.put("valid_for", nfs.getValidFor());
        return document;
    }
}

package io.fedfs.cli.mount;

import io.fedfs.control.v1.CheckResponse;
import io.fedfs.control.v1.CrossedFileset;
import io.fedfs.control.v1.ExplainResponse;
import io.fedfs.control.v1.FilesetStatus;
import io.fedfs.control.v1.Location;
import io.fedfs.control.v1.NsdbStatus;
import io.fedfs.control.v1.StatusResponse;
import io.fedfs.control.v1.WhereResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a mount says, as JSON documents. Fields are named as in {@code fedfs.control.v1}. */
final class ControlDocuments {
    private ControlDocuments() {}

    /**
     * Where a path is. {@code on} is {@code host:/path} of this very path at the attached location, null when none is attached.
     */
    static Map<String, Object> where(MountPath path, WhereResponse where) {
        Map<String, Object> document = new LinkedHashMap<>();
        String inside = where.getPathInFileset().toStringUtf8();
        document.put("path", path.absolute());
        document.put("mount_point", path.mount().point());
        document.put("fsn", where.getFsn());
        document.put("fileset_mount_path", path.seen(where.getFilesetMountPath().toStringUtf8()));
        document.put("path_in_fileset", inside);
        document.put("unverified", where.getUnverified());
        document.put("on", where.hasAttached() ? place(where.getAttached(), inside) : null);
        document.put("attached", where.hasAttached() ? location(where.getAttached()) : null);
        document.put(
                "locations",
                where.getLocationsList().stream()
                        .map(ControlDocuments::location)
                        .toList());
        document.put("ttl_seconds", Integer.toUnsignedLong(where.getTtlSeconds()));
        document.put("stale_since_ms", since(where.getStaleSinceMs()));
        document.put("source", where.getSource());
        document.put("referral_revision", where.getReferralRevision());
        document.put(
                "symlink_target",
                where.getSymlinkTarget().isEmpty()
                        ? null
                        : where.getSymlinkTarget().toStringUtf8());
        document.put(
                "crossed",
                where.getCrossedList().stream().map(c -> crossed(path, c)).toList());
        return document;
    }

    /** {@code host:/path} of a path inside the fileset. */
    static String place(Location location, String inside) {
        String root = location.getPath();
        String rest = inside.isEmpty() ? "" : (root.endsWith("/") ? "" : "/") + inside;
        return location.getHost() + ":" + root + rest;
    }

    static Map<String, Object> location(Location location) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsl_uuid", location.getFslUuid());
        document.put("type", location.getType());
        document.put("host", location.getHost());
        document.put("path", location.getPath());
        document.put("writable", location.getWritable());
        document.put("draining", location.getDraining());
        document.put("attached", location.getAttached());
        document.put("read_rank", location.getReadRank());
        document.put("read_order", location.getReadOrder());
        document.put("health", location.getHealth());
        document.put("detail", location.getDetail());
        return document;
    }

    static Map<String, Object> status(MountPath mount, StatusResponse status) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("mount_point", mount.mount().point());
        document.put("root", status.getRoot());
        document.put("engine", status.getEngine());
        document.put("transport", status.getTransport());
        document.put("version", status.getVersion());
        document.put("pid", status.getPid());
        document.put("started_ms", status.getStartedMs());
        document.put("kernel_features", List.copyOf(status.getKernelFeaturesList()));
        document.put("options", new TreeMap<>(status.getOptionsMap()));
        document.put(
                "filesets",
                status.getFilesetsList().stream().map(f -> fileset(mount, f)).toList());
        document.put(
                "nsdbs",
                status.getNsdbsList().stream().map(ControlDocuments::nsdb).toList());
        document.put("counters", new TreeMap<>(status.getCountersMap()));
        document.put("warnings", List.copyOf(status.getWarningsList()));
        return document;
    }

    static Map<String, Object> check(MountPath mount, CheckResponse check, List<PendingJunctions.Server> servers) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("mount_point", mount.mount().point());
        document.put(
                "nsdbs",
                check.getNsdbsList().stream()
                        .map(n -> {
                            Map<String, Object> nsdb = new LinkedHashMap<>();
                            nsdb.put("address", n.getAddress());
                            nsdb.put("ok", n.getOk());
                            nsdb.put("detail", n.getDetail());
                            nsdb.put("micros", n.getMicros());
                            return nsdb;
                        })
                        .toList());
        document.put(
                "fsls",
                check.getFslsList().stream()
                        .map(f -> {
                            Map<String, Object> fsl = new LinkedHashMap<>();
                            fsl.put("fsn", f.getFsn());
                            fsl.put("location", location(f.getLocation()));
                            fsl.put("ok", f.getOk());
                            fsl.put("detail", f.getDetail());
                            fsl.put("micros", f.getMicros());
                            return fsl;
                        })
                        .toList());
        document.put(
                "servers",
                servers.stream()
                        .map(s -> {
                            Map<String, Object> server = new LinkedHashMap<>();
                            server.put("host", s.host());
                            server.put("ok", s.trouble().isEmpty());
                            server.put("detail", s.trouble());
                            server.put(
                                    "pending",
                                    s.changes().stream()
                                            .map(PendingJunctions.Change::document)
                                            .toList());
                            return server;
                        })
                        .toList());
        return document;
    }

    static Map<String, Object> explain(MountPath path, ExplainResponse explain) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", path.absolute());
        document.put(
                "steps",
                explain.getStepsList().stream()
                        .map(s -> {
                            Map<String, Object> step = new LinkedHashMap<>();
                            step.put("number", s.getNumber());
                            step.put("title", s.getTitle());
                            step.put("found", s.getFound());
                            step.put("source", s.getSource());
                            step.put("micros", s.getMicros());
                            step.put("failed", s.getFailed());
                            return step;
                        })
                        .toList());
        return document;
    }

    private static Map<String, Object> crossed(MountPath path, CrossedFileset crossed) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", crossed.getFsn());
        document.put("mount_path", path.seen(crossed.getMountPath().toStringUtf8()));
        document.put("attached", crossed.hasAttached() ? location(crossed.getAttached()) : null);
        return document;
    }

    private static Map<String, Object> fileset(MountPath mount, FilesetStatus fileset) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fileset.getFsn());
        document.put("mount_path", mount.seen(fileset.getMountPath().toStringUtf8()));
        document.put("attached", fileset.hasAttached() ? location(fileset.getAttached()) : null);
        document.put("stale_since_ms", since(fileset.getStaleSinceMs()));
        document.put("inodes", fileset.getInodes());
        document.put("open_files", fileset.getOpenFiles());
        document.put("requests", fileset.getRequests());
        document.put("requests_waiting", fileset.getRequestsWaiting());
        document.put("hung_ms", fileset.getHungMs());
        return document;
    }

    private static Map<String, Object> nsdb(NsdbStatus nsdb) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("address", nsdb.getAddress());
        document.put("state", nsdb.getState());
        document.put("since_ms", nsdb.getSinceMs());
        document.put("detail", nsdb.getDetail());
        document.put("watching", nsdb.getWatching());
        document.put("revision", nsdb.getRevision());
        document.put("resolves", nsdb.getResolves());
        document.put("failures", nsdb.getFailures());
        return document;
    }

    private static Long since(long epochMilli) {
        return epochMilli == 0 ? null : epochMilli;
    }
}

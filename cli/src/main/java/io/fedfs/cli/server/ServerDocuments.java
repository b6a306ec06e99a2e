package io.fedfs.cli.server;

import io.fedfs.cli.nsdb.NsdbDocuments;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.v1.AccessProtocol;
import io.fedfs.v1.Export;
import io.fedfs.v1.FileSystemAttributes;
import io.fedfs.v1.FilesetAt;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.PendingChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a file server says, as JSON documents. Fields are named as in the protocol. */
final class ServerDocuments {
    private ServerDocuments() {}

    static Map<String, Object> export(Export export) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("export_path", export.getExportPath());
        document.put("local_path", export.getLocalPath());
        document.put("volume", export.getVolume());
        document.put("writable", export.getWritable());
        document.put("protocols", protocols(export.getProtocolsList()));
        document.put("fsn", orNull(export.getFsn()));
        document.put("trouble", orNull(export.getTrouble()));
        return document;
    }

    static Map<String, Object> attributes(FileSystemAttributes attributes) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("export_path", attributes.getExportPath());
        document.put("type", attributes.getType());
        document.put("read_only", attributes.getReadOnly());
        document.put("size", attributes.getSize());
        document.put("free", attributes.getFree());
        document.put("available", attributes.getAvailable());
        document.put("block_size", attributes.getBlockSize());
        document.put("files", attributes.getFiles());
        document.put("files_free", attributes.getFilesFree());
        document.put("name_max", attributes.getNameMax());
        document.put("case_sensitive", attributes.getCaseSensitive());
        document.put("case_preserving", attributes.getCasePreserving());
        document.put("server_mount_options", List.copyOf(attributes.getServerMountOptionsList()));
        document.put("protocols", protocols(attributes.getProtocolsList()));
        return document;
    }

    private static List<Map<String, Object>> protocols(List<AccessProtocol> protocols) {
        return protocols.stream()
                .map(p -> {
                    Map<String, Object> document = new LinkedHashMap<>();
                    document.put("type", p.getType());
                    document.put("port", p.getPort());
                    document.put("options", new TreeMap<>(p.getOptionsMap()));
                    return document;
                })
                .toList();
    }

    static Map<String, Object> fileset(FilesetAt fileset) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fileset.getFsn());
        document.put("fileset_path", fileset.getFilesetPath());
        document.put("path_inside", fileset.getPathInside());
        document.put("trusted", fileset.getTrusted());
        document.put("registration", registration(fileset.getRegistration()));
        document.put("fsl_uuid", orNull(fileset.getFslUuid()));
        document.put("unfinished", fileset.getUnfinished());
        return document;
    }

    private static String registration(FilesetAt.Registration registration) {
        return registration.name().substring("REGISTRATION_".length()).toLowerCase(Locale.ROOT);
    }

    static Map<String, Object> junction(JunctionAt junction) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("path", junction.getPath());
        document.put("fsn", junction.getFsn());
        document.put("trusted", junction.getTrusted());
        document.put("saved_mode", junction.getSavedMode() < 0 ? null : "%04o".formatted(junction.getSavedMode()));
        document.put("annotations", NsdbDocuments.annotations(junction.getAnnotationsList()));
        if (junction.getPendingCount() > 0) {
            document.put("pending", pending(junction.getPendingList()));
        }
        return document;
    }

    static Map<String, Object> pending(PendingChange change) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fileset", change.getFileset());
        document.put("path_inside", change.getPathInside());
        document.put("fsn", orNull(change.getFsn()));
        document.put("host", orNull(change.getHost()));
        document.put("path", orNull(change.getPath()));
        document.put("fsl_uuid", orNull(change.getFslUuid()));
        document.put("since_ms", change.getSinceMs());
        document.put("trouble", orNull(change.getTrouble()));
        return document;
    }

    static List<Map<String, Object>> pending(List<PendingChange> changes) {
        return changes.stream().map(ServerDocuments::pending).toList();
    }

    /** A change that a replica lacks, in a line. */
    static String text(PendingChange change) {
        String where = change.getHost().isEmpty() ? "other replicas" : change.getHost() + ":" + change.getPath();
        return change.getFileset() + " " + change.getPathInside() + "  " + where + " may still lack the "
                + (change.getFsn().isEmpty() ? "deletion of the junction" : "junction")
                + (change.getTrouble().isEmpty() ? "" : ": " + change.getTrouble());
    }

    private static String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** The attributes for people, a line each. */
    static void print(Terminal terminal, FileSystemAttributes a) {
        line(terminal, "file system", a.getType() + (a.getReadOnly() ? ", read-only" : ", read-write"));
        line(
                terminal,
                "size",
                bytes(a.getSize()) + ", " + bytes(a.getFree()) + " free, " + bytes(a.getAvailable()) + " for users");
        line(terminal, "block size", a.getBlockSize() + " bytes");
        line(terminal, "files", a.getFiles() + ", " + a.getFilesFree() + " free");
        line(
                terminal,
                "names",
                "up to " + a.getNameMax() + " bytes, case "
                        + (a.getCaseSensitive() ? "matters" : a.getCasePreserving() ? "kept, ignored" : "ignored"));
        line(terminal, "mounted there", String.join(",", a.getServerMountOptionsList()));
        for (AccessProtocol p : a.getProtocolsList()) {
            List<String> options = new TreeMap<>(p.getOptionsMap())
                    .entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .toList();
            line(
                    terminal,
                    "mount by " + p.getType(),
                    (p.getPort() == 0 ? "" : "port " + p.getPort() + " ") + String.join(",", options));
        }
    }

    private static void line(Terminal terminal, String name, String value) {
        terminal.line("  %-16s %s".formatted(name, value).stripTrailing());
    }

    /** A size in the largest unit that leaves a whole number before the point. */
    static String bytes(long size) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        double value = size;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? size + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}

package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.TextTable;
import io.fedfs.cli.terminal.Times;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** The NSDB's records as people read them. */
public final class NsdbText {
    private static final Comparator<Fsl> BEST_FIRST = Comparator.<Fsl>comparingInt(
                    fsl -> fsl.getState().getState() == State.STATE_VALID ? 0 : 1)
            .thenComparingInt(fsl -> fsl.getDraining() ? 1 : 0)
            .thenComparingInt(Fsl::getReadRank)
            .thenComparingInt(Fsl::getReadOrder)
            .thenComparing(Fsl::getUuid);

    private NsdbText() {}

    /** An FSN and everything about it. */
    static void fileset(Terminal terminal, NsdbAddress nsdb, FsnWithFsls record) {
        io.fedfs.v1.Fsn fsn = record.getFsn();
        terminal.line(name(nsdb, fsn.getUuid()));
        field(terminal, "state", state(fsn.getState()));
        field(terminal, "TTL", Integer.toUnsignedLong(fsn.getTtlSeconds()) + " s");
        field(terminal, "revision", fsn.getRevision() + ", made " + Times.date(fsn.getCreatedMs()));
        fsn.getDescriptionsList().forEach(text -> field(terminal, "description", text));
        annotations(terminal, fsn.getAnnotationsList());
        if (record.getFslsCount() == 0) {
            field(terminal, "locations", "none yet (fedfs fsl add)");
            return;
        }
        field(terminal, "locations", "");
        locations(terminal, record.getFslsList());
    }

    /** A table of FSLs, the best for a reader first. */
    public static void locations(Terminal terminal, List<Fsl> fsls) {
        TextTable.print(
                terminal,
                "    ",
                List.of("FSL", "TYPE", "HOST:PATH", "ACCESS", "RANK", "STATE"),
                fsls.stream()
                        .sorted(BEST_FIRST)
                        .map(fsl -> List.of(
                                fsl.getUuid(),
                                fsl.getType(),
                                place(fsl),
                                fsl.getWritable() ? "read-write" : "read-only",
                                fsl.getReadRank() + "." + fsl.getReadOrder(),
                                state(fsl.getState()) + (fsl.getDraining() ? ", draining" : "")))
                        .toList());
    }

    /** One line of a list of FSNs. */
    static String row(NsdbAddress nsdb, FsnWithFsls record) {
        String places = record.getFslsList().stream()
                .sorted(BEST_FIRST)
                .map(NsdbText::place)
                .collect(Collectors.joining(" "));
        return "%s  %-7s  %6d s  %s"
                .formatted(
                        name(nsdb, record.getFsn().getUuid()),
                        NsdbDocuments.state(record.getFsn().getState()),
                        Integer.toUnsignedLong(record.getFsn().getTtlSeconds()),
                        places.isEmpty() ? "(no location)" : places);
    }

    /** One line of a list of FSLs. */
    static String row(NsdbAddress nsdb, Fsl fsl) {
        return "%s  %s  %-7s  %s"
                .formatted(
                        fsl.getUuid(), name(nsdb, fsl.getFsnUuid()), NsdbDocuments.state(fsl.getState()), place(fsl));
    }

    /** An FSN's text, from a UUID as the NSDB spells it. */
    static String name(NsdbAddress nsdb, String uuid) {
        return Fsn.SCHEME + nsdb + "/" + uuid;
    }

    /** {@code host:/path}. */
    static String place(Fsl fsl) {
        return fsl.getHost() + ":" + path(fsl);
    }

    /** The directory of the fileset's root on its server. */
    static String path(Fsl fsl) {
        if (fsl.getPathInside().isEmpty()) {
            return fsl.getExportPath();
        }
        String separator = fsl.getExportPath().endsWith("/") ? "" : "/";
        return fsl.getExportPath() + separator + fsl.getPathInside();
    }

    static String state(StateInfo info) {
        String state = NsdbDocuments.state(info);
        if (info.getState() != State.STATE_INVALID) {
            return state;
        }
        String since = info.getSinceMs() == 0 ? "" : " since " + Times.date(info.getSinceMs());
        return state + since + (info.getReason().isEmpty() ? "" : ": " + info.getReason());
    }

    static void field(Terminal terminal, String name, String value) {
        terminal.line(("  %-12s %s".formatted(name, value)).stripTrailing());
    }

    static void annotations(Terminal terminal, List<Annotation> annotations) {
        annotations.forEach(a -> field(terminal, "annotation", a.getKey() + " = " + a.getValue()));
    }
}

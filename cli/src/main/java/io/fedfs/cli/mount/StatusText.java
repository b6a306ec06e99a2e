package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.TextTable;
import io.fedfs.cli.terminal.Times;
import io.fedfs.control.v1.CheckResponse;
import io.fedfs.control.v1.ExplainResponse;
import io.fedfs.control.v1.Location;
import io.fedfs.control.v1.StatusResponse;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code status}, {@code check} and {@code explain} for people. */
final class StatusText {
    private final Terminal terminal;

    StatusText(Terminal terminal) {
        this.terminal = terminal;
    }

    void status(MountPath mount, StatusResponse status, long nowMs) {
        terminal.line(mount.mount().point() + " shows " + status.getRoot());
        field(
                "daemon",
                "process " + status.getPid() + ", version " + status.getVersion() + ", up "
                        + Times.length(Duration.ofMillis(Math.max(0, nowMs - status.getStartedMs()))));
        field("engine", status.getEngine() + " over " + status.getTransport() + " " + status.getKernelFeaturesList());
        if (status.getOptionsCount() > 0) {
            field(
                    "options",
                    new TreeMap<>(status.getOptionsMap())
                            .entrySet().stream()
                                    .map(o -> o.getValue().isEmpty() ? o.getKey() : o.getKey() + "=" + o.getValue())
                                    .collect(Collectors.joining(",")));
        }
        status.getWarningsList().forEach(warning -> field("WARNING", warning));
        field("filesets", "");
        TextTable.print(
                terminal,
                "    ",
                List.of("AT", "ON", "FSN", "INODES", "OPEN", "REQUESTS", ""),
                status.getFilesetsList().stream()
                        .map(f -> List.of(
                                mount.seen(f.getMountPath().toStringUtf8()),
                                f.hasAttached() ? reached(f.getAttached()) : "-",
                                f.getFsn(),
                                Long.toString(f.getInodes()),
                                Long.toString(f.getOpenFiles()),
                                f.getRequests() + (f.getRequestsWaiting() == 0 ? "" : " + " + f.getRequestsWaiting()),
                                f.getHungMs() > 0
                                        ? "no answer for " + f.getHungMs() / 1000 + " s"
                                        : f.getStaleSinceMs() == 0
                                                ? trouble(f.getAttached())
                                                : "stale since " + Times.date(f.getStaleSinceMs())))
                        .toList());
        field("NSDBs", "");
        TextTable.print(
                terminal,
                "    ",
                List.of("NSDB", "STATE", "WATCHED", "REVISION", "RESOLVES", "FAILURES", ""),
                status.getNsdbsList().stream()
                        .map(n -> List.of(
                                n.getAddress(),
                                n.getState() + (n.getSinceMs() == 0 ? "" : " since " + Times.date(n.getSinceMs())),
                                n.getWatching() ? "yes" : "no",
                                Long.toString(n.getRevision()),
                                Long.toString(n.getResolves()),
                                Long.toString(n.getFailures()),
                                n.getDetail()))
                        .toList());
        field("counters", "");
        new TreeMap<>(status.getCountersMap())
                .forEach((name, value) -> terminal.line("    %-32s %d".formatted(name, value)));
    }

    private static String reached(Location location) {
        String place = ControlDocuments.place(location, "");
        return location.getType().equals("local") ? place : place + " by " + location.getType();
    }

    private static String trouble(Location location) {
        return location.getHealth().equals("down") ? "DOWN: " + location.getDetail() : "";
    }

    void check(MountPath mount, CheckResponse check, List<PendingJunctions.Server> servers) {
        terminal.line(mount.mount().point());
        TextTable.print(
                terminal,
                "  ",
                List.of("", "WHAT", "TOOK", ""),
                check.getNsdbsList().stream()
                        .map(n -> List.of(
                                n.getOk() ? "up" : "DOWN",
                                "NSDB " + n.getAddress(),
                                Times.micros(n.getMicros()),
                                n.getDetail()))
                        .toList());
        TextTable.print(
                terminal,
                "  ",
                List.of("", "WHAT", "FSN", "TOOK", ""),
                check.getFslsList().stream()
                        .map(f -> List.of(
                                f.getOk() ? "up" : "DOWN",
                                ControlDocuments.place(f.getLocation(), ""),
                                f.getFsn(),
                                Times.micros(f.getMicros()),
                                f.getDetail()))
                        .toList());
        servers.forEach(s -> s.changes().forEach(c -> terminal.line("  pending at " + s.host() + ": " + c.text())));
        // Where no agent answers at all, the site may have none.
        if (servers.stream().anyMatch(s -> s.trouble().isEmpty())) {
            servers.stream()
                    .filter(s -> !s.trouble().isEmpty())
                    .forEach(s -> terminal.note(
                            "whether " + s.host() + " has junctions that replicas lack is not known: " + s.trouble()));
        }
    }

    void explain(ExplainResponse explain) {
        explain.getStepsList()
                .forEach(s -> terminal.line("%d. %-34s %s%s  [%s, %s]"
                        .formatted(
                                s.getNumber(),
                                s.getTitle(),
                                s.getFailed() ? "FAILED: " : "",
                                s.getFound(),
                                s.getSource(),
                                Times.micros(s.getMicros()))));
    }

    private void field(String name, String value) {
        terminal.line(("  %-10s %s".formatted(name, value)).stripTrailing());
    }
}

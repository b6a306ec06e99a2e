package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Times;
import io.fedfs.control.v1.Location;
import io.fedfs.control.v1.WhereResponse;
import java.util.List;
import java.util.stream.Collectors;

/** The answer to {@code where} in words, in the way OpenAFS users know from {@code fs whereis}. */
final class WhereText {
    private final Terminal terminal;

    WhereText(Terminal terminal) {
        this.terminal = terminal;
    }

    void print(MountPath path, WhereResponse where) {
        String inside = where.getPathInFileset().toStringUtf8();
        List<Location> others = where.getLocationsList().stream()
                .filter(l -> !where.hasAttached()
                        || !l.getFslUuid().equals(where.getAttached().getFslUuid()))
                .toList();
        terminal.line(headline(path, where, inside));
        if (!where.getSymlinkTarget().isEmpty()) {
            line("link to", where.getSymlinkTarget().toStringUtf8() + " (a DAOS container entry)");
        }
        line(
                "fileset",
                where.getFsn() + ", at " + path.seen(where.getFilesetMountPath().toStringUtf8()));
        if (where.hasAttached()) {
            line("there", access(where.getAttached()));
        }
        for (Location other : others) {
            line(
                    where.hasAttached() ? "also on" : "known on",
                    ControlDocuments.place(other, inside) + ", " + access(other));
        }
        line(
                "answer",
                "%s, revision %d, TTL %d s"
                        .formatted(
                                source(where.getSource()),
                                where.getReferralRevision(),
                                Integer.toUnsignedLong(where.getTtlSeconds())));
        if (where.getStaleSinceMs() != 0) {
            line("STALE", "since " + Times.date(where.getStaleSinceMs()) + ": the NSDB has not answered");
        }
        if (where.getUnverified()) {
            line("UNVERIFIED", "its file server does not answer: nobody knows whether the path exists");
        }
        if (where.getCrossedCount() > 1) {
            line(
                    "by way of",
                    where.getCrossedList().stream()
                            .map(c -> path.seen(c.getMountPath().toStringUtf8()))
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String headline(MountPath path, WhereResponse where, String inside) {
        if (where.hasAttached()) {
            return path.absolute() + " is on " + ControlDocuments.place(where.getAttached(), inside);
        }
        return where.getLocationsCount() == 0
                ? path.absolute() + " is on no location that is known"
                : path.absolute() + " is on " + ControlDocuments.place(where.getLocations(0), inside)
                        + ", not attached yet";
    }

    private static String access(Location location) {
        return (location.getType().equals("local") ? "" : location.getType() + ", ")
                + (location.getWritable() ? "read-write" : "read-only")
                + ", rank " + location.getReadRank() + "." + location.getReadOrder()
                + (location.getDraining() ? ", draining" : "")
                + (location.getHealth().isEmpty() || location.getHealth().equals("up")
                        ? ""
                        : ", " + location.getHealth())
                + (location.getDetail().isEmpty() ? "" : " (" + location.getDetail() + ")");
    }

    private static String source(String source) {
        return switch (source) {
            case "nsdb" -> "from the NSDB";
            case "cache" -> "from the cache";
            case "offline copy" -> "from the offline copy";
            default -> source;
        };
    }

    private void line(String name, String value) {
        terminal.line("  %-10s %s".formatted(name, value));
    }
}

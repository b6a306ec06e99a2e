package io.fedfs.cli.nsdb;

import io.fedfs.cli.nsdb.Finding.Kind;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionException;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.Junctions;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListNamespacesResponse;
import io.fedfs.v1.Reference;
import io.fedfs.v1.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Compares what an NSDB has on record with itself and with the directories of this host. Holds of each FSN its UUID, of each
 * reference all of it, and of the filesets that live here their directories; the rest is read page by page.
 */
final class Audit {
    private static final int PAGE = 500;

    private final NsdbConnection nsdb;
    private final NsdbAddress name;
    private final ThisHost host;
    private final boolean fix;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private final Set<UUID> valid = new HashSet<>();
    private final Set<UUID> invalid = new HashSet<>();
    /** The directories of this host that are locations of a fileset, the writable ones first. */
    private final Map<UUID, List<Path>> here = new HashMap<>();

    Audit(NsdbConnection nsdb, NsdbAddress name, ThisHost host, boolean fix) {
        this.nsdb = nsdb;
        this.name = name;
        this.host = host;
        this.fix = fix;
    }

    List<Finding> findings() {
        return findings;
    }

    int filesets() {
        return valid.size() + invalid.size();
    }

    int references() {
        return references.size();
    }

    /** What the records say about one another. */
    void records() {
        ReferencesOf.each(nsdb, "", references::add);
        Set<UUID> pointedTo = new HashSet<>(roots());
        references.forEach(r -> pointedTo.add(UUID.fromString(r.getFsnUuid())));
        ListFsnsRequest.Builder request = ListFsnsRequest.newBuilder().setPageSize(PAGE);
        do {
            ListFsnsResponse page = nsdb.call(stub -> stub.listFsns(request.build()));
            page.getFsnsList().forEach(fileset -> record(fileset, pointedTo));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        references.forEach(this::dangling);
    }

    private Set<UUID> roots() {
        Set<UUID> roots = new HashSet<>();
        ListNamespacesRequest.Builder request =
                ListNamespacesRequest.newBuilder().setPageSize(PAGE);
        do {
            ListNamespacesResponse page = nsdb.call(stub -> stub.listNamespaces(request.build()));
            page.getNamespacesList()
                    .forEach(n -> roots.add(Fsn.parse(n.getRootFsn()).uuid()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return roots;
    }

    private void record(FsnWithFsls fileset, Set<UUID> pointedTo) {
        UUID uuid = UUID.fromString(fileset.getFsn().getUuid());
        boolean usable = fileset.getFsn().getState().getState() == State.STATE_VALID;
        (usable ? valid : invalid).add(uuid);
        if (usable && !pointedTo.contains(uuid)) {
            found(
                    Kind.UNREFERENCED_FILESET,
                    fsn(uuid).toString(),
                    "fedfs junction create PATH " + fsn(uuid) + ", or fedfs fsn invalidate " + fsn(uuid));
        }
        List<Fsl> ordered = new ArrayList<>(fileset.getFslsList());
        ordered.sort(java.util.Comparator.comparing(fsl -> !fsl.getWritable()));
        for (Fsl fsl : ordered) {
            directory(fsl).ifPresent(directory -> here.computeIfAbsent(uuid, u -> new ArrayList<>())
                    .add(directory));
        }
    }

    /** The directory of a location that clients on this host would attach. */
    private Optional<Path> directory(Fsl fsl) {
        if (!fsl.getType().equals(PlaceOptions.LOCAL)
                || fsl.getState().getState() != State.STATE_VALID
                || !host.isNamed(fsl.getHost())) {
            return Optional.empty();
        }
        Path directory = Path.of(fsl.getExportPath(), fsl.getPathInside());
        return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
    }

    private void dangling(Reference reference) {
        UUID to = UUID.fromString(reference.getFsnUuid());
        if (valid.contains(to)) {
            return;
        }
        String what = reference.getFromFsn() + " " + reference.getPath() + " leads to " + fsn(to);
        if (invalid.contains(to)) {
            found(
                    Kind.DANGLING_JUNCTION,
                    what + ", which is invalidated",
                    "fedfs fsn revive " + fsn(to) + ", or fedfs junction delete on each replica of "
                            + reference.getFromFsn());
        } else {
            found(
                    Kind.DANGLING_JUNCTION,
                    what + ", which is gone",
                    "fedfs junction delete PATH on each replica of " + reference.getFromFsn());
        }
    }

    /** What the directories of this host say. */
    void directories(boolean walk) {
        here.forEach((uuid, directories) -> directories.forEach(directory -> marker(uuid, directory)));
        references.forEach(this::junction);
        if (walk) {
            here.forEach((uuid, directories) -> directories.forEach(directory -> walk(uuid, directory)));
        }
    }

    private void marker(UUID uuid, Path directory) {
        try {
            Optional<Fsn> marker = FilesetMarker.read(directory, false);
            if (marker.isEmpty()) {
                boolean done = fix && attempt(() -> FilesetMarker.write(directory, fsn(uuid)));
                found(
                        Kind.MARKER_MISSING,
                        directory + " should be marked as " + fsn(uuid),
                        "fedfs audit --fix marks it; first see that it is that fileset",
                        done);
            } else if (!marker.get().uuid().equals(uuid)) {
                mismatch(uuid, directory, "is marked as " + marker.get());
            }
        } catch (IOException | JunctionFormatException e) {
            mismatch(uuid, directory, "has a marker that cannot be read: " + e.getMessage());
        }
    }

    private void mismatch(UUID uuid, Path directory, String why) {
        found(
                Kind.MARKER_MISMATCH,
                directory + " is a location of " + fsn(uuid) + " and " + why,
                "clients refuse it: fedfs fsl delete that location, or fedfs fileset unmark " + directory);
    }

    /** A junction on record, in each directory of the fileset that holds it. */
    private void junction(Reference reference) {
        UUID holder = Fsn.parse(reference.getFromFsn()).uuid();
        Fsn target = new Fsn(name, UUID.fromString(reference.getFsnUuid()));
        List<Path> directories = here.getOrDefault(holder, List.of());
        List<Path> without = new ArrayList<>();
        int with = 0;
        for (Path directory : directories) {
            Path at = directory.resolve(reference.getPath());
            Optional<Junction> junction = read(at);
            if (junction.isEmpty()) {
                without.add(at);
            } else if (junction.get().fsn().uuid().equals(target.uuid())) {
                with++;
            } else {
                found(
                        Kind.JUNCTION_DIFFERS,
                        at + " leads to " + junction.get().fsn() + ", on record it leads to " + target,
                        "fedfs junction delete " + at + "; fedfs junction create " + at + " " + target);
            }
        }
        if (with == 0 && !without.isEmpty() && without.size() == directories.size()) {
            stale(reference, target);
            return;
        }
        for (Path at : without) {
            boolean done = fix && attempt(() -> Junctions.create(at, target, Map.of()));
            found(
                    Kind.JUNCTION_MISSING,
                    at + " should lead to " + target,
                    "fedfs junction create " + at + " " + target,
                    done);
        }
    }

    private void stale(Reference reference, Fsn target) {
        Holder holder = new Holder(Fsn.parse(reference.getFromFsn()), reference.getPath());
        boolean done = fix
                && attempt(() -> {
                    var unused = nsdb.call(stub -> stub.removeReference(ReferenceRecorder.removing(holder, target)));
                });
        found(
                Kind.STALE_REFERENCE,
                reference.getFromFsn() + " " + reference.getPath() + " is on record to lead to " + target,
                "fedfs audit --fix removes the record",
                done);
    }

    private void walk(UUID uuid, Path directory) {
        List<Path> junctions;
        try {
            junctions = Junctions.list(directory, (path, e) -> {});
        } catch (IOException e) {
            throw new CommandFailure(FedFsStatus.IO, "cannot walk through " + directory + ": " + e.getMessage(), "", e);
        }
        for (Path at : junctions) {
            Optional<Junction> junction = read(at);
            String inside = directory.relativize(at).toString();
            if (junction.isEmpty() || !ours(junction.get().fsn()) || isRecorded(uuid, inside, junction.get())) {
                continue;
            }
            Holder holder = new Holder(fsn(uuid), inside);
            boolean done = fix
                    && attempt(() -> {
                        var unused = nsdb.call(stub -> stub.addReference(
                                ReferenceRecorder.adding(holder, junction.get().fsn())));
                    });
            found(
                    Kind.UNRECORDED_JUNCTION,
                    at + " leads to " + junction.get().fsn(),
                    "fedfs audit --walk --fix records it",
                    done);
        }
    }

    /** Whether it is this NSDB that would have it on record. */
    private boolean ours(Fsn fsn) {
        return fsn.nsdb().equals(name) || fsn.nsdb().equals(nsdb.address());
    }

    private boolean isRecorded(UUID holder, String inside, Junction junction) {
        return references.stream()
                .anyMatch(r -> r.getPath().equals(inside)
                        && r.getFsnUuid().equals(junction.fsn().uuid().toString())
                        && r.getFromFsn().endsWith("/" + holder));
    }

    private static Optional<Junction> read(Path at) {
        try {
            return Junctions.recognise(at, false);
        } catch (IOException | JunctionFormatException e) {
            // What is not there, or no document, is no junction.
            return Optional.empty();
        }
    }

    private interface Attempt {
        void run() throws JunctionException;
    }

    private boolean attempt(Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (JunctionException | CommandFailure e) {
            // It stays a finding, with its remedy.
            return false;
        }
    }

    private Fsn fsn(UUID uuid) {
        return new Fsn(name, uuid);
    }

    private void found(Kind kind, String what, String remedy) {
        found(kind, what, remedy, false);
    }

    private void found(Kind kind, String what, String remedy, boolean fixed) {
        findings.add(new Finding(kind, what, remedy, fixed));
    }
}

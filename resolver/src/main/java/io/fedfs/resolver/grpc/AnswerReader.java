package io.fedfs.resolver.grpc;

import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.FsnAnnotation;
import io.fedfs.protocol.Wire;
import io.fedfs.resolver.NsdbClient.Changed;
import io.fedfs.resolver.NsdbClient.Located;
import io.fedfs.v1.Change;
import io.fedfs.v1.Referral;
import io.fedfs.v1.State;
import io.fedfs.v1.WatchEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks what an NSDB answered and turns it into values. One malformed location makes the whole answer unusable: who writes
 * nonsense in one line cannot be believed in the next. A location of an unknown type is none of our concern here; whether it can be
 * attached is the mount's matter.
 */
final class AnswerReader {
    private static final int MOST_LOCATIONS = 1_000;
    private static final int LONGEST_PATH = 4_096;
    private static final int LONGEST_NAME = 255;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerReader.class);

    private AnswerReader() {}

    /**
     * The locations that may be used; empty when there is none.
     *
     * @throws IllegalArgumentException when the answer is not one to the question, or malformed
     */
    static Located located(Fsn asked, Referral m) {
        if (!Fsn.parseUuid(m.getFsn().getUuid()).equals(asked.uuid())) {
            throw new IllegalArgumentException(
                    "asked for " + asked.uuid() + ", told of " + m.getFsn().getUuid());
        }
        if (m.getFslsCount() > MOST_LOCATIONS) {
            throw new IllegalArgumentException(m.getFslsCount() + " locations");
        }
        List<Fsl> usable = new ArrayList<>();
        Set<UUID> seen = new HashSet<>();
        for (io.fedfs.v1.Fsl each : m.getFslsList()) {
            Fsl fsl = Wire.fsl(each);
            check(fsl);
            if (!seen.add(fsl.uuid())) {
                throw new IllegalArgumentException("location " + fsl.uuid() + " twice");
            }
            if (each.getState().getState() != State.STATE_INVALID) {
                usable.add(fsl);
            }
        }
        if (m.getFsn().getState().getState() == State.STATE_INVALID) {
            throw new IllegalArgumentException("locations of an invalidated fileset");
        }
        Duration ttl = Duration.ofSeconds(Integer.toUnsignedLong(m.getFsn().getTtlSeconds()));
        boolean immutable = m.getFsn().getAnnotationsList().stream()
                .anyMatch(a -> a.getKey().equals(FsnAnnotation.IMMUTABLE)
                        && a.getValue().equals("true"));
        return new Located(usable, ttl, immutable, m.getRevision(), Math.max(0, m.getNsdbRevision()));
    }

    /** The filesets that changed; other changes, and such as cannot be read, are left out. */
    static List<Changed> changes(WatchEvent event) {
        List<Changed> changes = new ArrayList<>(event.getChangesCount());
        for (Change change : event.getChangesList()) {
            boolean deleted = change.getKind() == Change.Kind.KIND_FSN_DELETED;
            if (!deleted && change.getKind() != Change.Kind.KIND_FSN) {
                continue;
            }
            try {
                changes.add(new Changed(Fsn.parseUuid(change.getKey()), change.getRevision(), deleted));
            } catch (IllegalArgumentException e) {
                LOG.debug("a change of something that is no fileset: {}", StatusReader.printable(change.getKey()));
            }
        }
        return changes;
    }

    private static void check(Fsl fsl) {
        if (fsl.type().isEmpty() || fsl.type().length() > LONGEST_NAME) {
            throw new IllegalArgumentException("location " + fsl.uuid() + " without a type");
        }
        if (fsl.host().length() > LONGEST_NAME
                || hasControl(fsl.host())
                || fsl.host().indexOf('/') >= 0) {
            throw new IllegalArgumentException("location " + fsl.uuid() + " on host \"" + fsl.host() + "\"");
        }
        if (fsl.port() < 0 || fsl.port() > 65_535) {
            throw new IllegalArgumentException(
                    "location " + fsl.uuid() + " on port " + Integer.toUnsignedString(fsl.port()));
        }
        checkPath(fsl, fsl.exportPath(), true);
        checkPath(fsl, fsl.pathInside(), false);
    }

    private static void checkPath(Fsl fsl, String path, boolean absolute) {
        boolean wrongStart = absolute != path.startsWith("/");
        boolean climbs = ("/" + path + "/").contains("/../");
        if (wrongStart || climbs || path.indexOf('\0') >= 0 || path.length() > LONGEST_PATH) {
            throw new IllegalArgumentException("location " + fsl.uuid() + " with path \"" + path + "\"");
        }
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}

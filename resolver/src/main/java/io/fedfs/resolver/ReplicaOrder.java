package io.fedfs.resolver;

import io.fedfs.protocol.Fsl;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Which of a fileset's locations to try first, as far as the NSDB alone decides it: a draining one is the last resort
 * (fedfsNfsGenFlagGoing), then rank, then order inside the rank, lower first (RFC 7532; ranks are 8-bit unsigned there), then the
 * UUID, so that every client sees one order. What this host has measured and seen comes on top in {@link Replicas}.
 */
public final class ReplicaOrder {
    private static final Comparator<Fsl> LAST_WORD =
            Comparator.comparing(fsl -> fsl.uuid().toString());

    /** Rank and order among those that read; draining ones after all others. */
    static final Comparator<Fsl> READERS = byRank(Fsl::readRank, Fsl::readOrder);
    /** The same by the writers' columns. */
    static final Comparator<Fsl> WRITERS = byRank(Fsl::writeRank, Fsl::writeOrder);

    private ReplicaOrder() {}

    /** All locations, best for a reader first. */
    public static List<Fsl> forReaders(Collection<Fsl> locations) {
        if (locations.size() <= 1) {
            return List.copyOf(locations);
        }
        return locations.stream()
                .sorted(Comparator.comparing(Fsl::draining)
                        .thenComparing(READERS)
                        .thenComparing(LAST_WORD))
                .toList();
    }

    /** The writable locations only, best for a writer first; may be empty. */
    public static List<Fsl> forWriters(Collection<Fsl> locations) {
        return locations.stream()
                .filter(Fsl::writable)
                .sorted(Comparator.comparing(Fsl::draining)
                        .thenComparing(WRITERS)
                        .thenComparing(LAST_WORD))
                .toList();
    }

    static Comparator<Fsl> lastWord() {
        return LAST_WORD;
    }

    private static Comparator<Fsl> byRank(ToIntFunction<Fsl> rank, ToIntFunction<Fsl> order) {
        Comparator<Fsl> ranks = (a, b) -> Integer.compareUnsigned(rank.applyAsInt(a), rank.applyAsInt(b));
        Comparator<Fsl> orders = (a, b) -> Integer.compareUnsigned(order.applyAsInt(a), order.applyAsInt(b));
        return ranks.thenComparing(orders);
    }
}

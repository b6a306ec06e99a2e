package io.fedfs.nsdb.store;

import java.util.Optional;

/**
 * Which FSNs a list has.
 *
 * @param valid only those in this state
 * @param annotationKey only those that carry an annotation with this key; empty: all
 * @param annotationValue and with this value; empty: any
 */
public record FsnFilter(Optional<Boolean> valid, String annotationKey, String annotationValue) {
    public static final FsnFilter ALL = new FsnFilter(Optional.empty(), "", "");
}

package io.fedfs.junction.daos;

/** How the value of an entry is written; it changed with DAOS's versions. */
public enum Generation {
    /** v0.7: {@code DAOS.<TYPE>://<pool>/<container>/<object class>/<chunk size>}. */
    A,
    /** v0.9 to v2.0, and every {@code user.daos} to this day: {@code DAOS.<TYPE>://<pool>/<container>}. */
    B,
    /** v2.2 and later, foreign attributes only: {@code <pool>/<container>}, the type as a number in the flags. */
    C,
    /** None of DAOS's: the two UUIDs with another separator, or what a site's {@link TranslationTable} made of the value. Read only. */
    SITE
}

package io.fedfs.protocol;

/** Annotations of an FSN that fedfs itself gives a meaning to. All others are the administrator's own. */
public final class FsnAnnotation {
    /** Names the only namespace that the fileset may appear in. */
    public static final String EXCLUSIVE = "fedfs.exclusive";

    /**
     * With the value {@code true}: nothing in the fileset changes while it says so. Mounts do not write it, and their kernels keep what they
     * have seen of it.
     */
    public static final String IMMUTABLE = "fedfs.immutable";

    private FsnAnnotation() {}
}

package io.fedfs.posix;

import java.util.Map;

/**
 * What a session cannot do, by the name of the case, and why. Nothing else excuses a case. {@link PosixContract} fails when a
 * case named here works after all.
 */
public final class Unsupported {
    /** libfuse 2.9's high-level interface, which jnr-fuse binds. */
    public static final Map<String, String> JNR_FUSE = Map.of();

    private Unsupported() {}
}

package io.fedfs.posix;

import java.util.Map;

/**
 * What a session cannot do, by the name of the case, and why. Nothing else excuses a case. {@link PosixContract} fails when a
 * case named here works after all.
 */
public final class Unsupported {
    /** What the kernel itself refuses for every FUSE file system (fuse_file_fallocate in fs/fuse/file.c). */
    public static final Map<String, String> KERNEL = Map.of(
            "fallocate: FALLOC_FL_COLLAPSE_RANGE", "the kernel passes only KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE on",
            "fallocate: FALLOC_FL_INSERT_RANGE", "the kernel passes only KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE on");

    /** libfuse 2.9's high-level interface, which jnr-fuse binds. */
    public static final Map<String, String> JNR_FUSE = Map.of();

    private Unsupported() {}
}

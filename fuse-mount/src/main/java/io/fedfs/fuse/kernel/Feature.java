package io.fedfs.fuse.kernel;

import io.fedfs.fuse.MountSpec;
import java.util.EnumSet;
import java.util.Set;

/**
 * The capabilities of the protocol that this session knows how to use ({@code FUSE_*} INIT flags), with their bit and their word for
 * {@code fedfs status}. Not here, and so never taken: WRITEBACK_CACHE (passthrough excludes it, and data written through another
 * mount of the same fileset must show), EXPLICIT_INVAL_DATA (opposite of AUTO_INVAL_DATA), NO_OPEN and NO_OPENDIR (open files have
 * handles here), SECURITY_CTX, INODE_DAX, ALLOW_IDMAP, HAS_RESEND, NO_EXPORT_SUPPORT.
 */
enum Feature {
    ASYNC_READ(0, "async-read"),
    POSIX_LOCKS(1, "posix-locks"),
    ATOMIC_O_TRUNC(3, "atomic-o-trunc"),
    EXPORT_SUPPORT(4, "export-support"),
    BIG_WRITES(5, "big-writes"),
    /** The file system applies the umask, as only it knows whether a default ACL takes its place. */
    DONT_MASK(6, "dont-mask"),
    FLOCK_LOCKS(10, "flock-locks"),
    HAS_IOCTL_DIR(11, "ioctl-dir"),
    AUTO_INVAL_DATA(12, "auto-inval-data"),
    DO_READDIRPLUS(13, "readdirplus"),
    READDIRPLUS_AUTO(14, "readdirplus-auto"),
    ASYNC_DIO(15, "async-dio"),
    PARALLEL_DIROPS(18, "parallel-dirops"),
    POSIX_ACL(20, "posix-acl"),
    MAX_PAGES(22, "max-pages"),
    CACHE_SYMLINKS(23, "cache-symlinks"),
    HANDLE_KILLPRIV_V2(28, "killpriv-v2"),
    SETXATTR_EXT(29, "setxattr-ext"),
    INIT_EXT(30, "init-ext"),
    CREATE_SUPP_GROUP(34, "create-supp-group"),
    DIRECT_IO_ALLOW_MMAP(36, "direct-io-mmap"),
    PASSTHROUGH(37, "passthrough"),
    OVER_IO_URING(41, "io-uring"),
    REQUEST_TIMEOUT(42, "request-timeout");

    private final int bit;
    private final String word;

    Feature(int bit, String word) {
        this.bit = bit;
        this.word = word;
    }

    long mask() {
        return 1L << bit;
    }

    String word() {
        return word;
    }

    static long masks(Set<Feature> features) {
        long m = 0;
        for (Feature f : features) {
            m |= f.mask();
        }
        return m;
    }

    /**
     * What a mount asks for.
     *
     * @param privileged the process may register backing files
     * @param ring this process can use a {@link RingTransport}
     */
    static Set<Feature> wanted(MountSpec spec, boolean privileged, boolean ring) {
        EnumSet<Feature> wanted = EnumSet.allOf(Feature.class);
        if (!spec.passthrough() || !privileged) {
            wanted.remove(PASSTHROUGH);
        }
        if (!spec.cacheSymlinks()) {
            wanted.remove(CACHE_SYMLINKS);
        }
        if (!ring) {
            wanted.remove(OVER_IO_URING);
        }
        if (spec.requestTimeoutSeconds() == 0) {
            wanted.remove(REQUEST_TIMEOUT);
        }
        return wanted;
    }
}

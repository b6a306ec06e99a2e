package io.fedfs.fuse.jnr;

import jnr.ffi.annotations.Delegate;

/**
 * C types of the callbacks in {@code struct fuse_operations}, with every pointer and every size as a plain number. Public because jnr-ffi
 * implements them from another class loader. Named by their parameters: P a pointer or a 64-bit number, I an int.
 */
public final class Callbacks {
    private Callbacks() {}

    /** {@code int f(const char *)}. */
    public interface P {
        @Delegate
        int call(long path);
    }

    /** {@code int f(const char *, void *)}. */
    public interface PP {
        @Delegate
        int call(long path, long a);
    }

    /** {@code int f(const char *, int)}. */
    public interface PI {
        @Delegate
        int call(long path, int a);
    }

    /** {@code int f(const char *, unsigned, unsigned)}. */
    public interface PII {
        @Delegate
        int call(long path, int a, int b);
    }

    /** {@code int f(const char *, unsigned, uint64_t)}. */
    public interface PIP {
        @Delegate
        int call(long path, int a, long b);
    }

    /** {@code int f(const char *, void *, size_t)}. */
    public interface PPP {
        @Delegate
        int call(long path, long a, long b);
    }

    /** {@code int f(const char *, struct fuse_file_info *, int)}. */
    public interface PPI {
        @Delegate
        int call(long path, long a, int b);
    }

    /** {@code int f(const char *, const char *, char *, size_t)}. */
    public interface PPPP {
        @Delegate
        int call(long path, long a, long b, long c);
    }

    /** {@code int f(const char *, struct fuse_file_info *, int, struct flock *)}. */
    public interface PPIP {
        @Delegate
        int call(long path, long a, int b, long c);
    }

    /** {@code int f(const char *, const char *, const char *, size_t, int)}. */
    public interface PPPPI {
        @Delegate
        int call(long path, long a, long b, long c, int d);
    }

    /** {@code int f(const char *, char *, size_t, off_t, struct fuse_file_info *)}. */
    public interface PPPPP {
        @Delegate
        int call(long path, long a, long b, long c, long d);
    }

    /** {@code int f(const char *, int, off_t, off_t, struct fuse_file_info *)}. */
    public interface PIPPP {
        @Delegate
        int call(long path, int a, long b, long c, long d);
    }
}

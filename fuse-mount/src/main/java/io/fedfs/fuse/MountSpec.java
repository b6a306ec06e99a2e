package io.fedfs.fuse;

import java.nio.file.Path;

/**
 * Where and how to mount: what a session must know that the file system need not. The file system type in {@code
 * /proc/mounts} is always {@link #TYPE}.
 *
 * @param mountPoint absolute path of an existing directory
 * @param source text shown as the device in {@code /proc/mounts}; the root FSN
 * @param readOnly nothing is written
 * @param allowOther users other than the mounting one may enter; root's mounts usually have it
 * @param noSuid set-id bits are ignored
 * @param noDev device files are not opened
 * @param noExec nothing is executed
 * @param noAtime access times are not updated
 * @param passthrough let the kernel read and write the files below by itself where it can
 * @param transport how a session that speaks to the kernel itself exchanges messages with it
 * @param stackDepth how deep the file systems below may be stacked, for passthrough: 1, each of them is an ordinary one, and an
 *     overlayfs may lie on top of this mount; 2, each may itself be an overlayfs (a container's root), and nothing can be stacked
 *     on this mount
 * @param cacheSymlinks the kernel may keep link targets until it is told otherwise by an invalidation of the inode
 * @param maxThreads how many requests are served at once at most
 * @param busyPollNanos how long a serving thread asks the device for the next request before it sleeps, where that is worth it; 0, not at all
 * @param maxBackground how many asynchronous requests (read-ahead, direct I/O) the kernel keeps under way
 * @param requestTimeoutSeconds after how long without an answer the kernel gives the connection up; 0, never
 * @param requestBoundNanos when a request that a file server does not answer fails with ETIMEDOUT
 * @param entryTimeoutNanos for a session that has one entry timeout for the whole mount
 * @param attrTimeoutNanos for a session that has one attribute timeout for the whole mount
 * @param debug log each request
 */
public record MountSpec(
        Path mountPoint,
        String source,
        boolean readOnly,
        boolean allowOther,
        boolean noSuid,
        boolean noDev,
        boolean noExec,
        boolean noAtime,
        boolean passthrough,
        TransportChoice transport,
        int stackDepth,
        boolean cacheSymlinks,
        int maxThreads,
        long busyPollNanos,
        int maxBackground,
        int requestTimeoutSeconds,
        long requestBoundNanos,
        long entryTimeoutNanos,
        long attrTimeoutNanos,
        boolean debug) {
    /** What {@code /proc/mounts} says, and {@code mount -t}, {@code df -t} select by. */
    public static final String TYPE = "fuse." + MountSpec.SUBTYPE;

    public static final String SUBTYPE = "fedfs";

    public MountSpec {
        if (!mountPoint.isAbsolute()) {
            throw new IllegalArgumentException("mount point is not absolute: " + mountPoint);
        }
        if (source.isEmpty() || source.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("mount source is empty or holds a NUL");
        }
        requireRange("stack depth", stackDepth, 1, 2);
        requireRange("threads", maxThreads, 2, 4096);
        requireRange("background requests", maxBackground, 1, 65_535);
        requireRange("request timeout", requestTimeoutSeconds, 0, 65_535);
        if (entryTimeoutNanos < 0 || attrTimeoutNanos < 0 || requestBoundNanos <= 0 || busyPollNanos < 0) {
            throw new IllegalArgumentException("a time is out of range");
        }
    }

    private static void requireRange(String what, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(what + " must be " + low + " to " + high + ", not " + value);
        }
    }

    /** A mount with the defaults; {@code root}: whether the process may honour set-id bits and devices of the file systems below. */
    public static Builder builder(Path mountPoint, String source, boolean root) {
        return new Builder(mountPoint, source, root);
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private final Path mountPoint;
        private final String source;
        private boolean readOnly;
        private boolean allowOther;
        private boolean noSuid;
        private boolean noDev;
        private boolean noExec;
        private boolean noAtime;
        private boolean passthrough = true;
        private TransportChoice transport = TransportChoice.DEVICE;
        private int stackDepth = 2;
        private boolean cacheSymlinks;
        private int maxThreads = 64;
        private long busyPollNanos = 50_000;
        private int maxBackground = 1024;
        private int requestTimeoutSeconds;
        private long requestBoundNanos = 300_000_000_000L;
        private long entryTimeoutNanos = 1_000_000_000L;
        private long attrTimeoutNanos = 1_000_000_000L;
        private boolean debug;

        private Builder(Path mountPoint, String source, boolean root) {
            this.mountPoint = mountPoint;
            this.source = source;
            this.allowOther = root;
            this.noSuid = !root;
            this.noDev = !root;
        }

        public Builder readOnly(boolean v) {
            readOnly = v;
            return this;
        }

        public Builder allowOther(boolean v) {
            allowOther = v;
            return this;
        }

        public Builder noSuid(boolean v) {
            noSuid = v;
            return this;
        }

        public Builder noDev(boolean v) {
            noDev = v;
            return this;
        }

        public Builder noExec(boolean v) {
            noExec = v;
            return this;
        }

        public Builder noAtime(boolean v) {
            noAtime = v;
            return this;
        }

        public Builder passthrough(boolean v) {
            passthrough = v;
            return this;
        }

        public Builder transport(TransportChoice v) {
            transport = v;
            return this;
        }

        public Builder stackDepth(int v) {
            stackDepth = v;
            return this;
        }

        public Builder cacheSymlinks(boolean v) {
            cacheSymlinks = v;
            return this;
        }

        public Builder maxThreads(int v) {
            maxThreads = v;
            return this;
        }

        public Builder busyPollNanos(long v) {
            busyPollNanos = v;
            return this;
        }

        public Builder maxBackground(int v) {
            maxBackground = v;
            return this;
        }

        public Builder requestTimeoutSeconds(int v) {
            requestTimeoutSeconds = v;
            return this;
        }

        public Builder requestBoundNanos(long v) {
            requestBoundNanos = v;
            return this;
        }

        public Builder entryTimeoutNanos(long v) {
            entryTimeoutNanos = v;
            return this;
        }

        public Builder attrTimeoutNanos(long v) {
            attrTimeoutNanos = v;
            return this;
        }

        public Builder debug(boolean v) {
            debug = v;
            return this;
        }

        /**
         * The description of the mount.
         *
         * @throws IllegalArgumentException when a value is out of its range; the message says which
         */
        public MountSpec build() {
            return new MountSpec(
                    mountPoint,
                    source,
                    readOnly,
                    allowOther,
                    noSuid,
                    noDev,
                    noExec,
                    noAtime,
                    passthrough,
                    transport,
                    stackDepth,
                    cacheSymlinks,
                    maxThreads,
                    busyPollNanos,
                    maxBackground,
                    requestTimeoutSeconds,
                    requestBoundNanos,
                    entryTimeoutNanos,
                    attrTimeoutNanos,
                    debug);
        }
    }
}

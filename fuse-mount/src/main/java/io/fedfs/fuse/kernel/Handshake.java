package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.MountSpec;
import io.fedfs.linux.Errno;
import java.io.IOException;
import java.util.Set;

/** The first exchange on a new mount: FUSE_INIT. */
final class Handshake {
    private static final int ATTEMPTS = 100;

    private final MountSpec spec;
    private final Set<Feature> wanted;

    Handshake(MountSpec spec, Set<Feature> wanted) {
        this.spec = spec;
        this.wanted = wanted;
    }

    /**
     * Waits for the kernel's INIT and chooses. {@link #answer} must follow.
     *
     * @throws IOException the kernel's protocol is too old, or something else came
     */
    Agreement receive(Exchange x, Device device) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int n = device.read(x.in.buffer(), x.in.start(), x.in.capacity());
            if (n == -Errno.EINTR || n == -Errno.EAGAIN || n == -Errno.ENOENT) {
                continue;
            }
            if (n < 0) {
                throw new IOException("the kernel closed the connection before it began: " + Errno.message(-n));
            }
            if (!x.in.accept(n) || x.in.opcode() != Opcode.INIT) {
                throw new IOException("the kernel's first request is not INIT");
            }
            x.begin(device);
            int major = x.in.u32(0);
            if (major > Agreement.MAJOR) {
                offerOurMajor(x, device);
                continue;
            }
            return choose(x, device, major);
        }
        throw new IOException("the kernel and fedfs found no common version of the FUSE protocol");
    }

    /** The kernel speaks a newer major version: it asks again in ours. */
    private static void offerOurMajor(Exchange x, Device device) {
        x.out.u32(Agreement.MAJOR);
        x.out.u32(Agreement.NEWEST_MINOR);
        x.out.finish(x.in.unique());
        device.write(x.out.buffer(), x.out.start(), x.out.length());
    }

    private Agreement choose(Exchange x, Device device, int major) throws IOException {
        int minor = x.in.u32(4);
        if (major < Agreement.MAJOR || minor < Agreement.OLDEST_MINOR) {
            x.out.fail(x.in.unique(), Errno.EPROTO);
            device.write(x.out.buffer(), x.out.start(), x.out.length());
            throw new IOException("this kernel's FUSE protocol is " + major + "." + minor
                    + "; the kernel engine needs 7." + Agreement.OLDEST_MINOR
                    + " (Linux 5.4). Try engine=jnr-fuse.");
        }
        long offered = x.in.u32(12) & 0xffff_ffffL;
        if ((offered & Feature.INIT_EXT.mask()) != 0) {
            offered |= (x.in.u32(16) & 0xffff_ffffL) << 32;
        }
        return Agreement.of(minor, offered, x.in.u32(8), wanted);
    }

    /** Tells the file system what there is, then the kernel; requests come from then on. */
    void answer(Agreement agreed, Exchange x, Device device, FileSystem fs, Kernel kernel) throws IOException {
        fs.init(kernel);
        agreed.encode(x.out, spec);
        x.out.finish(x.in.unique());
        int w = device.write(x.out.buffer(), x.out.start(), x.out.length());
        x.end();
        if (w < 0) {
            throw new IOException("the kernel refused the answer to INIT: " + Errno.message(-w));
        }
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.MountTable;
import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mount itself: makes it, by mount(2) as root and by fusermount3 else, and takes it away. Never touches a path below it. */
final class Mounting {
    private static final Logger LOG = LoggerFactory.getLogger(Mounting.class);

    private static final int STATX_TYPE = 1;
    private static final int STATX = 256;
    private static final int STATX_MODE_OFFSET = 28;

    private final MountSpec spec;
    private final byte[] path;
    private boolean direct;
    /** Minor device number; names the connection below /sys/fs/fuse/connections. Null when the mount table did not tell. */
    private String connection;

    Mounting(MountSpec spec) {
        this.spec = spec;
        this.path = MountTable.bytes(spec.mountPoint());
    }

    /** Whether the mount was made by this process itself, with the privileges that this needs. */
    boolean isDirect() {
        return direct;
    }

    /** Mounts; returns the device, on which the kernel's INIT waits. */
    FuseDevice mount() throws IOException {
        checkMountPoint();
        FuseDevice device = Sys.geteuid() == 0 ? mountDirectly() : null;
        direct = device != null;
        if (device == null) {
            device = FuseDevice.of(Fusermount.mount(spec));
        }
        connection =
                MountTable.at(spec.mountPoint()).map(MountTable.Mounted::minor).orElse(null);
        return device;
    }

    private void checkMountPoint() throws IOException {
        NativeBuffer stat = new NativeBuffer(STATX);
        int r = withPath(p -> Sys.statx(Sys.AT_FDCWD, p, Sys.AT_NO_AUTOMOUNT, STATX_TYPE, stat.address()));
        if (r == -Errno.ENOTCONN) {
            removeRemains();
            return;
        }
        if (r < 0) {
            throw new ErrnoException(-r, "mount point " + spec.mountPoint());
        }
        if ((stat.getShort(STATX_MODE_OFFSET) & Sys.S_IFMT) != Sys.S_IFDIR) {
            throw new ErrnoException(Errno.ENOTDIR, "mount point " + spec.mountPoint());
        }
    }

    /** A fedfs mount whose daemon was killed is of no use to anyone; a foreign one is not ours to remove. */
    private void removeRemains() throws IOException {
        Optional<MountTable.Mounted> dead = MountTable.at(spec.mountPoint());
        if (dead.isPresent() && dead.get().type().equals(MountSpec.TYPE)) {
            LOG.warn("{} holds a mount whose daemon is gone; removing that", spec.mountPoint());
            if (detach() == 0) {
                return;
            }
        }
        throw new IOException(
                spec.mountPoint() + " holds a mount whose daemon is gone; remove it with: umount " + spec.mountPoint());
    }

    private int detach() throws IOException {
        try {
            return Sys.geteuid() == 0
                    ? withPath(p -> Sys.umount2(p, Sys.MNT_DETACH | Sys.UMOUNT_NOFOLLOW))
                    : Fusermount.unmount(spec.mountPoint(), true) ? 0 : -Errno.EBUSY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.EINTR;
        }
    }

    /** mount(2); null when this root may not (a container without CAP_SYS_ADMIN). */
    private FuseDevice mountDirectly() throws IOException {
        FuseDevice device = FuseDevice.open();
        String options = "fd=" + device.fd() + ",rootmode=40000,user_id=0,group_id=" + Sys.getegid()
                + ",default_permissions" + (spec.allowOther() ? ",allow_other" : "");
        int r;
        try (CString source = CString.of(spec.source());
                CString type = CString.of(MountSpec.TYPE);
                CString data = CString.of(options)) {
            r = withPath(p -> Sys.mount(source.address(), p, type.address(), flags(), data.address()));
        }
        if (r >= 0) {
            return device;
        }
        device.close();
        if (r == -Errno.EPERM) {
            LOG.info("mount(2) is not permitted here; trying fusermount3");
            return null;
        }
        throw new ErrnoException(-r, "mount on " + spec.mountPoint());
    }

    private long flags() {
        return (spec.readOnly() ? Sys.MS_RDONLY : 0)
                | (spec.noSuid() ? Sys.MS_NOSUID : 0)
                | (spec.noDev() ? Sys.MS_NODEV : 0)
                | (spec.noExec() ? Sys.MS_NOEXEC : 0)
                | (spec.noAtime() ? Sys.MS_NOATIME : 0);
    }

    /** Whether the uppermost mount at the mount point is still this one. */
    boolean isMounted() {
        try {
            Optional<MountTable.Mounted> there = MountTable.at(spec.mountPoint());
            return there.isPresent()
                    && (connection == null
                            ? there.get().type().equals(MountSpec.TYPE)
                            : there.get().minor().equals(connection));
        } catch (IOException e) {
            LOG.warn("cannot read the mount table: {}", e.toString());
            return false;
        }
    }

    /** Unmounts if nobody uses the mount. Returns whether it is gone. */
    boolean unmount() {
        try {
            return direct
                    ? withPath(p -> Sys.umount2(p, Sys.UMOUNT_NOFOLLOW)) >= 0
                    : Fusermount.unmount(spec.mountPoint(), false);
        } catch (IOException e) {
            LOG.warn("unmounting {}: {}", spec.mountPoint(), e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Unmounts though it is in use, and ends the connection: what is under way fails, open files are of no more use. */
    void unmountForced() {
        try {
            if (direct) {
                // MNT_FORCE aborts the connection (fuse_umount_begin), MNT_DETACH takes the mount out of the tree.
                withPath(p -> Sys.umount2(p, Sys.MNT_FORCE | Sys.MNT_DETACH | Sys.UMOUNT_NOFOLLOW));
            } else {
                Fusermount.unmount(spec.mountPoint(), true);
            }
        } catch (IOException e) {
            LOG.warn("unmounting {}: {}", spec.mountPoint(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the connection by fusectl, where that is mounted. */
    void abort() {
        if (connection == null) {
            return;
        }
        Path file = Path.of("/sys/fs/fuse/connections", connection, "abort");
        try {
            if (Files.exists(file)) {
                Files.writeString(file, "1");
            }
        } catch (IOException e) {
            LOG.warn("cannot abort the connection: {}", e.toString());
        }
    }

    @FunctionalInterface
    private interface PathCall {
        int call(long path);
    }

    private int withPath(PathCall call) {
        try (CString p = new CString(path)) {
            return call.call(p.address());
        }
    }
}

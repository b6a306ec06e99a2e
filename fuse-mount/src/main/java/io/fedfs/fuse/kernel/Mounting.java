package io.fedfs.fuse.kernel;

import io.fedfs.fuse.MountPoint;
import io.fedfs.fuse.MountSpec;
import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the mount: by mount(2) as root, by fusermount3 else. */
final class Mounting {
    private static final Logger LOG = LoggerFactory.getLogger(Mounting.class);

    private final MountSpec spec;
    private final MountPoint mountPoint;
    private boolean direct;

    Mounting(MountSpec spec, MountPoint mountPoint) {
        this.spec = spec;
        this.mountPoint = mountPoint;
    }

    /** Whether the mount was made by this process itself, with the privileges that this needs. */
    boolean isDirect() {
        return direct;
    }

    /** Mounts; returns the device, on which the kernel's INIT waits. */
    FuseDevice mount() throws IOException {
        mountPoint.prepare();
        FuseDevice device = Sys.geteuid() == 0 ? mountDirectly() : null;
        direct = device != null;
        if (device == null) {
            device = FuseDevice.of(Fusermount.mount(spec));
        }
        mountPoint.mounted();
        return device;
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
            r = mountPoint.call(p -> Sys.mount(source.address(), p, type.address(), flags(), data.address()));
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
}

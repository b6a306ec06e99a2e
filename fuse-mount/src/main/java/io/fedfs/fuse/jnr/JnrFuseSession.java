package io.fedfs.fuse.jnr;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.MountPoint;
import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.Session;
import io.fedfs.fuse.UserMount;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.struct.FuseOperations;

/** The session over jnr-fuse; see the package comment. Used once: {@link #start}, {@link #awaitEnd}, {@link #close}. */
public final class JnrFuseSession implements Session, Kernel {
    private static final Logger LOG = LoggerFactory.getLogger(JnrFuseSession.class);

    private static final long START_SECONDS = 30;
    /** For a second caller of close, how long to wait for the first. */
    private static final long CLOSE_SECONDS = 15;

    private static final int MAX_READ = 131_072;

    /** {@code struct fuse_conn_info}. */
    private static final int CONNECTION_SIZE = 36;

    private static final int CONNECTION_MAX_READAHEAD = 16;
    private static final int CONNECTION_CAPABLE = 20;
    private static final int CONNECTION_WANT = 24;
    private static final int CONNECTION_MAX_BACKGROUND = 28;
    /** FUSE_CAP_ATOMIC_O_TRUNC, _BIG_WRITES, _DONT_MASK; libfuse adds the locks itself. */
    private static final int WANTED = 1 << 3 | 1 << 5 | 1 << 6;

    private final MountSpec spec;
    private final FileSystem fs;
    private final MountPoint mountPoint;
    private final Directories directories;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile PathOperations operations;
    private volatile boolean mounted;
    private volatile RuntimeException initFailure;

    public JnrFuseSession(MountSpec spec, FileSystem fs) {
        this.spec = spec;
        this.fs = fs;
        this.mountPoint = new MountPoint(spec.mountPoint());
        this.directories = new Directories(fs, System::nanoTime);
    }

    @Override
    public String name() {
        return "jnr-fuse";
    }

    @Override
    public void start() throws IOException {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("a session is started once");
        }
        try {
            mountPoint.prepare();
            if (Sys.geteuid() != 0) {
                UserMount.requireHelperOfLibfuse2();
                UserMount.check(spec);
            }
            LibFuse lib = LibFuse.load(this::connected);
            Loops loops = new Loops(lib::loop, spec.maxThreads(), () -> gone(lib));
            operations = new PathOperations(
                    fs,
                    directories,
                    loops,
                    lib.functions()::fuse_get_context,
                    () -> lib.functions().fuse_interrupted() != 0,
                    spec.debug());
            fill(lib, operations);
            lib.mount(arguments());
            mounted = true;
            mountPoint.mounted();
            loops.start();
            awaitConnection();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        LOG.info("{} is mounted on {} by libfuse 2", spec.source(), spec.mountPoint());
    }

    /** Called by libfuse when the kernel's INIT came; requests wait until this returns. */
    private void connected(long connection) {
        try {
            NativeBuffer c = NativeBuffer.view(connection, CONNECTION_SIZE);
            c.putInt(CONNECTION_WANT, c.getInt(CONNECTION_WANT) | (c.getInt(CONNECTION_CAPABLE) & WANTED));
            c.putInt(CONNECTION_MAX_BACKGROUND, spec.maxBackground());
            LOG.debug("libfuse: read-ahead {} bytes", c.getInt(CONNECTION_MAX_READAHEAD));
            fs.init(this);
        } catch (RuntimeException e) {
            initFailure = e;
        } finally {
            connected.countDown();
        }
    }

    /** The mount is gone and no callback is under way. */
    private void gone(LibFuse lib) {
        try {
            lib.end();
            if (connected.getCount() == 0) {
                fs.destroy();
            }
        } catch (RuntimeException e) {
            LOG.error("closing the file system failed", e);
        } finally {
            ended.countDown();
            LOG.info("{} is unmounted", spec.mountPoint());
        }
    }

    private List<String> arguments() {
        return List.of("fedfs-mount", "-f", spec.mountPoint().toString(), "-o", options());
    }

    private String options() {
        StringBuilder o = new StringBuilder("default_permissions,use_ino,big_writes,intr,nonempty");
        o.append(",max_read=").append(MAX_READ);
        o.append(",entry_timeout=").append(seconds(spec.entryTimeoutNanos()));
        o.append(",attr_timeout=").append(seconds(spec.attrTimeoutNanos()));
        append(o, spec.allowOther(), "allow_other");
        append(o, spec.readOnly(), "ro");
        o.append(spec.noSuid() ? ",nosuid" : ",suid").append(spec.noDev() ? ",nodev" : ",dev");
        append(o, spec.noExec(), "noexec");
        append(o, spec.noAtime(), "noatime");
        o.append(",subtype=").append(MountSpec.SUBTYPE);
        o.append(",fsname=").append(spec.source().replace("\\", "\\\\").replace(",", "\\,"));
        return o.toString();
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / 1e9);
    }

    private static void append(StringBuilder o, boolean wanted, String option) {
        if (wanted) {
            o.append(',').append(option);
        }
    }

    /** The kernel's first request comes as soon as a thread is in the loop. */
    private void awaitConnection() throws IOException {
        try {
            if (!connected.await(START_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the kernel did not answer within " + START_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mounting", e);
        }
        if (initFailure != null) {
            throw initFailure;
        }
    }

    private static void fill(LibFuse lib, PathOperations o) {
        FuseOperations s = lib.operations();
        lib.set(s.getattr, Callbacks.PP.class, o::getattr);
        lib.set(s.fgetattr, Callbacks.PPP.class, o::fgetattr);
        lib.set(s.readlink, Callbacks.PPP.class, o::readlink);
        lib.set(s.mknod, Callbacks.PIP.class, o::mknod);
        lib.set(s.mkdir, Callbacks.PI.class, o::mkdir);
        lib.set(s.unlink, Callbacks.P.class, o::unlink);
        lib.set(s.rmdir, Callbacks.P.class, o::rmdir);
        lib.set(s.symlink, Callbacks.PP.class, o::symlink);
        lib.set(s.rename, Callbacks.PP.class, o::rename);
        lib.set(s.link, Callbacks.PP.class, o::link);
        lib.set(s.chmod, Callbacks.PI.class, o::chmod);
        lib.set(s.chown, Callbacks.PII.class, o::chown);
        lib.set(s.truncate, Callbacks.PP.class, o::truncate);
        lib.set(s.ftruncate, Callbacks.PPP.class, o::ftruncate);
        lib.set(s.utimens, Callbacks.PP.class, o::utimens);
        lib.set(s.open, Callbacks.PP.class, o::open);
        lib.set(s.create, Callbacks.PIP.class, o::create);
        lib.set(s.read, Callbacks.PPPPP.class, o::read);
        lib.set(s.write, Callbacks.PPPPP.class, o::write);
        lib.set(s.flush, Callbacks.PP.class, o::flush);
        lib.set(s.release, Callbacks.PP.class, o::release);
        lib.set(s.fsync, Callbacks.PIP.class, o::fsync);
        lib.set(s.opendir, Callbacks.PP.class, o::opendir);
        lib.set(s.readdir, Callbacks.PPPPP.class, o::readdir);
        lib.set(s.releasedir, Callbacks.PP.class, o::releasedir);
        lib.set(s.fsyncdir, Callbacks.PIP.class, o::fsyncdir);
        lib.set(s.statfs, Callbacks.PP.class, o::statfs);
        lib.set(s.setxattr, Callbacks.PPPPI.class, o::setxattr);
        lib.set(s.getxattr, Callbacks.PPPP.class, o::getxattr);
        lib.set(s.listxattr, Callbacks.PPP.class, o::listxattr);
        lib.set(s.removexattr, Callbacks.PP.class, o::removexattr);
        lib.set(s.access, Callbacks.PI.class, o::access);
        lib.set(s.lock, Callbacks.PPIP.class, o::lock);
        lib.set(s.flock, Callbacks.PPI.class, o::flock);
        lib.set(s.fallocate, Callbacks.PIPPP.class, o::fallocate);
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        if (!mounted) {
            return;
        }
        try {
            if (closing.compareAndSet(false, true)) {
                mountPoint.end(ended);
            } else {
                ended.await(CLOSE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Map<String, Long> counters() {
        PathOperations o = operations;
        return o == null ? Map.of() : o.counts();
    }

    @Override
    public boolean hasPassthrough() {
        return false;
    }

    @Override
    public int openBacking(int fd) {
        return -Errno.EOPNOTSUPP;
    }

    @Override
    public void closeBacking(int backingId) {
        throw new IllegalStateException("no backing id was given out");
    }

    /** Reaches what is remembered here, not what the kernel remembers: {@link #hasInvalidation}. */
    @Override
    public void invalidateEntry(long parentNodeid, byte[] name) {
        directories.forget(parentNodeid, name);
    }

    @Override
    public void invalidateInode(long nodeid, boolean dataToo) {
        // Attributes are not kept here, only where paths lead; the kernel's own copy cannot be reached.
        if (dataToo) {
            directories.forget(nodeid);
        }
    }

    @Override
    public void invalidateAttributes(long nodeid) {
        // Attributes are not kept here, and the kernel's own copy cannot be reached.
    }

    @Override
    public void lockReleased(long nodeid) {
        // Who waits for a lock asks again by itself; see PathOperations.
    }

    @Override
    public boolean hasInvalidation() {
        return false;
    }

    @Override
    public String transport() {
        return "libfuse";
    }

    @Override
    public Set<String> features() {
        return Set.of(
                "libfuse-2", "atomic-o-trunc", "big-writes", "dont-mask", "posix-locks", "flock-locks", "interrupts");
    }
}

package io.fedfs.fuse.kernel;

import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.MountPoint;
import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.Session;
import io.fedfs.fuse.TransportChoice;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session over {@code /dev/fuse}; see the package comment. Used once: {@link #start}, {@link #awaitEnd}, {@link #close}. */
public final class KernelSession implements Session, Kernel {
    private static final Logger LOG = LoggerFactory.getLogger(KernelSession.class);

    private static final int NOTICES = 100_000;
    /** For a second caller of close, how long to wait for the first. */
    private static final long CLOSE_SECONDS = 15;

    /** How long closing everything may take: a file server that does not answer holds up a close(2). */
    private static final long DESTROY_MILLIS = 3_000;

    private final MountSpec spec;
    private final FileSystem fs;
    private final MountPoint mountPoint;
    private final Mounting mounting;
    private final Counters counters = new Counters();
    private final Interrupts interrupts = new Interrupts();
    private final LockWaiters locks = new LockWaiters();
    private final Watchdog watchdog;
    private final RingSupport ringSupport = new RingSupport();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean closing = new AtomicBoolean();

    private volatile FuseDevice device;
    private volatile Workers workers;
    private volatile Agreement agreed;
    private volatile Transport transport;
    private volatile RingTransport ring;
    private volatile Notifier notifier;

    public KernelSession(MountSpec spec, FileSystem fs) {
        this.spec = spec;
        this.fs = fs;
        this.mountPoint = new MountPoint(spec.mountPoint());
        this.mounting = new Mounting(spec, mountPoint);
        this.watchdog = new Watchdog(interrupts, locks, fs, spec.requestBoundNanos());
    }

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public void start() throws IOException {
        if (device != null) {
            throw new IllegalStateException("a session is started once");
        }
        boolean wantsRing = wantsRing();
        Exchange x = new Exchange(Agreement.MAX_DATA, Agreement.MAX_DATA);
        try {
            device = mounting.mount();
            shakeHands(x, wantsRing);
        } catch (Throwable t) {
            abandon();
            throw t;
        } finally {
            x.free();
        }
        begin();
        LOG.info("{} is mounted on {}: {}", spec.source(), spec.mountPoint(), String.join(", ", features()));
    }

    /**
     * Whether to ask the kernel for a ring.
     *
     * @throws IOException it is asked for by name, and not to be had; nothing is mounted yet
     */
    private boolean wantsRing() throws IOException {
        if (spec.transport() == TransportChoice.IO_URING) {
            ringSupport.require();
        }
        return spec.transport() != TransportChoice.DEVICE;
    }

    private void shakeHands(Exchange x, boolean wantsRing) throws IOException {
        Handshake handshake = new Handshake(spec, Feature.wanted(spec, mounting.isDirect(), wantsRing));
        agreed = handshake.receive(x, device);
        notifier = new Notifier(device, agreed.hasEpoch(), NOTICES);
        prepare();
        handshake.answer(agreed, x, device, fs, this);
    }

    /** Makes the transport: the kernel is told with the answer to INIT which one it is, and waits for a ring from then on. */
    private void prepare() throws IOException {
        Dispatcher dispatcher = new Dispatcher(
                fs, agreed.has(Feature.SETXATTR_EXT), interrupts, locks, watchdog, counters, spec.debug());
        workers = new Workers(
                device::cloned, dispatcher, interrupts, spec.maxThreads(), spec.busyPollNanos(), this::gone);
        transport = workers;
        if (agreed.has(Feature.OVER_IO_URING)) {
            try {
                ring = new RingTransport(
                        device.fd(),
                        spec.mountPoint(),
                        ringSupport.queues(),
                        Math.max(agreed.maxWrite(), agreed.maxPages() * Sys.pageSize()),
                        spec.maxThreads(),
                        workers,
                        dispatcher,
                        interrupts);
                transport = ring;
            } catch (IOException e) {
                withoutRing(RingSupport.explain(e));
            }
        } else if (spec.transport() == TransportChoice.IO_URING) {
            withoutRing(new IOException("the kernel does not offer FUSE over io_uring to this mount"));
        }
    }

    /** There is no ring; that is a failure only for who asked for it by name. */
    private void withoutRing(IOException why) throws IOException {
        if (spec.transport() == TransportChoice.IO_URING) {
            throw why;
        }
        LOG.warn("requests come by the device: {}", why.getMessage());
        agreed = agreed.without(Feature.OVER_IO_URING);
        transport = workers;
    }

    /** Takes back a start that failed half way. */
    private void abandon() {
        closing.set(true);
        if (ring != null) {
            ring.abandon();
        }
        if (device != null) {
            mountPoint.unmountForced();
            device.close();
        }
        ended.countDown();
    }

    private void begin() throws IOException {
        watchdog.serveBy(transport);
        notifier.start();
        watchdog.relieve(notifier);
        begin(watchdog, "fedfs-fuse-watchdog");
        workers.start();
        if (ring != null) {
            try {
                ring.start();
            } catch (IOException e) {
                giveUp(ring, RingSupport.explain(e));
            }
        }
    }

    /** The kernel was promised a ring and refused it; it sends everything to the device then (fuse_uring_cmd). */
    private void giveUp(RingTransport refused, IOException why) throws IOException {
        ring = null;
        refused.abandon();
        try {
            withoutRing(why);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static Thread begin(Runnable work, String name) {
        Thread t = new Thread(work, name);
        t.setDaemon(true);
        t.start();
        return t;
    }

    /** The mount is gone and no request is under way, but what is stuck for good. */
    private void gone() {
        try {
            if (ring != null) {
                ring.end();
            }
            notifier.close();
            watchdog.close();
            Thread destroying = begin(fs::destroy, "fedfs-fuse-destroy");
            destroying.join(DESTROY_MILLIS);
            if (destroying.isAlive()) {
                LOG.warn("closing files takes too long: a file server does not answer; leaving them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            device.close();
            removeRemains();
            ended.countDown();
            LOG.info("{} is unmounted", spec.mountPoint());
        }
    }

    /** Somebody ended the connection, but left the mount: to every program it is an error now. */
    private void removeRemains() {
        if (!closing.get() && mountPoint.isMounted()) {
            LOG.warn("the connection of {} was aborted; unmounting it", spec.mountPoint());
            mountPoint.unmount(Sys.MNT_DETACH);
        }
    }

    @Override
    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        if (device == null) {
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
        Map<String, Long> m = counters.snapshot();
        m.putAll(transport.counters());
        m.put("waiting_requests", (long) interrupts.parkedCount());
        m.put("rescued_requests", watchdog.rescued());
        return m;
    }

    @Override
    public boolean hasPassthrough() {
        return agreed.has(Feature.PASSTHROUGH);
    }

    @Override
    public int openBacking(int fd) {
        return device.openBacking(fd);
    }

    @Override
    public void closeBacking(int backingId) {
        device.closeBacking(backingId);
    }

    @Override
    public void invalidateEntry(long parentNodeid, byte[] name) {
        notifier.invalidateEntry(parentNodeid, name);
    }

    @Override
    public void invalidateInode(long nodeid, boolean dataToo) {
        notifier.invalidateInode(nodeid, dataToo);
    }

    @Override
    public void prune(long[] nodeids) {
        notifier.prune(nodeids);
    }

    @Override
    public boolean canPrune() {
        return agreed.hasPrune();
    }

    @Override
    public void invalidateAttributes(long nodeid) {
        notifier.invalidateAttributesNow(nodeid);
    }

    @Override
    public boolean invalidateAllEntries() {
        return notifier.invalidateAllEntries();
    }

    @Override
    public boolean canInvalidateAllEntries() {
        return notifier.canInvalidateAllEntries();
    }

    @Override
    public boolean awaitInvalidations(Duration bound) {
        try {
            return notifier.awaitSent(bound);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void lockReleased(long nodeid) {
        if (locks.released(nodeid, System.nanoTime())) {
            watchdog.call();
        }
    }

    @Override
    public String transport() {
        return transport.name();
    }

    @Override
    public boolean hasInvalidation() {
        return true;
    }

    @Override
    public Set<String> features() {
        return agreed.words();
    }
}

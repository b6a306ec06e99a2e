package io.fedfs.mount;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fedfs.attach.AttachConfig;
import io.fedfs.attach.AttachException;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.Attachment;
import io.fedfs.attach.FslType;
import io.fedfs.attach.FslTypes;
import io.fedfs.control.ControlServer;
import io.fedfs.control.ControlService;
import io.fedfs.control.DaosSettings;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Kernel;
import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.MountTable;
import io.fedfs.fuse.Session;
import io.fedfs.fuse.jnr.JnrFuseSession;
import io.fedfs.fuse.kernel.KernelSession;
import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.projection.Containers;
import io.fedfs.projection.ForeignLinks;
import io.fedfs.projection.Options;
import io.fedfs.projection.Projection;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.InUse;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Replicas;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.Unresolved;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.wiring.Resolvers;
import io.fedfs.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One mount's life: everything is put together here, by constructors, and taken apart again in the opposite order. */
final class MountDaemon {
    private static final Logger LOG = LoggerFactory.getLogger(MountDaemon.class);
    /** O_PATH descriptors kept at most, and the part of the process's limit they may take. */
    private static final int MAX_DESCRIPTORS = 32_768;

    private static final Path KERNEL_TIMEOUT = Path.of("/proc/sys/fs/fuse/default_request_timeout");

    /** After unmounting: sockets, connections, the referrals to disk. */
    private static final long END_SECONDS = 10;

    private final Root root;
    private final Path mountPoint;
    private final MountOptions options;
    private final boolean asRoot = Sys.geteuid() == 0;
    private final int uid = Sys.geteuid();
    /** Everything is taken apart; a signal's process must not end before. */
    private final CountDownLatch over = new CountDownLatch(1);

    MountDaemon(Root root, Path mountPoint, MountOptions options) {
        this.root = root;
        this.mountPoint = mountPoint;
        this.options = options;
    }

    /**
     * Mounts, tells the launcher, serves until unmounted.
     *
     * @throws MountFailure before anything is mounted; nothing is left behind
     */
    void run() throws MountFailure, InterruptedException {
        int openFiles = raiseDescriptorLimit();
        NsdbDirectory nsdbs = nsdbDirectory();
        ForeignLinks foreignLinks = new ForeignLinks();
        DaosSettings daos = daosSettings(foreignLinks);
        ResolverConfig config =
                ResolverConfig.defaults().withStaleGrace(options.staleGrace).withCrossingDeadline(options.deadline);
        try (Resolver resolver = Resolvers.forMount(config, nsdbs, stateDirectory());
                Attacher attacher = attacher(foreignLinks)) {
            Fsn fsn = root.resolve(resolver, options.dns, options.deadline);
            Attachment rootAttachment = reach(fsn, resolver, attacher);
            Options treeOptions = new Options(
                    options.entryTimeout,
                    options.attributeTimeout,
                    options.negativeTimeout,
                    options.deadline,
                    options.readOnly,
                    options.passthrough,
                    options.readAhead,
                    Math.max(64, Math.min(MAX_DESCRIPTORS, openFiles / 2)),
                    openFiles,
                    // Only the kernel session has file handles.
                    options.engine == MountOptions.Engine.KERNEL ? options.remember : 0,
                    options.failover);
            Projection projection = new Projection(
                    fsn,
                    treeOptions,
                    resolver,
                    attacher,
                    foreignLinks,
                    asRoot,
                    f -> nsdbs.isExplicitlyTrusted(f.nsdb()));
            resolver.reportUse(mountPoint.toString(), () -> inUse(attacher));
            serve(fsn, projection, resolver, attacher, daos);
            attacher.release(rootAttachment);
        } finally {
            over.countDown();
        }
    }

    private static Collection<InUse> inUse(Attacher attacher) {
        Map<Fsn, Set<UUID>> locations = new HashMap<>();
        for (Attachment attachment : attacher.attachments()) {
            if (Containers.is(attachment.fsn())) {
                // No NSDB knows of it.
                continue;
            }
            locations
                    .computeIfAbsent(attachment.fsn(), fsn -> new HashSet<>())
                    .add(attachment.fsl().uuid());
        }
        return locations.entrySet().stream()
                .map(e -> new InUse(e.getKey(), e.getValue()))
                .toList();
    }

    /** What a signal does. The JVM ends when this returns, whatever its other threads are at. */
    private void end(Session session) {
        session.close();
        try {
            if (!over.await(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("ending though not everything is closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Fsn fsn, Projection projection, Resolver resolver, Attacher attacher, DaosSettings daos)
            throws MountFailure, InterruptedException {
        MountSpec spec = spec(fsn);
        Session session =
                switch (options.engine) {
                    case KERNEL -> new KernelSession(spec, projection);
                    case JNR_FUSE -> new JnrFuseSession(spec, projection);
                };
        Thread ending = new Thread(() -> end(session), "fedfs-end");
        try {
            session.start();
        } catch (IOException e) {
            throw new MountFailure(FedFsStatus.IO, e.getMessage());
        }
        try {
            projection.openRoot();
        } catch (FsException e) {
            session.close();
            throw new MountFailure(FedFsStatus.NOT_ATTACHABLE, "the root cannot be attached: " + e.getMessage());
        }
        Runtime.getRuntime().addShutdownHook(ending);
        try (ControlServer control = control(session, projection.kernel(), projection, resolver, attacher, daos)) {
            HeapReturn.start(projection::nodesHeld);
            Readiness.tell();
            session.awaitEnd();
            LOG.info("{} is unmounted", mountPoint);
        } catch (IOException e) {
            throw new MountFailure(
                    FedFsStatus.IO,
                    "mounted, but the control socket cannot be made, so unmounted again: " + e.getMessage());
        } finally {
            session.close();
        }
    }

    private ControlServer control(
            Session session,
            Kernel kernel,
            Projection projection,
            Resolver resolver,
            Attacher attacher,
            DaosSettings daos)
            throws IOException, MountFailure {
        ControlService.MountFacts facts = new ControlService.MountFacts(
                root.written(),
                mountPoint.toString(),
                session.name(),
                FedfsMount.version(),
                Clock.systemUTC().millis(),
                uid,
                options.deadline,
                options.given);
        ControlService service =
                new ControlService(facts, projection, resolver, attacher, daos, kernel, session::counters);
        String device = MountTable.at(mountPoint)
                .orElseThrow(() -> new IOException(mountPoint + " is not in the mount table"))
                .device();
        return new ControlServer(Directories.run(), device, service);
    }

    private NsdbDirectory nsdbDirectory() throws MountFailure {
        try {
            return options.nsdbs.isPresent() ? NsdbDirectory.read(options.nsdbs.get()) : NsdbDirectory.readDefault();
        } catch (NsdbConfigException e) {
            throw new MountFailure(FedFsStatus.NSDB_PARAMS, e.getMessage());
        }
    }

    private DaosSettings daosSettings(ForeignLinks links) throws MountFailure {
        Path kept = stateDirectory().resolve("daos-settings");
        DaosSettings settings = new DaosSettings(links, kept, mountPoint.toString(), options.daos);
        try {
            settings.begin();
        } catch (IllegalArgumentException e) {
            throw new MountFailure(FedFsStatus.INVAL, e.getMessage());
        } catch (IOException e) {
            throw new MountFailure(
                    FedFsStatus.IO, "what fedfs tune set cannot be read from " + kept + ": " + e.getMessage());
        }
        return settings;
    }

    private Attacher attacher(ForeignLinks links) throws MountFailure {
        try {
            AttachConfig config =
                    options.attach.isPresent() ? AttachConfig.read(options.attach.get()) : AttachConfig.readDefault();
            Replicas replicas = new Replicas(Clock.systemUTC(), Ticker.systemTicker(), config.failBack());
            Path mounts = Directories.run().resolve("attached");
            List<FslType> types = FslTypes.of(options.localRoots, config, mounts, asRoot, () -> prefix(links));
            return new Attacher(types, replicas, options.filesetRequests, config);
        } catch (AttachException | YamlException e) {
            throw new MountFailure(FedFsStatus.INVAL, e.getMessage());
        }
    }

    /** Where containers are attached; not in the mount itself, whose daemon would wait for itself. */
    private Optional<DaosPrefix> prefix(ForeignLinks links) {
        ForeignLinks.Settings settings = links.settings();
        return settings.enabled() && !Path.of(settings.prefix().path()).startsWith(mountPoint)
                ? Optional.of(settings.prefix())
                : Optional.empty();
    }

    /** A mount whose root cannot be had is refused, rather than being an empty directory that fails later. */
    private Attachment reach(Fsn fsn, Resolver resolver, Attacher attacher) throws MountFailure {
        Resolution answer = resolver.resolve(fsn, options.deadline);
        if (answer instanceof Unresolved u) {
            throw new MountFailure(u.status(), "the root " + fsn + " cannot be resolved: " + u.detail());
        }
        try {
            return attacher.attachAny((Referral) answer, options.deadline, () -> false);
        } catch (AttachException e) {
            throw new MountFailure(
                    FedFsStatus.NOT_ATTACHABLE, "the root " + fsn + " cannot be attached: " + e.getMessage());
        }
    }

    private MountSpec spec(Fsn fsn) throws MountFailure {
        // One whose daemon was killed answers nothing, and is cleaned by the session.
        if (Files.exists(mountPoint) && !Files.isDirectory(mountPoint)) {
            throw new MountFailure(
                    FedFsStatus.INVAL, "the mount point " + mountPoint + " is not a directory: make it first");
        }
        return MountSpec.builder(mountPoint, fsn.toString(), asRoot)
                .readOnly(options.readOnly)
                .allowOther(options.allowOther)
                .noSuid(options.noSuid || !asRoot)
                .noDev(options.noDev || !asRoot)
                .noExec(options.noExec)
                .noAtime(options.noAtime)
                .passthrough(options.passthrough)
                .transport(options.transport)
                .maxThreads(options.maxThreads)
                .busyPollNanos(options.busyPoll.toNanos())
                .requestBoundNanos(requestBound().toNanos())
                .entryTimeoutNanos(options.entryTimeout.toNanos())
                .attrTimeoutNanos(options.attributeTimeout.toNanos())
                .debug(options.debug)
                .build();
    }

    /** The option's, but well below the age at which the kernel gives up the whole mount (sysctl fs.fuse.default_request_timeout). */
    private Duration requestBound() {
        Duration bound = options.requestTimeout;
        try {
            long kernel = Long.parseLong(Files.readString(KERNEL_TIMEOUT).strip());
            if (kernel > 0 && kernel * 3 / 4 < bound.toSeconds()) {
                bound = Duration.ofMillis(kernel * 750);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("the kernel has no time-out for requests of its own");
        } catch (IOException | NumberFormatException e) {
            LOG.warn("{}: {}", KERNEL_TIMEOUT, e.toString());
        }
        return bound;
    }

    private Path stateDirectory() throws MountFailure {
        return options.state.isPresent()
                ? options.state.get()
                : Directories.state().resolve(Directories.escaped(mountPoint));
    }

    /** Raises the soft limit to the hard one; returns how many descriptors this process may have. */
    private static int raiseDescriptorLimit() {
        NativeBuffer limit = new NativeBuffer(16);
        int r = Sys.getrlimit(Sys.RLIMIT_NOFILE, limit.address());
        if (r == 0) {
            long hard = Math.min(limit.getLong(8) < 0 ? Long.MAX_VALUE : limit.getLong(8), 1 << 20);
            limit.putLong(0, Math.max(limit.getLong(0), hard));
            Sys.setrlimit(Sys.RLIMIT_NOFILE, limit.address());
            Sys.getrlimit(Sys.RLIMIT_NOFILE, limit.address());
            return (int) Math.min(limit.getLong(0) < 0 ? Integer.MAX_VALUE : limit.getLong(0), Integer.MAX_VALUE);
        }
        return 1024;
    }
}

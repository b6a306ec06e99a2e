package io.fedfs.attach;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Spawner;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locations that are reached by mounting a file system: on first use, in a directory of the daemon's own, once for each location however many
 * use it, until nobody has used it for a while. A mount that turns out to be dead is put aside and made anew.
 */
final class MountedType implements FslType {
    private static final Logger LOG = LoggerFactory.getLogger(MountedType.class);
    /** A mount that was busy when it should have gone is tried again. */
    private static final Duration BUSY_RETRY = Duration.ofSeconds(30);

    private static final int STATFS = 120;

    private final Recipe recipe;
    private final PrivateMounts mounts;
    private final Spawner spawner;
    private final Duration bound;
    private final Duration idle;
    private final boolean asRoot;

    private final Object lock = new Object();
    /** What is mounted, or being mounted. Guarded by {@link #lock}. */
    private final Map<Key, CompletableFuture<Mounted>> mounted = new HashMap<>();

    private record Key(UUID fsl, String host, int port, String export, Map<String, String> options) {}

    /** One mount. */
    private static final class Mounted {
        final Key key;
        final Path target;
        final List<String> unmount;
        /** Guarded by {@link #lock}, like the two below: how many reached something there. */
        int users;

        long idleSince;
        /** It is no longer among the mounted ones: whoever leaves last unmounts it. */
        boolean aside;

        Mounted(Key key, Path target, List<String> unmount) {
            this.key = key;
            this.target = target;
            this.unmount = unmount;
        }
    }

    /** @param asRoot whether the daemon may mount by itself */
    MountedType(Recipe recipe, PrivateMounts mounts, Spawner spawner, AttachConfig config, boolean asRoot) {
        this.spawner = spawner;
        this.recipe = recipe;
        this.mounts = mounts;
        this.bound = config.mountBound();
        this.idle = config.idle();
        this.asRoot = asRoot;
        mounts.begin();
    }

    @Override
    public String name() {
        return recipe.name();
    }

    @Override
    public Reached reach(Fsl fsl) throws AttachException {
        Recipe.Plan plan = recipe.plan(fsl);
        Key key = new Key(fsl.uuid(), fsl.host(), fsl.port(), fsl.exportPath(), fsl.options());
        while (true) {
            CompletableFuture<Mounted> mine = new CompletableFuture<>();
            CompletableFuture<Mounted> there;
            synchronized (lock) {
                there = mounted.putIfAbsent(key, mine);
            }
            Mounted m = there == null ? mount(key, plan, mine) : await(there);
            synchronized (lock) {
                if (m.aside) {
                    continue;
                }
                m.users++;
            }
            try {
                return within(m, plan);
            } catch (AttachException | RuntimeException e) {
                boolean again = there != null && isDead(m.target);
                giveBack(m, again);
                if (!again) {
                    throw e;
                }
            }
        }
    }

    /** The fileset's root in a mount that is held. */
    private Reached within(Mounted m, Recipe.Plan plan) throws AttachException {
        int fd = Beneath.open("export", m.target, plan.inside());
        int r = Sys.fstatfs(fd, new NativeBuffer(STATFS).address());
        if (r >= 0 && !PrivateMounts.isMounted(m.target)) {
            // What was opened is the bare directory.
            r = -Errno.ENOTCONN;
        }
        if (r < 0) {
            Sys.close(fd);
            throw new AttachException(AttachException.Kind.DOWN, recipe.name() + ": " + Errno.message(-r));
        }
        return new Reached(fd, plan.server(), () -> giveBack(m, false));
    }

    /** Whether a mount that could not be used will never be of use again: its FUSE daemon is gone, its handle is stale. */
    private static boolean isDead(Path target) {
        if (!PrivateMounts.isMounted(target)) {
            return true;
        }
        try {
            int fd = Beneath.open("export", target, Path.of(""));
            int r = Sys.fstatfs(fd, new NativeBuffer(STATFS).address());
            Sys.close(fd);
            return r < 0;
        } catch (AttachException e) {
            return true;
        }
    }

    private Mounted await(CompletableFuture<Mounted> there) throws AttachException {
        try {
            return there.get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AttachException a) {
                throw new AttachException(a.kind(), a.getMessage());
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new AttachException(AttachException.Kind.TIMED_OUT, "it is still being mounted");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttachException(AttachException.Kind.TIMED_OUT, "interrupted");
        }
    }

    private Mounted mount(Key key, Recipe.Plan plan, CompletableFuture<Mounted> mine) throws AttachException {
        try {
            Path target = mount(plan);
            Mounted m = new Mounted(key, target, plan.unmount().apply(target));
            mine.complete(m);
            return m;
        } catch (AttachException | RuntimeException e) {
            synchronized (lock) {
                mounted.remove(key, mine);
            }
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private Path mount(Recipe.Plan plan) throws AttachException {
        Recipe.Needs needs = plan.needs();
        if (needs.root() && !asRoot) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "only a mount of root can attach locations of type " + recipe.name() + "; mount them by fstab"
                            + " and register them as local ones");
        }
        if (Program.find(needs.helper()) == null) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "the program " + needs.helper() + " is missing on this host; it comes with " + needs.packages());
        }
        Path target = null;
        try {
            target = mounts.newTarget();
            List<String> words = plan.mount().apply(target);
            LOG.debug("mounting: {}", words);
            Program.Outcome outcome = Program.run(spawner, words, bound, mounts.scratch());
            if (outcome.code() != 0) {
                throw failure(needs, words.get(0), outcome);
            }
            if (!PrivateMounts.isMounted(target)) {
                throw new AttachException(
                        AttachException.Kind.REFUSED,
                        words.get(0) + " ended without an error and mounted nothing on its target");
            }
            Path done = target;
            target = null;
            return done;
        } catch (IOException e) {
            throw new AttachException(AttachException.Kind.REFUSED, "cannot mount: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttachException(AttachException.Kind.TIMED_OUT, "interrupted");
        } finally {
            if (target != null) {
                removeFailed(target);
            }
        }
    }

    /** A program that was killed for its slowness may have mounted all the same. */
    private static void removeFailed(Path target) {
        PrivateMounts.take(target, true);
    }

    private AttachException failure(Recipe.Needs needs, String program, Program.Outcome outcome) {
        if (outcome.code() < 0) {
            return new AttachException(
                    AttachException.Kind.TIMED_OUT, program + " did not end within " + bound.toSeconds() + " s");
        }
        String said = outcome.output().isEmpty() ? "exit code " + outcome.code() : outcome.output();
        if (needs.kernelType().isPresent() && !kernelKnows(needs.kernelType().get())) {
            return new AttachException(
                    AttachException.Kind.REFUSED,
                    "this kernel has no file system \"" + needs.kernelType().get() + "\": its module is missing ("
                            + program + " says: " + said + ")");
        }
        return new AttachException(AttachException.Kind.DOWN, program + ": " + said);
    }

    private static boolean kernelKnows(String type) {
        try (var lines = Files.lines(Path.of("/proc/filesystems"))) {
            return lines.anyMatch(line -> line.endsWith("\t" + type));
        } catch (IOException e) {
            LOG.debug("/proc/filesystems: {}", e.toString());
            return true;
        }
    }

    private void giveBack(Mounted m, boolean dead) {
        boolean last;
        synchronized (lock) {
            last = --m.users == 0;
            m.idleSince = System.nanoTime();
            if (dead && !m.aside) {
                m.aside = true;
                mounted.remove(m.key);
            }
        }
        if (last) {
            later(m.aside ? Duration.ZERO : idle).execute(() -> unmountIdle(m));
        }
    }

    private static Executor later(Duration delay) {
        return CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void unmountIdle(Mounted m) {
        synchronized (lock) {
            if (m.users > 0 || !m.aside && System.nanoTime() - m.idleSince < idle.toNanos()) {
                return;
            }
            if (!m.aside) {
                // Who comes now mounts it anew, on another directory.
                m.aside = true;
                mounted.remove(m.key);
            }
        }
        if (!take(m, false)) {
            later(BUSY_RETRY).execute(() -> unmountIdle(m));
        }
    }

    /** Unmounts; false when it is busy. */
    private boolean take(Mounted m, boolean forced) {
        if (!m.unmount.isEmpty()) {
            try {
                Program.Outcome outcome = Program.run(spawner, m.unmount, bound, mounts.scratch());
                if (outcome.code() != 0) {
                    LOG.warn("{}: {}", m.unmount.get(0), outcome.output());
                }
                if (!PrivateMounts.isMounted(m.target)) {
                    PrivateMounts.removeTarget(m.target);
                    return true;
                }
            } catch (IOException e) {
                LOG.warn("unmounting {}: {}", m.target, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return PrivateMounts.take(m.target, forced);
    }

    /** How many are mounted. */
    int count() {
        synchronized (lock) {
            return mounted.size();
        }
    }

    @Override
    public void end() {
        List<Mounted> all = new ArrayList<>();
        synchronized (lock) {
            for (CompletableFuture<Mounted> m : mounted.values()) {
                if (m.isDone() && !m.isCompletedExceptionally()) {
                    all.add(m.join());
                }
            }
            all.forEach(m -> m.aside = true);
            mounted.clear();
        }
        all.forEach(m -> take(m, true));
        mounts.end();
    }
}

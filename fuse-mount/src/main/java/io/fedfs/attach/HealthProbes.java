package io.fedfs.attach;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * Asks file servers whether they answer. Of each server one attachment after the other is asked, by a thread of its own, so a server that
 * hangs keeps one thread and delays nobody; when the bound is over, everything attached from it counts as silent until the answer comes.
 *
 * <p>Has no clock of its own: {@link #look} is to be called now and then.
 */
final class HealthProbes {
    private static final int STATFS = 0;
    private static final int STATX = 128;

    /** Told of each outcome. */
    interface Listener {
        /** @param trouble what is wrong; null: it answers */
        void probed(Attachment attachment, Trouble trouble);
    }

    private final Executor threads;
    private final long bound;
    private final LongSupplier ticks;
    private final ToIntFunction<Attachment> question;
    private final Listener listener;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();

    /** The round under way at each server. Guarded by this. */
    private final Map<String, Round> rounds = new HashMap<>();

    /** One attachment after the other. */
    private static final class Round {
        final List<Attachment> of;
        /** When the present question was asked. */
        volatile long since;

        Round(List<Attachment> of, long now) {
            this.of = of;
            this.since = now;
        }
    }

    /**
     * @param ticks nanoseconds, as {@link System#nanoTime}
     * @param question asks a server: 0 or a negated errno, and may never return
     */
    HealthProbes(
            Executor threads,
            Duration bound,
            LongSupplier ticks,
            ToIntFunction<Attachment> question,
            Listener listener) {
        this.threads = threads;
        this.bound = bound.toNanos();
        this.ticks = ticks;
        this.question = question;
        this.listener = listener;
    }

    /** What an attachment's server is asked: things that no cache of this host answers. */
    static int ask(Attachment attachment) {
        NativeBuffer b = new NativeBuffer(STATX + Statx.SIZE + 8);
        int r = Sys.fstatfs(attachment.rootFd(), b.address(STATFS));
        if (r < 0) {
            return r;
        }
        long empty = b.putCString(STATX + Statx.SIZE, new byte[0]);
        return Sys.statx(
                attachment.rootFd(),
                empty,
                Sys.AT_EMPTY_PATH | Sys.AT_STATX_FORCE_SYNC,
                Statx.WANTED,
                b.address(STATX));
    }

    /**
     * Begins a round at each server where none is under way, and tells of the ones that take too long.
     *
     * @param attachments held by the caller for as long as {@code done} has not been told of them
     * @param done takes an attachment that is not needed any more
     */
    void look(Collection<Attachment> attachments, Consumer<Attachment> done) {
        long now = ticks.getAsLong();
        Map<String, List<Attachment>> byServer = new LinkedHashMap<>();
        attachments.forEach(a ->
                byServer.computeIfAbsent(a.server(), s -> new ArrayList<>()).add(a));
        byServer.forEach((server, all) -> {
            Round mine = new Round(all, now);
            Round there;
            synchronized (this) {
                there = rounds.putIfAbsent(server, mine);
            }
            if (there == null) {
                begin(server, mine, done);
                return;
            }
            if (now - there.since >= bound) {
                unanswered.incrementAndGet();
                Trouble silence = Trouble.silence(bound);
                all.forEach(a -> listener.probed(a, silence));
            }
            all.forEach(done);
        });
    }

    private void begin(String server, Round round, Consumer<Attachment> done) {
        try {
            threads.execute(() -> run(server, round, done));
        } catch (RejectedExecutionException e) {
            // So many hang already; asked again at the next look.
            end(server, round, done);
        }
    }

    private void end(String server, Round round, Consumer<Attachment> done) {
        synchronized (this) {
            rounds.remove(server);
        }
        round.of.forEach(done);
    }

    private void run(String server, Round round, Consumer<Attachment> done) {
        try {
            for (Attachment a : round.of) {
                round.since = ticks.getAsLong();
                asked.incrementAndGet();
                int r = question.applyAsInt(a);
                boolean late = ticks.getAsLong() - round.since >= bound;
                // Who may not look has been answered.
                boolean answers = r >= 0 || r == -Errno.EACCES || r == -Errno.EPERM;
                if (!answers) {
                    unanswered.incrementAndGet();
                }
                if (!answers || !late) {
                    listener.probed(a, answers ? null : Trouble.of(-r));
                }
            }
        } finally {
            end(server, round, done);
        }
    }

    /** How many questions were asked. */
    long asked() {
        return asked.get();
    }

    /** How many had no answer in time, or one that says that the location is of no use. */
    long unanswered() {
        return unanswered.get();
    }
}

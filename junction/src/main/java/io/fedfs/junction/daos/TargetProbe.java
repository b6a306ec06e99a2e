package io.fedfs.junction.daos;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether what a link points to answers. Only lookups and a stat of the last element: DFuse lists neither its root nor its pools. Done by a
 * thread of its own, because the file system there may never answer; such a thread is left behind.
 */
public final class TargetProbe {
    /** What there is to say of a target. */
    public enum State {
        /** It answers. */
        OK,
        /** No such prefix, pool or container (ENOENT, ENOTDIR). */
        MISSING,
        /** DFuse knows the entry and not the pool or container that it names (ENOLINK). */
        BROKEN,
        /** The file system there has lost its daemon (ENOTCONN). */
        DEAD,
        /** This user may not go there (EACCES, EPERM); DFuse without --multi-user lets nobody but its own user in, root neither. */
        DENIED,
        /** DFuse cannot show a container of this type (ENOTSUP). */
        UNSUPPORTED,
        /** No answer within the bound. */
        SILENT,
        /** Anything else. */
        FAILED
    }

    /**
     * The outcome.
     *
     * @param errno what the system said; 0 for OK, ETIMEDOUT for SILENT
     * @param detail in words, with the part of the path that it is about
     */
    public record Result(State state, int errno, String detail) {}

    /** What the kernel remembers of a file system whose daemon is gone is no answer. */
    private static final int AT_STATX_FORCE_SYNC = 0x2000;

    private TargetProbe() {}

    /** Probes {@code <prefix>/<pool>/<container>}, or any path. */
    public static Result probe(String target, Duration bound) {
        CompletableFuture<Result> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        answer.complete(look(target));
                    } catch (RuntimeException | Error e) {
                        answer.completeExceptionally(e);
                    }
                },
                "fedfs-daos-probe");
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Result(
                    State.SILENT, Errno.ETIMEDOUT, target + ": no answer within " + bound.toMillis() / 1000.0 + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException("probing " + target, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(State.FAILED, Errno.EINTR, target + ": interrupted");
        }
    }

    private static Result look(String target) {
        int r = stat(target);
        if (r >= 0) {
            return new Result(State.OK, 0, target + " answers");
        }
        String part = target;
        if (r == -Errno.ENOENT || r == -Errno.ENOTDIR) {
            // Which of the last three elements is the first that is missing: container, pool or prefix.
            String above = parent(target);
            for (int up = 0; up < 2 && stat(above) < 0; up++) {
                part = above;
                above = parent(above);
            }
        }
        return new Result(state(-r), -r, part + ": " + Errno.message(-r) + " (" + Errno.name(-r) + ")");
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    private static int stat(String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        NativeBuffer b = new NativeBuffer(Statx.SIZE + text.length + 1);
        return Sys.statx(Sys.AT_FDCWD, b.putCString(Statx.SIZE, text), AT_STATX_FORCE_SYNC, Statx.WANTED, b.address());
    }

    /** What an errno of a target says. */
    public static State state(int errno) {
        return switch (errno) {
            case 0 -> State.OK;
            case Errno.ENOENT, Errno.ENOTDIR -> State.MISSING;
            case Errno.ENOLINK -> State.BROKEN;
            case Errno.ENOTCONN, Errno.ECONNABORTED -> State.DEAD;
            case Errno.EACCES, Errno.EPERM -> State.DENIED;
            case Errno.EOPNOTSUPP -> State.UNSUPPORTED;
            case Errno.ETIMEDOUT -> State.SILENT;
            default -> State.FAILED;
        };
    }
}

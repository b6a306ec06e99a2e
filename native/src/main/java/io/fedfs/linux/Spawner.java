package io.fedfs.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts programs from a thread that has none of the process's descriptors. A child gets copies of the descriptors of the thread that starts it, and closes
 * them when it begins; a FUSE file system is told of every close (fs/fuse/file.c, fuse_flush), so a single file open at a file server that hangs
 * would keep every program from starting.
 *
 * <p>To be made before anything is open that could hang. Nothing is loaded on its thread later, since files cannot be read there.
 */
public final class Spawner implements AutoCloseable {
    /** Behind standard input, output and error. */
    private static final int FIRST = 3;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "fedfs-spawn");
        t.setDaemon(true);
        return t;
    });

    /** Where the kernel cannot take a thread's descriptors away (before Linux 5.9), programs are started as ever. */
    public Spawner() {
        call(() -> {
            // Loads what a start needs: this one fails.
            Spawn.spawn(List.of("/nonexistent"), Map.of("LC_ALL", "C"), Path.of("/dev/null"));
            return Sys.unshareWithoutDescriptors(FIRST);
        });
    }

    /**
     * Starts a program.
     *
     * @param command words; the first is an absolute path
     * @param environment the whole environment of the child
     * @param output the file for what it says
     * @return the process id, or a negated errno; to be waited for with {@link Sys#waitpid}
     */
    public int start(List<String> command, Map<String, String> environment, Path output) {
        return call(() -> Spawn.spawn(command, environment, output));
    }

    private int call(java.util.concurrent.Callable<Integer> task) {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("starting a program", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -Errno.EINTR;
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}

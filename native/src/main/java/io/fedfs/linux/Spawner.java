package io.fedfs.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts programs from a thread whose descriptors are those of the moment it was made. A child gets copies of the descriptors of the thread that starts
 * it, and closes them when it begins; a FUSE file system is told of every close (fs/fuse/file.c, fuse_flush), so a single file open at a file server
 * that hangs would keep every program from starting.
 *
 * <p>To be made before anything is open that could hang. What is open then stays open for as long as the Spawner: what the virtual machine
 * reads its classes from has to be there on this thread too.
 */
public final class Spawner implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "fedfs-spawn");
        t.setDaemon(true);
        return t;
    });

    /** Where the kernel refuses a thread its own descriptors, programs are started as ever. */
    public Spawner() {
        call(() -> {
            // Loads what a start needs, so that no file is opened on this thread later: this one fails.
            Spawn.spawn(List.of("/nonexistent"), Map.of("LC_ALL", "C"), Path.of("/dev/null"));
            return Sys.unshare(Sys.CLONE_FILES);
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

    private int call(Callable<Integer> task) {
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

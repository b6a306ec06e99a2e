package io.fedfs.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Starts programs, one after the other, from a thread of its own. */
public final class Spawner implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "fedfs-spawn");
        t.setDaemon(true);
        return t;
    });

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

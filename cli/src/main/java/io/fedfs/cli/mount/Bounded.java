package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work with a bound on its time, whatever it waits for: another dead mount on the way is enough to hang a system call. */
final class Bounded {
    private Bounded() {}

    /**
     * The result of the work, if it comes in time. Work that does not is interrupted and left behind on a daemon thread,
     * which does not keep the process alive.
     *
     * @param what names the wait in the message
     * @throws CommandFailure TIMEOUT
     */
    static <T> T within(Duration limit, String what, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "fedfs-ask");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new CommandFailure(
                    FedFsStatus.TIMEOUT,
                    what + " did not answer within " + limit.toSeconds() + " s",
                    "--timeout SECONDS waits longer",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}

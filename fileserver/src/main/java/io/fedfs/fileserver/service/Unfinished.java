package io.fedfs.fileserver.service;

import io.fedfs.fileserver.journal.Journal;
import io.fedfs.server.v1.Intent;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Comes back to what was interrupted until it is done, one after the other on a thread of its own. What is just being done by a
 * call is younger than the pause between two rounds, or held by it.
 */
final class Unfinished implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Unfinished.class);

    private final Journal journal;
    private final Function<Intent, String> resume;
    private final ScheduledExecutorService thread;
    /** What was said of each intent last: a reason is logged once. Used by the thread only. */
    private final Map<String, String> said = new HashMap<>();

    /**
     * @param resume tries to finish one; gives why it cannot, empty when there is nothing more to do about it now
     * @param pause between two rounds
     */
    Unfinished(Journal journal, Function<Intent, String> resume, Duration pause) {
        this.journal = journal;
        this.resume = resume;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread t = new Thread(task, "fedfs-server-unfinished");
            t.setDaemon(true);
            return t;
        });
        var unused = thread.scheduleWithFixedDelay(this::round, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void round() {
        try {
            for (Intent intent : journal.all()) {
                String why = resume.apply(intent);
                if (!why.isEmpty() && !why.equals(said.put(intent.getId(), why))) {
                    log.warn("{} ({}) is not finished: {}", intent.getPath(), intent.getFsn(), why);
                }
            }
            said.keySet().removeIf(id -> journal.all().stream()
                    .noneMatch(i -> i.getId().equals(id)));
        } catch (RuntimeException e) {
            // An executor would end the rounds silently.
            log.error("cannot go on with what was interrupted", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Background questions to one NSDB, a few at a time: after a recovery or a resync thousands may be due at once, and the NSDB
 * has users to serve as well. An FSN waits at most once.
 */
final class RefreshQueue {
    private final int atOnce;
    private final Function<Fsn, CompletableFuture<Resolution>> ask;
    private final Set<Fsn> waiting = new LinkedHashSet<>();
    private int underWay;
    private boolean starting;

    /**
     * @param atOnce how many questions are under way at most
     * @param ask starts one question; does not block
     */
    RefreshQueue(int atOnce, Function<Fsn, CompletableFuture<Resolution>> ask) {
        this.atOnce = atOnce;
        this.ask = ask;
    }

    void add(Fsn fsn) {
        synchronized (this) {
            waiting.add(fsn);
        }
        startSome();
    }

    /** Forgets what waits, because it would be of no use now. */
    synchronized void clear() {
        waiting.clear();
    }

    private void startSome() {
        while (true) {
            Fsn next;
            synchronized (this) {
                // An answer may come before ask returns; the loop that is running takes the next one, not a nested one.
                if (starting || underWay >= atOnce || waiting.isEmpty()) {
                    return;
                }
                Iterator<Fsn> first = waiting.iterator();
                next = first.next();
                first.remove();
                underWay++;
                starting = true;
            }
            CompletableFuture<Resolution> question;
            try {
                question = ask.apply(next);
            } finally {
                synchronized (this) {
                    starting = false;
                }
            }
            var unused = question.whenComplete((answer, error) -> finished());
        }
    }

    private void finished() {
        synchronized (this) {
            underWay--;
        }
        startSome();
    }
}

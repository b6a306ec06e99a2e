package io.fedfs.nsdb.store;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. A durable commit costs a sync of the disk, so all writes that wait when the last commit is done
 * share the next one; each stands on a savepoint of its own, so one that is refused takes nothing with it. A failure of the
 * database itself fails the whole group: none of it was acknowledged, none of it is there. The next group gets a new
 * session, so that a disk that has room again is used again.
 *
 * <p>After the commit, and before any write of the group is acknowledged, the {@link Observer} is told: there the store drops
 * what it had cached.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    /** The sync is shared by so many writes; more would only make the first ones wait for the last. */
    private static final int GROUP_WRITES = 256;

    private static final int GROUP_CHANGES = 1_000;
    private static final long CLOSE_SECONDS = 30;

    /** Gives a session when there is none: at the first write, and after a failure. */
    interface Opener {
        WriterSession open() throws SQLException;
    }

    /** Told from the committing thread, before anything is acknowledged. */
    interface Observer {
        /** A group was committed: its writes that changed something, the oldest first. */
        void committed(long revision, List<SqliteTransaction> writes);

        /** A new session began after a failure; this is how the store is on disk. */
        void reopened(StoreInfo info);
    }

    private final Opener opener;
    private final Observer observer;
    private final BlockingQueue<Pending<?>> waiting;
    private final Thread thread;
    /** Behind the last write that is taken. */
    private final Pending<?> end = new Pending<>(transaction -> null);
    /** Guards the queue against writes that arrive after its end. */
    private final Object door = new Object();

    private boolean closed;
    /** The committing thread's only; null after a failure. */
    private WriterSession session;

    GroupCommit(WriterSession first, Opener opener, int waitingWrites, Observer observer) {
        this.session = first;
        this.opener = opener;
        this.observer = observer;
        this.waiting = new ArrayBlockingQueue<>(waitingWrites);
        this.thread = new Thread(this::run, "nsdb-commit");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** See {@link NsdbStore#write}. */
    <T> CompletableFuture<T> submit(Write<T> write) {
        Pending<T> pending = new Pending<>(write);
        synchronized (door) {
            if (closed) {
                pending.fail(new NsdbException(FedFsStatus.NSDB_DOWN, "the NSDB is stopping"));
            } else if (!waiting.offer(pending)) {
                pending.fail(new NsdbException(FedFsStatus.DELAY, "too many writes wait on the NSDB: try again"));
            }
        }
        return pending.future;
    }

    private void run() {
        while (true) {
            try {
                Pending<?> first = waiting.take();
                if (first == end) {
                    return;
                }
                commit(first);
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread; ending on it would leave writers waiting for ever.
                log.warn("the committing thread was interrupted", e);
            }
        }
    }

    /** Commits a write together with those that wait behind it. */
    private void commit(Pending<?> first) {
        List<Pending<?>> group = new ArrayList<>();
        group.add(first);
        List<SqliteTransaction> done = new ArrayList<>();
        try {
            open();
            session.begin();
            int changes = 0;
            for (Pending<?> next = first; next != null; next = follower(group, changes)) {
                SqliteTransaction transaction = next.runIn(session);
                if (transaction != null) {
                    done.add(transaction);
                    changes += transaction.changes().size();
                }
            }
            session.commit();
        } catch (SQLException | RuntimeException | Error e) {
            // Errors too: were this thread to end, every later write would wait for ever.
            NsdbException failure = failure(e);
            drop();
            group.forEach(p -> p.fail(failure));
            return;
        }
        observer.committed(session.revision(), done);
        group.forEach(Pending::acknowledge);
    }

    private void open() throws SQLException {
        if (session == null) {
            session = opener.open();
            observer.reopened(session.opened());
        }
    }

    private void drop() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** The next write of this group; null when none waits or the group is large enough. */
    private Pending<?> follower(List<Pending<?>> group, int changes) {
        if (group.size() >= GROUP_WRITES || changes >= GROUP_CHANGES || waiting.peek() == end) {
            return null;
        }
        Pending<?> next = waiting.poll();
        if (next != null) {
            group.add(next);
        }
        return next;
    }

    private static NsdbException failure(Throwable e) {
        if (e instanceof SQLException sql) {
            return Sqlite.failure("a commit", sql);
        }
        log.error("a commit failed", e);
        return new NsdbException(FedFsStatus.SVRFAULT, "the NSDB failed", e);
    }

    /** Takes no more writes, commits those that wait, closes the session. */
    @Override
    public void close() {
        try {
            synchronized (door) {
                if (!closed) {
                    closed = true;
                    // Blocks while the queue is full; the committing thread makes room without needing the door.
                    waiting.put(end);
                }
            }
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            // The session is the thread's: it is left to the end of the process rather than torn from under it.
            log.error("writes are still being committed after {} s", CLOSE_SECONDS);
            return;
        }
        drop();
    }

    /** One write, its outcome, and who waits for it. */
    private static final class Pending<T> {
        private final Write<T> write;
        private final CompletableFuture<T> future = new CompletableFuture<>();
        private T result;
        private RuntimeException refusal;

        Pending(Write<T> write) {
            this.write = write;
        }

        /** Runs the write on its savepoint; null when it was refused or changed nothing. */
        SqliteTransaction runIn(WriterSession session) throws SQLException {
            SqliteTransaction transaction = session.write();
            try {
                result = write.apply(transaction);
            } catch (SqlFailure e) {
                throw e.sql();
            } catch (RuntimeException e) {
                session.undo();
                refusal = e;
                return null;
            }
            session.keep(transaction);
            return transaction.changedNothing() ? null : transaction;
        }

        void acknowledge() {
            if (refusal == null) {
                future.complete(result);
            } else {
                future.completeExceptionally(refusal);
            }
        }

        /** Not done at all. A refusal counts no more: it may rest on writes of the group that are not there. */
        void fail(RuntimeException failure) {
            future.completeExceptionally(failure);
        }
    }
}

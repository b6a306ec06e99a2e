package io.fedfs.projection;

import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Request;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Statx;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Resolver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the resolver ask early about junctions that will probably be crossed: whoever crosses one after the other in a directory need not wait for an
 * NSDB at each, and the NSDB is asked for many at once.
 *
 * <p>It begins with the third one that is crossed in a directory, and reads on in its listing as long as what it asks about is used: what was asked for and is
 * not crossed yet is at most {@value #FOR_EACH} times what has been crossed. So who wants a few costs the NSDB a few calls more, and who wants thousands soon waits for
 * none, in whatever order. Only the documents are read, by a thread that nobody waits for; a node is made, and a location attached, when somebody comes.
 */
final class ReadAhead {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    /** Two may be chance. */
    private static final int BEGINS_WITH = 3;
    /** How many are asked about and not crossed yet, at most, for each that was. */
    private static final int FOR_EACH = 8;
    /** How far it goes ahead: an answer is not to be forgotten, or too old, before it is used. */
    private static final int FARTHEST = 16_384;
    /** Entries of a listing looked at for one crossing, so that a few junctions among many others cost little. */
    private static final int MOST_LOOKED_AT = 512;

    private static final long ENDS_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MOST_DIRECTORIES = 64;
    private static final int IDLE_SECONDS = 10;

    private static final int STAT_AT = 0;
    private static final int DOT_AT = Statx.SIZE;
    private static final int LIST_AT = 4096;
    private static final int LIST_BYTES = 32 * 1024;

    /** Offsets in {@code struct linux_dirent64}. */
    private static final int D_OFF = 8;

    private static final int D_RECLEN = 16;
    private static final int D_TYPE = 18;
    private static final int D_NAME = 19;
    private static final int DT_UNKNOWN = 0;
    private static final int DT_DIR = 4;

    private final Resolver resolver;
    private final Descriptors descriptors;
    private final Predicate<Fsn> trustedFromUsers;

    /** By the directory's nodeid, the one used last at the end. Guarded by this, as what is in them. */
    private final Map<Long, Run> runs = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Run> eldest) {
            return size() > MOST_DIRECTORIES;
        }
    };

    private final ThreadPoolExecutor reader;
    /** The reader's. */
    private NativeBuffer memory;

    /** Junctions being crossed in one directory. */
    private static final class Run {
        int crossed;
        /** Of those crossed, the ones whose answer was there. */
        int known;

        int asked;
        /** Up to where the listing was read. */
        long position;

        boolean reading;
        boolean atEnd;
        long last;

        /** How many more to ask about; 0 while that is not worth a look. */
        int wanted() {
            int window = Math.min(FOR_EACH * crossed, FARTHEST);
            int ahead = Math.max(0, asked - known);
            return crossed < BEGINS_WITH || reading || atEnd || ahead > window / 2 ? 0 : window - ahead;
        }
    }

    /** @param trustedFromUsers which NSDBs are asked because of a junction that any user could have written */
    ReadAhead(Resolver resolver, Descriptors descriptors, Predicate<Fsn> trustedFromUsers) {
        this.resolver = resolver;
        this.descriptors = descriptors;
        this.trustedFromUsers = trustedFromUsers;
        this.reader = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_DIRECTORIES), task -> {
                    Thread t = new Thread(task, "fedfs-read-ahead");
                    t.setDaemon(true);
                    return t;
                });
        reader.allowCoreThreadTimeOut(true);
    }

    /**
     * A junction is about to be crossed. The calling thread acts as the daemon.
     *
     * @param directory where it is
     * @param known whether the resolver knows where it leads
     */
    void crossing(Request rq, Inode directory, Fsn fsn, boolean known) {
        Run run;
        int wanted;
        synchronized (this) {
            long now = System.nanoTime();
            run = runs.get(directory.id());
            if (run == null || now - run.last > ENDS_AFTER_NANOS) {
                run = new Run();
                runs.put(directory.id(), run);
            }
            run.last = now;
            run.crossed++;
            if (known) {
                run.known++;
            }
            // Where all is known without it there is nothing to read for.
            wanted = known && run.asked == 0 ? 0 : run.wanted();
            if (wanted == 0) {
                return;
            }
            run.reading = true;
        }
        Reading reading = reading(rq, directory, fsn, run, wanted);
        try {
            if (reading != null) {
                reader.execute(reading);
                return;
            }
        } catch (RejectedExecutionException e) {
            // So many directories wait already, or the mount is ending.
            reading.let();
        }
        over(run, 0, run.position, reading == null);
    }

    private Reading reading(Request rq, Inode directory, Fsn fsn, Run run, int wanted) {
        try {
            int pinned = descriptors.pin(rq, directory);
            if (pinned < 0) {
                return null;
            }
            try {
                int fd = Sys.dup(pinned);
                return fd < 0 ? null : new Reading(run, fd, fsn, wanted);
            } finally {
                descriptors.unpin(directory);
            }
        } catch (FsException e) {
            LOG.debug("no read-ahead in node {}: {}", directory.id(), e.getMessage());
            return null;
        }
    }

    private synchronized void over(Run run, int asked, long position, boolean atEnd) {
        run.asked += asked;
        run.position = position;
        run.atEnd |= atEnd;
        run.reading = false;
    }

    /** Begins nothing any more. */
    void close() {
        reader.shutdownNow().forEach(task -> ((Reading) task).let());
    }

    /** A part of a listing, looked at for junctions. */
    private final class Reading implements Runnable {
        private final Run run;
        private final int directory;
        private final Fsn crossed;
        private final int wanted;
        private int looked;
        private int asked;
        private long position;
        private boolean atEnd;

        /**
         * @param directory an O_PATH descriptor, closed with this
         * @param crossed who crosses asks for this one
         */
        Reading(Run run, int directory, Fsn crossed, int wanted) {
            this.run = run;
            this.directory = directory;
            this.crossed = crossed;
            this.wanted = wanted;
            this.position = run.position;
        }

        void let() {
            Sys.close(directory);
        }

        @Override
        public void run() {
            try {
                if (memory == null) {
                    memory = new NativeBuffer(LIST_AT + LIST_BYTES);
                    memory.putByte(DOT_AT, (byte) '.');
                }
                int fd = Sys.openat(directory, memory.address(DOT_AT), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
                atEnd = fd < 0;
                if (fd >= 0) {
                    try {
                        list(fd);
                    } finally {
                        Sys.close(fd);
                    }
                }
            } finally {
                let();
                over(run, asked, position, atEnd);
            }
        }

        private void list(int fd) {
            atEnd = position != 0 && Sys.lseek(fd, position, 0) < 0;
            while (!atEnd && !isEnough()) {
                long got = Sys.getdents64(fd, memory.address(LIST_AT), LIST_BYTES);
                atEnd = got <= 0;
                for (int at = LIST_AT;
                        at < LIST_AT + got && !isEnough();
                        at += memory.getShort(at + D_RECLEN) & 0xffff) {
                    look(fd, at);
                    looked++;
                    position = memory.getLong(at + D_OFF);
                }
            }
        }

        private boolean isEnough() {
            return asked >= wanted || looked >= MOST_LOOKED_AT;
        }

        private void look(int fd, int at) {
            int type = memory.getByte(at + D_TYPE);
            int name = at + D_NAME;
            if (type != DT_DIR && type != DT_UNKNOWN
                    || Sys.statx(
                                    fd,
                                    memory.address(name),
                                    Sys.AT_SYMLINK_NOFOLLOW,
                                    Statx.WANTED,
                                    memory.address(STAT_AT))
                            < 0
                    || !Junctions.modeMarks(Statx.mode(memory, STAT_AT))) {
                return;
            }
            junction(fd, memory.bytes(name, memory.indexOfNul(name, memory.capacity()) - name))
                    .filter(junction -> junction.inTrustedNamespace() || trustedFromUsers.test(junction.fsn()))
                    .map(Junction::fsn)
                    .filter(fsn -> !fsn.equals(crossed) && resolver.cached(fsn).isEmpty())
                    .ifPresent(fsn -> {
                        resolver.expect(fsn);
                        asked++;
                    });
        }

        private Optional<Junction> junction(int fd, byte[] name) {
            try {
                return Junctions.recognise(Boundaries.path(fd, name), false);
            } catch (JunctionFormatException e) {
                // Whoever comes to it is told, and the log.
                return Optional.empty();
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT) {
                    LOG.debug("read-ahead: {}", e.getMessage());
                }
                return Optional.empty();
            }
        }
    }
}

package io.fedfs.soak;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The directory where all workers race. Nobody can say what a step there answers, but some answers no file system may give, and of what is
 * left some things hold whoever was faster: records appended by many processes are whole and in order, and no count is lost that
 * was made under a lock.
 */
final class Shared {
    private static final String LOG = "log";
    private static final String COUNTER = "counter";
    private static final int RECORD = 64;
    private static final int SLOT = 8;
    private static final int LARGEST = 60_000;
    private static final List<String> NAMES = List.of("a", "b", "d/a", "d/b", "d/e/a", "d/e/b", "f", "g", "d/f");
    private static final List<String> DIRECTORIES = List.of("d", "d/e", "f", "g");
    private static final List<Caller> CALLERS = List.of(Caller.ALICE, Caller.BOB, Caller.CAROL, Caller.ROOT);

    /** What a race may end in on a plain directory. */
    private static final Set<Integer> ALLOWED = Set.of(
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.ENOTDIR,
            Errno.EISDIR,
            Errno.ENOTEMPTY,
            Errno.EACCES,
            Errno.EPERM,
            Errno.ELOOP,
            Errno.EINVAL,
            Errno.ENODATA,
            Errno.EXDEV);

    private final Ground ground;
    private final int worker;
    private final Random random;
    private long appended;
    private long counted;

    Shared(Path directory, int worker, long seed) {
        this.ground = new Ground(directory, Caller.ROOT);
        this.worker = worker;
        this.random = new Random(seed);
    }

    /** What the workers find; made once, on the directory underneath. */
    static void make(Path directory) {
        try (Ground g = new Ground(directory, Caller.ROOT)) {
            g.makeFile(LOG, "", 0666).makeFile(COUNTER, "0".repeat(SLOT), 0666);
            Ground.must(g.chmod(".", 0777));
        }
    }

    long appended() {
        return appended;
    }

    long counted() {
        return counted;
    }

    /** One random thing; counts it. Throws when its answer is none that a file system may give. */
    void step(Tally tally) {
        Caller who = CALLERS.get(random.nextInt(CALLERS.size()));
        Ground g = ground.as(who);
        String name = NAMES.get(random.nextInt(NAMES.size()));
        String other = NAMES.get(random.nextInt(NAMES.size()));
        String directory = DIRECTORIES.get(random.nextInt(DIRECTORIES.size()));
        int at = random.nextInt(LARGEST);
        String what;
        long result =
                switch (random.nextInt(19)) {
                    case 0, 1 -> {
                        what = "write " + name;
                        yield write(g, name, at);
                    }
                    case 2 -> {
                        what = "read " + name;
                        yield read(g, name);
                    }
                    case 3 -> {
                        what = "unlink " + name;
                        yield g.unlink(name);
                    }
                    case 4 -> {
                        what = "rename " + name + " " + other;
                        yield g.rename(name, other);
                    }
                    case 5 -> {
                        what = "rename " + directory + " " + other;
                        yield g.rename(directory, other);
                    }
                    case 6 -> {
                        what = "link " + name + " " + other;
                        yield g.link(name, other);
                    }
                    case 7, 8 -> {
                        what = "mkdir " + directory;
                        yield mkdir(g, directory);
                    }
                    case 9 -> {
                        what = "rmdir " + directory;
                        yield g.rmdir(directory);
                    }
                    case 10 -> {
                        what = "symlink " + name;
                        yield g.symlink("f", name);
                    }
                    case 11 -> {
                        what = "stat " + name;
                        yield g.lstat(name).result();
                    }
                    case 12 -> {
                        what = "readdir " + directory;
                        yield list(g, directory);
                    }
                    case 13 -> {
                        what = "chmod " + name;
                        yield g.chmod(name, random.nextBoolean() ? 0777 : 0666);
                    }
                    case 14 -> {
                        what = "truncate " + name;
                        yield g.truncate(name, at);
                    }
                    case 15 -> {
                        what = "chown " + name;
                        yield ground.lchown(name, who.uid(), who.gid());
                    }
                    case 16 -> {
                        what = "setxattr " + name;
                        yield g.setxattr(name, "user.by", who.name(), 0);
                    }
                    case 17 -> {
                        what = "append";
                        yield append(g);
                    }
                    default -> {
                        what = "count";
                        yield count(g);
                    }
                };
        tally.count("shared", result < 0 ? Seen.render(result) : "");
        if (result < 0 && !ALLOWED.contains((int) -result)) {
            throw new Difference(who.name() + " in the shared directory: " + what + ": " + Seen.render(result));
        }
    }

    private static long mkdir(Ground g, String name) {
        long r = g.mkdir(name, 0777);
        return r < 0 ? r : g.chmod(name, 0777);
    }

    private static long list(Ground g, String name) {
        int fd = g.open(name, Ground.RDONLY | Sys.O_DIRECTORY);
        if (fd < 0) {
            return fd;
        }
        NativeBuffer b = new NativeBuffer(8192);
        long r;
        do {
            r = g.getdents(fd, b, 8192);
        } while (r > 0);
        g.close(fd);
        // Of a directory that was removed under a reader, nothing is left to read (getdents(2)).
        return r == -Errno.ENOENT ? 0 : r;
    }

    private static long write(Ground g, String name, int at) {
        int fd = g.open(name, Ground.RDWR | Ground.CREAT, 0666);
        if (fd < 0) {
            return fd;
        }
        // Whatever happens to the name: this file keeps what was written, until somebody else writes there.
        long r = g.pwrite(fd, "shared".repeat(50), at);
        if (r >= 0) {
            r = g.fstat(fd).result();
        }
        g.close(fd);
        return r;
    }

    private static long read(Ground g, String name) {
        int fd = g.open(name, Ground.RDONLY | Sys.O_NONBLOCK);
        if (fd < 0) {
            return fd;
        }
        String got = g.fstat(fd).kind().equals("file") ? g.pread(fd, LARGEST, 0) : "";
        g.close(fd);
        return got.equals("EIO") || got.equals("ESTALE") || got.equals("ENOTCONN") ? -Errno.EIO : 0;
    }

    private long append(Ground g) {
        int fd = g.open(LOG, Ground.WRONLY | Ground.APPEND);
        if (fd < 0) {
            return fd;
        }
        String record = String.format("worker %d record %d", worker, appended + 1);
        long r = g.write(fd, record + ".".repeat(RECORD - 1 - record.length()) + "\n");
        if (r == RECORD) {
            appended++;
        }
        g.close(fd);
        return r;
    }

    /** Reads, adds one, writes, under a lock that is waited for. */
    private long count(Ground g) {
        int fd = g.open(COUNTER, Ground.RDWR);
        if (fd < 0) {
            return fd;
        }
        try {
            long r = g.fcntl(fd, Sys.F_OFD_SETLKW, Steps.region(1, 0, SLOT).address());
            if (r < 0) {
                return r;
            }
            long now = Long.parseLong(g.pread(fd, SLOT, 0)) + 1;
            r = g.pwrite(fd, String.format("%0" + SLOT + "d", now), 0);
            counted++;
            return r;
        } finally {
            g.close(fd);
        }
    }

    /**
     * What must hold when nobody moves, of the directory underneath.
     *
     * @param appended records that each worker says it has appended
     * @param counted what all together say they have counted
     */
    static void judge(Path directory, Map<Integer, Long> appended, long counted) throws IOException {
        String counter = Files.readString(directory.resolve(COUNTER), StandardCharsets.ISO_8859_1);
        if (Long.parseLong(counter) != counted) {
            throw new Difference("the counter is " + counter + ", and " + counted + " were counted under the lock");
        }
        Map<Integer, Long> last = new java.util.HashMap<>();
        String log = Files.readString(directory.resolve(LOG), StandardCharsets.ISO_8859_1);
        for (int at = 0; at < log.length(); at += RECORD) {
            String record = log.substring(at, Math.min(log.length(), at + RECORD));
            String[] words = record.split("[ .]+");
            if (words.length != 5 || !record.endsWith(".\n") || record.length() != RECORD) {
                throw new Difference("a torn record at " + at + " of the shared log: " + Steps.quoted(record));
            }
            int worker = Integer.parseInt(words[1]);
            long number = Long.parseLong(words[3]);
            if (number != last.getOrDefault(worker, 0L) + 1) {
                throw new Difference("record " + number + " of worker " + worker + " follows " + last.get(worker));
            }
            last.put(worker, number);
        }
        appended.forEach((worker, number) -> {
            if (number != last.getOrDefault(worker, 0L).longValue()) {
                throw new Difference("worker " + worker + " appended " + number + " records, and the log has "
                        + last.getOrDefault(worker, 0L));
            }
        });
    }
}

package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.ThreadCredentials;
import io.fedfs.projection.FuzzedTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Malformed requests by the hundred thousand: every one that wants an answer gets exactly one that the kernel takes, nothing unexpected
 * happens inside, no access leaves the message or the buffers, nothing stays behind. {@code scripts/fuzz} runs it longer.
 *
 * <p>Properties: {@code fedfs.fuzz.count}, how many requests, half of them for each of the two file systems; {@code fedfs.fuzz.seed}. A failure
 * names both and shows the request.
 */
final class FuzzTest {
    private static final long COUNT = Long.getLong("fedfs.fuzz.count", 300_000);
    private static final long SEED = Long.getLong("fedfs.fuzz.seed", 20_260_101);
    /** A tree of its own for so many, so that it stays small and leaks show soon. */
    private static final int ROUND = 25_000;
    /** No request may take so long; the machine may be busy. */
    private static final Duration HANG = Duration.ofSeconds(20);

    private final byte[] request = new byte[RequestFuzzer.MAX];
    private volatile long served;
    private volatile int length;
    private volatile String unexpected;

    private final Logger log = (Logger) LoggerFactory.getLogger("io.fedfs");
    /** What is logged as an error is a failure that nobody expected: no request, however odd, may cause one. */
    private final AppenderBase<ILoggingEvent> errors = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent e) {
            unexpected = e.getFormattedMessage()
                    + (e.getThrowableProxy() == null
                            ? ""
                            : ": " + e.getThrowableProxy().getClassName() + ": "
                                    + e.getThrowableProxy().getMessage() + " at "
                                    + Arrays.toString(
                                            Arrays.copyOf(e.getThrowableProxy().getStackTraceElementProxyArray(), 4)));
        }
    };

    @BeforeEach
    void listen() {
        log.setLevel(Level.ERROR);
        log.setAdditive(false);
        errors.setContext(log.getLoggerContext());
        errors.start();
        log.addAppender(errors);
    }

    @AfterEach
    void listenNoMore() {
        log.detachAppender(errors);
        log.setLevel(null);
        log.setAdditive(true);
    }

    private interface Body {
        /** Returns how many requests were answered without an error. */
        long run() throws Exception;
    }

    /** On a thread of its own, whose user id and umask the tree changes; watched. */
    private void watched(String target, Body body) throws Exception {
        Throwable[] failure = new Throwable[1];
        long[] fine = new long[1];
        Thread thread = new Thread(() -> {
            try {
                fine[0] = body.run();
            } catch (Throwable t) {
                failure[0] = t;
            }
        });
        thread.setDaemon(true);
        long began = System.nanoTime();
        thread.start();
        long before = -1;
        while (true) {
            thread.join(HANG.toMillis());
            if (!thread.isAlive()) {
                break;
            }
            if (served == before) {
                fail("%s hangs, %s", described(), Arrays.toString(thread.getStackTrace()));
            }
            before = served;
        }
        if (failure[0] != null) {
            throw new AssertionError(described(), failure[0]);
        }
        System.out.printf(
                Locale.ROOT,
                "fuzz: %,d requests to %s, seed %d: %,d did something, no fault, %.1f s%n",
                served,
                target,
                SEED,
                fine[0],
                (System.nanoTime() - began) / 1e9);
        assertThat(fine[0]).as("requests that did something").isGreaterThan(served / 20);
    }

    private String described() {
        return String.format(
                "request %d, seed %d: %s", served, SEED, HexFormat.of().formatHex(request, 0, Math.max(0, length)));
    }

    private void check(String fault) {
        if (fault != null || unexpected != null) {
            fail(fault == null ? "unexpected: " + unexpected : fault);
        }
    }

    // ---------------------------------------------------------------- a file system that looks at all it is given

    @Test
    void theDecoderStandsAnything() throws Exception {
        decoder("the decoder", false);
    }

    /** Of a ring entry the header and the two parts of the message come apart, and each says how long it is. */
    @Test
    void theDecoderOfRingEntriesStandsAnything() throws Exception {
        decoder("the decoder of ring entries", true);
    }

    private void decoder(String target, boolean byRing) throws Exception {
        watched(target, () -> {
            Looking fs = new Looking();
            RequestFuzzer fuzzer = new RequestFuzzer(SEED);
            Random random = new Random(SEED);
            long fine = 0;
            try (FuzzedSession session = new FuzzedSession(fs.fileSystem(), byRing ? new FuzzedRing() : null)) {
                fs.session = session;
                for (served = 0; served < COUNT / 2; served++) {
                    length = fuzzer.next(request);
                    if (byRing && length < RequestReader.HEADER) {
                        continue; // in a ring entry the header has a place of its own and is always whole
                    }
                    boolean refused = random.nextInt(16) == 0;
                    fs.seen = 0;
                    check(session.serve(request, length, (byte) 0, refused));
                    int seen = fs.seen;
                    int reply = session.replyHash();
                    fs.seen = 0;
                    check(session.serve(request, length, (byte) 0xff, refused));
                    if (session.servedTheRequest() && (seen != fs.seen || reply != session.replyHash())) {
                        fail("the outcome depends on what is behind the message");
                    }
                    check(fs.fault);
                    fine += session.succeeded() ? 1 : 0;
                }
            }
            return fine;
        });
    }

    /** Answers at random, but the same to the same request; what it sees of the request makes a hash. */
    private static final class Looking {
        private FuzzedSession session;
        private int seen;
        private String fault;

        FileSystem fileSystem() {
            ScriptedFileSystem fs = new ScriptedFileSystem(false);
            for (var m : FileSystem.class.getMethods()) {
                fs.on(m.getName(), (rq, args) -> look(m.getName(), rq, args));
            }
            return fs.fileSystem();
        }

        private long look(String operation, Request rq, Object[] args) {
            see(operation.hashCode());
            if (rq != null) {
                see(rq.uid);
                see(rq.gid);
                see(rq.pid);
                see(Long.hashCode(rq.unique));
                see(rq.supplementaryGroup);
                see(rq.killSuidgid ? 1 : 0);
            }
            for (Object a : args) {
                if (a instanceof Name n) {
                    if (n.length() <= 0 || n.byteAt(n.length()) != 0) {
                        fault = operation + ": a name without end";
                    }
                    see(Arrays.hashCode(n.bytes()));
                }
            }
            return switch (operation) {
                case "write" -> in(args, 5, 4) ? number(args[4]) : 0;
                case "setxattr" -> in(args, 3, 4) ? random().nextInt(-40, 1) : 0;
                case "read" -> out(args, 5, 4);
                case "readlink" -> out(args, 2, 3);
                case "getxattr" -> out(args, 3, 4);
                case "listxattr" -> out(args, 2, 3);
                case "ioctl" -> {
                    in(args, 6, 7);
                    out(args, 8, 9);
                    yield random().nextInt(-40, 3);
                }
                case "readdir" -> list(rq, (DirectorySink) args[5], number(args[4]));
                case "setattr" -> {
                    AttributeChange c = rq.change;
                    see(Arrays.hashCode(new long[] {c.valid, c.fh, c.size, c.atime, c.mtime, c.mode, c.uid, c.gid}));
                    yield any(args);
                }
                case "getlk", "setlk" -> {
                    see(Arrays.hashCode(new long[] {rq.lock.start, rq.lock.end, rq.lock.type, rq.lock.pid}));
                    yield any(args);
                }
                case "lookup" -> {
                    rq.entry.nodeid = random().nextInt(3);
                    yield any(args);
                }
                default -> any(args);
            };
        }

        private long any(Object[] args) {
            for (Object a : args) {
                if (a instanceof Number || a instanceof Boolean) {
                    see(a.hashCode());
                }
            }
            SplittableRandom r = random();
            return r.nextInt(3) == 0 ? -r.nextInt(5000) : 0;
        }

        private void see(int what) {
            seen = 31 * seen + what;
        }

        private SplittableRandom random() {
            return new SplittableRandom(seen);
        }

        private static int number(Object o) {
            return ((Number) o).intValue();
        }

        /** Data of the request: inside the message, and part of what was seen. */
        private boolean in(Object[] args, int address, int size) {
            int count = number(args[size]);
            NativeBuffer b = session.x.in.buffer();
            long offset = (Long) args[address] - b.address();
            if (count < 0 || offset < session.x.in.start() || offset + count > b.capacity()) {
                fault = count + " bytes at " + offset + " are outside the request";
                return false;
            }
            see(Arrays.hashCode(b.bytes((int) offset, count)));
            return true;
        }

        /** Room in the reply, of which a part is used. */
        private long out(Object[] args, int address, int size) {
            int count = number(args[size]);
            NativeBuffer b = session.x.out.buffer();
            long offset = (Long) args[address] - b.address();
            if (count < 0 || offset < 0 || offset + count > b.capacity()) {
                fault = count + " bytes at " + offset + " are outside the reply";
                return 0;
            }
            b.zero((int) offset, count);
            see(count);
            return random().nextInt(-1, count + 1);
        }

        private long list(Request rq, DirectorySink sink, int size) {
            see(size);
            SplittableRandom r = random();
            for (int i = r.nextInt(50); i > 0; i--) {
                int name = 1 + r.nextInt(255);
                if (!sink.hasRoom(name)) {
                    break;
                }
                rq.scratch.zero(0, name);
                rq.entry.nodeid = r.nextInt(3);
                if (r.nextBoolean()) {
                    sink.add(rq.scratch, 0, name, i, rq.entry);
                } else {
                    sink.add(rq.scratch, 0, name, i, 4, i);
                }
            }
            return r.nextInt(8) == 0 ? -5 : 0;
        }
    }

    // ---------------------------------------------------------------- the real tree

    @Test
    void theTreeStandsAnything() throws Exception {
        Path memory = Path.of("/dev/shm");
        Path directory = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "fedfs-fuzz")
                : Files.createTempDirectory("fedfs-fuzz");
        try {
            watched("the tree", () -> {
                RequestFuzzer fuzzer = new RequestFuzzer(SEED + 1);
                Random random = new Random(SEED);
                long fine = 0;
                for (served = 0; served < COUNT / 2; ) {
                    fine += round(fuzzer, random, directory, Math.min(COUNT / 2, served + ROUND));
                }
                return fine;
            });
        } finally {
            FuzzedTree.remove(directory);
        }
    }

    private long round(RequestFuzzer fuzzer, Random random, Path directory, long until) throws Exception {
        Sys.umask(022);
        long fine = 0;
        fuzzer.forgetAll();
        Given given = new Given(fuzzer);
        int remembered = random.nextBoolean() ? 0 : 100;
        try (FuzzedTree tree = new FuzzedTree(directory, remembered);
                FuzzedSession session = new FuzzedSession(tree.fileSystem())) {
            try {
                for (; served < until; served++) {
                    length = fuzzer.next(request);
                    ByteBuffer r = ByteBuffer.wrap(request, 0, length).order(ByteOrder.nativeOrder());
                    harmless(r);
                    check(session.serve(request, length, (byte) served, random.nextInt(16) == 0));
                    if (session.succeeded()) {
                        fine++;
                        given.note(session);
                    }
                }
                given.back(tree.fileSystem(), session);
            } finally {
                ThreadCredentials.reset();
            }
            assertThat(tree.reached()).isEmpty();
            // Remembered nodes hold the directories above them.
            long held = remembered * 20L;
            assertThat(tree.counters())
                    .containsEntry("open_files", 0L)
                    .containsEntry("inodes", 0L)
                    .hasEntrySatisfying("remembered", n -> assertThat(n).isLessThanOrEqualTo(held))
                    .hasEntrySatisfying("descriptors", n -> assertThat(n).isLessThanOrEqualTo(held));
        }
        assertThat(openBelow(directory)).isEmpty();
        return fine;
    }

    /**
     * Keeps what a request asks of the machine small, since the tree is real: no gigabytes written, no file made immutable, no device but
     * {@code /dev/null}. What is absurd stays so.
     */
    private static void harmless(ByteBuffer r) {
        if (r.limit() < 8) {
            return;
        }
        switch (r.getInt(4)) {
            case Opcode.MKNOD -> put32(r, 4, 0x103);
            case Opcode.SETATTR -> small(r, 16);
            case Opcode.WRITE -> small(r, 8);
            case Opcode.FALLOCATE -> {
                small(r, 8);
                small(r, 16);
            }
            case Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 -> {
                small(r, 8);
                small(r, 32);
                small(r, 40);
            }
            case Opcode.IOCTL -> {
                if (r.limit() >= 40 + 36) {
                    r.putInt(40 + 32, r.getInt(40 + 32) & ~0x38);
                }
            }
            default -> {}
        }
    }

    private static void put32(ByteBuffer r, int at, int value) {
        if (r.limit() >= 40 + at + 4) {
            r.putInt(40 + at, value);
        }
    }

    private static void small(ByteBuffer r, int at) {
        if (r.limit() >= 40 + at + 8 && r.getLong(40 + at) > 0) {
            r.putLong(40 + at, r.getLong(40 + at) & 0xfffff);
        }
    }

    /** Open descriptors, but for the filesets' roots, which the attacher keeps for some seconds. */
    private static Set<String> openBelow(Path directory) throws IOException {
        Set<String> found = new HashSet<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : all.toList()) {
                try {
                    String target = Files.readSymbolicLink(fd).toString();
                    if (target.startsWith(directory + "/") && !target.matches(".*/(root|inner) \\(deleted\\)")) {
                        found.add(target + " "
                                + Files.readString(Path.of(
                                        "/proc/self/fdinfo", fd.getFileName().toString())));
                    }
                } catch (IOException e) {
                    continue; // closed meanwhile
                }
            }
        }
        return found;
    }

    /** What the replies of one round gave, for the fuzzer to use and for the end to give back. */
    private static final class Given {
        private final RequestFuzzer fuzzer;
        private final Set<Long> nodes = new HashSet<>();
        private final Set<Long> handles = new HashSet<>();

        Given(RequestFuzzer fuzzer) {
            this.fuzzer = fuzzer;
        }

        void note(FuzzedSession session) {
            switch (session.x.in.opcode()) {
                case Opcode.LOOKUP, Opcode.SYMLINK, Opcode.MKNOD, Opcode.MKDIR, Opcode.LINK -> node(session.u64(0));
                case Opcode.CREATE, Opcode.TMPFILE -> {
                    node(session.u64(0));
                    handle(session.u64(128));
                }
                case Opcode.OPEN, Opcode.OPENDIR -> handle(session.u64(0));
                case Opcode.READDIRPLUS -> {
                    for (int at = 0; at < session.bodyLength(); ) {
                        node(session.u64(at));
                        at += 128 + 24 + session.u32(at + 128 + 16) + 7 & ~7;
                    }
                }
                default -> {}
            }
        }

        private void node(long id) {
            if (id != 0 && nodes.add(id)) {
                fuzzer.learnNode(id);
            }
        }

        private void handle(long id) {
            handles.add(id);
            fuzzer.learnHandle(id);
        }

        void back(FileSystem fs, FuzzedSession session) {
            for (long h : handles) {
                fs.release(session.x.request, 0, h, 0, 0, false);
                fs.releasedir(session.x.request, 0, h);
            }
            nodes.forEach(n -> fs.forget(n, -1));
        }
    }
}

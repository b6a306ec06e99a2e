package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.loopback.LoopbackFileSystem;
import io.fedfs.linux.NativeBuffer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serving the frequent requests leaves nothing for the collector. */
final class AllocationTest {
    private static final int MAX = 1 << 17;
    private static final int ROUNDS = 20_000;
    /** A few objects made once, by the machinery of the test itself. */
    private static final long SLACK = 4096;

    @TempDir
    Path dir;

    private final Exchange x = new Exchange(MAX, MAX);
    private LoopbackFileSystem fs;
    private Dispatcher dispatcher;

    private static final Device SINK = new Device() {
        @Override
        public int read(NativeBuffer buffer, int offset, int capacity) {
            return 0;
        }

        @Override
        public int write(NativeBuffer buffer, int offset, int length) {
            return length;
        }

        @Override
        public void close() {}
    };

    @BeforeEach
    void start() {
        fs = new LoopbackFileSystem(dir.toString(), false);
        fs.init(null);
        dispatcher = Dispatchers.of(fs, true, new Interrupts(), new Counters());
    }

    @AfterEach
    void end() {
        fs.destroy();
        x.free();
    }

    private long allocatedBy(Runnable round) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void serve(byte[] request) {
        x.in.buffer().put(x.in.start(), request, 0, request.length);
        dispatcher.serve(x, SINK, request.length);
    }

    @Test
    void attributesAndStatusCostNothing() {
        byte[] getattr = Wire.request(Opcode.GETATTR, 2, 1).zeros(16).message();
        byte[] statfs = Wire.request(Opcode.STATFS, 4, 1).message();
        byte[] access = Wire.request(Opcode.ACCESS, 6, 1).u32(4).u32(0).message();
        assertThat(allocatedBy(() -> {
                    serve(getattr);
                    serve(statfs);
                    serve(access);
                }))
                .isLessThan(SLACK);
    }

    @Test
    void readingAndWritingCostNothing() throws Exception {
        Files.writeString(dir.resolve("f"), "0123456789");
        serve(Wire.request(Opcode.LOOKUP, 2, 1).name("f").message());
        long node = x.request.entry.nodeid;
        serve(Wire.request(Opcode.OPEN, 4, node).u32(2).u32(0).message());
        long fh = x.request.opened.fh;
        byte[] read = Wire.request(Opcode.READ, 6, node)
                .u64(fh)
                .u64(0)
                .u32(4096)
                .zeros(20)
                .message();
        byte[] write = Wire.request(Opcode.WRITE, 8, node)
                .u64(fh)
                .u64(0)
                .u32(4)
                .zeros(20)
                .text("abcd")
                .message();
        assertThat(allocatedBy(() -> {
                    serve(read);
                    serve(write);
                }))
                .isLessThan(SLACK);
        serve(Wire.request(Opcode.RELEASE, 10, node).u64(fh).zeros(16).message());
    }

    @Test
    void takingAndAnsweringByRingCostsNothing() throws Exception {
        byte[] getattr = Wire.request(Opcode.GETATTR, 2, 1).zeros(16).message();
        RingKeeper keeper = new RingKeeper(null);
        RingQueue queue = new RingQueue(0, 1);
        RingEntry entry = new RingEntry(queue, 0, MAX, keeper);
        RingWorker worker = new RingWorker(null, queue, dispatcher);
        worker.begin();
        entry.memory().put(0, getattr, 0, RequestReader.HEADER);
        try {
            assertThat(allocatedBy(() -> {
                        // The reply was put over it.
                        entry.memory().put(0, getattr, 0, RequestReader.HEADER);
                        entry.memory().putInt(2 * 128 + 16, 0);
                        int n = entry.take(worker, x.in.buffer(), x.in.start(), x.in.capacity());
                        dispatcher.serve(x, entry, n);
                    }))
                    .isLessThan(SLACK);
            assertThat(entry.memory().getInt(2 * 128 + 16))
                    .as("a reply is there")
                    .isEqualTo(104);
        } finally {
            entry.free();
            keeper.close();
        }
    }

    @Test
    void decodingNamesAndEncodingEntriesCostNothing() {
        byte[] lookup =
                Wire.request(Opcode.LOOKUP, 2, 1).name("a name of some length").message();
        x.in.buffer().put(x.in.start(), lookup, 0, lookup.length);
        NativeBuffer names = new NativeBuffer(16);
        names.putCString(0, "entry".getBytes(StandardCharsets.US_ASCII));
        Entry entry = x.request.entry;
        entry.nodeid = 7;
        assertThat(allocatedBy(() -> {
                    x.in.accept(lookup.length);
                    x.begin(SINK);
                    x.in.name(0, x.request.name);
                    x.directory.begin(fs, 4096, true);
                    while (x.directory.hasRoom(5)) {
                        x.directory.add(names, 0, 5, 1, entry);
                    }
                    x.out.finish(2);
                    x.end();
                }))
                .isLessThan(SLACK);
    }
}

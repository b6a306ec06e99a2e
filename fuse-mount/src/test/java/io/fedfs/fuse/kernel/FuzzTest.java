package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random requests, well formed and not: every one that wants an answer gets one that the kernel takes, and no access leaves the buffers. */
final class FuzzTest {
    private static final int REQUESTS = 200_000;
    private static final int MAX = 64 * 1024;

    private final Random random = new Random(20260101);
    private final Exchange x = new Exchange(MAX, MAX);

    @Test
    void everyRequestIsAnsweredSoundly() {
        Dispatcher dispatcher = Dispatchers.of(checking(), true, new Interrupts(), new Counters());
        LastReply device = new LastReply();
        byte[] request = new byte[4096];
        int fine = 0;
        for (int i = 0; i < REQUESTS; i++) {
            int length = fill(request, i);
            x.in.buffer().put(x.in.start(), request, 0, length);
            device.length = 0;
            dispatcher.serve(x, device, length);
            int opcode = length < 40 ? 0 : x.in.opcode();
            String fault = fault(length >= 40 && Opcode.isAnswered(opcode), device);
            if (fault != null) {
                fail("request %d, %s: %s", i, Opcode.name(opcode), fault);
            }
            fine += device.length > 0 && device.i32(4) == 0 ? 1 : 0;
        }
        x.free();
        assertThat(fine).as("requests that were well formed").isGreaterThan(REQUESTS / 20);
    }

    /** What is wrong with the reply; null if nothing. Not by AssertJ: its descriptions would take most of the time. */
    private String fault(boolean answered, LastReply reply) {
        if (!answered) {
            return reply.length == 0 ? null : "answered though nobody waits";
        }
        if (reply.i32(0) != reply.length) {
            return "length in header " + reply.i32(0) + " of " + reply.length;
        }
        if (reply.i64(8) != x.in.unique()) {
            return "another request's number";
        }
        int error = reply.i32(4);
        if (error > 0 || error < -511 || (error != 0 && reply.length != 16)) {
            return "error " + error + " with " + reply.length + " bytes";
        }
        return null;
    }

    /** Header mostly right; arguments random; small numbers and NULs likely, so that some requests are whole. */
    private int fill(byte[] b, int i) {
        random.nextBytes(b);
        ByteBuffer w = ByteBuffer.wrap(b).order(ByteOrder.nativeOrder());
        int length = random.nextInt(20) == 0
                ? random.nextInt(48)
                : 40 + random.nextInt(random.nextInt(10) == 0 ? 4000 : 120);
        for (int at = 40; at + 4 <= length; at += 4) {
            switch (random.nextInt(5)) {
                case 0 -> w.putInt(at, 0);
                case 1 -> w.putInt(at, random.nextInt(200));
                case 2 -> w.putInt(at, random.nextInt() & 0x00ffffff);
                default -> {}
            }
        }
        w.putInt(0, random.nextInt(50) == 0 ? random.nextInt() : length);
        w.putInt(4, random.nextInt(50) == 0 ? random.nextInt() : random.nextInt(56));
        w.putLong(8, 2L * i + 2);
        w.putInt(36, random.nextInt(10) == 0 ? random.nextInt(200) : 0);
        return length;
    }

    /** Answers at random, after it has looked at all it was given. */
    private FileSystem checking() {
        ScriptedFileSystem fs = new ScriptedFileSystem(false);
        ScriptedFileSystem.Answer any = (rq, args) -> {
            look(args);
            return random.nextInt(4) == 0 ? -random.nextInt(3000) : 0;
        };
        for (var m : FileSystem.class.getMethods()) {
            fs.on(m.getName(), any);
        }
        fs.on("lookup", (rq, args) -> {
            look(args);
            rq.entry.nodeid = random.nextInt(3);
            return any.answer(rq, args);
        });
        fs.on("readdir", this::list);
        fs.on("write", (rq, args) -> {
            inside(x.in.buffer(), (long) args[5], (int) args[4]);
            return (int) args[4];
        });
        fs.on("read", (rq, args) -> {
            inside(x.out.buffer(), (long) args[5], (int) args[4]);
            return random.nextInt((int) args[4] + 1);
        });
        fs.on("readlink", (rq, args) -> {
            inside(x.out.buffer(), (long) args[2], (int) args[3]);
            return random.nextInt((int) args[3] + 1);
        });
        fs.on("setxattr", (rq, args) -> {
            look(args);
            inside(x.in.buffer(), (long) args[3], (int) args[4]);
            return 0;
        });
        fs.on("getxattr", (rq, args) -> {
            inside(x.out.buffer(), (long) args[3], (int) args[4]);
            return random.nextInt((int) args[4] + 1);
        });
        fs.on("listxattr", (rq, args) -> {
            inside(x.out.buffer(), (long) args[2], (int) args[3]);
            return random.nextInt((int) args[3] + 1);
        });
        fs.on("ioctl", (rq, args) -> {
            inside(x.in.buffer(), (long) args[6], (int) args[7]);
            inside(x.out.buffer(), (long) args[8], (int) args[9]);
            return 0;
        });
        return fs.fileSystem();
    }

    private static void look(Object[] args) {
        for (Object a : args) {
            if (a instanceof Name n && (n.length() <= 0 || n.byteAt(n.length()) != 0)) {
                fail("a name without end");
            }
        }
    }

    private static void inside(NativeBuffer buffer, long address, int size) {
        long offset = address - buffer.address();
        if (size < 0 || offset < 0 || offset > buffer.capacity() - size) {
            fail("%d bytes at %d are outside the buffer", size, offset);
        }
    }

    private long list(Request rq, Object[] args) {
        DirectorySink sink = (DirectorySink) args[5];
        NativeBuffer names = rq.scratch;
        int wanted = random.nextInt(50);
        for (int i = 0; i < wanted; i++) {
            int length = 1 + random.nextInt(255);
            if (!sink.hasRoom(length)) {
                break;
            }
            rq.entry.nodeid = random.nextInt(3);
            if (random.nextBoolean()) {
                sink.add(names, 0, length, i, rq.entry);
            } else {
                sink.add(names, 0, length, i, 4, i);
            }
        }
        return random.nextInt(8) == 0 ? -5 : 0;
    }

    /** Keeps the last reply and refuses some. */
    private final class LastReply implements Device {
        private final byte[] bytes = new byte[MAX + 8192];
        private final ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int length;

        @Override
        public int read(NativeBuffer buffer, int offset, int capacity) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(NativeBuffer buffer, int offset, int count) {
            if (length != 0) {
                fail("two replies for one request");
            }
            buffer.get(offset, bytes, 0, count);
            length = count;
            return random.nextInt(10) == 0 ? -2 : count;
        }

        int i32(int at) {
            return view.getInt(at);
        }

        long i64(int at) {
            return view.getLong(at);
        }

        @Override
        public void close() {}
    }
}

package io.fedfs.fuse.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * Makes requests that no kernel sends: valid ones of every operation, by the grammar of {@code struct fuse_*_in}, about nodes and
 * open files that exist and others that never did; most of them are then damaged, some are noise from the start. The same seed makes the same
 * requests as long as it is told of the same nodes and open files.
 */
final class RequestFuzzer {
    /** The longest request made. */
    static final int MAX = 16_384;

    private static final int HEADER = RequestReader.HEADER;
    private static final int KNOWN = 256;

    private static final long[] NUMBERS = {
        0,
        1,
        2,
        7,
        8,
        255,
        256,
        4095,
        4096,
        4097,
        65_535,
        65_536,
        1 << 20,
        Integer.MAX_VALUE - 7,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 44,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -2,
        -1
    };

    private static final byte[][] NAMES = names(
            "a",
            "b",
            "c",
            "d",
            "e",
            "f",
            "g",
            "dir",
            "dir2",
            "link",
            "out",
            "up",
            "abs",
            "junction",
            "name\nwith a newline",
            "\u00ff\u00fe",
            "-rf",
            "0123456789".repeat(25),
            "x".repeat(255),
            "x".repeat(256),
            "y".repeat(1024),
            "z".repeat(5000),
            "",
            ".",
            "..",
            "...",
            "../outside",
            "../outside/secret",
            "/",
            "/etc/passwd",
            "dir/f",
            "f/");
    private static final byte[][] TARGETS =
            names("a", "../outside", "../outside/secret", "/etc/passwd", "/proc/self/root", "..", "", "t".repeat(4095));
    private static final byte[][] ATTRIBUTES = names(
            "user.a",
            "user.b",
            "user.junction.nfs",
            "user.daos",
            "trusted.junction.nfs",
            "trusted.x",
            "security.capability",
            "system.posix_acl_access",
            "system.posix_acl_default",
            "user.",
            "",
            "nothing",
            "user." + "n".repeat(250),
            "user." + "n".repeat(300));

    /** Operations that give something for others to be about. */
    private static final int[] GIVING = {
        Opcode.LOOKUP,
        Opcode.LOOKUP,
        Opcode.LOOKUP,
        Opcode.CREATE,
        Opcode.CREATE,
        Opcode.MKDIR,
        Opcode.OPEN,
        Opcode.OPENDIR,
        Opcode.READDIRPLUS
    };

    private final Random random;
    private final long[] nodes = new long[KNOWN];
    private final long[] handles = new long[KNOWN];
    private long newest;
    private int nodeCount;
    private int handleCount;
    private final ByteBuffer w = ByteBuffer.allocate(4 * MAX).order(ByteOrder.nativeOrder());
    private long unique;

    RequestFuzzer(long seed) {
        this.random = new Random(seed);
        forgetAll();
    }

    private static byte[][] names(String... names) {
        return Arrays.stream(names)
                .map(n -> n.getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
    }

    /** A node that a reply gave: requests will be about it. */
    void learnNode(long node) {
        newest = node;
        nodes[nodeCount < KNOWN ? nodeCount++ : 1 + random.nextInt(KNOWN - 1)] = node;
    }

    /** An open file that a reply gave. */
    void learnHandle(long handle) {
        handles[handleCount < KNOWN ? handleCount++ : 1 + random.nextInt(KNOWN - 1)] = handle;
    }

    /** There is only the root again. */
    void forgetAll() {
        nodes[0] = 1;
        newest = 1;
        nodeCount = 1;
        handles[0] = 1L << 32 | 1;
        handleCount = 1;
    }

    /** Writes the next request; returns its length. */
    int next(byte[] into) {
        unique += 2;
        int length;
        int kind = random.nextInt(100);
        if (kind < 6) {
            length = noise();
        } else {
            length = valid(opcode());
            if (kind >= 30) {
                for (int i = random.nextInt(random.nextInt(4) == 0 ? 6 : 2); i >= 0; i--) {
                    length = damage(length);
                }
            }
        }
        if (length >= 16) {
            w.putLong(8, unique);
        }
        w.get(0, into, 0, length);
        return length;
    }

    // ---------------------------------------------------------------- requests as they should be

    private int valid(int opcode) {
        w.clear();
        w.putInt(0).putInt(opcode).putLong(0).putLong(node());
        w.putInt(id()).putInt(id()).putInt(random.nextInt(3) == 0 ? 0 : random.nextInt(40_000));
        w.putInt(0);
        arguments(opcode);
        if (random.nextInt(8) == 0) {
            extension();
        }
        w.putInt(0, w.position());
        return w.position();
    }

    private int opcode() {
        if (random.nextInt(60) == 0) {
            return random.nextInt();
        }
        if (random.nextInt(3) == 0) {
            return GIVING[random.nextInt(GIVING.length)];
        }
        int opcode = 1 + random.nextInt(Opcode.COUNT - 1);
        boolean taking = opcode == Opcode.FORGET || opcode == Opcode.BATCH_FORGET || opcode == Opcode.RMDIR;
        return taking && random.nextInt(3) > 0 ? Opcode.LOOKUP : opcode;
    }

    private void arguments(int opcode) {
        switch (opcode) {
            case Opcode.LOOKUP, Opcode.UNLINK, Opcode.RMDIR -> name();
            case Opcode.FORGET -> w.putLong(1 + random.nextInt(3));
            case Opcode.GETATTR -> u32(random.nextInt(2), 0).putLong(handle());
            case Opcode.SETATTR -> setattr();
            case Opcode.SYMLINK -> {
                name();
                text(TARGETS);
            }
            case Opcode.MKNOD -> {
                int[] types = {0010000, 0100000, 0140000, 0020000, 0060000, 0040000, 0120000, 0};
                u32(types[random.nextInt(types.length)] | mode(), 0x103, 022, 0);
                name();
            }
            case Opcode.MKDIR -> {
                u32(mode(), 022);
                name();
            }
            case Opcode.RENAME, Opcode.LINK -> {
                w.putLong(node());
                name();
                if (opcode == Opcode.RENAME) {
                    name();
                }
            }
            case Opcode.RENAME2 -> {
                w.putLong(node());
                u32(random.nextInt(8), 0);
                name();
                name();
            }
            case Opcode.OPEN, Opcode.OPENDIR -> u32(openFlags(), random.nextInt(2));
            case Opcode.CREATE -> {
                u32(openFlags() | 0100, 0100000 | mode(), 022, random.nextInt(2));
                name();
            }
            case Opcode.TMPFILE -> u32(openFlags() | 020200000 | 2, 0100000 | mode(), 022, 0);
            case Opcode.READ, Opcode.READDIR, Opcode.READDIRPLUS ->
                handleAnd(offset(), size(), 0).putLong(0).putInt(0).putInt(0);
            case Opcode.WRITE -> {
                int size = random.nextInt(random.nextInt(20) == 0 ? 4000 : 100);
                handleAnd(offset(), size, random.nextInt(8))
                        .putLong(0)
                        .putInt(0)
                        .putInt(0);
                bytes(size);
            }
            case Opcode.RELEASE, Opcode.RELEASEDIR ->
                w.putLong(handle()).putInt(0).putInt(random.nextInt(4)).putLong(0);
            case Opcode.FSYNC, Opcode.FSYNCDIR ->
                w.putLong(handle()).putInt(random.nextInt(2)).putInt(0);
            case Opcode.FLUSH -> w.putLong(handle()).putInt(0).putInt(0).putLong(random.nextInt(4));
            case Opcode.GETLK, Opcode.SETLK, Opcode.SETLKW -> {
                w.putLong(handle()).putLong(random.nextInt(4)).putLong(offset()).putLong(offset());
                u32(random.nextInt(4), random.nextInt(3000), random.nextInt(2), 0);
            }
            case Opcode.SETXATTR -> {
                int size = random.nextInt(64);
                u32(size, random.nextInt(3), random.nextInt(2), 0);
                text(ATTRIBUTES);
                bytes(size);
            }
            case Opcode.GETXATTR -> {
                u32(size(), 0);
                text(ATTRIBUTES);
            }
            case Opcode.LISTXATTR -> u32(size(), 0);
            case Opcode.REMOVEXATTR -> text(ATTRIBUTES);
            case Opcode.ACCESS -> u32(random.nextInt(9), 0);
            case Opcode.INTERRUPT -> w.putLong(unique + 2 * (random.nextInt(8) - 4));
            case Opcode.IOCTL -> {
                int[] commands = {0x80086601, 0x40086602, 0x801c581f, 0x401c5820, 0x80087601, 0x5401, 0x40049409};
                int size = random.nextInt(3) == 0 ? 28 : 8;
                w.putLong(handle())
                        .putInt(0)
                        .putInt(commands[random.nextInt(commands.length)])
                        .putLong(0);
                u32(size, size);
                bytes(size);
            }
            case Opcode.BATCH_FORGET -> {
                int count = random.nextInt(5);
                u32(count, 0);
                for (int i = 0; i < count; i++) {
                    w.putLong(node()).putLong(1);
                }
            }
            case Opcode.FALLOCATE -> {
                w.putLong(handle()).putLong(offset()).putLong(offset());
                u32(random.nextInt(64), 0);
            }
            case Opcode.LSEEK ->
                w.putLong(handle()).putLong(offset()).putInt(random.nextInt(6)).putInt(0);
            case Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 ->
                w.putLong(handle())
                        .putLong(offset())
                        .putLong(node())
                        .putLong(handle())
                        .putLong(offset())
                        .putLong(offset())
                        .putLong(0);
            case Opcode.STATX ->
                u32(random.nextInt(2), 0).putLong(handle()).putInt(0).putInt(0xfff);
            default -> bytes(random.nextInt(64));
        }
    }

    private void setattr() {
        u32(random.nextInt(1 << 12), 0);
        w.putLong(handle()).putLong(offset()).putLong(0);
        w.putLong(random.nextInt()).putLong(random.nextInt()).putLong(0);
        u32(random.nextInt(1_000_000_000), random.nextInt(1_000_000_000), 0, mode(), 0, id(), id(), 0);
    }

    private ByteBuffer handleAnd(long offset, int size, int flags) {
        return w.putLong(handle()).putLong(offset).putInt(size).putInt(flags);
    }

    private ByteBuffer u32(int... values) {
        for (int v : values) {
            w.putInt(v);
        }
        return w;
    }

    private long node() {
        int kind = random.nextInt(20);
        if (kind == 0) {
            return stranger(nodes[random.nextInt(nodeCount)]);
        }
        return kind < 8 ? nodes[0] : kind < 14 ? newest : nodes[random.nextInt(nodeCount)];
    }

    private long handle() {
        return random.nextInt(20) == 0
                ? stranger(handles[random.nextInt(handleCount)])
                : handles[handleCount - 1 - random.nextInt(Math.min(handleCount, 1 + random.nextInt(handleCount)))];
    }

    /** A number that was never given, like one that was. */
    private long stranger(long known) {
        return switch (random.nextInt(5)) {
            case 0 -> known + (1L << 32);
            case 1 -> known ^ 1L << random.nextInt(64);
            case 2 -> known & 0xffffffffL;
            case 3 -> NUMBERS[random.nextInt(NUMBERS.length)];
            default -> random.nextLong();
        };
    }

    private int id() {
        return switch (random.nextInt(12)) {
            case 0 -> -1;
            case 1 -> random.nextInt();
            case 2, 3, 4 -> 1000 + random.nextInt(2);
            default -> 0;
        };
    }

    private int mode() {
        return random.nextInt(6) == 0 ? random.nextInt(010000) : 0755;
    }

    private int openFlags() {
        return random.nextInt(3) | (random.nextInt(3) == 0 ? random.nextInt(1 << 24) : 0);
    }

    private long offset() {
        return random.nextInt(6) == 0 ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextInt(10_000);
    }

    private int size() {
        return random.nextInt(6) == 0 ? (int) NUMBERS[random.nextInt(NUMBERS.length)] : random.nextInt(5000);
    }

    private void name() {
        // The first ones most, so that names are met again.
        text(NAMES, random.nextInt(3) == 0 ? NAMES.length : 16);
    }

    private void text(byte[][] from) {
        text(from, from.length);
    }

    private void text(byte[][] from, int of) {
        byte[] text = from[random.nextInt(of)];
        w.put(text).put((byte) 0);
    }

    private void bytes(int count) {
        byte[] b = new byte[count];
        random.nextBytes(b);
        w.put(b);
    }

    /** Supplementary groups of a creation, or something of a type that nobody knows; sometimes it lies about its size or its count. */
    private void extension() {
        while (w.position() % 8 != 0) {
            w.put((byte) 0);
        }
        int words = 2 + random.nextInt(3);
        int size = random.nextInt(4) == 0 ? (int) NUMBERS[random.nextInt(NUMBERS.length)] : words * 8;
        w.putInt(size).putInt(random.nextInt(3) == 0 ? random.nextInt(64) : 32);
        w.putInt(random.nextInt(4) == 0 ? (int) NUMBERS[random.nextInt(NUMBERS.length)] : 1)
                .putInt(100);
        bytes((words - 2) * 8);
        w.putShort(36, (short) (random.nextInt(6) == 0 ? random.nextInt(1 << 16) : words));
    }

    // ---------------------------------------------------------------- damage

    private int damage(int length) {
        int end = length;
        switch (random.nextInt(12)) {
            case 0 -> end = cut(random.nextInt(length + 1), true);
            case 1 -> end = cut(random.nextInt(length + 1), false);
            case 2 -> {
                end = Math.min(MAX, length + 1 + random.nextInt(64));
                noise(length, end);
                if (random.nextBoolean()) {
                    w.putInt(0, end);
                }
            }
            case 3 -> put32(length, 0, (int) interesting());
            case 4 -> put32(length, 4, random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(64));
            case 5 -> {
                if (length >= 38) {
                    w.putShort(36, (short) (random.nextBoolean() ? random.nextInt(20) : random.nextInt()));
                }
            }
            case 6 -> put64(length, 16, stranger(nodes[random.nextInt(nodeCount)]));
            case 7 -> put32(length, HEADER + 4 * random.nextInt(16), (int) interesting());
            case 8 -> put64(length, HEADER + 8 * random.nextInt(12), interesting());
            case 9 -> {
                if (length > 0) {
                    int at = random.nextInt(length);
                    w.put(at, (byte) (w.get(at) ^ 1 << random.nextInt(8)));
                }
            }
            case 10 -> {
                // No name ends.
                for (int i = Math.min(length, HEADER + random.nextInt(60)); i < length; i++) {
                    if (w.get(i) == 0) {
                        w.put(i, (byte) 'n');
                    }
                }
            }
            default -> {
                if (length > HEADER) {
                    byte[] odd = {'/', 0, '.', (byte) 0xff};
                    w.put(HEADER + random.nextInt(length - HEADER), odd[random.nextInt(odd.length)]);
                }
            }
        }
        return Math.min(end, MAX);
    }

    private long interesting() {
        return random.nextInt(3) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private int cut(int length, boolean tell) {
        put32(length, 0, tell ? length : w.getInt(0));
        return length;
    }

    private void put32(int length, int at, int value) {
        if (at + 4 <= length) {
            w.putInt(at, value);
        }
    }

    private void put64(int length, int at, long value) {
        if (at + 8 <= length) {
            w.putLong(at, value);
        }
    }

    private int noise() {
        int length = random.nextInt(random.nextInt(10) == 0 ? 4096 : 200);
        noise(0, length);
        if (length >= 8 && random.nextInt(3) > 0) {
            w.putInt(0, length);
            w.putInt(4, random.nextInt(Opcode.COUNT));
        }
        return length;
    }

    private void noise(int from, int to) {
        for (int i = from; i < to; i++) {
            w.put(i, (byte) random.nextInt(256));
        }
    }
}

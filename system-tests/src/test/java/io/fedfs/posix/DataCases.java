package io.fedfs.posix;

import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.APPEND;
import static io.fedfs.posix.Ground.CREAT;
import static io.fedfs.posix.Ground.RDONLY;
import static io.fedfs.posix.Ground.RDWR;
import static io.fedfs.posix.Ground.WRONLY;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.stream.Stream;

/** read(2), write(2), truncate(2), mmap(2), lseek(2), fallocate(2), copy_file_range(2), fsync(2), ioctl(2). */
final class DataCases {
    /** {@code struct vfs_cap_data} of linux/capability.h, revision 2: CAP_NET_RAW, permitted and effective. */
    private static final String NET_RAW = "\1\0\0\2\0\40\0\0" + "\0".repeat(12);

    private static final int SEEK_SET = 0;
    private static final int SEEK_END = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int COLLAPSE_RANGE = 8;
    private static final int ZERO_RANGE = 16;
    private static final int INSERT_RANGE = 32;
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    private static final long TCGETS = 0x5401;
    private static final int APPEND_ONLY = 0x20;

    private DataCases() {}

    static Stream<Case> all() {
        return Stream.of(readWrite(), truncate(), mapped(), ranges(), durable(), ioctls())
                .flatMap(s -> s);
    }

    private static Stream<Case> readWrite() {
        return Stream.of(
                both(
                        "5 hello",
                        "data: written is read",
                        Case::nothing,
                        g -> Seen.all(g.write(g.open("f", CREAT | WRONLY), "hello"), g.content("f"))),
                both(
                        "0 0",
                        "data: writing nothing",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.write(g.open("f", WRONLY), ""), g.stat("f").size())),
                both("aXYd", "data: pwrite in the middle", g -> g.makeFile("f", "abcd"), g -> {
                    must(g.pwrite(g.open("f", WRONLY), "XY", 1));
                    return g.content("f");
                }),
                both("||", "data: reading at and behind the end", g -> g.makeFile("f", "ab"), g -> {
                    int fd = g.open("f", RDONLY);
                    return g.pread(fd, 5, 2) + "|" + g.pread(fd, 5, 900) + "|";
                }),
                both("6 ab\0\0\0c", "data: a hole reads as zeros", g -> g.makeFile("f", "ab"), g -> {
                    must(g.pwrite(g.open("f", WRONLY), "c", 5));
                    return Seen.all(g.stat("f").size(), g.content("f"));
                }),
                both(
                        "EINVAL",
                        "data: pwrite at a negative offset",
                        g -> g.makeFile("f"),
                        g -> g.pwrite(g.open("f", WRONLY), "x", -1)),
                both("5368709121 x", "data: beyond 4 GiB", g -> g.makeFile("f"), g -> {
                    int fd = g.open("f", RDWR);
                    must(g.pwrite(fd, "x", 5L << 30));
                    return Seen.all(g.stat("f").size(), g.pread(fd, 9, 5L << 30));
                }),
                both("new", "data: one descriptor sees at once what another wrote", g -> g.makeFile("f", "old"), g -> {
                    int reader = g.open("f", RDONLY);
                    must(g.pread(reader, 3, 0).length());
                    must(g.pwrite(g.open("f", WRONLY), "new", 0));
                    return g.pread(reader, 3, 0);
                }),
                both("3 7", "data: the size is right at once after a write", g -> g.makeFile("f", "abc"), g -> {
                    long before = g.stat("f").size();
                    must(g.pwrite(g.open("f", WRONLY), "defg", 3));
                    return Seen.all(before, g.stat("f").size());
                }),
                both(
                        "true",
                        "data: a write moves mtime forward",
                        g -> must(g.makeFile("f").utimes("f", 1000, 0, 1000, 0, 0)),
                        g -> {
                            must(g.write(g.open("f", WRONLY), "x"));
                            return !g.stat("f").mtime().startsWith("1000.");
                        }),
                both(
                        "1000.000000000",
                        "data: a read leaves mtime alone",
                        g -> must(g.makeFile("f", "x").utimes("f", 1000, 0, 1000, 0, 0)),
                        g -> {
                            must(g.content("f").length());
                            return g.stat("f").mtime();
                        }),
                both("true", "data: a megabyte in odd pieces", Case::nothing, DataCases::oddPieces),
                both("true", "data: 400 random writes, cuts and reads", Case::nothing, DataCases::randomOperations),
                user("0755", "data: a write by a user clears set-user-id", g -> g.makeFile("f", "x", 04755), g -> {
                    must(g.write(g.open("f", WRONLY), "y"));
                    return g.stat("f").mode();
                }),
                user(
                        "0777",
                        "data: a write by a user to what root has open clears set-user-id",
                        g -> g.asRoot().makeFile("f", "x", 04777),
                        g -> {
                            g.asRoot().open("f", RDWR);
                            must(g.write(g.open("f", WRONLY), "y"));
                            return g.stat("f").mode();
                        }),
                user(
                        "0777",
                        "data: a write by a user through root's descriptor clears set-user-id",
                        g -> g.asRoot().makeFile("f", "x", 04777),
                        g -> {
                            must(g.write(g.asRoot().open("f", WRONLY), "y"));
                            return g.stat("f").mode();
                        }),
                user(
                        "0777",
                        "data: a write by a user clears set-user-id that root gave meanwhile",
                        g -> g.asRoot().makeFile("f", "x", 0777),
                        g -> {
                            g.asRoot().open("f", RDWR);
                            must(g.asRoot().chmod("f", 04777));
                            must(g.write(g.open("f", WRONLY), "y"));
                            return g.stat("f").mode();
                        }),
                root(
                        "6775",
                        "data: a write by root to what a user has open keeps set-user-id",
                        g -> g.makeFile("f", "x", 06775),
                        g -> {
                            g.as(Caller.BOB).open("f", RDONLY);
                            must(g.write(g.open("f", WRONLY), "y"));
                            return g.stat("f").mode();
                        }),
                user("0755", "data: truncate by a user clears set-user-id", g -> g.makeFile("f", "xx", 04755), g -> {
                    must(g.truncate("f", 1));
                    return g.stat("f").mode();
                }),
                root("4755", "data: a write by root keeps set-user-id", g -> g.makeFile("f", "x", 04755), g -> {
                    must(g.write(g.open("f", WRONLY), "y"));
                    return g.stat("f").mode();
                }));
    }

    private static Stream<Case> truncate() {
        return Stream.of(
                both(
                        "0 2 ab",
                        "truncate: shorter",
                        g -> g.makeFile("f", "abcd"),
                        g -> Seen.all(g.truncate("f", 2), g.stat("f").size(), g.content("f"))),
                both("ab\0\0", "truncate: shorter and longer again shows zeros", g -> g.makeFile("f", "abcd"), g -> {
                    must(g.truncate("f", 2));
                    must(g.truncate("f", 4));
                    return g.content("f");
                }),
                both("EINVAL", "truncate: a negative length", g -> g.makeFile("f"), g -> g.truncate("f", -1)),
                both("EISDIR", "truncate: a directory", g -> g.makeDir("d"), g -> g.truncate("d", 0)),
                both("ENOENT", "truncate: an absent file", Case::nothing, g -> g.truncate("no", 0)),
                both("ENOTDIR", "truncate: below a file", g -> g.makeFile("f"), g -> g.truncate("f/x", 0)),
                both(
                        "0 1",
                        "truncate: through a symlink",
                        g -> g.makeFile("f", "ab").makeSymlink("f", "l"),
                        g -> Seen.all(g.truncate("l", 1), g.stat("f").size())),
                both(
                        "EINVAL",
                        "truncate: a descriptor open for reading",
                        g -> g.makeFile("f"),
                        g -> g.ftruncate(g.open("f", RDONLY), 0)),
                both(
                        "0 3",
                        "truncate: a descriptor open for writing",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.ftruncate(g.open("f", WRONLY), 3), g.stat("f").size())),
                user("EACCES", "truncate: another's file", g -> g.asRoot().makeFile("f", "x"), g -> g.truncate("f", 0)),
                user(
                        "0 1",
                        "truncate: works by descriptor when the mode no longer allows it",
                        g -> g.makeFile("f", "abc"),
                        g -> {
                            int fd = g.open("f", RDWR);
                            must(g.chmod("f", 0));
                            return Seen.all(g.ftruncate(fd, 1), g.stat("f").size());
                        }),
                asBelow("truncate: to the largest number", g -> g.makeFile("f"), g -> g.truncate("f", Long.MAX_VALUE)),
                both(
                        "ETXTBSY",
                        "truncate: a program that runs",
                        Case::nothing,
                        g -> OpenCases.whileRunning(g, r -> r.truncate("sleep", 1))),
                both("1099511627776", "truncate: a sparse terabyte", g -> g.makeFile("f"), g -> {
                    must(g.truncate("f", 1L << 40));
                    return g.stat("f").size();
                }),
                both(
                        "true",
                        "truncate: moves mtime forward",
                        g -> must(g.makeFile("f", "ab").utimes("f", 1000, 0, 1000, 0, 0)),
                        g -> {
                            must(g.truncate("f", 1));
                            return !g.stat("f").mtime().startsWith("1000.");
                        }));
    }

    private static Stream<Case> mapped() {
        return Stream.of(
                root("abXd", "mmap: a store is read by read(2)", g -> g.makeFile("f", "abcd"), g -> {
                    try (FileChannel f =
                            FileChannel.open(g.path("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        MappedByteBuffer m = f.map(FileChannel.MapMode.READ_WRITE, 0, 4);
                        m.put(2, (byte) 'X');
                        return g.content("f");
                    }
                }),
                root("Z", "mmap: a write(2) shows in the mapping", g -> g.makeFile("f", "abcd"), g -> {
                    try (FileChannel f = FileChannel.open(g.path("f"), StandardOpenOption.READ)) {
                        MappedByteBuffer m = f.map(FileChannel.MapMode.READ_ONLY, 0, 4);
                        must(m.get(1));
                        must(g.pwrite(g.open("f", WRONLY), "Z", 1));
                        return (char) m.get(1);
                    }
                }),
                root("abXd", "mmap: a forced store stays after the file is closed", g -> g.makeFile("f", "abcd"), g -> {
                    try (FileChannel f =
                            FileChannel.open(g.path("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        MappedByteBuffer m = f.map(FileChannel.MapMode.READ_WRITE, 0, 4);
                        m.put(2, (byte) 'X');
                        m.force();
                    }
                    return g.content("f");
                }),
                root(
                        "abXd 20 4755",
                        "mmap: a store takes neither a capability nor set-id bits away",
                        g -> {
                            must(g.makeFile("f", "abcd").setxattr("f", "security.capability", NET_RAW, 0));
                            must(g.chmod("f", 04755));
                        },
                        g -> {
                            try (FileChannel f =
                                    FileChannel.open(g.path("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                                MappedByteBuffer m = f.map(FileChannel.MapMode.READ_WRITE, 0, 4);
                                m.put(2, (byte) 'X');
                                m.force();
                            }
                            return Seen.all(
                                    g.content("f"),
                                    g.getxattr("f", "security.capability").length(),
                                    g.stat("f").mode());
                        }),
                root("abcd", "mmap: a private store stays private", g -> g.makeFile("f", "abcd"), g -> {
                    try (FileChannel f =
                            FileChannel.open(g.path("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        f.map(FileChannel.MapMode.PRIVATE, 0, 4).put(0, (byte) 'X');
                        return g.content("f");
                    }
                }),
                root("abcd", "mmap: a mapping outlives its unlinked file", g -> g.makeFile("f", "abcd"), g -> {
                    try (FileChannel f = FileChannel.open(g.path("f"), StandardOpenOption.READ)) {
                        MappedByteBuffer m = f.map(FileChannel.MapMode.READ_ONLY, 0, 4);
                        must(g.unlink("f"));
                        f.close();
                        return StandardCharsets.ISO_8859_1.decode(m).toString();
                    }
                }));
    }

    private static Stream<Case> ranges() {
        return Stream.of(
                both(
                        "0 100",
                        "fallocate: grows the file",
                        g -> g.makeFile("f", "x"),
                        g -> Seen.all(
                                g.fallocate(g.open("f", WRONLY), 0, 0, 100),
                                g.stat("f").size())),
                both("0 1 true", "fallocate: FALLOC_FL_KEEP_SIZE", g -> g.makeFile("f", "x"), g -> {
                    long r = g.fallocate(g.open("f", WRONLY), KEEP_SIZE, 0, 1 << 20);
                    return Seen.all(r, g.stat("f").size(), g.stat("f").blocks() >= 2048);
                }),
                both("0 true 8192", "fallocate: FALLOC_FL_PUNCH_HOLE", g -> g.makeFile("f", "x".repeat(8192)), g -> {
                    int fd = g.open("f", RDWR);
                    long r = g.fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 0, 4096);
                    return Seen.all(
                            r,
                            g.pread(fd, 4097, 0).equals("\0".repeat(4096) + "x"),
                            g.stat("f").size());
                }),
                both(
                        "EBADF",
                        "fallocate: a descriptor open for reading",
                        g -> g.makeFile("f"),
                        g -> g.fallocate(g.open("f", RDONLY), 0, 0, 10)),
                both(
                        "EINVAL",
                        "fallocate: a length of nothing",
                        g -> g.makeFile("f"),
                        g -> g.fallocate(g.open("f", WRONLY), 0, 0, 0)),
                asBelow(
                        "fallocate: FALLOC_FL_ZERO_RANGE",
                        g -> g.makeFile("f", "xxxx"),
                        g -> Seen.all(g.fallocate(g.open("f", WRONLY), ZERO_RANGE, 1, 2), g.content("f"))),
                asBelow(
                        "fallocate: FALLOC_FL_COLLAPSE_RANGE",
                        g -> g.makeFile("f", "x".repeat(4096) + "y".repeat(4096)),
                        g -> Seen.all(
                                g.fallocate(g.open("f", WRONLY), COLLAPSE_RANGE, 0, 4096),
                                g.stat("f").size())),
                asBelow(
                        "fallocate: FALLOC_FL_INSERT_RANGE",
                        g -> g.makeFile("f", "x".repeat(8192)),
                        g -> Seen.all(
                                g.fallocate(g.open("f", WRONLY), INSERT_RANGE, 4096, 4096),
                                g.stat("f").size())),
                both("4 4 3", "lseek: from the end and from the start", g -> g.makeFile("f", "abcd"), g -> {
                    int fd = g.open("f", RDONLY);
                    return Seen.all(g.lseek(fd, 0, SEEK_END), g.lseek(fd, 4, SEEK_SET), g.lseek(fd, 3, SEEK_SET));
                }),
                both(
                        "EINVAL",
                        "lseek: to a negative offset",
                        g -> g.makeFile("f"),
                        g -> g.lseek(g.open("f", RDONLY), -1, SEEK_SET)),
                asBelow("lseek: SEEK_DATA and SEEK_HOLE", g -> g.makeFile("f"), g -> {
                    int fd = g.open("f", RDWR);
                    must(g.pwrite(fd, "x".repeat(65_536), 1 << 20));
                    must(g.ftruncate(fd, 2 << 20));
                    return Seen.all(
                            g.lseek(fd, 0, SEEK_DATA),
                            g.lseek(fd, 1 << 20, SEEK_HOLE),
                            g.lseek(fd, 0, SEEK_HOLE),
                            g.lseek(fd, (2 << 20) - 10, SEEK_DATA));
                }),
                both(
                        "ENXIO",
                        "lseek: SEEK_DATA behind the end",
                        g -> g.makeFile("f", "ab"),
                        g -> g.lseek(g.open("f", RDONLY), 5, SEEK_DATA)),
                both(
                        "4 xxcdef",
                        "copy_file_range: between two files",
                        g -> g.makeFile("a", "abcdef").makeFile("b", "xx"),
                        g -> Seen.all(
                                g.copyFileRange(g.open("a", RDONLY), 2, g.open("b", WRONLY), 2, 100), g.content("b"))),
                both("2 abcdab", "copy_file_range: inside one file", g -> g.makeFile("f", "abcdef"), g -> {
                    int fd = g.open("f", RDWR);
                    return Seen.all(g.copyFileRange(fd, 0, fd, 4, 2), g.content("f"));
                }),
                both("EINVAL", "copy_file_range: overlapping ranges", g -> g.makeFile("f", "abcdef"), g -> {
                    int fd = g.open("f", RDWR);
                    return g.copyFileRange(fd, 0, fd, 1, 3);
                }),
                both(
                        "0",
                        "copy_file_range: from behind the end",
                        g -> g.makeFile("a", "x").makeFile("b"),
                        g -> g.copyFileRange(g.open("a", RDONLY), 9, g.open("b", WRONLY), 0, 9)),
                both(
                        "EBADF",
                        "copy_file_range: to a descriptor open for reading",
                        g -> g.makeFile("a", "x").makeFile("b"),
                        g -> g.copyFileRange(g.open("a", RDONLY), 0, g.open("b", RDONLY), 0, 1)),
                both(
                        "EBADF",
                        "copy_file_range: to O_APPEND",
                        g -> g.makeFile("a", "x").makeFile("b"),
                        g -> g.copyFileRange(g.open("a", RDONLY), 0, g.open("b", WRONLY | APPEND), 0, 1)),
                both(
                        "EISDIR",
                        "copy_file_range: from a directory",
                        g -> g.makeDir("d").makeFile("b"),
                        g -> g.copyFileRange(g.open("d", RDONLY), 0, g.open("b", WRONLY), 0, 1)));
    }

    private static Stream<Case> durable() {
        return Stream.of(
                both("0 0", "fsync: a file", g -> g.makeFile("f"), g -> {
                    int fd = g.open("f", WRONLY);
                    must(g.write(fd, "x"));
                    return Seen.all(g.fsync(fd), g.fdatasync(fd));
                }),
                both("0 0", "fsync: a directory", g -> g.makeDir("d"), g -> {
                    int fd = g.open("d", RDONLY);
                    return Seen.all(g.fsync(fd), g.fdatasync(fd));
                }),
                both(
                        "0",
                        "fsync: a descriptor open for reading",
                        g -> g.makeFile("f"),
                        g -> g.fsync(g.open("f", RDONLY))),
                both("0", "fsync: an unlinked file", g -> g.makeFile("f"), g -> {
                    int fd = g.open("f", WRONLY);
                    must(g.unlink("f"));
                    return g.fsync(fd);
                }),
                both("0", "syncfs", Case::nothing, g -> g.syncfs(g.open(".", RDONLY))));
    }

    private static Stream<Case> ioctls() {
        return Stream.of(
                both(
                        "ENOTTY",
                        "ioctl: a terminal's, on a file",
                        g -> g.makeFile("f"),
                        g -> g.ioctl(g.open("f", RDONLY), TCGETS, new NativeBuffer(64))),
                asBelow("ioctl: FS_IOC_GETFLAGS", g -> g.makeFile("f"), g -> {
                    NativeBuffer flags = new NativeBuffer(8);
                    return Seen.all(g.ioctl(g.open("f", RDONLY), FS_IOC_GETFLAGS, flags), flags.getInt(0));
                }),
                asBelow("ioctl: FS_IOC_SETFLAGS makes a file append-only", g -> g.makeFile("f", "a"), g -> {
                    NativeBuffer flags = new NativeBuffer(8);
                    int fd = g.open("f", RDONLY);
                    long got = g.ioctl(fd, FS_IOC_GETFLAGS, flags);
                    if (got < 0) {
                        return got;
                    }
                    int before = flags.getInt(0);
                    flags.putInt(0, before | APPEND_ONLY);
                    long set = g.ioctl(fd, FS_IOC_SETFLAGS, flags);
                    String outcome = Seen.all(set, g.tryOpen("f", WRONLY), g.tryOpen("f", WRONLY | APPEND));
                    flags.putInt(0, before);
                    must(g.ioctl(fd, FS_IOC_SETFLAGS, flags));
                    return outcome;
                }));
    }

    private static Object oddPieces(Ground g) {
        byte[] all = new byte[1_048_577];
        new Random(7).nextBytes(all);
        String content = new String(all, StandardCharsets.ISO_8859_1);
        int fd = g.open("f", CREAT | WRONLY);
        for (int at = 0; at < all.length; at += 7_919) {
            must(g.write(fd, content.substring(at, Math.min(all.length, at + 7_919))));
        }
        return g.content("f").equals(content);
    }

    /** What a file should hold is kept in memory beside it; the first difference ends the run. The seed is fixed. */
    private static Object randomOperations(Ground g) {
        Random random = new Random(20_261_122);
        ByteBuffer model = ByteBuffer.allocate(300_000);
        int size = 0;
        int one = g.open("f", CREAT | RDWR);
        int two = g.open("f", RDWR);
        for (int step = 0; step < 400; step++) {
            int fd = random.nextBoolean() ? one : two;
            int at = random.nextInt(250_000);
            int length = 1 + random.nextInt(20_000);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    byte[] some = new byte[length];
                    random.nextBytes(some);
                    model.put(at, some);
                    size = Math.max(size, at + length);
                    must(g.pwrite(fd, new String(some, StandardCharsets.ISO_8859_1), at));
                }
                case 2 -> {
                    if (at < size) {
                        model.put(at, new byte[size - at]);
                    }
                    size = at;
                    must(g.ftruncate(fd, at));
                }
                default -> {
                    byte[] expected = new byte[Math.max(0, Math.min(length, size - at))];
                    model.get(at, expected);
                    if (!g.pread(fd, length, at).equals(new String(expected, StandardCharsets.ISO_8859_1))) {
                        return "wrong bytes at step " + step + ", offset " + at + ", length " + length;
                    }
                }
            }
            if (g.fstat(fd).size() != size) {
                return "wrong size at step " + step + ": " + g.fstat(fd).size() + ", not " + size;
            }
        }
        return true;
    }
}

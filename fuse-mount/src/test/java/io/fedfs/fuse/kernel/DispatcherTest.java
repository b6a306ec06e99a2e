package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.Attributes;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.Entry;
import io.fedfs.fuse.FileSystem;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Opened;
import io.fedfs.fuse.Request;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DispatcherTest {
    private static final int MAX = 1 << 17;

    private final ScriptedFileSystem fs = new ScriptedFileSystem(true);
    private final FakeDevice device = new FakeDevice();
    private final Interrupts interrupts = new Interrupts();
    private final Counters counters = new Counters();
    private final Exchange x = new Exchange(MAX, MAX);
    private final Dispatcher dispatcher = Dispatchers.of(fs.fileSystem(), true, interrupts, counters);

    @AfterEach
    void free() {
        x.free();
    }

    private byte[] serve(byte[] request) {
        x.in.buffer().put(x.in.start(), request, 0, request.length);
        dispatcher.serve(x, device, request.length);
        return device.replies.poll();
    }

    private static byte[] error(int errno, long unique) {
        return Wire.reply(-errno, unique).message();
    }

    private static void fill(Attributes a) {
        a.ino = 0x1122334455667788L;
        a.size = 4097;
        a.blocks = 16;
        a.atime = 11;
        a.mtime = 22;
        a.ctime = -33;
        a.btime = 44;
        a.atimeNanos = 1;
        a.mtimeNanos = 2;
        a.ctimeNanos = 3;
        a.btimeNanos = 4;
        a.mode = 0100644;
        a.nlink = 2;
        a.uid = 1000;
        a.gid = 100;
        a.rdev = (0x103 & 0xff) | (8 << 8) | ((0x103 & ~0xff) << 12);
        a.blockSize = 4096;
        a.hasBtime = true;
    }

    private static void fill(Entry e) {
        e.nodeid = 77;
        e.generation = 5;
        e.entryValidNanos = 1_500_000_000L;
        e.attrValidNanos = 2_000_000_007L;
        fill(e.attributes);
    }

    private static Wire attributes(Wire w) {
        return w.u64(0x1122334455667788L)
                .u64(4097)
                .u64(16)
                .u64(11)
                .u64(22)
                .u64(-33)
                .u32(1)
                .u32(2)
                .u32(3)
                .u32(0100644)
                .u32(2)
                .u32(1000)
                .u32(100)
                .u32((0x103 & 0xff) | (8 << 8) | ((0x103 & ~0xff) << 12))
                .u32(4096)
                .u32(0);
    }

    private static Wire entry(Wire w) {
        return attributes(w.u64(77).u64(5).u64(1).u64(2).u32(500_000_000).u32(7));
    }

    private static ScriptedFileSystem.Answer anEntry() {
        return (rq, args) -> {
            fill(rq.entry);
            return 0;
        };
    }

    private static ScriptedFileSystem.Answer anOpenFile() {
        return (rq, args) -> {
            fill(rq.entry);
            rq.opened.fh = 9;
            rq.opened.flags = Opened.KEEP_CACHE;
            rq.opened.backingId = 3;
            return 0;
        };
    }

    @Test
    void lookupIsAnsweredWithAnEntry() {
        fs.on("lookup", (rq, args) -> {
            assertThat(rq.uid).isEqualTo(1000);
            assertThat(rq.gid).isEqualTo(100);
            assertThat(rq.pid).isEqualTo(4321);
            assertThat(rq.unique).isEqualTo(42);
            fill(rq.entry);
            return 0;
        });
        byte[] reply = serve(Wire.request(Opcode.LOOKUP, 42, 1).name("käse").message());
        assertThat(reply).isEqualTo(entry(Wire.reply(0, 42)).message()).hasSize(16 + 128);
        assertThat(fs.calls).containsExactly("lookup 1 käse");
        assertThat(counters.snapshot()).containsEntry("requests_lookup", 1L);
    }

    @Test
    void aFailureIsAnsweredWithTheHeaderAlone() {
        fs.on("lookup", (rq, args) -> -Errno.ENOENT);
        assertThat(serve(Wire.request(Opcode.LOOKUP, 2, 1).name("x").message())).isEqualTo(error(Errno.ENOENT, 2));
    }

    @Test
    void whatIsThrownBecomesAnErrno() {
        fs.on("lookup", (rq, args) -> {
            throw new FsException(FsError.NO_SUCH_FILESET, "gone");
        });
        assertThat(serve(Wire.request(Opcode.LOOKUP, 2, 1).name("x").message())).isEqualTo(error(Errno.ENOLINK, 2));
        fs.on("getattr", (rq, args) -> {
            throw new AssertionError("made by the test");
        });
        assertThat(serve(Wire.request(Opcode.GETATTR, 4, 1).zeros(16).message()))
                .isEqualTo(error(Errno.EIO, 4));
    }

    @Test
    void anErrnoThatTheKernelWouldRefuseIsEio() {
        fs.on("unlink", (rq, args) -> -5000);
        assertThat(serve(Wire.request(Opcode.UNLINK, 2, 1).name("x").message())).isEqualTo(error(Errno.EIO, 2));
    }

    @Test
    void unknownOperationsAreNotSupported() {
        for (int op : new int[] {Opcode.BMAP, Opcode.POLL, Opcode.SETUPMAPPING, 7, 54, 4096, -1}) {
            assertThat(serve(Wire.request(op, 6, 1).zeros(64).message())).isEqualTo(error(Errno.ENOSYS, 6));
        }
        assertThat(counters.snapshot()).containsEntry("requests_unknown", 4L).containsEntry("requests_poll", 1L);
        assertThat(fs.calls).isEmpty();
    }

    @Test
    void forgetIsNotAnswered() {
        assertThat(serve(Wire.request(Opcode.FORGET, 2, 8).u64(3).message())).isNull();
        assertThat(serve(Wire.request(Opcode.BATCH_FORGET, 4, 0)
                        .u32(2)
                        .u32(0)
                        .u64(8)
                        .u64(1)
                        .u64(9)
                        .u64(2)
                        .message()))
                .isNull();
        assertThat(serve(Wire.request(Opcode.BATCH_FORGET, 4, 0)
                        .u32(3)
                        .u32(0)
                        .u64(8)
                        .u64(1)
                        .message()))
                .isNull();
        assertThat(fs.calls).containsExactly("forget 8 3", "forget 8 1", "forget 9 2");
    }

    @Test
    void malformedRequestsAreInvalid() {
        byte[][] bad = {
            Wire.request(Opcode.LOOKUP, 2, 1).message(),
            Wire.request(Opcode.LOOKUP, 2, 1).text("endless").message(),
            Wire.request(Opcode.LOOKUP, 2, 1).name("").message(),
            Wire.request(Opcode.LOOKUP, 2, 1).name("../up").message(),
            Wire.request(Opcode.RENAME, 2, 1).u64(1).name("only one").message(),
            Wire.request(Opcode.GETATTR, 2, 1).zeros(15).message(),
            Wire.request(Opcode.READ, 2, 1).u64(1).u64(0).u32(-1).zeros(20).message(),
            Wire.request(Opcode.READ, 2, 1).u64(1).u64(0).u32(MAX + 1).zeros(20).message(),
            Wire.request(Opcode.WRITE, 2, 1)
                    .u64(1)
                    .u64(0)
                    .u32(6)
                    .zeros(20)
                    .text("12345")
                    .message(),
            Wire.request(Opcode.WRITE, 2, 1)
                    .u64(1)
                    .u64(0)
                    .u32(-6)
                    .zeros(20)
                    .text("12345")
                    .message(),
            Wire.request(Opcode.SETXATTR, 2, 1)
                    .u32(4)
                    .zeros(12)
                    .name("user.x")
                    .text("123")
                    .message(),
            Wire.request(Opcode.IOCTL, 2, 1).zeros(24).u32(1).u32(0).message(),
            Wire.request(Opcode.IOCTL, 2, 1).zeros(24).u32(0).u32(-1).message(),
            Wire.request(Opcode.LOOKUP, 2, 1).name("x").extensions(200).message(),
            Wire.request(Opcode.MKDIR, 2, 1)
                    .u32(0755)
                    .u32(0)
                    .name("x")
                    .u32(4096)
                    .u32(32)
                    .extensions(1)
                    .message(),
        };
        for (int i = 0; i < bad.length; i++) {
            assertThat(serve(bad[i])).as("request %d", i).isEqualTo(error(Errno.EINVAL, 2));
        }
        assertThat(fs.calls).isEmpty();
    }

    @Test
    void aLengthThatIsNotTheMessagesIsInvalid() {
        byte[] request = Wire.request(Opcode.STATFS, 2, 1).raw();
        request[0] = 44;
        assertThat(serve(request)).isEqualTo(error(Errno.EINVAL, 2));
        assertThat(serve(new byte[39])).isNull();
    }

    @Test
    void attributesAndTheirLifeAreEncoded() {
        fs.on("getattr", anEntry());
        byte[] reply =
                serve(Wire.request(Opcode.GETATTR, 2, 77).u32(1).u32(0).u64(9).message());
        assertThat(reply)
                .isEqualTo(attributes(Wire.reply(0, 2).u64(2).u32(7).u32(0)).message())
                .hasSize(16 + 104);
        serve(Wire.request(Opcode.GETATTR, 2, 77).u32(0).u32(0).u64(9).message());
        assertThat(fs.calls).containsExactly("getattr 77 9", "getattr 77 0");
    }

    @Test
    void statxTellsTheBirthTime() {
        fs.on("getattr", anEntry());
        byte[] reply = serve(Wire.request(Opcode.STATX, 2, 77)
                .u32(1)
                .u32(0)
                .u64(9)
                .u32(0)
                .u32(0xfff)
                .message());
        Wire w = Wire.reply(0, 2).u64(2).u32(7).u32(0).u64(0).u64(0);
        w.u32(0xfff).u32(4096).u64(0).u32(2).u32(1000).u32(100).u16(0100644).u16(0);
        w.u64(0x1122334455667788L).u64(4097).u64(16).u64(0);
        w.u64(11)
                .u32(1)
                .u32(0)
                .u64(44)
                .u32(4)
                .u32(0)
                .u64(-33)
                .u32(3)
                .u32(0)
                .u64(22)
                .u32(2)
                .u32(0);
        w.u32(8).u32(0x103).u32(0).u32(0).zeros(14 * 8);
        assertThat(reply).isEqualTo(w.message()).hasSize(16 + 288);
    }

    @Test
    void setattrIsDecodedWhole() {
        fs.on("setattr", (rq, args) -> {
            AttributeChange c = rq.change;
            assertThat(c.valid).isEqualTo(0x7ff);
            assertThat(c.fh).isEqualTo(9);
            assertThat(c.size).isEqualTo(10);
            assertThat(new long[] {c.atime, c.mtime, c.ctime}).containsExactly(12, 13, 14);
            assertThat(new int[] {c.atimeNanos, c.mtimeNanos, c.ctimeNanos}).containsExactly(15, 16, 17);
            assertThat(new int[] {c.mode, c.uid, c.gid}).containsExactly(18, 20, 21);
            return -Errno.EPERM;
        });
        Wire w = Wire.request(Opcode.SETATTR, 2, 77)
                .u32(0x7ff)
                .u32(0)
                .u64(9)
                .u64(10)
                .u64(11)
                .u64(12)
                .u64(13)
                .u64(14);
        w.u32(15).u32(16).u32(17).u32(18).u32(19).u32(20).u32(21).u32(22);
        assertThat(serve(w.message())).isEqualTo(error(Errno.EPERM, 2));
    }

    @Test
    void createGivesAnEntryAndAnOpenFile() {
        fs.on("create", (rq, args) -> {
            assertThat(rq.killSuidgid).isTrue();
            assertThat(rq.supplementaryGroup).isEqualTo(555);
            return anOpenFile().answer(rq, args);
        });
        byte[] reply = serve(Wire.request(Opcode.CREATE, 2, 1)
                .u32(Sys.O_RDWR)
                .u32(0100666)
                .u32(022)
                .u32(1)
                .name("a")
                .u32(16)
                .u32(32)
                .u32(1)
                .u32(555)
                .extensions(2)
                .message());
        assertThat(reply)
                .isEqualTo(entry(Wire.reply(0, 2))
                        .u64(9)
                        .u32(Opened.KEEP_CACHE)
                        .u32(0)
                        .message());
        assertThat(fs.calls).containsExactly("create 1 a 2 " + 0100666 + " " + 022);
    }

    @Test
    void aSupplementaryGroupIsNotKeptForTheNextRequest() {
        fs.on("mkdir", (rq, args) -> rq.supplementaryGroup == -1 && !rq.killSuidgid ? -Errno.EPERM : 0);
        Wire w = Wire.request(Opcode.MKDIR, 2, 1).u32(0755).u32(0).name("a");
        serve(w.u32(16).u32(32).u32(1).u32(555).extensions(2).message());
        assertThat(serve(Wire.request(Opcode.MKDIR, 4, 1)
                        .u32(0755)
                        .u32(0)
                        .name("a")
                        .message()))
                .isEqualTo(error(Errno.EPERM, 4));
    }

    @Test
    void theBackingIdGoesWithPassthroughOnly() {
        fs.on("open", (rq, args) -> {
            rq.opened.fh = 9;
            rq.opened.flags = Opened.PASSTHROUGH;
            rq.opened.backingId = 3;
            return 0;
        });
        assertThat(serve(Wire.request(Opcode.OPEN, 2, 5).u32(0).u32(0).message()))
                .isEqualTo(Wire.reply(0, 2).u64(9).u32(128).u32(3).message());
    }

    @Test
    void whatCouldNotBeDeliveredIsGivenBack() {
        fs.on("lookup", anEntry())
                .on("create", anOpenFile())
                .on("open", anOpenFile())
                .on("opendir", anOpenFile());
        device.writeError = -Errno.ENOENT;
        serve(Wire.request(Opcode.LOOKUP, 2, 1).name("a").message());
        serve(Wire.request(Opcode.CREATE, 4, 1)
                .u32(Sys.O_RDWR)
                .u32(0)
                .u32(0)
                .u32(0)
                .name("b")
                .message());
        serve(Wire.request(Opcode.OPEN, 6, 5).u32(Sys.O_RDWR).u32(0).message());
        serve(Wire.request(Opcode.OPENDIR, 8, 6).u32(0).u32(0).message());
        assertThat(fs.calls)
                .containsExactly(
                        "lookup 1 a",
                        "forget 77 1",
                        "create 1 b 2 0 0",
                        "release 77 9 2 0 false",
                        "forget 77 1",
                        "open 5 2",
                        "release 5 9 2 0 false",
                        "opendir 6 0",
                        "releasedir 6 9");
    }

    @Test
    void aNegativeEntryGivesNothingToGiveBack() {
        device.writeError = -Errno.ENOENT;
        fs.on("lookup", (rq, args) -> {
            rq.entry.nodeid = 0;
            return 0;
        });
        serve(Wire.request(Opcode.LOOKUP, 2, 1).name("a").message());
        assertThat(fs.calls).containsExactly("lookup 1 a");
    }

    /** Adds {@code .}, {@code plain} and {@code looked-up} as long as there is room. */
    private static long list(Request rq, Object[] args) {
        DirectorySink sink = (DirectorySink) args[5];
        NativeBuffer names = new NativeBuffer(64);
        names.putCString(0, "./plain/looked-up".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        fill(rq.entry);
        if (sink.hasRoom(1)) {
            sink.add(names, 0, 1, 1, rq.entry);
        }
        if (sink.hasRoom(5)) {
            sink.add(names, 2, 5, 1234, 8, 2);
        }
        if (sink.hasRoom(9)) {
            sink.add(names, 8, 9, 3, rq.entry);
        }
        return 0;
    }

    private static Wire readdir(int opcode, int size) {
        return Wire.request(opcode, 2, 5).u64(9).u64(0).u32(size).zeros(20);
    }

    private static Wire dirent(Wire w, long ino, long next, int type, String name) {
        return w.u64(ino).u64(next).u32(name.length()).u32(type).text(name).zeros((8 - name.length() % 8) % 8);
    }

    @Test
    void readdirplusWritesEntriesInPlace() {
        fs.on("readdir", DispatcherTest::list);
        byte[] reply = serve(readdir(Opcode.READDIRPLUS, 4096).message());
        Wire w = Wire.reply(0, 2);
        dirent(w.zeros(128), 0x1122334455667788L, 1, 8, ".");
        dirent(w.zeros(128), 1234, 2, 8, "plain");
        dirent(entry(w), 0x1122334455667788L, 3, 8, "looked-up");
        assertThat(reply).isEqualTo(w.message());
        // The kernel counts no reference for "." and "..", so the one that the file system counted goes back.
        assertThat(fs.calls).hasSize(2).contains("forget 77 1");
    }

    @Test
    void readdirWritesNamesAndKeepsNoReferences() {
        fs.on("readdir", DispatcherTest::list);
        Wire w = Wire.reply(0, 2);
        dirent(w, 0x1122334455667788L, 1, 8, ".");
        dirent(w, 1234, 2, 8, "plain");
        dirent(w, 0x1122334455667788L, 3, 8, "looked-up");
        assertThat(serve(readdir(Opcode.READDIR, 4096).message())).isEqualTo(w.message());
        assertThat(fs.calls).filteredOn("forget 77 1"::equals).hasSize(2);
    }

    @Test
    void aDirectoryReplyKeepsToTheSizeAskedFor() {
        fs.on("readdir", DispatcherTest::list);
        int twoRecords = 2 * (128 + 32);
        assertThat(serve(readdir(Opcode.READDIRPLUS, twoRecords + 128).message()))
                .hasSize(16 + twoRecords);
    }

    @Test
    void directoryEntriesThatWereNotDeliveredAreGivenBack() {
        fs.on("readdir", DispatcherTest::list);
        device.writeError = -Errno.ENOENT;
        serve(readdir(Opcode.READDIRPLUS, 4096).message());
        assertThat(fs.calls).filteredOn("forget 77 1"::equals).hasSize(2);
    }

    @Test
    void directoryEntriesBeforeAnExceptionAreGivenBack() {
        fs.on("readdir", (rq, args) -> {
            list(rq, args);
            throw new FsException(FsError.TIMED_OUT, "made by the test");
        });
        assertThat(serve(readdir(Opcode.READDIRPLUS, 4096).message())).isEqualTo(error(Errno.ETIMEDOUT, 2));
        assertThat(fs.calls).filteredOn("forget 77 1"::equals).hasSize(2);
    }

    @Test
    void directoryEntriesBeforeAnErrorAreDelivered() {
        fs.on("readdir", (rq, args) -> {
            list(rq, args);
            return -Errno.EIO;
        });
        assertThat(serve(readdir(Opcode.READDIRPLUS, 4096).message()).length).isGreaterThan(400);
        fs.on("readdir", (rq, args) -> -Errno.EIO);
        assertThat(serve(readdir(Opcode.READDIRPLUS, 4096).message())).isEqualTo(error(Errno.EIO, 2));
    }

    @Test
    void readDataStandsBehindTheHeaderOnAPageBoundary() {
        fs.on("read", (rq, args) -> {
            assertThat((long) args[5] % 4096).isZero();
            assertThat((long) args[5]).isEqualTo(x.out.buffer().address(x.out.position()));
            x.out.buffer().put(x.out.position(), new byte[] {7, 8, 9}, 0, 3);
            return 3;
        });
        byte[] reply = serve(Wire.request(Opcode.READ, 2, 5)
                .u64(9)
                .u64(100)
                .u32(4096)
                .zeros(20)
                .message());
        assertThat(reply).isEqualTo(Wire.reply(0, 2).u8(7).u8(8).u8(9).message());
    }

    @Test
    void writeDataLiesOnAPageBoundary() {
        fs.on("write", (rq, args) -> {
            assertThat((long) args[5] % 4096).isZero();
            assertThat(args[6]).isEqualTo(FileSystem.WRITE_KILL_SUIDGID);
            return 5;
        });
        byte[] reply = serve(Wire.request(Opcode.WRITE, 2, 5)
                .u64(9)
                .u64(100)
                .u32(5)
                .u32(4)
                .zeros(16)
                .text("12345")
                .message());
        assertThat(reply).isEqualTo(Wire.reply(0, 2).u32(5).u32(0).message());
    }

    @Test
    void anExtendedAttributeIsAskedForByLengthAndByValue() {
        fs.on("getxattr", (rq, args) -> {
            if ((int) args[4] == 0) {
                return 3;
            }
            x.out.buffer().put(x.out.position(), new byte[] {1, 2, 3}, 0, 3);
            return 3;
        });
        assertThat(serve(Wire.request(Opcode.GETXATTR, 2, 5)
                        .u32(0)
                        .u32(0)
                        .name("user.a/b")
                        .message()))
                .isEqualTo(Wire.reply(0, 2).u32(3).u32(0).message());
        assertThat(serve(Wire.request(Opcode.GETXATTR, 2, 5)
                        .u32(9)
                        .u32(0)
                        .name("user.a/b")
                        .message()))
                .isEqualTo(Wire.reply(0, 2).u8(1).u8(2).u8(3).message());
        assertThat(serve(Wire.request(Opcode.GETXATTR, 2, 5)
                        .u32(2)
                        .u32(0)
                        .name("user.a/b")
                        .message()))
                .isEqualTo(error(Errno.ERANGE, 2));
    }

    @Test
    void setxattrHasTwoForms() {
        fs.on("setxattr", (rq, args) -> (int) args[4] == 2 && (int) args[5] == 1 && (boolean) args[6] ? 0 : -Errno.EIO);
        assertThat(serve(Wire.request(Opcode.SETXATTR, 2, 5)
                        .u32(2)
                        .u32(1)
                        .u32(1)
                        .u32(0)
                        .name("user.x")
                        .text("ab")
                        .message()))
                .isEqualTo(Wire.reply(0, 2).message());
        fs.on(
                "setxattr",
                (rq, args) -> (int) args[4] == 2 && (int) args[5] == 1 && !(boolean) args[6] ? 0 : -Errno.EIO);
        Dispatcher old = Dispatchers.of(fs.fileSystem(), false, interrupts, counters);
        byte[] request = Wire.request(Opcode.SETXATTR, 2, 5)
                .u32(2)
                .u32(1)
                .name("user.x")
                .text("ab")
                .message();
        x.in.buffer().put(x.in.start(), request, 0, request.length);
        old.serve(x, device, request.length);
        assertThat(device.replies.poll()).isEqualTo(Wire.reply(0, 2).message());
    }

    @Test
    void namesOfTwoNameOperationsAreTold() {
        serve(Wire.request(Opcode.RENAME2, 2, 5)
                .u64(6)
                .u32(Sys.RENAME_EXCHANGE)
                .u32(0)
                .name("a")
                .name("b")
                .message());
        serve(Wire.request(Opcode.RENAME, 4, 5).u64(6).name("a").name("b").message());
        serve(Wire.request(Opcode.SYMLINK, 6, 5).name("a").name("/to/there").message());
        serve(Wire.request(Opcode.LINK, 8, 5).u64(6).name("a").message());
        assertThat(fs.calls)
                .containsExactly("rename 5 a 6 b 2", "rename 5 a 6 b 0", "symlink 5 a /to/there", "link 6 5 a");
    }

    @Test
    void locksOfBothKindsAreTold() {
        fs.on("getlk", (rq, args) -> {
            rq.lock.type = 2;
            return 0;
        });
        Wire lk = Wire.bytes().u64(9).u64(88).u64(10).u64(20).u32(1).u32(4321);
        byte[] body = lk.raw();
        byte[] reply = serve(with(Opcode.GETLK, body, 0));
        assertThat(reply)
                .isEqualTo(Wire.reply(0, 2).u64(10).u64(20).u32(2).u32(4321).message());
        serve(with(Opcode.SETLKW, body, 0));
        serve(with(Opcode.SETLK, body, 1));
        assertThat(fs.calls).containsExactly("getlk 5 9 88", "setlk 5 9 88", "flock 5 9 2");
    }

    private static byte[] with(int opcode, byte[] lock, int flags) {
        Wire w = Wire.request(opcode, 2, 5);
        for (byte b : lock) {
            w.u8(b);
        }
        return w.u32(flags).u32(0).message();
    }

    @Test
    void theRestOfTheFileOperationsAreTold() {
        fs.on("lseek", (rq, args) -> 1L << 40).on("copyFileRange", (rq, args) -> (long) args[7]);
        assertThat(serve(Wire.request(Opcode.LSEEK, 2, 5)
                        .u64(9)
                        .u64(7)
                        .u32(4)
                        .u32(0)
                        .message()))
                .isEqualTo(Wire.reply(0, 2).u64(1L << 40).message());
        Wire copy =
                Wire.bytes().u64(9).u64(1).u64(6).u64(10).u64(2).u64(1L << 33).u64(0);
        assertThat(serve(append(Opcode.COPY_FILE_RANGE_64, copy)))
                .isEqualTo(Wire.reply(0, 2).u64(1L << 33).message());
        assertThat(serve(append(Opcode.COPY_FILE_RANGE, copy)))
                .isEqualTo(Wire.reply(0, 2).u32(0x7ffff000).u32(0).message());
        serve(append(Opcode.FALLOCATE, Wire.bytes().u64(9).u64(1).u64(2).u32(3).u32(0)));
        serve(append(Opcode.FLUSH, Wire.bytes().u64(9).u64(0).u64(88)));
        serve(append(Opcode.RELEASE, Wire.bytes().u64(9).u32(2).u32(2).u64(88)));
        serve(append(Opcode.FSYNC, Wire.bytes().u64(9).u32(1).u32(0)));
        serve(append(Opcode.FSYNCDIR, Wire.bytes().u64(9).u32(0).u32(0)));
        serve(append(Opcode.ACCESS, Wire.bytes().u32(4).u32(0)));
        serve(append(Opcode.TMPFILE, Wire.bytes().u32(2).u32(0600).u32(0).u32(0).name("/")));
        serve(append(Opcode.SYNCFS, Wire.bytes().u64(0)));
        assertThat(fs.calls)
                .containsExactly(
                        "lseek 5 9 7 4",
                        "copyFileRange 5 9 1 6 10 2 " + (1L << 33) + " 0",
                        "copyFileRange 5 9 1 6 10 2 " + 0x7ffff000 + " 0",
                        "fallocate 5 9 3 1 2",
                        "flush 5 9 88",
                        "release 5 9 2 88 true",
                        "fsync 5 9 true",
                        "fsyncdir 5 9 false",
                        "access 5 4",
                        "tmpfile 5 2 " + 0600 + " 0",
                        "syncfs 5");
    }

    private static byte[] append(int opcode, Wire body) {
        Wire w = Wire.request(opcode, 2, 5);
        for (byte b : body.raw()) {
            w.u8(b);
        }
        return w.message();
    }

    @Test
    void ioctlSendsItsWholeAnswer() {
        fs.on("ioctl", (rq, args) -> {
            assertThat(args[3]).isEqualTo(0);
            assertThat(args[4]).isEqualTo(0x80086601);
            assertThat(args[9]).isEqualTo(8);
            return 1;
        });
        byte[] reply = serve(Wire.request(Opcode.IOCTL, 2, 5)
                .u64(9)
                .u32(0)
                .u32(0x80086601)
                .u64(123)
                .u32(0)
                .u32(8)
                .message());
        assertThat(reply)
                .isEqualTo(Wire.reply(0, 2).u32(1).u32(0).u32(0).u32(0).u64(0).message());
    }

    @Test
    void aRequestUnderWayIsInterrupted() throws Exception {
        CountDownLatch serving = new CountDownLatch(1);
        CountDownLatch interruptSent = new CountDownLatch(1);
        AtomicBoolean seen = new AtomicBoolean();
        fs.on("setlk", (rq, args) -> {
            serving.countDown();
            try {
                seen.set(interruptSent.await(30, TimeUnit.SECONDS) && rq.interrupted());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return -Errno.EINTR;
        });
        interrupts.add(x);
        Thread server = new Thread(
                () -> serve(Wire.request(Opcode.SETLKW, 10, 5).zeros(48).message()));
        server.start();
        assertThat(serving.await(30, TimeUnit.SECONDS)).isTrue();
        Exchange other = new Exchange(MAX, MAX);
        byte[] interrupt = Wire.request(Opcode.INTERRUPT, 11, 0).u64(10).message();
        other.in.buffer().put(other.in.start(), interrupt, 0, interrupt.length);
        dispatcher.serve(other, device, interrupt.length);
        interruptSent.countDown();
        server.join(30_000);
        other.free();
        assertThat(seen).isTrue();
    }

    @Test
    void anInterruptThatOvertakesItsRequestIsNotLost() {
        interrupts.add(x);
        AtomicBoolean first = new AtomicBoolean();
        AtomicBoolean second = new AtomicBoolean(true);
        fs.on("setlk", (rq, args) -> {
            first.set(rq.interrupted());
            return 0;
        });
        fs.on("flush", (rq, args) -> {
            second.set(rq.interrupted());
            return 0;
        });
        assertThat(serve(Wire.request(Opcode.INTERRUPT, 11, 0).u64(10).message()))
                .isNull();
        serve(Wire.request(Opcode.SETLKW, 10, 5).zeros(48).message());
        serve(Wire.request(Opcode.FLUSH, 12, 5).zeros(24).message());
        assertThat(first).isTrue();
        assertThat(second).isFalse();
    }

    @Test
    void manyInterruptsInVainDoNoHarm() {
        for (int i = 0; i < 1000; i++) {
            serve(Wire.request(Opcode.INTERRUPT, 2 * i + 1, 0).u64(2L * i).message());
        }
        fs.on("flush", (rq, args) -> rq.interrupted() ? -Errno.EINTR : 0);
        assertThat(serve(Wire.request(Opcode.FLUSH, 5000, 5).zeros(24).message()))
                .isEqualTo(Wire.reply(0, 5000).message());
    }
}

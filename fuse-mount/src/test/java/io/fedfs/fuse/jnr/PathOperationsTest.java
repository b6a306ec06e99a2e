package io.fedfs.fuse.jnr;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.AttributeChange;
import io.fedfs.fuse.DirectorySink;
import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Name;
import io.fedfs.fuse.Request;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.CString;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The callbacks as libfuse would call them, on a small tree: /d (10) with /d/e (11) and /d/e/f (12, a file), /g (13, a file). */
final class PathOperationsTest {
    private static final long SECOND = 1_000_000_000L;

    private final ScriptedFileSystem fs = new ScriptedFileSystem(true);
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5 * SECOND);
    private final NativeBuffer context = new NativeBuffer(40);
    private final NativeBuffer info = new NativeBuffer(Layout.FILE_INFO_SIZE);
    private final Map<String, Long> names = new HashMap<>();
    private final Map<Long, Long> references = new HashMap<>();
    private final Directories directories = new Directories(fs.fileSystem(), clock::get);
    private final PathOperations operations = new PathOperations(
            fs.fileSystem(), directories, new Loops(() -> {}, 0, () -> {}), context::address, () -> false, false);
    private final List<CString> strings = new ArrayList<>();

    @BeforeEach
    void tree() {
        context.putInt(8, 1000);
        context.putInt(12, 100);
        context.putInt(16, 4321);
        context.putInt(32, 027);
        names.put("1 d", 10L);
        names.put("10 e", 11L);
        names.put("11 f", 12L);
        names.put("1 g", 13L);
        fs.on("lookup", (rq, args) -> entry(rq, names.get(args[1] + " " + args[2])));
        fs.on("forget", (rq, args) -> {
            references.merge((long) args[0], -(long) args[1], Long::sum);
            return 0;
        });
    }

    private long entry(Request rq, Long node) {
        rq.entry.nodeid = node == null ? 0 : node;
        rq.entry.entryValidNanos = SECOND;
        rq.entry.attributes.mode = node != null && node % 10 < 2 ? 0040755 : 0100644;
        rq.entry.attributes.ino = rq.entry.nodeid * 100;
        if (node != null) {
            references.merge(node, 1L, Long::sum);
        }
        return 0;
    }

    @AfterEach
    void free() {
        strings.forEach(CString::close);
    }

    /** Everything that is remembered is given back, and then nothing may be held. */
    private void assertBalanced() {
        clock.addAndGet(2 * SECOND);
        directories.forget(new PathBytes().set(new byte[0]));
        assertThat(references.values()).allMatch(n -> n == 0);
    }

    private long c(String s) {
        CString string = new CString(s.getBytes(StandardCharsets.ISO_8859_1));
        strings.add(string);
        return string.address();
    }

    private List<String> callsOf(String operation) {
        return fs.calls.stream().filter(l -> l.startsWith(operation + " ")).toList();
    }

    @Test
    void aPathIsWalkedAndItsDirectoriesAreRemembered() {
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        assertThat(operations.getattr(c("/d/e/f"), stat.address())).isZero();
        assertThat(stat.getLong(8)).isEqualTo(1200);
        assertThat(callsOf("lookup")).containsExactly("lookup 1 d", "lookup 10 e", "lookup 11 f");
        operations.getattr(c("/d/e/f"), stat.address());
        assertThat(callsOf("lookup")).hasSize(4).endsWith("lookup 11 f");
        assertThat(references).containsEntry(10L, 1L).containsEntry(11L, 1L).containsEntry(12L, 0L);
        assertBalanced();
    }

    @Test
    void directoriesAreWalkedAgainWhenTheirEntryTimeoutIsOver() {
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        operations.getattr(c("/d/e/f"), stat.address());
        clock.addAndGet(SECOND);
        names.put("1 d", 20L);
        names.put("20 e", 21L);
        names.put("21 f", 22L);
        operations.getattr(c("/d/e/f"), stat.address());
        assertThat(stat.getLong(8)).isEqualTo(2200);
        assertBalanced();
    }

    @Test
    void theRootIsAskedItself() {
        fs.on("getattr", (rq, args) -> {
            assertThat(rq.uid).isEqualTo(1000);
            assertThat(rq.gid).isEqualTo(100);
            assertThat(rq.pid).isEqualTo(4321);
            rq.entry.attributes.ino = 1;
            return 0;
        });
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        assertThat(operations.getattr(c("/"), stat.address())).isZero();
        assertThat(fs.calls).containsExactly("getattr 1 0");
    }

    @Test
    void whatIsMissingOrNoDirectoryIsTold() {
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        assertThat(operations.getattr(c("/x"), stat.address())).isEqualTo(-Errno.ENOENT);
        assertThat(operations.getattr(c("/x/y"), stat.address())).isEqualTo(-Errno.ENOENT);
        assertThat(operations.getattr(c("/g/y"), stat.address())).isEqualTo(-Errno.ENOTDIR);
        assertThat(operations.mkdir(c("/"), 0755)).isEqualTo(-Errno.EBUSY);
        assertBalanced();
    }

    @Test
    void whatIsThrownBecomesAnErrno() {
        fs.on("unlink", (rq, args) -> {
            throw new FsException(FsError.READ_ONLY, "made by the test");
        });
        assertThat(operations.unlink(c("/d/x"))).isEqualTo(-Errno.EROFS);
        fs.on("unlink", (rq, args) -> {
            throw new StackOverflowError("made by the test");
        });
        assertThat(operations.unlink(c("/d/x"))).isEqualTo(-Errno.EIO);
        assertBalanced();
    }

    @Test
    void namesAreBytes() {
        fs.on("mkdir", (rq, args) -> {
            byte[] name = ((Name) args[2]).bytes();
            assertThat(name).containsExactly('c', 0xe9, 0xff);
            return entry(rq, 14L);
        });
        assertThat(operations.mkdir(c("/d/c\u00e9\u00ff"), 0755)).isZero();
        assertThat(callsOf("mkdir")).hasSize(1);
        assertBalanced();
    }

    @Test
    void creationsTakeTheCallersUmask() {
        fs.on("mknod", (rq, args) -> entry(rq, 14L)).on("symlink", (rq, args) -> entry(rq, 15L));
        operations.mknod(c("/d/p"), 0010666, 0);
        operations.symlink(c("/to/there"), c("/d/s"));
        assertThat(callsOf("mknod")).containsExactly("mknod 10 p " + 0010666 + " 0 " + 027);
        assertThat(callsOf("symlink")).containsExactly("symlink 10 s /to/there");
        assertBalanced();
    }

    @Test
    void anOpenFileKeepsItsNodeUntilItIsClosed() {
        fs.on("open", (rq, args) -> {
            rq.opened.fh = 77;
            rq.opened.flags = 0;
            return 0;
        });
        info.putInt(Layout.INFO_FLAGS, Sys.O_RDWR);
        info.putLong(Layout.INFO_LOCK_OWNER, 99);
        assertThat(operations.open(c("/g"), info.address())).isZero();
        assertThat(references).containsEntry(13L, 1L);
        assertThat(operations.filesOpen()).isEqualTo(1);
        fs.on("read", (rq, args) -> 5);
        assertThat(operations.read(0, 4096, 10, 20, info.address())).isEqualTo(5);
        operations.flush(0, info.address());
        operations.fsync(0, 1, info.address());
        info.putInt(Layout.INFO_BITS, Layout.INFO_FLOCK_RELEASE);
        operations.release(0, info.address());
        assertThat(fs.calls)
                .containsSubsequence(
                        "open 13 2",
                        "read 13 77 20 10 4096",
                        "flush 13 77 99",
                        "fsync 13 77 true",
                        "release 13 77 2 99 true");
        assertThat(operations.read(0, 4096, 10, 20, info.address())).isEqualTo(-Errno.EBADF);
        assertBalanced();
    }

    @Test
    void aFileThatCannotBeOpenedIsGivenBack() {
        fs.on("open", (rq, args) -> -Errno.EACCES);
        assertThat(operations.open(c("/g"), info.address())).isEqualTo(-Errno.EACCES);
        assertThat(operations.filesOpen()).isZero();
        assertBalanced();
    }

    @Test
    void aRenameTellsBothNamesAndForgetsWhatWasBelow() {
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        operations.getattr(c("/d/e/f"), stat.address());
        names.put("1 h", 16L);
        names.put("10 k", 10L);
        fs.on("rename", (rq, args) -> 0);
        assertThat(operations.rename(c("/d/e"), c("/d/k/x"))).isZero();
        assertThat(callsOf("rename")).containsExactly("rename 10 e 10 x 0");
        names.remove("10 e");
        assertThat(operations.getattr(c("/d/e/f"), stat.address())).isEqualTo(-Errno.ENOENT);
        assertBalanced();
    }

    @Test
    void anOpenFileThatIsRemovedIsReachedWithoutItsName() {
        fs.on("open", (rq, args) -> {
            rq.opened.fh = 77;
            return 0;
        });
        operations.open(c("/d/e/f"), info.address());
        fs.on("unlink", (rq, args) -> names.remove(args[1] + " " + args[2]) == null ? -Errno.ENOENT : 0);
        assertThat(operations.rename(c("/d/e/f"), c("/d/e/.fuse_hidden0000000a00000001")))
                .isZero();
        assertThat(callsOf("rename")).isEmpty();
        assertThat(callsOf("unlink")).containsExactly("unlink 11 f");

        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        fs.on("getattr", (rq, args) -> {
            rq.entry.attributes.ino = 1200;
            return 0;
        });
        assertThat(operations.getattr(c("/d/e/.fuse_hidden0000000a00000001"), stat.address()))
                .isZero();
        operations.chmod(c("/d/e/.fuse_hidden0000000a00000001"), 0600);
        assertThat(fs.calls).contains("getattr 12 77", "setattr 12");

        operations.release(0, info.address());
        assertThat(operations.unlink(c("/d/e/.fuse_hidden0000000a00000001"))).isEqualTo(-Errno.ENOENT);
        assertThat(operations.getattr(c("/d/e/.fuse_hidden0000000a00000001"), stat.address()))
                .isEqualTo(-Errno.ENOENT);
        assertBalanced();
    }

    @Test
    void changesOfAttributesAreTranslated() {
        List<String> changes = new ArrayList<>();
        fs.on("setattr", (rq, args) -> {
            AttributeChange a = rq.change;
            changes.add(Integer.toHexString(a.valid) + " " + a.uid + " " + a.gid + " " + a.size + " " + a.mtime);
            return 0;
        });
        operations.chown(c("/g"), 5, -1);
        operations.truncate(c("/g"), 1L << 40);
        NativeBuffer times = new NativeBuffer(32);
        times.putLong(8, 0x3ffffffe);
        times.putLong(16, 42);
        operations.utimens(c("/g"), times.address());
        times.putLong(8, 0x3fffffff);
        operations.utimens(c("/g"), times.address());
        operations.utimens(c("/g"), 0);
        assertThat(changes)
                .containsExactly(
                        "2 5 -1 0 0",
                        "8 5 -1 " + (1L << 40) + " 0",
                        "20 5 -1 " + (1L << 40) + " 42",
                        "b0 5 -1 " + (1L << 40) + " 42",
                        "1b0 5 -1 " + (1L << 40) + " 42");
        assertBalanced();
    }

    @Test
    void aLinksTargetEndsWithANul() {
        NativeBuffer target = new NativeBuffer(8);
        fs.on("readlink", (rq, args) -> {
            assertThat(args[3]).isEqualTo(7);
            target.put(0, "abc".getBytes(StandardCharsets.US_ASCII), 0, 3);
            return 3;
        });
        target.putLong(0, -1);
        assertThat(operations.readlink(c("/g"), target.address(), 8)).isZero();
        assertThat(NativeBuffer.cString(target.address())).asString().isEqualTo("abc");
        assertBalanced();
    }

    @Test
    void locksAreTranslatedBothWays() {
        fs.on("open", (rq, args) -> {
            rq.opened.fh = 77;
            return 0;
        });
        operations.open(c("/g"), info.address());
        NativeBuffer flock = new NativeBuffer(Layout.FLOCK_SIZE);
        flock.putShort(0, (short) 1);
        flock.putLong(8, 10);
        List<String> locks = new ArrayList<>();
        ScriptedFileSystem.Answer note = (rq, args) -> {
            locks.add(rq.lock.type + " " + rq.lock.start + " " + rq.lock.end);
            rq.lock.type = 0;
            rq.lock.end = 19;
            return 0;
        };
        fs.on("setlk", note).on("getlk", note);
        operations.lock(0, info.address(), 7, flock.address());
        operations.lock(0, info.address(), 5, flock.address());
        assertThat(locks).containsExactly("1 10 " + Long.MAX_VALUE, "1 10 " + Long.MAX_VALUE);
        assertThat(flock.getShort(0)).isZero();
        assertThat(flock.getLong(16)).isEqualTo(10);
        operations.flock(0, info.address(), Sys.LOCK_EX | Sys.LOCK_NB);
        operations.flock(0, info.address(), Sys.LOCK_UN);
        assertThat(fs.calls).contains("setlk 13 77 0", "flock 13 77 2", "flock 13 77 8");
    }

    @Test
    void aListingStopsWhenLibfuseIsFull() {
        List<String> taken = new ArrayList<>();
        Callbacks.PPPP fill = (buffer, name, stat, offset) -> {
            taken.add(new String(NativeBuffer.cString(name), StandardCharsets.UTF_8) + " " + offset);
            return taken.size() == 2 ? 1 : 0;
        };
        Pointer function = Runtime.getSystemRuntime().getClosureManager().getClosurePointer(Callbacks.PPPP.class, fill);
        fs.on("opendir", (rq, args) -> {
            rq.opened.fh = 78;
            return 0;
        });
        fs.on("readdir", (rq, args) -> {
            DirectorySink sink = (DirectorySink) args[5];
            assertThat(sink.wantsAttributes()).isFalse();
            NativeBuffer b = new NativeBuffer(16);
            b.put(0, "onetwothree".getBytes(StandardCharsets.US_ASCII), 0, 11);
            sink.add(b, 0, 3, 5, 4, 100);
            sink.add(b, 3, 3, 6, 8, 200);
            assertThat(sink.hasRoom(5)).isFalse();
            return 0;
        });
        operations.opendir(c("/d"), info.address());
        assertThat(operations.readdir(0, 1, function.address(), 0, info.address()))
                .isZero();
        assertThat(taken).containsExactly("one 100", "two 200");
        operations.releasedir(0, info.address());
        assertBalanced();
    }

    @Test
    void whatTheFileSystemInvalidatesIsWalkedAgain() {
        NativeBuffer stat = new NativeBuffer(Layout.STAT_SIZE);
        operations.getattr(c("/d/e/f"), stat.address());
        directories.forget(10, "e".getBytes(StandardCharsets.UTF_8));
        fs.calls.clear();
        operations.getattr(c("/d/e/f"), stat.address());
        assertThat(callsOf("lookup")).containsExactly("lookup 10 e", "lookup 11 f");
        directories.forget(10);
        fs.calls.clear();
        operations.getattr(c("/d/e/f"), stat.address());
        assertThat(callsOf("lookup")).containsExactly("lookup 1 d", "lookup 10 e", "lookup 11 f");
        assertBalanced();
    }
}

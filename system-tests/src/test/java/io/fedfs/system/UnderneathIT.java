package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.posix.Stat;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The mount and the directory underneath, used at the same time: one must see what the other did, at once, and the disk's troubles are the mount's. */
final class UnderneathIT {
    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;

    @BeforeAll
    static void start() {
        nsdb = FEDERATION.nsdb();
    }

    @BeforeEach
    void make() {
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
    }

    private Ground mounted(Engine engine, String... options) {
        Mount mount = FEDERATION.mount(root).engine(engine);
        List.of(options).forEach(mount::option);
        return mount.start().seen("j", Caller.ROOT);
    }

    private static FileChannel channel(Ground g, String name) throws Exception {
        return FileChannel.open(g.path(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static String times(Stat s) {
        return String.join(" ", s.atime(), s.mtime(), s.ctime());
    }

    @ParameterizedTest
    @EnumSource
    void timesAreExactlyThoseBelow(Engine engine) {
        // Of a directory in the fileset: the fileset's root is a junction's, too.
        Ground below = new Ground(inner.directory().resolve("w"), Caller.ROOT);
        inner.below().makeDir("w");
        Ground seen =
                new Ground(mounted(engine, "attr_timeout=0", "entry_timeout=0").path("w"), Caller.ROOT);
        List<Runnable> steps = List.of(
                () -> seen.makeFile("f", "x"),
                () -> seen.content("f"),
                () -> Ground.must(seen.chmod("f", 0600)),
                () -> Ground.must(seen.utimes("f", -5, 123_456_789, 1L << 33, 999_999_999, 0)),
                () -> Ground.must(seen.link("f", "g")),
                () -> Ground.must(seen.truncate("f", 0)),
                () -> Ground.must(seen.setxattr("f", "user.a", "v", 0)),
                () -> Ground.must(seen.rename("g", "h")),
                () -> Ground.must(seen.unlink("h")),
                () -> below.content("f"),
                () -> Ground.must(below.truncate("f", 77)),
                () -> Ground.must(seen.mkdir("d", 0700)));
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).run();
            for (String name : List.of("f", ".")) {
                assertThat(times(seen.stat(name)))
                        .as("%s after step %d", name, i)
                        .isEqualTo(times(below.stat(name)));
            }
        }
        assertThat(seen.stat("f").size()).isEqualTo(77);
    }

    /** Only where the kernel reads and writes the file below itself is there one page cache. */
    @Test
    void aSharedMappingAndTheFileBelowAreOne() throws Exception {
        Ground seen = mounted(Engine.KERNEL);
        Ground below = inner.below().makeFile("f", "abcdefgh");
        try (FileChannel above = channel(seen, "f");
                FileChannel under = channel(below, "f")) {
            MappedByteBuffer a = above.map(FileChannel.MapMode.READ_WRITE, 0, 8);
            MappedByteBuffer b = under.map(FileChannel.MapMode.READ_WRITE, 0, 8);
            a.put(0, (byte) 'A');
            assertThat((char) b.get(0)).isEqualTo('A');
            assertThat(below.content("f")).isEqualTo("Abcdefgh");
            b.put(1, (byte) 'B');
            assertThat((char) a.get(1)).isEqualTo('B');
            assertThat(seen.content("f")).isEqualTo("ABcdefgh");
            int fd = seen.open("f", Ground.WRONLY);
            Ground.must(seen.pwrite(fd, "C", 2));
            assertThat((char) b.get(2)).isEqualTo('C');
            fd = below.open("f", Ground.WRONLY);
            Ground.must(below.pwrite(fd, "D", 3));
            assertThat((char) a.get(3)).isEqualTo('D');
            below.close();
            // Left to the collector, the mapping would keep the mount busy.
            unmap(a);
            unmap(b);
        }
    }

    private static void unmap(MappedByteBuffer buffer) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field instance = unsafe.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        unsafe.getMethod("invokeCleaner", ByteBuffer.class).invoke(instance.get(null), buffer);
    }

    @ParameterizedTest
    @CsvSource({"KERNEL,noatime", "KERNEL,nopassthrough", "JNR_FUSE,noatime"})
    void locksConflictWithProcessesBelow(Engine engine, String option) throws Exception {
        Ground seen = mounted(engine, option);
        Ground below = inner.below().makeFile("f", "0123456789");
        try (FileChannel above = channel(seen, "f");
                FileChannel under = channel(below, "f")) {
            FileLock lock = under.tryLock(2, 4, false);
            assertThat(lock).isNotNull();
            assertThat(above.tryLock(0, 3, true)).as("a range that meets it").isNull();
            FileLock beside = above.tryLock(6, 4, false);
            assertThat(beside).as("a range beside it").isNotNull();
            assertThat(under.tryLock(9, 1, false)).as("the other way round").isNull();
            lock.release();
            assertThat(above.tryLock(0, 3, false)).isNotNull();
        }
        int one = seen.open("f", Ground.RDWR);
        int two = below.open("f", Ground.RDWR);
        assertThat(Seen.all(
                        seen.flock(one, Sys.LOCK_EX | Sys.LOCK_NB),
                        below.flock(two, Sys.LOCK_SH | Sys.LOCK_NB),
                        seen.flock(one, Sys.LOCK_UN),
                        below.flock(two, Sys.LOCK_EX | Sys.LOCK_NB),
                        seen.flock(one, Sys.LOCK_SH | Sys.LOCK_NB)))
                .isEqualTo("0 EAGAIN 0 0 EAGAIN");
        below.close();
    }

    @ParameterizedTest
    @CsvSource({"KERNEL,true", "KERNEL,false", "JNR_FUSE,true", "JNR_FUSE,false"})
    void whatMayOnlyBeReadIsEROFSForEveryCall(Engine engine, boolean byOption) throws Exception {
        Fileset readOnly = inner;
        if (!byOption) {
            Path directory = FEDERATION.directory("readonly");
            var fsn = nsdb.createFsn(300);
            readOnly = new Fileset(nsdb, fsn, nsdb.addFsl(fsn, directory, 0, false), directory);
            FEDERATION.junction(root, "r", readOnly);
        }
        readOnly.below().makeFile("f", "x").makeDir("d").makeSymlink("f", "l");
        Ground.must(readOnly.below().setxattr("f", "user.a", "v", 0));
        Mount mount = FEDERATION.mount(root).engine(engine);
        if (byOption) {
            mount.option("ro");
        }
        Ground g = mount.start().seen(byOption ? "j" : "r", Caller.ROOT);
        assertThat(Seen.all(g.content("f"), g.names("."), g.getxattr("f", "user.a"), g.readlink("l")))
                .isEqualTo("x d,f,l v f");
        assertThat(List.of(
                        Seen.render(g.tryOpen("f", Ground.WRONLY)),
                        Seen.render(g.tryOpen("f", Ground.RDWR)),
                        Seen.render(g.tryOpen("f", Ground.RDONLY | Ground.TRUNC)),
                        Seen.render(g.tryOpen("new", Ground.WRONLY | Ground.CREAT)),
                        Seen.render(g.rename("f", "g")),
                        Seen.render(g.unlink("f")),
                        Seen.render(g.rmdir("d")),
                        Seen.render(g.mkdir("e", 0755)),
                        Seen.render(g.link("f", "g")),
                        Seen.render(g.symlink("f", "m")),
                        Seen.render(g.mknod("p", Sys.S_IFIFO | 0644)),
                        Seen.render(g.chmod("f", 0600)),
                        Seen.render(g.chown("f", 1, 1)),
                        Seen.render(g.truncate("f", 0)),
                        Seen.render(g.utimes("f", 1, 0, 1, 0, 0)),
                        Seen.render(g.setxattr("f", "user.b", "v", 0)),
                        Seen.render(g.removexattr("f", "user.a"))))
                .allMatch("EROFS"::equals);
        assertThat(readOnly.below().names(".")).isEqualTo("d,f,l");
    }

    /** A file system of its own, with few blocks and few inodes. */
    @ParameterizedTest
    @CsvSource({"KERNEL,noatime", "KERNEL,nopassthrough", "JNR_FUSE,noatime"})
    void aFullDiskIsENOSPCAndFsyncReachesIt(Engine engine, String option) throws Exception {
        Path image = FEDERATION.directory("image").resolve("ext4");
        Path below = FEDERATION.directory("small");
        FEDERATION
                .sh(
                        "truncate -s 8M $0 && mkfs.ext4 -q -O ^has_journal -m 0 -N 16 $0 && mount -o loop $0 $1",
                        image,
                        below)
                .ok();
        var fsn = nsdb.createFsn(300);
        nsdb.addFsl(fsn, below);
        FEDERATION.junction(root, "small", fsn);
        Mount mount = FEDERATION.mount(root).engine(engine).option(option).start();
        fill(mount.seen("small", Caller.ROOT), below);
        mount.umount();
        // The kernel lets go of backing files a moment after the mount is gone.
        Await.until(Duration.ofSeconds(15), 0, () -> FEDERATION
                .run(List.of("umount", below.toString()))
                .code());
    }

    private void fill(Ground g, Path below) throws Exception {
        g.makeFile("f", "x");
        long before = flushes(below);
        int fd = g.open("f", Ground.RDWR);
        Ground.must(g.pwrite(fd, "durable", 0));
        Ground.must(g.fsync(fd));
        assertThat(flushes(below))
                .as("flushes that the block device was asked for")
                .isGreaterThan(before);

        long written = 0;
        String block = "x".repeat(65_536);
        long r;
        while ((r = g.pwrite(fd, block, written)) > 0 && written < 16 << 20) {
            written += r;
        }
        if (r >= 0) {
            r = g.fsync(fd);
        }
        assertThat(Seen.render(r)).as("after %d bytes", written).isEqualTo("ENOSPC");
        assertThat(Seen.all(g.fallocate(fd, 0, 0, 32 << 20), g.mkdir("d", 0755)))
                .isEqualTo("ENOSPC ENOSPC");
        g.close(fd);
        Ground.must(g.truncate("f", 0));
        long made;
        int i = 0;
        while ((made = g.tryOpen("n" + i, Ground.WRONLY | Ground.CREAT)) == 0 && i < 100) {
            i++;
        }
        assertThat(Seen.all(
                        made,
                        g.mkdir("e", 0755),
                        g.symlink("t", "s"),
                        g.mknod("p", Sys.S_IFIFO | 0644),
                        g.names(".").contains("n0")))
                .isEqualTo("ENOSPC ENOSPC ENOSPC ENOSPC true");
    }

    /** Flush requests completed by the loop device under a directory (Documentation/block/stat.rst, the 16th field). */
    private static long flushes(Path below) throws Exception {
        String device = FEDERATION
                .run(List.of("findmnt", "-no", "SOURCE", below.toString()))
                .ok()
                .line();
        String[] fields = Files.readString(Path.of("/sys/block", device.substring("/dev/".length()), "stat"))
                .strip()
                .split("\\s+");
        return Long.parseLong(fields[15]);
    }
}

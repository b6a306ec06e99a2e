package io.fedfs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SysTest {
    @TempDir
    Path dir;

    @Test
    void failureIsANegatedErrno() {
        NativeBuffer path = new NativeBuffer(256);
        path.putCString(0, dir.resolve("absent").toString().getBytes(StandardCharsets.UTF_8));
        assertThat(Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDONLY, 0)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void attributesOfAPathDescriptorAreReachedThroughProc() throws Exception {
        Path file = Files.writeString(dir.resolve("f"), "x");
        NativeBuffer path = new NativeBuffer(256);
        path.putCString(0, file.toString().getBytes(StandardCharsets.UTF_8));
        int fd = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_PATH | Sys.O_NOFOLLOW, 0);
        assertThat(fd).isPositive();
        try {
            Path viaProc = Xattrs.ofDescriptor(fd);
            Xattrs.set(viaProc, "user.t", new byte[] {1, 0, 2}, Sys.XATTR_CREATE, true);
            assertThat(Xattrs.get(file, "user.t", false))
                    .hasValueSatisfying(v -> assertThat(v).containsExactly(1, 0, 2));
            assertThat(Xattrs.list(file, false)).contains("user.t");
            assertThat(Xattrs.remove(viaProc, "user.t", true)).isTrue();
            assertThat(Xattrs.get(file, "user.t", false)).isEmpty();
        } finally {
            assertThat(Sys.close(fd)).isZero();
        }
    }

    @Test
    void aLargeValueIsReadWhole() throws Exception {
        Path d = Files.createDirectory(dir.resolve("d"));
        byte[] big = new byte[2000];
        big[1999] = 7;
        Xattrs.set(d, "user.big", big, 0, false);
        assertThat(Xattrs.get(d, "user.big", false).orElseThrow()).isEqualTo(big);
    }

    @Test
    void manyAttributesAreListedWhole() throws Exception {
        Path d = Files.createDirectory(dir.resolve("many"));
        for (int i = 0; i < 12; i++) {
            Xattrs.set(d, "user." + "n".repeat(120) + i, new byte[0], 0, false);
        }
        assertThat(Xattrs.list(d, false)).filteredOn(n -> n.startsWith("user.")).hasSize(12);
    }

    @Test
    void attributesOfANameThatIsNoTextAreRead() throws Exception {
        byte[] start = (dir + "/").getBytes(StandardCharsets.UTF_8);
        byte[] latin1 = java.util.Arrays.copyOf(start, start.length + 1);
        latin1[start.length] = (byte) 0xe9;
        NativeBuffer path = new NativeBuffer(latin1.length + 1);
        path.putCString(0, latin1);
        assertThat(Sys.mkdirat(Sys.AT_FDCWD, path.address(), 0755)).isZero();
        try {
            assertThat(Xattrs.get(latin1, "user.x", false)).isEmpty();
            assertThat(Xattrs.list(latin1, false)).doesNotContain("user.x");
        } finally {
            assertThat(Sys.unlinkat(Sys.AT_FDCWD, path.address(), Sys.AT_REMOVEDIR))
                    .isZero();
        }
    }

    @Test
    void callsWithSixArgumentsGetTheSixth() throws Exception {
        Path from = Files.writeString(dir.resolve("from"), "0123456789");
        NativeBuffer path = new NativeBuffer(256);
        path.putCString(0, from.toString().getBytes(StandardCharsets.UTF_8));
        int in = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDONLY, 0);
        Path to = Files.createFile(dir.resolve("to"));
        path.putCString(0, to.toString().getBytes(StandardCharsets.UTF_8));
        int out = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_WRONLY, 0);
        NativeBuffer offsets = new NativeBuffer(16);
        offsets.putLong(0, 2);
        assertThat(Sys.copyFileRange(in, offsets.address(), out, offsets.address(8), 5, 0))
                .isEqualTo(5);
        assertThat(Files.readString(to)).isEqualTo("23456");
        Sys.close(in);
        Sys.close(out);
    }

    @Test
    void mappedMemoryIsZeroedAndBounded() {
        NativeBuffer b = NativeBuffer.mapped(1 << 20);
        assertThat(b.getLong((1 << 20) - 8)).isZero();
        b.putLong((1 << 20) - 8, 42);
        assertThat(b.getLong((1 << 20) - 8)).isEqualTo(42);
        assertThat(b.address() % 4096).isZero();
        assertThatThrownBy(() -> b.putLong((1 << 20) - 7, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        b.unmap();
    }

    @Test
    void copyFileRangeTakesItsSixArguments() throws Exception {
        Path from = Files.writeString(dir.resolve("from"), "abcdef");
        NativeBuffer path = new NativeBuffer(256);
        path.putCString(0, from.toString().getBytes(StandardCharsets.UTF_8));
        int in = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_RDONLY, 0);
        path.putCString(0, dir.resolve("to").toString().getBytes(StandardCharsets.UTF_8));
        int out = Sys.openat(Sys.AT_FDCWD, path.address(), Sys.O_WRONLY | Sys.O_CREAT, 0600);
        NativeBuffer offsets = new NativeBuffer(16);
        offsets.putLong(0, 2);
        try {
            assertThat(Sys.copyFileRange(in, offsets.address(), out, offsets.address(8), 3, 0))
                    .isEqualTo(3);
            assertThat(dir.resolve("to")).hasContent("cde");
        } finally {
            assertThat(Sys.close(in) + Sys.close(out)).isZero();
        }
    }

    @Test
    void aBufferHoldsWhatItWasMadeFor() {
        for (int size : new int[] {1, 4095, 4096, 4097, 7919, 65_537}) {
            assertThat(new NativeBuffer(size).capacity()).isEqualTo(size);
        }
    }

    @Test
    void errorsNameTheirErrno() {
        assertThat(Errno.name(Errno.ENOLINK)).isEqualTo("ENOLINK");
        assertThatThrownBy(() -> Xattrs.get(dir.resolve("absent"), "user.x", false))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("ENOENT");
    }
}

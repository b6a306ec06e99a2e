package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.ScriptedFileSystem;
import io.fedfs.linux.Errno;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HandshakeTest {
    /** All that Linux 6.18 offers, and everything else. */
    private static final long EVERYTHING = -1L;

    private final FakeDevice device = new FakeDevice();
    private final ScriptedFileSystem fs = new ScriptedFileSystem(true);
    private final Exchange x = new Exchange(1 << 16, 1 << 16);

    @AfterEach
    void free() {
        x.free();
    }

    private static MountSpec.Builder spec() {
        return MountSpec.builder(Path.of("/mnt"), "nsdb://localhost/x", true);
    }

    private static byte[] init(int major, int minor, long flags) {
        return Wire.request(Opcode.INIT, 2, 0)
                .u32(major)
                .u32(minor)
                .u32(131072)
                .u32((int) flags)
                .u32((int) (flags >>> 32))
                .zeros(44)
                .message();
    }

    private Agreement shake(MountSpec spec, boolean privileged) throws IOException {
        Handshake h = new Handshake(spec, Feature.wanted(spec, privileged, false));
        Agreement a = h.receive(x, device);
        h.answer(a, x, device, fs.fileSystem(), null);
        return a;
    }

    @Test
    void initIsAnsweredByteForByte() throws Exception {
        device.send(init(7, 45, EVERYTHING));
        Agreement a = shake(spec().build(), true);
        // Bits 0,1,3,4,5,6,10,11,12,13,14,15,18,20,22,28,29,30, and of the upper half 2 (34), 4 (36), 5 (37).
        int flags = 0x7054fc7b;
        int flags2 = 0x34;
        assertThat(device.replies.poll())
                .isEqualTo(Wire.reply(0, 2)
                        .u32(7)
                        .u32(45)
                        .u32(131072)
                        .u32(flags)
                        .u16(1024)
                        .u16(768)
                        .u32(1 << 20)
                        .u32(1)
                        .u16(256)
                        .u16(0)
                        .u32(flags2)
                        .u32(2)
                        .u16(0)
                        .zeros(22)
                        .message());
        assertThat(a.words()).contains("passthrough", "readdirplus", "epoch", "prune", "protocol-7.45");
        assertThat(fs.calls).containsExactly("init null");
    }

    @Test
    void writebackCacheIsNeverTaken() throws Exception {
        device.send(init(7, 45, EVERYTHING));
        long taken = Feature.masks(shake(spec().build(), true).features());
        assertThat(taken & (1L << 16 | 1L << 25 | 1L << 17 | 1L << 41)).isZero();
    }

    @Test
    void onlyWhatIsOfferedIsTaken() throws Exception {
        device.send(init(7, 31, 0b100001));
        Agreement a = shake(spec().build(), true);
        assertThat(a.features()).containsExactlyInAnyOrder(Feature.ASYNC_READ, Feature.BIG_WRITES);
        assertThat(a.minor()).isEqualTo(31);
        assertThat(a.maxWrite()).isEqualTo(32 * 4096);
        assertThat(a.hasEpoch()).isFalse();
    }

    @Test
    void theUpperFlagsCountOnlyWithTheExtendedForm() throws Exception {
        device.send(init(7, 38, EVERYTHING & ~Feature.INIT_EXT.mask()));
        assertThat(shake(spec().build(), true).has(Feature.PASSTHROUGH)).isFalse();
    }

    @Test
    void aNewerKernelIsAnsweredWithOurMinor() throws Exception {
        device.send(init(7, 99, EVERYTHING));
        assertThat(shake(spec().build(), true).minor()).isEqualTo(45);
    }

    @Test
    void withoutPassthroughThereIsNoStackDepth() throws Exception {
        device.send(init(7, 45, EVERYTHING));
        assertThat(shake(spec().build(), false).has(Feature.PASSTHROUGH)).isFalse();
        assertThat(device.replies.take()[16 + 36]).isZero();
        device.send(init(7, 45, EVERYTHING));
        assertThat(shake(spec().passthrough(false).build(), true).has(Feature.PASSTHROUGH))
                .isFalse();
    }

    @Test
    void switchesOfTheMountAreHeeded() throws Exception {
        device.send(init(7, 45, EVERYTHING));
        MountSpec spec = spec().cacheSymlinks(true)
                .requestTimeoutSeconds(300)
                .stackDepth(1)
                .maxBackground(1)
                .build();
        assertThat(shake(spec, true).features()).contains(Feature.CACHE_SYMLINKS, Feature.REQUEST_TIMEOUT);
        byte[] reply = device.replies.take();
        assertThat(reply[16 + 16]).isEqualTo((byte) 1);
        assertThat(reply[16 + 18]).isEqualTo((byte) 1);
        assertThat(reply[16 + 36]).isEqualTo((byte) 1);
        assertThat((reply[16 + 40] & 0xff) | (reply[16 + 41] & 0xff) << 8).isEqualTo(300);
    }

    @Test
    void aKernelOfANewerMajorVersionIsAskedToComeDown() throws Exception {
        device.send(init(8, 1, EVERYTHING));
        device.send(init(7, 45, EVERYTHING));
        shake(spec().build(), true);
        assertThat(device.replies.take())
                .isEqualTo(Wire.reply(0, 2).u32(7).u32(45).message());
        assertThat(device.replies.take()).hasSize(16 + 64);
    }

    @Test
    void aKernelThatIsTooOldIsRefusedWithAReason() {
        device.send(init(7, 26, EVERYTHING));
        assertThatThrownBy(() -> shake(spec().build(), true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("7.26")
                .hasMessageContaining("jnr-fuse");
        assertThat(device.replies.poll()).isEqualTo(Wire.reply(-Errno.EPROTO, 2).message());
    }

    @Test
    void aMountThatIsGoneBeforeItBeganFails() {
        device.unmount();
        assertThatThrownBy(() -> shake(spec().build(), true)).isInstanceOf(IOException.class);
    }
}

package io.fedfs.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LocationTest {
    private static final String UUID_TEXT = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

    private static io.fedfs.v1.Fsl.Builder message() {
        return io.fedfs.v1.Fsl.newBuilder()
                .setUuid(UUID_TEXT)
                .setType("nfs")
                .setHost("files1")
                .setPort(2049)
                .setExportPath("/export")
                .setPathInside("a/b")
                .putOptions("vers", "4.2")
                .setWritable(true)
                .setDraining(true)
                .setCurrency(-1)
                .setReadRank(1)
                .setReadOrder(2)
                .setWriteRank(3)
                .setWriteOrder(4);
    }

    @Test
    void locationKeepsWhatTheMessageSays() {
        assertThat(Wire.fsl(message().build()))
                .isEqualTo(new Fsl(
                        UUID.fromString(UUID_TEXT),
                        "nfs",
                        "files1",
                        2049,
                        "/export",
                        "a/b",
                        Map.of("vers", "4.2"),
                        true,
                        true,
                        -1,
                        1,
                        2,
                        3,
                        4));
    }

    @Test
    void pathIsJoinedWithOneSlash() {
        assertThat(Wire.fsl(message().build()).path()).isEqualTo("/export/a/b");
        assertThat(Wire.fsl(message().setExportPath("/").build()).path()).isEqualTo("/a/b");
        assertThat(Wire.fsl(message().clearPathInside().build()).path()).isEqualTo("/export");
    }

    @Test
    void malformedUuidIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Wire.fsl(message().setUuid("1-2-3-4-5").build()));
    }
}

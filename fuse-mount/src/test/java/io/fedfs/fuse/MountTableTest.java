package io.fedfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    private static final String TABLE =
            """
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            40 22 0:45 / /mnt/with\\040space\\134 rw,nosuid - fuse.fedfs nsdb://a/b rw,user_id=0
            41 22 0:46 / /mnt/two rw shared:3 master:1 - tmpfs none rw
            42 22 0:47 / /mnt/two rw - fuse.fedfs nsdb://a/c rw
            a torn line
            """;

    private static String at(String path) {
        return MountTable.at(TABLE, path.getBytes(StandardCharsets.UTF_8))
                .map(m -> m.type() + " " + m.minor())
                .orElse("none");
    }

    @Test
    void escapedCharactersAreUnderstood() {
        assertThat(at("/mnt/with space\\")).isEqualTo("fuse.fedfs 45");
    }

    @Test
    void theUppermostOfSeveralCounts() {
        assertThat(at("/mnt/two")).isEqualTo("fuse.fedfs 47");
    }

    @Test
    void aPathBelowAMountIsNotThatMount() {
        assertThat(at("/mnt")).isEqualTo("none");
        assertThat(at("/mnt/two/x")).isEqualTo("none");
    }

    @Test
    void theRootIsMounted() throws Exception {
        assertThat(MountTable.at(Path.of("/"))).isPresent();
    }
}
